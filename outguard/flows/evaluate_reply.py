"""Before a reply leaves: judge it, put it on the record, and hand out only what may go."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial

from outguard.detection.grounding.sources import MAX_CHARS
from outguard.domain.authority import AuthorityProfile
from outguard.domain.context import ReplyContext
from outguard.domain.pause import PauseBoard
from outguard.domain.policy import Policy
from outguard.domain.principal import Principal
from outguard.domain.reply import Content, Customer, Reply, ReplyRecord, ReplyState
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
from outguard.flows.content_codec import content_from_plain, decode, encode
from outguard.flows.judge_aside import judge_aside
from outguard.flows.judge_reply import Judgement, held
from outguard.flows.pause import refuse_again, seen_pauses
from outguard.flows.pseudonyms import conversation_key, to_store
from outguard.flows.reply_record import METHOD, Asked, ReplyRequest, draft
from outguard.flows.services import Services
from outguard.gate.pause import words_of
from outguard.ports import Change

_ATTEMPTS = 5
"""How often a record is made anew because the switch that pauses automation moved while it was written."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ReplyAnswer:
    """A judged reply; `content` is what may be sent now, None while it is held or once it was rejected."""

    record: ReplyRecord
    content: Content | None


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
        PausedError: if the request_id was answered before, and automation is paused now.
        UnavailableError: if the record cannot be written; nothing may be sent.
    """
    started = services.clock.monotonic()
    _check_whole(reply, sources)
    policy = services.policies.current
    request = ReplyRequest(
        reply=reply,
        customer=customer,
        profile=profile_of(policy, profile),
        last_user=last_user,
        confidence=confidence,
        sources=sources,
        agent_build=agent_build,
    )
    data = encode(request.plain())
    asked = Asked(
        principal=principal,
        policy=policy,
        request=request,
        request_id=request_id,
        data=data,
        digest=request_digest(request_id, data),
        started=started,
    )
    limit = services.limits.evaluation_budget_s
    judgement = await _judge(services, asked, limit if budget_s is None else min(budget_s, limit))
    return await _record(services, asked, judgement)


def _check_whole(reply: Reply, sources: tuple[str, ...]) -> None:
    if not (reply.text or reply.payload or reply.attachments):
        raise InvalidInputError("a reply needs text, a payload or an attachment", field="reply")
    if not reply.conversation_id:
        raise InvalidInputError("a reply needs its conversation_id", field="reply.conversation_id")
    if sum(map(len, sources)) > MAX_CHARS:
        raise TooLargeError(f"sources are longer than {MAX_CHARS} characters together", field="sources")


async def _judge(services: Services, asked: Asked, budget_s: float) -> Judgement:
    tenant, request = asked.principal.tenant, asked.request
    conversation_id = request.reply.conversation_id
    context = ReplyContext(
        recipient=request.reply.recipient,
        customer=request.customer,
        profile=request.profile,
        ledger=await services.store.list_ledger(tenant, conversation_id),
        now=services.clock.now(),
        channel=request.reply.channel,
        last_user=request.last_user,
        confidence=request.confidence,
        sources=request.sources,
        conversation_key=partial(conversation_key, services, tenant, conversation_id),
    )
    return await judge_aside(
        services,
        Content.of(request.reply),
        context,
        asked.policy,
        tenant=tenant,
        size=len(asked.data),
        deadline=asked.started + budget_s,
    )


async def _record(services: Services, asked: Asked, judgement: Judgement) -> ReplyAnswer:
    """Write what was judged; made anew where the switch or a pseudonym moved meanwhile."""
    tenant, request = asked.principal.tenant, asked.request
    values = services.values.of_customer(tenant, request.customer, request.reply.recipient, request.profile)
    board = await services.pauses.of(tenant)
    for left in reversed(range(_ATTEMPTS)):
        stands = _under_pause(judgement, board, asked.principal)
        drafted = draft(services, asked, stands)
        issued = await to_store(
            services,
            asked.policy,
            stands.pseudonyms,
            tenant=tenant,
            conversation_id=request.reply.conversation_id,
            now=drafted.record.created_at,
        )
        change = Change(
            tenant=tenant,
            entries=(drafted.entry,),
            call=drafted.call,
            replies=(drafted.record,),
            items=() if drafted.item is None else (drafted.item,),
            pseudonyms=issued,
            seen=(seen_pauses(board),),
            seen_values=values,
        )
        try:
            await services.store.commit(change)
        except DuplicateCallError as error:
            return await _earlier(services, asked, error)
        except VersionConflictError:
            if not left:
                raise
            board = await services.pauses.newest(tenant)
        else:
            services.values.written(tenant, values)
            return ReplyAnswer(record=drafted.record, content=stands.content)
    raise AssertionError  # the last attempt returns or raises


def _under_pause(judgement: Judgement, board: PauseBoard, principal: Principal) -> Judgement:
    """While automation is paused for the tenant or the agent every reply waits for a person (R15)."""
    pause = board.stopping((principal.id,), None)
    if pause is None:
        return judgement
    stopped = held("system.paused", words_of(pause), judgement.findings, degraded=False)
    return replace(stopped, degraded=judgement.degraded, degraded_reason=judgement.degraded_reason)


async def _earlier(services: Services, asked: Asked, error: DuplicateCallError) -> ReplyAnswer:
    """The answer that the same request was given before."""
    tenant = asked.principal.tenant
    subject = await earlier_subject(
        services, asked.principal, error, method=METHOD, request_id=asked.request_id, digest=asked.digest
    )
    return await open_answer(services, await services.store.get_reply(tenant, subject))


async def open_answer(services: Services, record: ReplyRecord) -> ReplyAnswer:
    """The answer for a stored reply: its sealed words only where they may be sent.

    Raises:
        PausedError: if nobody but the service said that they may, and automation is paused now.
    """
    if not record.state.may_be_sent:
        return ReplyAnswer(record=record, content=None)
    if record.state is ReplyState.SENDABLE:
        refuse_again((await services.store.get_pauses(record.tenant)).stopping((record.agent_id,), None))
    blob = record.sealed if record.sealed_out is None else record.sealed_out
    value = decode(services.sealer.open(blob, tenant=record.tenant, subject_id=record.reply_id))
    if record.sealed_out is not None:
        return ReplyAnswer(record=record, content=content_from_plain(value))
    if record.verdict is not Verdict.ALLOW:  # only words that were allowed as they are may go as they came
        raise IntegrityError("the reply has no words that may be sent")
    return ReplyAnswer(record=record, content=content_from_plain(value["reply"]["content"]))
