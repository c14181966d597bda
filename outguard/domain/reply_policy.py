"""What policy does about a finding: the most specific rule that fits decides, the strictest among equals.

Invariants: a fault of the evaluation itself (`system`) and a canary are always QUARANTINE, as is what no rule names.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from outguard.domain.finding import Category, Finding, FindingAction, Status
from outguard.domain.source import CANARY_TYPE

STRICTNESS: Mapping[FindingAction, int] = {action: rank for rank, action in enumerate(FindingAction)}


class Part(StrEnum):
    """The part of a reply that a finding lies in."""

    TEXT = "text"
    SUBJECT = "subject"
    PAYLOAD = "payload"
    ATTACHMENT = "attachment"
    CUSTOMER_MESSAGE = "customer_message"
    """No part of the reply: the customer's last message, in which triggers are found."""

    @classmethod
    def of(cls, field_path: str | None) -> Part:
        """The part that a finding's `field` names."""
        if field_path is None:
            return cls.TEXT
        if field_path in {"subject", "customer_message"}:
            return cls(field_path)
        return cls.ATTACHMENT if field_path.startswith("attachments") else cls.PAYLOAD


class WhenDegraded(StrEnum):
    """What becomes of a reply that the language model has not read (missing, slow, failed)."""

    JUDGE = "judge"
    """The rules decide alone; the answer says `degraded`."""
    QUARANTINE = "quarantine"
    """A person looks."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ReplyRule:
    """One rule: None fits anything, except `unknown_status`, which asks for a finding without status."""

    id: str
    action: FindingAction
    category: Category | None = None
    type: str | None = None
    status: Status | None = None
    unknown_status: bool = False
    channel: str | None = None
    part: Part | None = None
    min_score: float | None = None

    def fits(self, finding: Finding, channel: str, part: Part) -> bool:
        """Whether the rule speaks of `finding`."""
        return (
            (self.category is None or self.category is finding.category)
            and (self.type is None or self.type == finding.type)
            and (self.status is None or self.status is finding.status)
            and (not self.unknown_status or finding.status is None)
            and (self.channel is None or self.channel == channel)
            and (self.part is None or self.part is part)
        )

    @property
    def rank(self) -> tuple[int, int]:
        """How specific, then how strict: the highest rank decides."""
        given = (self.category, self.type, self.status, self.channel, self.part)
        return sum(key is not None for key in given) + self.unknown_status, STRICTNESS[self.action]


_Kind = tuple[Category, str, Status | None, str, Part]
_MAX_KINDS = 4096
"""Channels come from callers: more kinds than this are looked up each time."""


@dataclass(frozen=True, kw_only=True, slots=True)
class QueueByFinding:
    """Replies with such a finding go to this queue; the first route that fits wins.

    Of all routes that fit the highest priority counts.
    """

    queue: str
    priority: int = 0
    categories: frozenset[Category] = frozenset()
    types: frozenset[str] = frozenset()

    def fits(self, finding: Finding) -> bool:
        """Whether `finding` sends its reply here."""
        return finding.category in self.categories or finding.type in self.types


@dataclass(frozen=True, kw_only=True, slots=True)
class ReplyPolicy:
    """The reply section, compiled; `rules` are sorted by rank, highest first."""

    rules: tuple[ReplyRule, ...]
    min_score: float
    holding_message: str
    review_target_s: float
    default_queue: str
    confidence_below: float = 0.0
    pseudonym_lifetime_s: float = 30 * 86_400.0
    routes: tuple[QueueByFinding, ...] = ()
    placeholders: Mapping[str, str] = field(default_factory=dict)
    when_degraded: WhenDegraded = WhenDegraded.JUDGE
    degraded_channels: Mapping[str, WhenDegraded] = field(default_factory=dict)
    _decided: dict[_Kind, ReplyRule | None] = field(default_factory=dict, init=False, repr=False, compare=False)
    """The deciding rules by what they look at: there are few kinds of findings, and many findings."""

    def holds_when_degraded(self, channel: str) -> bool:
        """Whether a reply on `channel` is held where the language model has not read it."""
        return self.degraded_channels.get(channel, self.when_degraded) is WhenDegraded.QUARANTINE

    def action_for(self, finding: Finding, *, channel: str) -> FindingAction:
        """What to do about `finding` in a reply on `channel`; below the least score it is only recorded."""
        if finding.category is Category.SYSTEM or finding.type == CANARY_TYPE:
            return FindingAction.QUARANTINE
        kind = (finding.category, finding.type, finding.status, channel, Part.of(finding.field))
        try:
            rule = self._decided[kind]
        except KeyError:
            rule = next((one for one in self.rules if one.fits(finding, channel, kind[-1])), None)
            if len(self._decided) < _MAX_KINDS:
                self._decided[kind] = rule
        if rule is None:
            return FindingAction.QUARANTINE
        least = self.min_score if rule.min_score is None else rule.min_score
        is_weak = finding.score < least
        action = FindingAction.RECORD if is_weak and STRICTNESS[rule.action] > 1 else rule.action
        if finding.category is Category.TRIGGER and action.is_cut:
            return FindingAction.QUARANTINE  # there is nothing in the reply to cut
        return action

    def is_unsure(self, confidence: float | None) -> bool:
        """Whether the agent says that it doubts its reply; no word of its own makes a reply safer."""
        return confidence is not None and not confidence >= self.confidence_below  # NaN is doubt

    def placeholder(self, finding: Finding) -> str:
        """The words that stand where a finding was cut, such as `[EMAIL_ADDRESS]`."""
        return self.placeholders.get(finding.type) or f"[{finding.type}]"

    def queue_for(self, findings: Iterable[Finding]) -> str:
        """The queue for a reply held for `findings`; those that held it come first."""
        held = _deciding(findings)
        for route in self.routes:
            if any(route.fits(finding) for finding in held):
                return route.queue
        return self.default_queue

    def priority_for(self, findings: Iterable[Finding]) -> int:
        """How urgent a reply held for `findings` is: higher comes first in the queue."""
        held = _deciding(findings)
        return max((route.priority for route in self.routes if any(map(route.fits, held))), default=0)


def _deciding(findings: Iterable[Finding]) -> list[Finding]:
    ranked = sorted(findings, key=lambda finding: -STRICTNESS[finding.action])
    return [finding for finding in ranked if finding.action is FindingAction.QUARANTINE] or ranked
