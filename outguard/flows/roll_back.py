"""Undoing what ran (R2): asked for, agreed to where the tier wants it, handed to the agent's runtime, and always ended.

The runtime long-polls what it is asked to undo and reports what came of it. A failure, or no answer in time, opens an
item that nothing in the queue comes before.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from outguard.domain.action import Action, ActionRecord, LedgerState, Tier
from outguard.domain.audit import EntryKind
from outguard.domain.autonomy import IncidentKind
from outguard.domain.principal import Principal, Role
from outguard.domain.roll_back import RollBack
from outguard.errors import InvalidInputError, NotFoundError, OutguardError
from outguard.flows.autonomy import with_incident
from outguard.flows.calls import earlier_subject, known_subject, request_digest
from outguard.flows.end_roll_back import lapse_if_due
from outguard.flows.roll_back_record import (
    ended_entry,
    entry_of,
    failed_item,
    open_action,
    second_person_item,
    with_detail,
)
from outguard.flows.services import Services
from outguard.gate.roll_back import ask, finish
from outguard.ports import Call, Change

MAX_TASKS = 50
MAX_DETAIL = 2_000


@dataclass(frozen=True, kw_only=True, slots=True)
class RollBackTask:
    """What an agent's runtime needs to undo an action: the roll-back, the record, and the literal action."""

    roll_back: RollBack
    record: ActionRecord
    action: Action


async def roll_back_action(
    services: Services, principal: Principal, *, request_id: str, action_id: str, reason: str
) -> RollBack:
    """Ask for the roll-back of an executed action: T1 and T2 within the window, T3 by a person, T4 by two.

    Raises:
        NotFoundError: if there is no such action, or it is another agent's.
        ForbiddenError: if the tier wants a person, or a senior one.
        ConflictError: if it did not run, the window is over, or a roll-back is under way.
        InvalidInputError: without a reason.
    """
    if not reason.strip() or len(reason) > MAX_DETAIL:
        raise InvalidInputError(f"give a reason of 1 to {MAX_DETAIL} characters", field="reason")
    method = "RollBackAction"
    digest = request_digest(request_id, {"action_id": action_id, "reason": reason})
    record = await services.store.get_action(principal.tenant, action_id)
    if principal.role is Role.AGENT and record.agent_id != principal.id:
        raise NotFoundError("no such action", field="action_id")
    if await known_subject(services, principal, method=method, request_id=request_id, digest=digest) is not None:
        return await _stored(services, record)
    now = services.clock.now()
    policy = services.policies.current
    terms = policy.tiers[record.tier]
    item = None
    if record.tier is Tier.T4:
        item = second_person_item(services, policy, record, principal, now)
    earlier = await services.store.find_roll_back(record.tenant, action_id)
    item_id = None if item is None else item.item_id
    asked = ask(record, terms, principal, reason=reason, now=now, earlier=earlier, item_id=item_id)
    change = Change(
        tenant=record.tenant,
        entries=(entry_of(EntryKind.ROLL_BACK_REQUESTED, asked, record, principal.id, now),),
        call=Call(
            principal_id=principal.id,
            method=method,
            request_id=request_id,
            request_digest=digest,
            subject_id=action_id,
            at=now,
        ),
        roll_backs=(asked,),
        items=() if item is None else (item,),
    )
    return await _commit(services, principal, change, record)


async def report_roll_back(
    services: Services, principal: Principal, *, request_id: str, action_id: str, is_done: bool, detail: str = ""
) -> RollBack:
    """What the agent's runtime made of a requested roll-back; `detail` (2,000 characters) is kept encrypted.

    Done, the ledger says ROLLED_BACK and the deed backs no words any more. Failed, a person is asked at once.

    Raises:
        NotFoundError: if the agent has no such action or nobody asked for its roll-back.
        ConflictError: if the roll-back is not REQUESTED.
    """
    if len(detail) > MAX_DETAIL:
        raise InvalidInputError(f"detail must be at most {MAX_DETAIL} characters", field="detail")
    method = "ReportRollBack"
    digest = request_digest(request_id, {"action_id": action_id, "is_done": is_done, "detail": detail})
    record = await services.store.get_action(principal.tenant, action_id)
    roll_back = await services.store.find_roll_back(principal.tenant, action_id)
    if record.agent_id != principal.id or roll_back is None:
        raise NotFoundError("no such roll-back", field="action_id")
    if await known_subject(services, principal, method=method, request_id=request_id, digest=digest) is not None:
        return await _stored(services, record)
    now = services.clock.now()
    ended = finish(roll_back, done=is_done, now=now)
    after = with_detail(services, record, detail)
    if is_done:
        after = replace(after, state=LedgerState.ROLLED_BACK, updated_at=now)
    item = None if is_done else failed_item(services, record, "the roll-back failed", now)
    change = Change(
        tenant=record.tenant,
        entries=(ended_entry(ended, record, principal.id, now, item),),
        call=Call(
            principal_id=principal.id,
            method=method,
            request_id=request_id,
            request_digest=digest,
            subject_id=action_id,
            at=now,
        ),
        actions=(replace(after, version=record.version + 1),),
        roll_backs=(ended,),
        items=() if item is None else (item,),
    )
    if is_done:
        kind = IncidentKind.ROLLED_BACK
        change = await with_incident(services, change, record, kind, reported_by=principal.id, now=now)
    return await _commit(services, principal, change, record)


async def get_roll_back(services: Services, principal: Principal, *, action_id: str) -> RollBack:
    """How far the roll-back of an action is.

    Raises:
        NotFoundError: if nobody asked for one, or the action is another agent's.
    """
    found = await services.store.find_roll_back(principal.tenant, action_id)
    if found is None or (principal.role is Role.AGENT and found.agent_id != principal.id):
        raise NotFoundError("no such roll-back", field="action_id")
    return await lapse_if_due(services, found)


async def wait_roll_backs(services: Services, principal: Principal, *, timeout_s: float) -> tuple[RollBackTask, ...]:
    """What the agent must undo now, those due first in front; waits up to `timeout_s` (bounded) for the first one."""
    live = await _live(services, principal)
    if not live and timeout_s > 0:
        wait_s = min(timeout_s, services.limits.max_wait_s)
        await services.store.wait_for_change(principal.tenant, principal.id, version=0, timeout_s=wait_s)
        live = await _live(services, principal)
    tasks = []
    for one in live:
        record = await services.store.get_action(one.tenant, one.action_id)
        tasks.append(RollBackTask(roll_back=one, record=record, action=open_action(services, record)))
    return tuple(tasks)


async def _live(services: Services, principal: Principal) -> list[RollBack]:
    """What is asked of the agent and still in time; the rest is ended on the way."""
    asked = await services.store.list_roll_backs(principal.tenant, principal.id, MAX_TASKS)
    return [one for one in [await lapse_if_due(services, each) for each in asked] if one.state.is_live]


async def _commit(services: Services, principal: Principal, change: Change, record: ActionRecord) -> RollBack:
    call = change.call
    if call is None:
        raise InvalidInputError("a roll-back is changed by a call")
    try:
        await services.store.commit(change)
    except OutguardError as error:
        await earlier_subject(
            services, principal, error, method=call.method, request_id=call.request_id, digest=call.request_digest
        )
        return await _stored(services, record)
    return change.roll_backs[0]


async def _stored(services: Services, record: ActionRecord) -> RollBack:
    found = await services.store.find_roll_back(record.tenant, record.action_id)
    if found is None:
        raise NotFoundError("no such roll-back", field="action_id")
    return found
