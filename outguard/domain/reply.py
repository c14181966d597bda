"""An outbound message, who it goes to, and what became of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from outguard.domain.finding import Finding
from outguard.domain.verdict import Verdict


@dataclass(frozen=True, kw_only=True, slots=True)
class Recipient:
    """Where the reply goes."""

    customer_id: str = ""
    display_name: str = ""
    address: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Attachment:
    """A file sent with the reply; `data` is judged by its `media_type`."""

    filename: str
    media_type: str
    data: bytes


@dataclass(frozen=True, kw_only=True, slots=True)
class Customer:
    """What the agent runtime knows of the authenticated person who will receive the reply."""

    id: str = ""
    name: str = ""
    emails: tuple[str, ...] = ()
    phones: tuple[str, ...] = ()
    known_values: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Reply:
    """One outbound message: `text` or `payload` (or both), never neither."""

    conversation_id: str
    channel: str
    recipient: Recipient
    subject: str | None = None
    text: str | None = None
    payload: Mapping[str, Any] | None = None
    attachments: tuple[Attachment, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Content:
    """The parts of a reply that a person would read: what is judged, redacted, shown and released."""

    subject: str | None = None
    text: str | None = None
    payload: Mapping[str, Any] | None = None
    attachments: tuple[Attachment, ...] = ()

    @classmethod
    def of(cls, reply: Reply) -> Content:
        """The literal content of `reply`."""
        return cls(subject=reply.subject, text=reply.text, payload=reply.payload, attachments=reply.attachments)


@dataclass(frozen=True, kw_only=True, slots=True)
class RedactionDetail:
    """One cut (R19): which field, why, and what was done."""

    field: str
    reason: str
    action: str


class ReplyState(StrEnum):
    """Whether words may go now."""

    SENDABLE = "SENDABLE"
    HELD = "HELD"
    RELEASED = "RELEASED"
    REJECTED = "REJECTED"
    EXPIRED = "EXPIRED"

    @property
    def may_be_sent(self) -> bool:
        """Whether the record holds words that may go to the customer."""
        return self in {ReplyState.SENDABLE, ReplyState.RELEASED}


@dataclass(frozen=True, kw_only=True, slots=True)
class ReplyRecord:
    """A judged reply as stored.

    `sealed` is the request's reply and customer context, `sealed_out` what may be sent where that differs (None while
    held, or where the verdict was ALLOW), both encrypted. `content_mac` and `delivered_mac` are keyed hashes of what
    was judged and of what was handed out; they are the same where the words went as they came.
    """

    reply_id: str
    tenant: str
    agent_id: str
    conversation_id: str
    customer_id: str
    channel: str
    profile: str
    verdict: Verdict
    state: ReplyState
    findings: tuple[Finding, ...]
    redactions: tuple[RedactionDetail, ...]
    policy_snapshot: str
    content_mac: str
    sealed: bytes
    created_at: datetime
    updated_at: datetime
    delivered_mac: str | None = None
    sealed_out: bytes | None = None
    item_id: str | None = None
    holding_message: str = ""
    agent_build: str = ""
    degraded: bool = False
    degraded_reason: str = ""
    shadow: bool = False
    elapsed_us: int = 0
    version: int = 1
