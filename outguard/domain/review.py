"""What waits for people: items, claims, approvals and rulings."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from outguard.domain.action import Tier
from outguard.domain.principal import Role


class ItemKind(StrEnum):
    """What an item asks of its reviewer."""

    REPLY = "reply"
    APPROVAL = "approval"
    TICKET = "ticket"
    SAMPLE = "sample"
    ROLL_BACK = "roll_back"
    PROMOTION = "promotion"


class ItemState(StrEnum):
    """Whether an item still waits."""

    OPEN = "OPEN"
    CLAIMED = "CLAIMED"
    CLOSED = "CLOSED"
    EXPIRED = "EXPIRED"


class RulingKind(StrEnum):
    """What a reviewer may say (R27)."""

    RELEASE = "release"
    EDIT_AND_RELEASE = "edit_and_release"
    REJECT = "reject"
    APPROVE = "approve"
    DENY = "deny"
    ESCALATE = "escalate"


class Defect(StrEnum):
    """Why a reply was rejected (R27)."""

    HALLUCINATION = "hallucination"
    TONE_MISMATCH = "tone_mismatch"
    POLICY_MISAPPLICATION = "policy_misapplication"
    INCOMPLETE_RESOLUTION = "incomplete_resolution"
    LEAK = "leak"
    WRONG_RECIPIENT = "wrong_recipient"
    OTHER = "other"


class ApprovalState(StrEnum):
    """The life of an approval; EXPIRED is not REJECTED (R10)."""

    PENDING = "PENDING"
    APPROVED = "APPROVED"
    REJECTED = "REJECTED"
    EXPIRED = "EXPIRED"
    CANCELLED = "CANCELLED"
    CONSUMED = "CONSUMED"


class OnTimeout(StrEnum):
    """What happens to an approval that nobody answered in time (R10); in the end it always ends."""

    DENY = "deny"
    ESCALATE = "escalate"
    """Senior people get as much time again; then it is denied."""
    AUTO_APPROVE = "auto_approve"
    """For T1 and T2 only: it counts as approved, and the record says by nobody."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Claim:
    """A reviewer's lease on an item; `token` grows with every claim, so a stale holder is recognised (fencing)."""

    reviewer_id: str
    token: int
    expires_at: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class Ruling:
    """What one reviewer decided on one item."""

    ruling_id: str
    reviewer_id: str
    role: Role
    kind: RulingKind
    reason: str
    at: datetime
    defect: Defect | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class GivenRuling:
    """That a reviewer ruled, written once, so that load and pace can be counted by reviewer (R30, R32)."""

    ruling_id: str
    tenant: str
    reviewer_id: str
    item_id: str
    kind: RulingKind
    at: datetime
    version: int = 1


@dataclass(frozen=True, kw_only=True, slots=True)
class Approval:
    """A held action waiting for one or two qualified people (R9): bound to a digest, consumed once.

    `escalates_at` is when senior people are asked, None once they are. `extension_s` is how long it goes on where a
    time-out does not end it. `is_automatic` says that it was approved by a time-out, by nobody.
    """

    approval_id: str
    tenant: str
    action_id: str
    digest: str
    policy_snapshot: str
    tier: Tier
    required_approvals: int
    state: ApprovalState
    requested_by: str
    created_at: datetime
    expires_at: datetime
    item_id: str
    rulings: tuple[Ruling, ...] = ()
    decided_at: datetime | None = None
    on_timeout: OnTimeout = OnTimeout.DENY
    escalates_at: datetime | None = None
    extension_s: float = 0.0
    is_automatic: bool = False
    version: int = 1


@dataclass(frozen=True, kw_only=True, slots=True)
class ReviewItem:
    """One entry of the queue. Content stays with its subject (a reply or an action), encrypted.

    `maker_id` is whoever made what is reviewed; `claims_made` is the last fencing token handed out. A sampled case
    carries the `probability` it was drawn with (1 where it had to be) and its `stratum`.
    """

    item_id: str
    tenant: str
    kind: ItemKind
    state: ItemState
    subject_id: str
    conversation_id: str
    queue: str
    tier: Tier | None
    rule_id: str
    reason: str
    maker_id: str
    required_rulings: int
    created_at: datetime
    due_at: datetime
    priority: int = 0
    senior_only: bool = False
    claim: Claim | None = None
    claims_made: int = 0
    rulings: tuple[Ruling, ...] = ()
    closed_at: datetime | None = None
    probability: float | None = None
    stratum: str = ""
    version: int = 1
