"""Before an action: decide, hold what needs people, and keep the ledger true.

An action that needs approval is asked for twice: the first call opens the approval, the second hands the approval in
and consumes it. Only then may the agent act and report.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from outguard.canonical import plain
from outguard.domain.action import Action, ActionRecord, GateDecision, LedgerState
from outguard.domain.audit import EntryDraft, EntryKind
from outguard.domain.cap import CapClaim
from outguard.domain.pause import PauseBoard
from outguard.domain.policy import Policy
from outguard.domain.principal import Principal
from outguard.domain.review import Approval, ApprovalState, ItemKind, ItemState, ReviewItem
from outguard.domain.signal import Signals
from outguard.errors import (
    ApprovalMismatchError,
    CapExceededError,
    ForbiddenError,
    OutguardError,
    VersionConflictError,
)
from outguard.flows.autonomy import seen_standing, standing_of
from outguard.flows.calls import earlier_subject, known_subject, request_digest
from outguard.flows.content_codec import action_to_plain, decode, encode
from outguard.flows.expire_approval import expire_if_due
from outguard.flows.pause import refuse_again, seen_pauses
from outguard.flows.services import Services
from outguard.flows.signals import marks_of, read_signals
from outguard.gate.approvals import consume
from outguard.gate.autonomy import at_level
from outguard.gate.caps import claims_of, with_caps
from outguard.gate.decide import GateAnswer, decide
from outguard.gate.explain import explain
from outguard.gate.pause import pause_on, under_pause, words_of
from outguard.ports import Call, Change, Sealed, Seen

METHOD = "EvaluateAction"
_ATTEMPTS = 5
"""How often a decision is made anew because what it rests on moved while it was written."""

_STATE = {
    GateDecision.ALLOW: LedgerState.APPROVED,
    GateDecision.ALLOW_WITH_CONSTRAINTS: LedgerState.APPROVED,
    GateDecision.REQUIRE_APPROVAL: LedgerState.PENDING,
    GateDecision.DENY: LedgerState.DENIED,
}


async def evaluate_action(
    services: Services,
    principal: Principal,
    *,
    request_id: str,
    action: Action,
    approval_id: str | None = None,
    is_explained: bool = False,
) -> ActionRecord:
    """Decide on `action`, or consume `approval_id` for it. `is_explained` keeps an explanation with the action.

    Raises:
        RequestIdReusedError: if the request_id was used with other content.
        NotFoundError: if the approval does not exist.
        ApprovalMismatchError: if the approval is for another action, agent or policy, or is not APPROVED (any more).
        VersionConflictError: if the approval was consumed or changed at the same moment.
        CapExceededError: if a cap holds although people approved; the approval stays as it is.
        PausedError: if the request_id was answered before with leave to act, and automation is paused now.
        UnavailableError: if the record cannot be written; the agent must not act.
    """
    content = {"action": action_to_plain(action), "approval_id": approval_id}
    digest = request_digest(request_id, content)
    known = await known_subject(services, principal, method=METHOD, request_id=request_id, digest=digest)
    if known is not None:
        return await _earlier(services, principal, action, known)
    call = Call(
        principal_id=principal.id,
        method=METHOD,
        request_id=request_id,
        request_digest=digest,
        subject_id="",
        at=services.clock.now(),
    )
    try:
        if approval_id:
            return await _consume(services, principal, action, approval_id, call)
        return await _decide(services, principal, action, call, is_explained=is_explained)
    except OutguardError as error:
        subject = await earlier_subject(services, principal, error, method=METHOD, request_id=request_id, digest=digest)
        return await _earlier(services, principal, action, subject)


async def _earlier(services: Services, principal: Principal, action: Action, action_id: str) -> ActionRecord:
    """The answer that the same request was given before; leave to act is not given again during a pause."""
    record = await services.store.get_action(principal.tenant, action_id)
    if record.state is LedgerState.APPROVED:
        refuse_again(pause_on(await services.store.get_pauses(principal.tenant), action, principal))
    return record


async def _decide(
    services: Services, principal: Principal, action: Action, call: Call, *, is_explained: bool
) -> ActionRecord:
    """Decide and write; a decision that rests on what has moved meanwhile is made anew."""
    board = await services.pauses.of(principal.tenant)
    for _ in range(_ATTEMPTS - 1):
        try:
            return await _decide_once(services, principal, action, call, board, is_explained=is_explained)
        except VersionConflictError:
            board = await services.pauses.newest(principal.tenant)
    return await _decide_once(services, principal, action, call, board, is_explained=is_explained)


async def _decide_once(
    services: Services, principal: Principal, action: Action, call: Call, board: PauseBoard, *, is_explained: bool
) -> ActionRecord:
    policy = services.policies.current
    signals = await read_signals(services, policy, principal, action, now=call.at)
    answer = decide(policy, action, principal, signals)
    standing = await standing_of(services, principal.tenant, principal.id, action.topic)
    answer = at_level(policy, answer, action, standing.level)
    if (pause := pause_on(board, action, principal)) is not None:
        answer = under_pause(policy, answer, pause)
    asked = Asked(
        policy=policy,
        principal=principal,
        action=action,
        signals=signals,
        call=call,
        seen=(seen_pauses(board), seen_standing(standing)),
        is_explained=is_explained,
    )
    claims = claims_of(policy, action, agent_id=principal.id) if _runs(answer) else ()
    try:
        return await _settle(services, asked, answer, claims)
    except CapExceededError as error:
        return await _settle(services, asked, with_caps(policy, action, answer, error.exceeded), ())


@dataclass(frozen=True, kw_only=True, slots=True)
class Asked:
    """One call with what it was decided on; the policy is the same from first to last, whatever is loaded meanwhile."""

    policy: Policy
    principal: Principal
    action: Action
    signals: Signals
    call: Call
    seen: tuple[Seen, ...]
    is_explained: bool = False


async def _settle(services: Services, asked: Asked, answer: GateAnswer, claims: tuple[CapClaim, ...]) -> ActionRecord:
    """Write what was decided, with the caps it uses.

    Raises:
        CapExceededError: if one of `claims` does not fit; nothing is written.
    """
    action_id = services.ids.new("act")
    sealed = _sealed(services, asked, answer, action_id=action_id)
    approval, item = _held(services, asked, answer, action_id=action_id)
    record = _record(services, asked, answer, sealed, approval, action_id=action_id)
    details = {
        "input_mac": sealed.mac,
        "matched": list(answer.matched),
        "item_id": item.item_id if item else None,
        "signals": asked.signals.noticed(),
        "caps_exceeded": list(answer.caps_exceeded),
    }
    await services.store.commit(
        Change(
            tenant=record.tenant,
            entries=(action_entry(EntryKind.ACTION_DECIDED, record, asked.principal, asked.call.at, details),),
            call=replace(asked.call, subject_id=action_id),
            actions=(record,),
            approvals=() if approval is None else (approval,),
            items=() if item is None else (item,),
            seen=asked.seen,
            claims=claims,
            claims_at=asked.call.at if claims else None,
        )
    )
    return record


def _sealed(services: Services, asked: Asked, answer: GateAnswer, *, action_id: str) -> Sealed:
    content = action_to_plain(asked.action)
    if asked.is_explained:
        explanation = explain(asked.policy, asked.action, asked.principal, asked.signals, answer)
        content["explanation"] = explanation.as_plain()
    return services.sealer.seal(encode(content), tenant=asked.principal.tenant, subject_id=action_id)


def _record(
    services: Services, asked: Asked, answer: GateAnswer, sealed: Sealed, approval: Approval | None, *, action_id: str
) -> ActionRecord:
    principal, action, now = asked.principal, asked.action, asked.call.at
    devices, names = (
        marks_of(services, principal.tenant, kind, value)
        for kind, value in (("device", action.device), ("name", action.customer_name))
    )
    return ActionRecord(
        action_id=action_id,
        tenant=principal.tenant,
        agent_id=principal.id,
        conversation_id=action.conversation_id,
        customer_id=action.customer_id,
        topic=action.topic,
        digest=action.digest(tenant=principal.tenant, agent_id=principal.id),
        decision=answer.decision,
        tier=answer.tier,
        rule_id=answer.rule_id,
        reason=answer.reason,
        constraints=answer.constraints,
        policy_snapshot=asked.policy.snapshot,
        state=_STATE[answer.decision],
        created_at=now,
        updated_at=now,
        sealed=sealed.blob,
        amount=action.amount,
        target=action.target,
        approval_id=None if approval is None else approval.approval_id,
        holding_message=answer.holding_message,
        agent_build=action.agent_build,
        shadow=answer.shadow,
        retry_after_s=answer.retry_after_s,
        device_hash=devices[0] if devices else None,
        name_hash=names[0] if names else None,
    )


def explanation_of(services: Services, record: ActionRecord) -> dict[str, Any] | None:
    """The explanation that was kept with an action, if one was asked for."""
    content = decode(services.sealer.open(record.sealed, tenant=record.tenant, subject_id=record.action_id))
    explanation = content.get("explanation")
    return explanation if isinstance(explanation, dict) else None


def _runs(answer: GateAnswer) -> bool:
    return _STATE[answer.decision] is LedgerState.APPROVED


def _held(
    services: Services, asked: Asked, answer: GateAnswer, *, action_id: str
) -> tuple[Approval | None, ReviewItem | None]:
    """What people must look at: an approval with its item, a ticket for an action that ran at once, or nothing."""
    policy, principal, action, now = asked.policy, asked.principal, asked.action, asked.call.at
    tier = policy.tiers[answer.tier]
    needs_approval = answer.decision is GateDecision.REQUIRE_APPROVAL
    if not needs_approval and not (tier.opens_ticket and _runs(answer)):
        return None, None
    item = ReviewItem(
        item_id=services.ids.new("itm"),
        tenant=principal.tenant,
        kind=ItemKind.APPROVAL if needs_approval else ItemKind.TICKET,
        state=ItemState.OPEN,
        subject_id=action_id,
        conversation_id=action.conversation_id,
        queue=answer.queue,
        tier=answer.tier,
        rule_id=answer.rule_id,
        reason=answer.reason,
        maker_id=principal.id,
        required_rulings=answer.required_approvals if needs_approval else 1,
        created_at=now,
        due_at=now + timedelta(seconds=policy.review.target_s(answer.queue, tier.review_target_s)),
        priority=int(answer.tier),
        senior_only=answer.senior_only and needs_approval,
    )
    if not needs_approval:
        return None, item
    approval = Approval(
        approval_id=services.ids.new("apr"),
        tenant=principal.tenant,
        action_id=action_id,
        digest=action.digest(tenant=principal.tenant, agent_id=principal.id),
        policy_snapshot=policy.snapshot,
        tier=answer.tier,
        required_approvals=answer.required_approvals,
        state=ApprovalState.PENDING,
        requested_by=principal.id,
        created_at=now,
        expires_at=now + timedelta(seconds=tier.approval_timeout_s),
        item_id=item.item_id,
        on_timeout=tier.on_timeout,
        escalates_at=now + timedelta(seconds=tier.escalate_after_s) if tier.escalate_after_s else None,
        extension_s=tier.approval_timeout_s,
    )
    return approval, item


async def _consume(
    services: Services, principal: Principal, action: Action, approval_id: str, call: Call
) -> ActionRecord:
    approval = await expire_if_due(services, await services.store.get_approval(principal.tenant, approval_id))
    if not principal.may_ask_for(action.topic):
        raise ForbiddenError("this credential does not cover the topic", field="action.topic")
    policy = services.policies.current
    signals = await read_signals(services, policy, principal, action, now=call.at, but=approval.action_id)
    again = decide(policy, action, principal, signals)
    if again.decision is GateDecision.DENY:
        raise ApprovalMismatchError("policy denies this action now; the approval cannot be used")
    if again.required_approvals > approval.required_approvals:
        raise ApprovalMismatchError("policy asks for more people now; ask anew without the approval")
    board = await services.store.get_pauses(principal.tenant)
    if (pause := pause_on(board, action, principal)) is not None:
        raise ApprovalMismatchError(f"{words_of(pause)}; the approval is kept until it expires")
    used = consume(
        approval,
        digest=action.digest(tenant=principal.tenant, agent_id=principal.id),
        policy_snapshot=policy.snapshot,
        agent_id=principal.id,
        now=call.at,
    )
    record = await services.store.get_action(principal.tenant, approval.action_id)
    people = len({ruling.reviewer_id for ruling in approval.rulings})
    allowed = replace(
        record,
        decision=GateDecision.ALLOW_WITH_CONSTRAINTS if record.constraints else GateDecision.ALLOW,
        reason="approved by nobody in time" if used.is_automatic else f"approved by {people} reviewer(s)",
        state=LedgerState.APPROVED,
        holding_message="",
        updated_at=call.at,
        version=record.version + 1,
    )
    entry = action_entry(EntryKind.APPROVAL_CONSUMED, allowed, principal, call.at, {"approval_id": approval_id})
    change = Change(
        tenant=principal.tenant,
        entries=(entry,),
        call=replace(call, subject_id=record.action_id),
        actions=(allowed,),
        approvals=(used,),
        seen=(seen_pauses(board),),
        claims=claims_of(policy, action, agent_id=principal.id, is_approved=True),
        claims_at=call.at,
    )
    try:
        await services.store.commit(change)
    except CapExceededError as error:
        caps = [cap_id for cap_id, _ in error.exceeded]
        refused = action_entry(EntryKind.CAP_HELD, record, principal, call.at, {"caps_exceeded": caps})
        await services.store.commit(Change(tenant=principal.tenant, entries=(refused,)))
        raise
    return allowed


def action_entry(
    kind: EntryKind,
    record: ActionRecord,
    principal: Principal,
    now: datetime,
    more: dict[str, Any] | None = None,
) -> EntryDraft:
    """An entry about an action: decision, rule and state, never its arguments."""
    return EntryDraft(
        kind=kind,
        principal_id=principal.id,
        at=now,
        subject_id=record.action_id,
        policy_snapshot=record.policy_snapshot,
        agent_build=record.agent_build,
        details={
            "conversation_id": record.conversation_id,
            "topic": record.topic,
            "decision": record.decision,
            "tier": record.tier.name,
            "rule": record.rule_id,
            "state": record.state,
            "amount": None if record.amount is None else plain(asdict(record.amount)),
            "constraints": record.constraints,
            "approval_id": record.approval_id,
            **(more or {}),
        },
    )
