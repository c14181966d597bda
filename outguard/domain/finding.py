"""What detectors report; the vocabulary is that of the label guide (`docs/labels.md`)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Category(StrEnum):
    """The kind of thing found."""

    PII = "pii"
    SECRET = "secret"  # noqa: S105 - a label, not a credential
    INTERNAL = "internal"
    COMMITMENT = "commitment"
    IDENTITY = "identity"
    TONE = "tone"
    GROUNDING = "grounding"
    """A statement of policy that the approved sources contradict, or do not hold (R22)."""
    TRIGGER = "trigger"
    """A reason to have a person look that lies outside the reply: the customer's last words, or the agent's doubt."""
    SYSTEM = "system"
    """A fault of the evaluation itself (oversize, time-out, unreadable part): never ALLOW."""


class Status(StrEnum):
    """What the finding means for this recipient, ledger and profile."""

    OWN = "own"
    OWN_SENSITIVE = "own_sensitive"
    OTHER = "other"
    PUBLIC = "public"
    LIVE = "live"
    PLACEHOLDER = "placeholder"
    BACKED = "backed"
    WITHIN_AUTHORITY = "within_authority"
    UNBACKED = "unbacked"
    BEYOND_AUTHORITY = "beyond_authority"


class FindingAction(StrEnum):
    """What policy does about a finding, from the least strict to the strictest.

    A mask shows part of the value; a pseudonym can be resolved by a person who may, a hash can be compared, a
    placeholder tells the type alone.
    """

    KEEP = "keep"
    RECORD = "record"
    MASK = "mask"
    PSEUDONYM = "pseudonym"
    HASH = "hash"
    REPLACE = "replace"
    REMOVE = "remove"
    QUARANTINE = "quarantine"

    @property
    def is_cut(self) -> bool:
        """Whether the words are changed before the reply may go."""
        return self in _CUTS


_CUTS = frozenset(
    {
        FindingAction.MASK,
        FindingAction.PSEUDONYM,
        FindingAction.HASH,
        FindingAction.REPLACE,
        FindingAction.REMOVE,
    }
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Finding:
    """A span of a field, with what it is and what is done about it.

    `start` and `end` are code-point offsets into the original field, end exclusive; both are -1 where a whole field
    (an object of a payload) is meant. `field` is None for the reply's text, else `subject`, `payload.<path>`,
    `attachments[<n>]`, or `customer_message`, which is no part of the reply and never cut. `score` is 0 to 1.
    `reason` is for reviewers: it may name amounts and action ids, never personal data or secrets.
    """

    category: Category
    type: str
    status: Status | None
    start: int
    end: int
    score: float
    rule: str
    field: str | None = None
    action: FindingAction = FindingAction.RECORD
    reason: str = ""

    def acted(self, action: FindingAction) -> Finding:
        """The same with this action."""
        if action is self.action:
            return self
        return Finding(
            category=self.category,
            type=self.type,
            status=self.status,
            start=self.start,
            end=self.end,
            score=self.score,
            rule=self.rule,
            field=self.field,
            action=action,
            reason=self.reason,
        )
