"""Before a reply leaves: judge it, put it on the record, and hand out only what may go."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from outguard.detection.grounding.sources import MAX_CHARS
from outguard.domain.audit import EntryDraft, EntryKind
from outguard.domain.authority import AuthorityProfile
from outguard.domain.context import ReplyContext
from outguard.domain.finding import Finding, FindingAction
from outguard.domain.pause import PauseBoard
from outguard.domain.policy import Policy
from outguard.domain.principal import Principal
from outguard.domain.reply import Content, Customer, Reply, ReplyRecord, ReplyState
from outguard.domain.review import ItemKind, ItemState, ReviewItem
from outguard.domain.verdict import Verdict
from outguard.errors import (
    DuplicateCallError,
    IntegrityError,
    InvalidInputError,
    TooLargeError,
    UnknownProfileError,
    VersionConflictError,
)
from outguard.flows.calls import earlier_subject, request_digest
from outguard.flows.content_codec import (
    content_from_plain,
    content_to_plain,
    customer_to_plain,
    decode,
    encode,
    reply_to_plain,
)
from outguard.flows.judge_aside import judge_aside
from outguard.flows.judge_reply import Judgement, held
from outguard.flows.pause import seen_pauses
from outguard.flows.pseudonyms import conversation_key, to_store
from outguard.flows.services import Services
from outguard.gate.pause import words_of
from outguard.ports import Call, Change, Sealed

METHOD = "EvaluateReply"
_ATTEMPTS = 5
"""How often a record is made anew because the switch that pauses automation moved while it was written."""
MAX_SUMMARY = 200
"""So many findings an audit entry names; it counts them all."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ReplyAnswer:
    """A judged reply; `content` is what may be sent now, None while it is held or once it was rejected."""

    record: ReplyRecord
    content: Content | None


@dataclass(frozen=True, kw_only=True, slots=True)
class _Request:
    request_id: str
    reply: Reply
    customer: Customer
    profile: AuthorityProfile
    last_user: str
    confidence: float | None
    sources: tuple[str, ...]
    agent_build: str
    budget_s: float

    def plain(self) -> dict[str, Any]:
        return {
            "reply": reply_to_plain(self.reply),
            "customer": customer_to_plain(self.customer),
            "profile": self.profile.name,
            "last_user": self.last_user,
            "confidence": self.confidence,
            "sources": list(self.sources),
            "agent_build": self.agent_build,
        }


def profile_of(policy: Policy, name: str) -> AuthorityProfile:
    """The authority profile called `name`, or the policy's default for the empty name.

    Raises:
        UnknownProfileError: if the policy has no such profile.
    """
    profile = policy.profiles.get(name or policy.default_profile)
    if profile is None:
        raise UnknownProfileError("no authority profile of that name; see PolicyService.GetSnapshot", field="profile")
    return profile


async def evaluate_reply(  # noqa: PLR0913 - named arguments, most of them optional
    services: Services,
    principal: Principal,
    *,
    request_id: str,
    reply: Reply,
    customer: Customer,
    profile: str = "",
    last_user: str = "",
    confidence: float | None = None,
    sources: tuple[str, ...] = (),
    agent_build: str = "",
    budget_s: float | None = None,
) -> ReplyAnswer:
    """Judge `reply`; the answer is durable before it is returned.

    Raises:
        InvalidInputError: if there is nothing to judge.
        TooLargeError: if the sources are longer than may be read in time.
        UnknownProfileError: if the profile is not in the policy.
        RequestIdReusedError: if the request_id was used with other content.
        UnavailableError: if the record cannot be written; nothing may be sent.
    """
    if not (reply.text or reply.payload or reply.attachments):
        raise InvalidInputError("a reply needs text, a payload or an attachment", field="reply")
    if not reply.conversation_id:
        raise InvalidInputError("a reply needs its conversation_id", field="reply.conversation_id")
    if sum(map(len, sources)) > MAX_CHARS:
        raise TooLargeError(f"sources are longer than {MAX_CHARS} characters together", field="sources")
    policy = services.policies.current
    limit = services.limits.evaluation_budget_s
    request = _Request(
        request_id=request_id,
        reply=reply,
        customer=customer,
        profile=profile_of(policy, profile),
        last_user=last_user,
        confidence=confidence,
        sources=sources,
        agent_build=agent_build,
        budget_s=limit if budget_s is None else min(budget_s, limit),
    )
    started = services.clock.monotonic()
    data = encode(request.plain())
    digest = request_digest(request_id, data)
    judgement = await _judge(services, principal, policy, request, size=len(data), deadline=started + request.budget_s)
    values = services.values.of_customer(principal.tenant, customer, reply.recipient, request.profile)
    for left in reversed(range(_ATTEMPTS)):
        board = await services.store.get_pauses(principal.tenant)
        stands = _under_pause(judgement, board, principal)
        record, change = _change(
            services, principal, policy, request, stands, digest=digest, data=data, started=started
        )
        issued = await to_store(
            services,
            policy,
            stands.pseudonyms,
            tenant=principal.tenant,
            conversation_id=reply.conversation_id,
            now=record.created_at,
        )
        try:
            await services.store.commit(
                replace(change, pseudonyms=issued, seen=(seen_pauses(board),), seen_values=values)
            )
        except DuplicateCallError as error:
            subject = await earlier_subject(
                services, principal, error, method=METHOD, request_id=request_id, digest=digest
            )
            return open_answer(services, await services.store.get_reply(principal.tenant, subject))
        except VersionConflictError:  # the switch or a pseudonym moved while the record was written
            if not left:
                raise
        else:
            services.values.written(principal.tenant, values)
            return ReplyAnswer(record=record, content=stands.content)
    raise AssertionError  # the last attempt returns or raises


def _under_pause(judgement: Judgement, board: PauseBoard, principal: Principal) -> Judgement:
    """While automation is paused for the tenant or the agent every reply waits for a person (R15)."""
    pause = board.stopping((principal.id,), None)
    if pause is None:
        return judgement
    stopped = held("system.paused", words_of(pause), judgement.findings, degraded=False)
    return replace(stopped, degraded=judgement.degraded, degraded_reason=judgement.degraded_reason)


def open_answer(services: Services, record: ReplyRecord) -> ReplyAnswer:
    """The answer for a stored reply: its sealed words only where they may be sent."""
    if not record.state.may_be_sent:
        return ReplyAnswer(record=record, content=None)
    blob = record.sealed if record.sealed_out is None else record.sealed_out
    value = decode(services.sealer.open(blob, tenant=record.tenant, subject_id=record.reply_id))
    if record.sealed_out is not None:
        return ReplyAnswer(record=record, content=content_from_plain(value))
    if record.verdict is not Verdict.ALLOW:  # only words that were allowed as they are may go as they came
        raise IntegrityError("the reply has no words that may be sent")
    return ReplyAnswer(record=record, content=content_from_plain(value["reply"]["content"]))


async def _judge(
    services: Services, principal: Principal, policy: Policy, request: _Request, *, size: int, deadline: float
) -> Judgement:
    context = ReplyContext(
        recipient=request.reply.recipient,
        customer=request.customer,
        profile=request.profile,
        ledger=await services.store.list_ledger(principal.tenant, request.reply.conversation_id),
        now=services.clock.now(),
        channel=request.reply.channel,
        last_user=request.last_user,
        confidence=request.confidence,
        sources=request.sources,
        conversation_key=conversation_key(services, principal.tenant, request.reply.conversation_id),
    )
    content = Content.of(request.reply)
    return await judge_aside(services, content, context, policy, tenant=principal.tenant, size=size, deadline=deadline)


def _change(
    services: Services,
    principal: Principal,
    policy: Policy,
    request: _Request,
    judgement: Judgement,
    *,
    digest: str,
    data: bytes,
    started: float,
) -> tuple[ReplyRecord, Change]:
    now = services.clock.now()
    reply_id = services.ids.new("rep")
    tenant = principal.tenant
    sealed = services.sealer.seal(data, tenant=tenant, subject_id=reply_id)
    out = None
    if judgement.content is not None and judgement.verdict is not Verdict.ALLOW:
        out = services.sealer.seal(encode(content_to_plain(judgement.content)), tenant=tenant, subject_id=reply_id)
    item = _item(services, principal, policy, request.reply, judgement, reply_id=reply_id, now=now)
    record = ReplyRecord(
        reply_id=reply_id,
        tenant=tenant,
        agent_id=principal.id,
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
        elapsed_us=int((services.clock.monotonic() - started) * 1e6),
    )
    change = Change(
        tenant=tenant,
        entries=(_entry(record, principal, now),),
        call=Call(
            principal_id=principal.id,
            method=METHOD,
            request_id=request.request_id,
            request_digest=digest,
            subject_id=reply_id,
            at=now,
        ),
        replies=(record,),
        items=() if item is None else (item,),
    )
    return record, change


def _delivered_mac(judgement: Judgement, sealed: Sealed, out: Sealed | None) -> str | None:
    """The mac of what is handed out: of the request itself where its words may go as they came."""
    if judgement.content is None:
        return None
    return sealed.mac if out is None else out.mac


def _item(
    services: Services,
    principal: Principal,
    policy: Policy,
    reply: Reply,
    judgement: Judgement,
    *,
    reply_id: str,
    now: datetime,
) -> ReviewItem | None:
    if judgement.verdict is not Verdict.QUARANTINE:
        return None
    worst = next(f for f in judgement.findings if f.action.value == "quarantine")
    return ReviewItem(
        item_id=services.ids.new("itm"),
        tenant=principal.tenant,
        kind=ItemKind.REPLY,
        state=ItemState.OPEN,
        subject_id=reply_id,
        conversation_id=reply.conversation_id,
        queue=policy.reply.queue_for(judgement.findings),
        tier=None,
        rule_id=worst.rule,
        reason=worst.reason,
        maker_id=principal.id,
        required_rulings=1,
        created_at=now,
        due_at=now + timedelta(seconds=policy.reply.review_target_s),
        priority=policy.reply.priority_for(judgement.findings),
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
