"""Reversing a ruling later (R29): claw back what was wrongly let go, reopen what was wrongly refused, re-route."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from outguard.domain.action import ActionRecord, GateDecision, LedgerState, Tier
from outguard.domain.audit import EntryDraft, EntryKind
from outguard.domain.override import Override, OverrideKind
from outguard.domain.principal import Principal
from outguard.domain.reply import ReplyState
from outguard.domain.review import Approval, ApprovalState, ItemKind, ReviewItem, Ruling, RulingKind
from outguard.domain.sampling import SECOND_REPLY
from outguard.errors import ConflictError, InvalidInputError, OutguardError
from outguard.flows.calls import earlier_subject, known_subject, request_digest
from outguard.flows.roll_back_record import entry_of, failed_item, second_person_item
from outguard.flows.services import Services
from outguard.gate.roll_back import ask
from outguard.ports import Call, Change
from outguard.review.overrides import check_may_override, kind_of, reopened, ruling_of
from outguard.review.rulings import visible_to

METHOD = "OverrideRuling"
MAX_REASON = 2_000


async def override_ruling(
    services: Services,
    principal: Principal,
    *,
    request_id: str,
    item_id: str,
    ruling_id: str,
    rule_id: str,
    new_decision: RulingKind,
    reason: str,
) -> ReviewItem:
    """Reverse the ruling that closed an item, or take a waiting item from who holds it (ESCALATE, no ruling).

    Raises:
        NotFoundError: if there is no such item or ruling.
        ForbiddenError, MakerIsCheckerError: if the principal is no senior reviewer, made the subject or ruled on it.
        InvalidInputError: without a reason or rule, or if the new decision reverses nothing.
        ConflictError: if the item, reply or approval does not stand as the reversal supposes.
    """
    if not reason.strip() or len(reason) > MAX_REASON:
        raise InvalidInputError(f"give a reason of 1 to {MAX_REASON} characters", field="reason")
    if not rule_id:
        raise InvalidInputError("name the rule that should have decided", field="rule_id")
    content = {
        "item_id": item_id,
        "ruling_id": ruling_id,
        "rule_id": rule_id,
        "new_decision": new_decision,
        "reason": reason,
    }
    digest = request_digest(request_id, content)
    known = await known_subject(services, principal, method=METHOD, request_id=request_id, digest=digest)
    if known is not None:
        return visible_to(await services.store.get_item(principal.tenant, known), principal)
    item = await services.store.get_item(principal.tenant, item_id)
    check_may_override(item, principal)
    ruling = ruling_of(item, ruling_id) if ruling_id else None
    kind = kind_of(item, ruling, new_decision)
    holder = "" if item.claim is None else item.claim.reviewer_id
    override = Override(
        override_id=services.ids.new("ovr"),
        tenant=item.tenant,
        item_id=item_id,
        ruling_id=ruling_id,
        by=principal.id,
        whom=holder if ruling is None else ruling.reviewer_id,
        rule_id=rule_id,
        new_decision=new_decision,
        reason=reason,
        kind=kind,
        at=services.clock.now(),
    )
    change = await _change(services, principal, item, override)
    call = Call(
        principal_id=principal.id,
        method=METHOD,
        request_id=request_id,
        request_digest=digest,
        subject_id=item_id,
        at=override.at,
    )
    try:
        await services.store.commit(replace(change, call=call))
    except OutguardError as error:
        await earlier_subject(services, principal, error, method=METHOD, request_id=request_id, digest=digest)
    return visible_to(await services.store.get_item(principal.tenant, item_id), principal)


async def _change(services: Services, principal: Principal, item: ReviewItem, override: Override) -> Change:
    count = len(await services.store.list_overrides(item.tenant, item.item_id)) + 1
    entry = EntryDraft(
        kind=EntryKind.RULING_OVERRIDDEN,
        principal_id=principal.id,
        at=override.at,
        subject_id=item.subject_id,
        policy_snapshot=services.policies.current.snapshot,
        details={
            "override_id": override.override_id,
            "item_id": item.item_id,
            "ruling_id": override.ruling_id,
            "whom": override.whom,
            "rule": override.rule_id,
            "new_decision": override.new_decision,
            "override": override.kind,
            "count": count,
            "calibrates": override.whom if override.kind is OverrideKind.WRONGLY_APPROVED else None,
        },
    )
    change = Change(tenant=item.tenant, entries=(entry,), overrides=(override,))
    if override.kind is OverrideKind.REROUTED:
        return replace(change, items=(_reopened(services, principal, item, override),))
    is_reply = item.kind is ItemKind.REPLY or item.stratum == SECOND_REPLY
    if override.kind is OverrideKind.WRONGLY_REJECTED:
        if item.kind is ItemKind.REPLY:
            return await _reopen_reply(services, principal, item, override, change)
        if item.kind is ItemKind.APPROVAL:
            return await _reopen_approval(services, principal, item, override, change)
        return change
    if is_reply:
        return await _recall_reply(services, item, override, change)
    if item.kind in {ItemKind.APPROVAL, ItemKind.TICKET, ItemKind.SAMPLE}:
        return await _claw_back(services, principal, item, override, change)
    raise ConflictError("what this item let happen is not clawed back this way")


def _reopened(services: Services, principal: Principal, item: ReviewItem, override: Override) -> ReviewItem:
    policy = services.policies.current
    target_s = policy.reply.review_target_s if item.tier is None else policy.tiers[item.tier].review_target_s
    mark = Ruling(
        ruling_id=override.override_id,
        reviewer_id=principal.id,
        role=principal.role,
        kind=RulingKind.ESCALATE,
        reason=override.reason,
        at=override.at,
    )
    due_at = override.at + timedelta(seconds=target_s)
    return reopened(item, mark, due_at=due_at, queue=policy.review.escalation_queue)


async def _reopen_reply(
    services: Services, principal: Principal, item: ReviewItem, override: Override, change: Change
) -> Change:
    record = await services.store.get_reply(item.tenant, item.subject_id)
    if record.state is not ReplyState.REJECTED:
        raise ConflictError(f"the reply is {record.state}; only a rejected one is reopened")
    held = replace(
        record,
        state=ReplyState.HELD,
        holding_message=services.policies.current.reply.holding_message,
        updated_at=override.at,
        version=record.version + 1,
    )
    return replace(change, replies=(held,), items=(_reopened(services, principal, item, override),))


async def _reopen_approval(
    services: Services, principal: Principal, item: ReviewItem, override: Override, change: Change
) -> Change:
    action, approval = await _approval_of(services, item)
    if approval.state is not ApprovalState.REJECTED or action.state is not LedgerState.DENIED:
        raise ConflictError(f"the approval is {approval.state}; only a rejected one is reopened")
    terms = services.policies.current.tiers[approval.tier]
    again = replace(
        approval,
        state=ApprovalState.PENDING,
        decided_at=None,
        expires_at=override.at + timedelta(seconds=terms.approval_timeout_s),
        escalates_at=None,
        version=approval.version + 1,
    )
    waits = replace(
        action,
        state=LedgerState.PENDING,
        holding_message=terms.holding_message,
        updated_at=override.at,
        version=action.version + 1,
    )
    item = _reopened(services, principal, item, override)
    return replace(change, approvals=(again,), actions=(waits,), items=(item,))


async def _recall_reply(services: Services, item: ReviewItem, override: Override, change: Change) -> Change:
    """What was released is handed out no more; whether it reached the customer is on the record already."""
    record = await services.store.get_reply(item.tenant, item.subject_id)
    if record.state is not ReplyState.RELEASED:
        raise ConflictError(f"the reply is {record.state}; only a released one is recalled")
    recalled = replace(record, state=ReplyState.REJECTED, updated_at=override.at, version=record.version + 1)
    return replace(change, replies=(recalled,))


async def _claw_back(
    services: Services, principal: Principal, item: ReviewItem, override: Override, change: Change
) -> Change:
    """What has not run will not; what ran is rolled back, by two people where the tier wants it."""
    action = await services.store.get_action(item.tenant, item.subject_id)
    if action.state is LedgerState.APPROVED:
        return await _withdraw(services, action, override, change)
    if action.state is not LedgerState.EXECUTED:
        raise ConflictError(f"the action is {action.state}; there is nothing to claw back")
    policy = services.policies.current
    second = None
    if action.tier is Tier.T4:
        second = second_person_item(services, policy, action, principal, override.at)
    earlier = await services.store.find_roll_back(action.tenant, action.action_id)
    try:
        asked = ask(
            action,
            policy.tiers[action.tier],
            principal,
            reason=override.reason,
            now=override.at,
            earlier=earlier,
            item_id=None if second is None else second.item_id,
        )
    except ConflictError:  # too late, or under way: a person settles it
        return replace(change, items=(failed_item(services, action, "wrongly approved", override.at),))
    entry = entry_of(EntryKind.ROLL_BACK_REQUESTED, asked, action, principal.id, override.at)
    return replace(
        change,
        entries=(*change.entries, entry),
        roll_backs=(asked,),
        items=() if second is None else (second,),
    )


async def _withdraw(services: Services, action: ActionRecord, override: Override, change: Change) -> Change:
    denied = replace(
        action,
        state=LedgerState.DENIED,
        decision=GateDecision.DENY,
        reason="the approval was overridden",
        updated_at=override.at,
        version=action.version + 1,
    )
    if action.approval_id is None:
        return replace(change, actions=(denied,))
    approval = await services.store.get_approval(action.tenant, action.approval_id)
    if approval.state is not ApprovalState.APPROVED:  # used up already, but not reported as run
        return replace(change, actions=(denied,))
    rejected = replace(approval, state=ApprovalState.REJECTED, decided_at=override.at, version=approval.version + 1)
    return replace(change, actions=(denied,), approvals=(rejected,))


async def _approval_of(services: Services, item: ReviewItem) -> tuple[ActionRecord, Approval]:
    action = await services.store.get_action(item.tenant, item.subject_id)
    if action.approval_id is None:
        raise ConflictError("the action has no approval")
    return action, await services.store.get_approval(item.tenant, action.approval_id)
