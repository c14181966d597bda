"""A judged reply as it goes on the record: sealed, with its review item and its audit entry."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from outguard.domain.audit import EntryDraft, EntryKind
from outguard.domain.authority import AuthorityProfile
from outguard.domain.finding import Finding, FindingAction
from outguard.domain.policy import Policy
from outguard.domain.principal import Principal
from outguard.domain.reply import Customer, Reply, ReplyRecord, ReplyState
from outguard.domain.review import ItemKind, ItemState, ReviewItem
from outguard.domain.verdict import Verdict
from outguard.flows.content_codec import content_to_plain, customer_to_plain, encode, reply_to_plain
from outguard.flows.judge_reply import Judgement
from outguard.flows.services import Services
from outguard.ports import Call, Sealed

METHOD = "EvaluateReply"
MAX_SUMMARY = 200
"""So many findings an audit entry names; it counts them all."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ReplyRequest:
    """What a caller asks to be judged; all of it is sealed with the reply."""

    reply: Reply
    customer: Customer
    profile: AuthorityProfile
    last_user: str
    confidence: float | None
    sources: tuple[str, ...]
    agent_build: str

    def plain(self) -> dict[str, Any]:
        """As JSON."""
        return {
            "reply": reply_to_plain(self.reply),
            "customer": customer_to_plain(self.customer),
            "profile": self.profile.name,
            "last_user": self.last_user,
            "confidence": self.confidence,
            "sources": list(self.sources),
            "agent_build": self.agent_build,
        }


@dataclass(frozen=True, kw_only=True, slots=True)
class Asked:
    """One call; `data` is its request as bytes, `digest` tells it from others, `started` is monotonic."""

    principal: Principal
    policy: Policy
    request: ReplyRequest
    request_id: str
    data: bytes
    digest: str
    started: float


@dataclass(frozen=True, kw_only=True, slots=True)
class Drafted:
    """What is written about one judged reply."""

    record: ReplyRecord
    item: ReviewItem | None
    entry: EntryDraft
    call: Call


def draft(services: Services, asked: Asked, judgement: Judgement) -> Drafted:
    """The records of `judgement`, under new ids."""
    now = services.clock.now()
    reply_id = services.ids.new("rep")
    item = _item(services, asked, judgement, reply_id=reply_id, now=now)
    record = _record(services, asked, judgement, item, reply_id=reply_id, now=now)
    call = Call(
        principal_id=asked.principal.id,
        method=METHOD,
        request_id=asked.request_id,
        request_digest=asked.digest,
        subject_id=reply_id,
        at=now,
    )
    return Drafted(record=record, item=item, entry=_entry(record, asked.principal, now), call=call)


def _record(
    services: Services, asked: Asked, judgement: Judgement, item: ReviewItem | None, *, reply_id: str, now: datetime
) -> ReplyRecord:
    tenant, request, policy = asked.principal.tenant, asked.request, asked.policy
    sealed = services.sealer.seal(asked.data, tenant=tenant, subject_id=reply_id)
    out = None
    if judgement.content is not None and judgement.verdict is not Verdict.ALLOW:
        out = services.sealer.seal(encode(content_to_plain(judgement.content)), tenant=tenant, subject_id=reply_id)
    return ReplyRecord(
        reply_id=reply_id,
        tenant=tenant,
        agent_id=asked.principal.id,
        conversation_id=request.reply.conversation_id,
        customer_id=request.customer.id,
        channel=request.reply.channel,
        profile=request.profile.name,
        verdict=judgement.verdict,
        state=ReplyState.HELD if judgement.content is None else ReplyState.SENDABLE,
        findings=judgement.findings,
        redactions=judgement.redactions,
        policy_snapshot=policy.snapshot,
        content_mac=sealed.mac,
        sealed=sealed.blob,
        created_at=now,
        updated_at=now,
        delivered_mac=_delivered_mac(judgement, sealed, out),
        sealed_out=None if out is None else out.blob,
        item_id=None if item is None else item.item_id,
        holding_message=policy.reply.holding_message if judgement.content is None else "",
        agent_build=request.agent_build,
        degraded=judgement.degraded,
        degraded_reason=judgement.degraded_reason,
        elapsed_us=int((services.clock.monotonic() - asked.started) * 1e6),
    )


def _delivered_mac(judgement: Judgement, sealed: Sealed, out: Sealed | None) -> str | None:
    """The mac of what is handed out: of the request itself where its words may go as they came."""
    if judgement.content is None:
        return None
    return sealed.mac if out is None else out.mac


def _item(services: Services, asked: Asked, judgement: Judgement, *, reply_id: str, now: datetime) -> ReviewItem | None:
    if judgement.verdict is not Verdict.QUARANTINE:
        return None
    policy = asked.policy.reply
    worst = next(f for f in judgement.findings if f.action is FindingAction.QUARANTINE)
    return ReviewItem(
        item_id=services.ids.new("itm"),
        tenant=asked.principal.tenant,
        kind=ItemKind.REPLY,
        state=ItemState.OPEN,
        subject_id=reply_id,
        conversation_id=asked.request.reply.conversation_id,
        queue=policy.queue_for(judgement.findings),
        tier=None,
        rule_id=worst.rule,
        reason=worst.reason,
        maker_id=asked.principal.id,
        required_rulings=1,
        created_at=now,
        due_at=now + timedelta(seconds=policy.review_target_s),
        priority=policy.priority_for(judgement.findings),
    )


def _entry(record: ReplyRecord, principal: Principal, now: datetime) -> EntryDraft:
    return EntryDraft(
        kind=EntryKind.REPLY_DECIDED,
        principal_id=principal.id,
        at=now,
        subject_id=record.reply_id,
        policy_snapshot=record.policy_snapshot,
        agent_build=record.agent_build,
        details={
            "verdict": record.verdict,
            "conversation_id": record.conversation_id,
            "profile": record.profile,
            "channel": record.channel,
            "input_mac": record.content_mac,
            "delivered_mac": record.delivered_mac,
            "item_id": record.item_id,
            "degraded": record.degraded_reason if record.degraded else None,
            **finding_summary(record.findings),
        },
    )


def finding_summary(findings: tuple[Finding, ...]) -> dict[str, Any]:
    """Findings for the record: what and where, never the words; the decisive ones if there are too many to name."""
    named = findings
    if len(findings) > MAX_SUMMARY:
        named = tuple(sorted(findings, key=lambda f: f.action is not FindingAction.QUARANTINE))[:MAX_SUMMARY]
    return {
        "finding_count": len(findings),
        "findings": [
            {
                "category": f.category,
                "type": f.type,
                "status": f.status,
                "field": _place(f.field),
                "rule": f.rule,
                "action": f.action,
            }
            for f in named
        ],
    }


def _place(field: str | None) -> str | None:
    """Where, as far as the record may tell: the keys on a payload's path are the agent's words."""
    return "payload" if field is not None and field.startswith("payload") else field
