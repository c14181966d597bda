"""The record: what is written, and what lets a third party check it (RFC 6962)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any


class EntryKind(StrEnum):
    """What an entry says happened (R36)."""

    ACTION_DECIDED = "action.decided"
    ACTION_OUTCOME = "action.outcome"
    ACTION_CANCELLED = "action.cancelled"
    OUTCOME_REFUSED = "action.outcome_refused"
    CAP_HELD = "action.cap_held"
    APPROVAL_CONSUMED = "approval.consumed"
    APPROVAL_EXPIRED = "approval.expired"
    APPROVAL_ESCALATED = "approval.escalated"
    APPROVAL_UNANSWERED = "approval.unanswered"
    REPLY_DECIDED = "reply.decided"
    REPLY_EXPIRED = "reply.expired"
    REPLY_DELIVERED = "reply.delivered"
    ITEM_CLAIMED = "item.claimed"
    CLAIM_RENEWED = "item.claim_renewed"
    CLAIM_ABANDONED = "item.claim_abandoned"
    ITEM_RULED = "item.ruled"
    CLEAR_TEXT_READ = "content.read"
    PSEUDONYM_RESOLVED = "pseudonym.resolved"
    PSEUDONYM_REFUSED = "pseudonym.refused"
    PSEUDONYM_ERASED = "pseudonym.erased"
    TOKEN_CREATED = "token.created"  # noqa: S105 - a label, not a credential
    TOKEN_REVOKED = "token.revoked"  # noqa: S105 - a label, not a credential
    POLICY_LOADED = "policy.loaded"
    POLICY_PROPOSED = "policy.proposed"
    POLICY_SIMULATED = "policy.simulated"
    POLICY_SIGNED = "policy.signed"
    RULING_OVERRIDDEN = "item.overridden"
    ROLL_BACK_REQUESTED = "roll_back.requested"
    ROLL_BACK_ENDED = "roll_back.ended"
    SOURCE_ADDED = "source.added"
    SOURCE_REMOVED = "source.removed"
    INCIDENT = "agent.incident"
    AUTONOMY_PROPOSED = "autonomy.proposed"
    AUTONOMY_CHANGED = "autonomy.changed"
    AUTOMATION_PAUSED = "automation.paused"
    AUTOMATION_RESUMED = "automation.resumed"


@dataclass(frozen=True, kw_only=True, slots=True)
class EntryDraft:
    """An entry before it has its place in the tree. `details` hold ids, digests and words of ours, never content."""

    kind: EntryKind
    principal_id: str
    at: datetime
    subject_id: str
    policy_snapshot: str = ""
    agent_build: str = ""
    details: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, slots=True)
class Entry:
    """An audit leaf: `data` is the canonical JSON that is hashed, `leaf_hash` is SHA-256(0x00 || data)."""

    tenant: str
    index: int
    kind: EntryKind
    principal_id: str
    at: datetime
    subject_id: str
    data: bytes
    leaf_hash: bytes


@dataclass(frozen=True, kw_only=True, slots=True)
class TreeHead:
    """Size and RFC 6962 root of a tenant's tree."""

    size: int
    root: bytes


@dataclass(frozen=True, kw_only=True, slots=True)
class Checkpoint:
    """A signed tree head: `note` is the C2SP signed note, byte for byte."""

    origin: str
    head: TreeHead
    note: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Proof:
    """A Merkle inclusion or consistency proof: the hashes in RFC 6962 order."""

    hashes: tuple[bytes, ...]
