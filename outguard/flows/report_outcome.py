"""After an action: what really happened goes into the ledger; what was not allowed cannot be reported as done."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

from outguard.domain.action import ActionRecord, GateDecision, LedgerState, Tier
from outguard.domain.audit import EntryKind
from outguard.domain.autonomy import IncidentKind
from outguard.domain.principal import Principal, Role
from outguard.domain.review import Approval, ApprovalState, ItemState, ReviewItem
from outguard.domain.roll_back import RollBackState
from outguard.errors import ConflictError, InvalidInputError, NotFoundError, OutguardError
from outguard.flows.autonomy import with_incident, with_progress
from outguard.flows.calls import earlier_subject, known_subject, request_digest
from outguard.flows.check_action import action_entry
from outguard.flows.content_codec import decode, encode
from outguard.flows.expire_approval import SYSTEM
from outguard.flows.roll_back_record import entry_of, failed_item, open_action
from outguard.flows.sample import draw
from outguard.flows.services import Services
from outguard.gate.approvals import cancel
from outguard.gate.roll_back import finish
from outguard.ports import Call, Change
from outguard.review.queue import expire as expire_item

_MAX_DETAIL = 2_000
_ALLOWED = {GateDecision.ALLOW, GateDecision.ALLOW_WITH_CONSTRAINTS}
_FROM = {
    LedgerState.EXECUTED: LedgerState.APPROVED,
    LedgerState.FAILED: LedgerState.APPROVED,
    LedgerState.ROLLED_BACK: LedgerState.EXECUTED,
}


async def report_outcome(
    services: Services,
    principal: Principal,
    *,
    request_id: str,
    action_id: str,
    outcome: LedgerState,
    detail: str = "",
) -> ActionRecord:
    """Record EXECUTED, FAILED or ROLLED_BACK; `detail` (up to 2,000 characters) is kept encrypted with the action.

    Raises:
        InvalidInputError: for another outcome.
        NotFoundError: if the agent has no such action.
        ConflictError: if the action was not allowed or its state does not lead there; the attempt is on the record.
    """
    if outcome not in _FROM:
        raise InvalidInputError("outcome must be EXECUTED, FAILED or ROLLED_BACK", field="outcome")
    if len(detail) > _MAX_DETAIL:
        raise InvalidInputError(f"detail must be at most {_MAX_DETAIL} characters", field="detail")
    digest = request_digest(request_id, {"action_id": action_id, "outcome": outcome, "detail": detail})
    method = "ReportOutcome"
    record = await own_action(services, principal, action_id)
    # Looked up after the record was read: an identical call that has moved the record meanwhile is found.
    known = await known_subject(services, principal, method=method, request_id=request_id, digest=digest)
    if known is not None:
        return await services.store.get_action(principal.tenant, known)
    now = services.clock.now()
    if record.decision not in _ALLOWED or record.state is not _FROM[outcome]:
        await _put_refusal(services, principal, record, outcome, now)
        raise ConflictError(
            f"the action is {record.state} ({record.decision}) and cannot become {outcome}; the report is on the record"
        )
    call = Call(
        principal_id=principal.id,
        method=method,
        request_id=request_id,
        request_digest=digest,
        subject_id=action_id,
        at=now,
    )
    change = await _reported(services, principal, record, outcome, detail=detail, call=call)
    return await _commit(services, principal, await _with_consequences(services, principal, change, record, outcome))


async def _put_refusal(
    services: Services, principal: Principal, record: ActionRecord, outcome: LedgerState, now: datetime
) -> None:
    """A report that cannot be true goes on the record; one of a deed that was not allowed is an incident too."""
    entry = action_entry(EntryKind.OUTCOME_REFUSED, record, principal, now, {"reported": outcome})
    refused = Change(tenant=principal.tenant, entries=(entry,))
    if outcome is LedgerState.EXECUTED and record.state in {LedgerState.PENDING, LedgerState.DENIED}:
        kind = IncidentKind.POLICY_VIOLATION
        refused = await with_incident(services, refused, record, kind, reported_by=SYSTEM, now=now)
    await services.store.commit(refused)


async def _reported(
    services: Services, principal: Principal, record: ActionRecord, outcome: LedgerState, *, detail: str, call: Call
) -> Change:
    """The action in its new state, with `detail` sealed beside it; what ran may be drawn for a look."""
    now = call.at
    content = decode(services.sealer.open(record.sealed, tenant=record.tenant, subject_id=record.action_id))
    if detail:
        content["outcome_detail"] = detail
    sealed = services.sealer.seal(encode(content), tenant=record.tenant, subject_id=record.action_id)
    after = replace(record, state=outcome, sealed=sealed.blob, updated_at=now, version=record.version + 1)
    details: dict[str, Any] = {"sealed_mac": sealed.mac}
    item = None
    if outcome is LedgerState.EXECUTED:
        drawn = await draw(services, record, open_action(services, record), now=now)
        details["sampling"] = drawn.details
        item = drawn.item
    return Change(
        tenant=record.tenant,
        entries=(action_entry(EntryKind.ACTION_OUTCOME, after, principal, now, details),),
        call=call,
        actions=(after,),
        items=() if item is None else (item,),
    )


async def _with_consequences(
    services: Services, principal: Principal, change: Change, record: ActionRecord, outcome: LedgerState
) -> Change:
    """What an outcome does to the agent's standing, and to a roll-back that was asked for."""
    now = services.clock.now()
    if outcome is LedgerState.ROLLED_BACK:
        return await _undone(services, principal, change, record)
    if outcome is LedgerState.FAILED:
        return await with_incident(services, change, record, IncidentKind.FAILED, reported_by=principal.id, now=now)
    return await with_progress(services, change, record, now=now)


async def _undone(services: Services, principal: Principal, change: Change, record: ActionRecord) -> Change:
    """An undone deed ends its roll-back; where only people may ask for one and none did, a person looks at once."""
    now = services.clock.now()
    roll_back = await services.store.find_roll_back(record.tenant, record.action_id)
    if roll_back is not None and roll_back.state is RollBackState.REQUESTED:
        ended = finish(roll_back, done=True, now=now)
        entry = entry_of(EntryKind.ROLL_BACK_ENDED, ended, record, principal.id, now)
        change = replace(change, entries=(*change.entries, entry), roll_backs=(ended,))
    elif record.tier >= Tier.T3:
        change = replace(change, items=(failed_item(services, record, "undone without leave", now),))
        kind = IncidentKind.POLICY_VIOLATION
        return await with_incident(services, change, record, kind, reported_by=SYSTEM, now=now)
    kind = IncidentKind.ROLLED_BACK
    return await with_incident(services, change, record, kind, reported_by=principal.id, now=now)


async def cancel_action(
    services: Services, principal: Principal, *, request_id: str, action_id: str, reason: str
) -> ActionRecord:
    """Withdraw an action that has not run: its approval ends CANCELLED, its item closes, the ledger says DENIED.

    Raises:
        NotFoundError: if the agent has no such action.
        ConflictError: if it ran, failed or was denied already.
    """
    digest = request_digest(request_id, {"action_id": action_id, "reason": reason})
    method = "CancelAction"
    record = await own_action(services, principal, action_id)
    # Looked up after the record was read: an identical call that has moved the record meanwhile is found.
    known = await known_subject(services, principal, method=method, request_id=request_id, digest=digest)
    if known is not None:
        return await services.store.get_action(principal.tenant, known)
    if record.state not in {LedgerState.PENDING, LedgerState.APPROVED}:
        raise ConflictError(f"the action is {record.state}; only one that has not run can be cancelled")
    now = services.clock.now()
    after = replace(
        record,
        state=LedgerState.DENIED,
        decision=GateDecision.DENY,
        reason="cancelled by its agent",
        holding_message="",
        updated_at=now,
        version=record.version + 1,
    )
    approvals: tuple[Approval, ...] = ()
    items: tuple[ReviewItem, ...] = ()
    if record.approval_id is not None:
        approval = await services.store.get_approval(record.tenant, record.approval_id)
        if approval.state in {ApprovalState.PENDING, ApprovalState.APPROVED}:
            approvals = (cancel(approval, now),)
        item = await services.store.get_item(record.tenant, approval.item_id)
        if item.state in {ItemState.OPEN, ItemState.CLAIMED}:
            items = (expire_item(item, now=now),)
    call = Call(
        principal_id=principal.id,
        method=method,
        request_id=request_id,
        request_digest=digest,
        subject_id=action_id,
        at=now,
    )
    entry = action_entry(EntryKind.ACTION_CANCELLED, after, principal, now)
    change = Change(
        tenant=record.tenant,
        entries=(entry,),
        call=call,
        actions=(after,),
        approvals=approvals,
        items=items,
    )
    return await _commit(services, principal, change)


async def own_action(services: Services, principal: Principal, action_id: str) -> ActionRecord:
    """The action, if it is the caller's own.

    Raises:
        NotFoundError: if there is none, or another agent asked for it.
    """
    record = await services.store.get_action(principal.tenant, action_id)
    if principal.role is Role.AGENT and record.agent_id != principal.id:
        raise NotFoundError("no such action", field="action_id")
    return record


async def _commit(services: Services, principal: Principal, change: Change) -> ActionRecord:
    try:
        await services.store.commit(change)
    except OutguardError as error:
        call = change.call
        if call is None:
            raise
        subject = await earlier_subject(
            services,
            principal,
            error,
            method=call.method,
            request_id=call.request_id,
            digest=call.request_digest,
        )
        return await services.store.get_action(principal.tenant, subject)
    return change.actions[0]
