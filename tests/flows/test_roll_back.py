"""R2: T2 acts now and can be undone within its window; T3 is undone by a person, T4 by two; no failure is silent."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest
from fakes import FakeClock
from flow_values import ask, new_id, refund, report, rule_on, sign

from outguard.domain.action import ActionRecord, LedgerState, Tier
from outguard.domain.audit import EntryKind
from outguard.domain.principal import Principal
from outguard.domain.review import ItemKind, ItemState, ReviewItem, RulingKind
from outguard.domain.roll_back import HIGHEST_PRIORITY, RollBack, RollBackState
from outguard.errors import (
    ConflictError,
    ForbiddenError,
    InvalidInputError,
    MakerIsCheckerError,
    NotFoundError,
    RequestIdReusedError,
)
from outguard.flows.end_roll_back import lapse_due
from outguard.flows.review_item import claim_item, get_item, list_items
from outguard.flows.roll_back import get_roll_back, report_roll_back, roll_back_action, wait_roll_backs
from outguard.flows.services import Services
from outguard.flows.sweep import sweep

T2, T3, T4 = "20.00", "100.00", "5000.00"
DAY = 86_400.0


async def executed(services: Services, agent: Principal, amount: str, *people: Principal) -> ActionRecord:
    """A refund that ran, signed by `people` where it must be."""
    action = refund(amount, resume_state=b"state")
    record = await ask(services, agent, action)
    if record.approval_id is not None:
        for person in people:
            await sign(services, person, record.approval_id)
        record = await ask(services, agent, action, record.approval_id)
    return await report(services, agent, record, LedgerState.EXECUTED)


async def undo(services: Services, who: Principal, record: ActionRecord) -> RollBack:
    return await roll_back_action(
        services, who, request_id=new_id(), action_id=record.action_id, reason="the wrong order"
    )


async def undone(services: Services, agent: Principal, record: ActionRecord, *, is_done: bool = True) -> RollBack:
    return await report_roll_back(
        services, agent, request_id=new_id(), action_id=record.action_id, is_done=is_done, detail="zebra"
    )


async def state_of(services: Services, record: ActionRecord) -> LedgerState:
    (entry,) = await services.store.list_ledger("default", record.conversation_id)
    return entry.state


async def urgent(services: Services, person: Principal) -> list[ReviewItem]:
    return [item for item in await list_items(services, person) if item.priority == HIGHEST_PRIORITY]


async def ticket_of(services: Services, person: Principal, record: ActionRecord) -> str:
    items = await list_items(services, person, kinds=(ItemKind.TICKET,))
    return next(item.item_id for item in items if item.subject_id == record.action_id)


@pytest.fixture
def askers(agent: Principal, reviewer: Principal) -> dict[str, Principal]:
    return {"agent": agent, "reviewer": reviewer}


@pytest.mark.parametrize("asker", ["agent", "reviewer"])
async def test_a_t2_deed_is_undone_by_its_agent_within_the_window(
    services: Services, agent: Principal, clock: FakeClock, askers: dict[str, Principal], asker: str
) -> None:
    record = await executed(services, agent, T2)
    clock.advance(DAY - 1)
    asked = await undo(services, askers[asker], record)
    assert (asked.state, asked.tier) == (RollBackState.REQUESTED, Tier.T2)
    (task,) = await wait_roll_backs(services, agent, timeout_s=0)
    assert (task.record.action_id, task.action.target, task.action.resume_state) == (
        record.action_id,
        "ORD-1",
        b"state",
    )
    assert await state_of(services, record) is LedgerState.EXECUTED
    assert (await undone(services, agent, record)).state is RollBackState.DONE
    assert await state_of(services, record) is LedgerState.ROLLED_BACK
    assert await wait_roll_backs(services, agent, timeout_s=0) == ()


async def test_after_the_window_a_t2_deed_stands(
    services: Services, agent: Principal, reviewer: Principal, clock: FakeClock
) -> None:
    record = await executed(services, agent, T2)
    clock.advance(DAY + 1)
    for who in (agent, reviewer):
        with pytest.raises(ConflictError, match="window"):
            await undo(services, who, record)


async def test_a_denied_ticket_is_a_one_click_reversal(
    services: Services, agent: Principal, reviewer: Principal
) -> None:
    """R5: act and notify, with one-click reversal."""
    record = await executed(services, agent, T2)
    await rule_on(services, reviewer, await ticket_of(services, reviewer, record), RulingKind.DENY)
    (task,) = await wait_roll_backs(services, agent, timeout_s=0)
    assert (task.record.action_id, task.roll_back.requested_by) == (record.action_id, "rev-ada")


async def test_an_approved_ticket_undoes_nothing(services: Services, agent: Principal, reviewer: Principal) -> None:
    record = await executed(services, agent, T2)
    await rule_on(services, reviewer, await ticket_of(services, reviewer, record))
    assert await wait_roll_backs(services, agent, timeout_s=0) == ()


async def test_a_ticket_denied_too_late_is_recorded_and_undoes_nothing(
    services: Services, agent: Principal, reviewer: Principal, clock: FakeClock
) -> None:
    record = await executed(services, agent, T2)
    clock.advance(DAY + 1)
    item = await rule_on(services, reviewer, await ticket_of(services, reviewer, record), RulingKind.DENY)
    assert item.state is ItemState.CLOSED
    assert await services.store.find_roll_back("default", record.action_id) is None


async def test_a_t3_deed_is_undone_by_a_person_only(
    services: Services, agent: Principal, reviewer: Principal, clock: FakeClock
) -> None:
    record = await executed(services, agent, T3, reviewer)
    assert record.tier is Tier.T3
    with pytest.raises(ForbiddenError):
        await undo(services, agent, record)
    clock.advance(30 * DAY)
    assert (await undo(services, reviewer, record)).state is RollBackState.REQUESTED
    kinds = [entry.kind for entry in await services.store.list_entries("default", subject_id=record.action_id)]
    assert kinds[-1] == EntryKind.ROLL_BACK_REQUESTED


async def test_a_t4_deed_is_undone_by_two_people(
    services: Services, agent: Principal, reviewer: Principal, senior: Principal, second_senior: Principal
) -> None:
    record = await executed(services, agent, T4, senior, second_senior)
    assert record.tier is Tier.T4
    with pytest.raises(ForbiddenError):
        await undo(services, reviewer, record)
    asked = await undo(services, senior, record)
    assert asked.state is RollBackState.WAITING
    assert await wait_roll_backs(services, agent, timeout_s=0) == ()
    item_id = asked.item_id or ""
    view = await get_item(services, second_senior, item_id=item_id)
    assert view.action is not None
    assert view.roll_back == asked
    with pytest.raises(MakerIsCheckerError):
        await claim_item(services, senior, item_id=item_id)
    with pytest.raises(ForbiddenError):
        await claim_item(services, reviewer, item_id=item_id)
    assert (await rule_on(services, second_senior, item_id)).state is ItemState.CLOSED
    (task,) = await wait_roll_backs(services, agent, timeout_s=0)
    assert task.roll_back.confirmed_by == "sen-cy"


async def test_the_second_person_may_say_no(
    services: Services, agent: Principal, senior: Principal, second_senior: Principal
) -> None:
    record = await executed(services, agent, T4, senior, second_senior)
    asked = await undo(services, senior, record)
    await rule_on(services, second_senior, asked.item_id or "", RulingKind.DENY)
    found = await get_roll_back(services, agent, action_id=record.action_id)
    assert found.state is RollBackState.REFUSED
    assert await wait_roll_backs(services, agent, timeout_s=0) == ()
    again = await undo(services, second_senior, record)
    assert (again.state, again.attempts) == (RollBackState.WAITING, 2)


@pytest.mark.parametrize("is_reported", [True, False])
async def test_a_failed_roll_back_comes_before_everything_in_the_queue(
    services: Services, agent: Principal, reviewer: Principal, clock: FakeClock, *, is_reported: bool
) -> None:
    record = await executed(services, agent, T2)
    await undo(services, agent, record)
    await ask(services, agent, refund(T4, conversation_id="conv-2"))
    if is_reported:
        await undone(services, agent, record, is_done=False)
    else:  # the runtime says nothing at all
        clock.advance(3601)
        assert await lapse_due(services) == 1
    first = (await list_items(services, reviewer))[0]
    assert (first.kind, first.subject_id, first.priority) == (ItemKind.TICKET, record.action_id, HIGHEST_PRIORITY)
    assert (await get_roll_back(services, agent, action_id=record.action_id)).state is RollBackState.FAILED
    assert (await services.store.list_ledger("default", "conv-1"))[0].state is LedgerState.EXECUTED
    await rule_on(services, reviewer, first.item_id, RulingKind.DENY)
    (task,) = await wait_roll_backs(services, agent, timeout_s=0)
    assert task.roll_back.attempts == 2


async def test_a_second_person_who_says_nothing_is_told_of(
    services: Services, agent: Principal, senior: Principal, second_senior: Principal, clock: FakeClock
) -> None:
    record = await executed(services, agent, T4, senior, second_senior)
    asked = await undo(services, senior, record)
    clock.advance(14_401)
    assert await sweep(services) == 1
    assert await sweep(services) == 0
    assert (await get_roll_back(services, agent, action_id=record.action_id)).state is RollBackState.EXPIRED
    assert (await services.store.get_item("default", asked.item_id or "")).state is ItemState.EXPIRED
    assert len(await urgent(services, senior)) == 1


async def test_a_deed_undone_without_leave_is_seen_at_once(
    services: Services, agent: Principal, reviewer: Principal
) -> None:
    """The ledger stays true, and a person looks."""
    record = await executed(services, agent, T3, reviewer)
    await report(services, agent, record, LedgerState.ROLLED_BACK)
    assert await state_of(services, record) is LedgerState.ROLLED_BACK
    assert [item.subject_id for item in await urgent(services, reviewer)] == [record.action_id]


async def test_an_outcome_of_rolled_back_ends_the_roll_back(services: Services, agent: Principal) -> None:
    record = await executed(services, agent, T2)
    await undo(services, agent, record)
    await report(services, agent, record, LedgerState.ROLLED_BACK)
    assert (await get_roll_back(services, agent, action_id=record.action_id)).state is RollBackState.DONE


async def test_what_did_not_run_cannot_be_undone(
    services: Services, agent: Principal, reviewer: Principal, auditor: Principal
) -> None:
    record = await ask(services, agent, refund(T2))
    with pytest.raises(ConflictError):
        await undo(services, agent, record)
    await report(services, agent, record, LedgerState.EXECUTED)
    with pytest.raises(NotFoundError):
        await undone(services, agent, record)
    with pytest.raises(NotFoundError):
        await undo(services, replace(agent, id="agent-2"), record)
    with pytest.raises(ForbiddenError):
        await undo(services, auditor, record)
    with pytest.raises(InvalidInputError):
        await roll_back_action(services, agent, request_id=new_id(), action_id=record.action_id, reason=" ")
    await undo(services, agent, record)
    with pytest.raises(ConflictError, match="under way"):
        await undo(services, reviewer, record)
    await undone(services, agent, record)
    for step in (undo(services, agent, record), undone(services, agent, record)):
        with pytest.raises(ConflictError):
            await step


async def test_another_agent_hears_and_reports_nothing(services: Services, agent: Principal) -> None:
    other = replace(agent, id="agent-2")
    record = await executed(services, agent, T2)
    await undo(services, agent, record)
    assert await wait_roll_backs(services, other, timeout_s=0) == ()
    with pytest.raises(NotFoundError):
        await undone(services, other, record)
    with pytest.raises(NotFoundError):
        await get_roll_back(services, other, action_id=record.action_id)


async def test_the_runtime_is_woken(services: Services, agent: Principal) -> None:
    record = await executed(services, agent, T2)
    waiting = asyncio.create_task(wait_roll_backs(services, agent, timeout_s=30))
    await asyncio.sleep(0.02)
    assert not waiting.done()
    await undo(services, agent, record)
    async with asyncio.timeout(10):
        assert [task.record.action_id for task in await waiting] == [record.action_id]


async def test_the_same_call_twice_counts_once(services: Services, agent: Principal) -> None:
    record = await executed(services, agent, T2)
    ids = (new_id(), new_id())
    for _ in range(2):
        asked = await roll_back_action(services, agent, request_id=ids[0], action_id=record.action_id, reason="wrong")
        assert asked.attempts == 1
    for _ in range(2):
        ended = await report_roll_back(services, agent, request_id=ids[1], action_id=record.action_id, is_done=True)
        assert ended.state is RollBackState.DONE
    with pytest.raises(RequestIdReusedError):
        await roll_back_action(services, agent, request_id=ids[0], action_id=record.action_id, reason="other")


async def test_of_many_who_ask_at_once_one_does(
    services: Services, agent: Principal, reviewer: Principal, senior: Principal
) -> None:
    record = await executed(services, agent, T2)
    results = await asyncio.gather(
        *(undo(services, who, record) for who in (agent, reviewer, senior)), return_exceptions=True
    )
    assert sum(isinstance(one, RollBack) for one in results) == 1
    assert sum(isinstance(one, ConflictError) for one in results) == 2


async def test_the_record_tells_states_and_never_words(
    services: Services, agent: Principal, reviewer: Principal
) -> None:
    record = await executed(services, agent, T2)
    await undo(services, reviewer, record)
    await undone(services, agent, record, is_done=False)
    entries = await services.store.list_entries("default", subject_id=record.action_id)
    assert [entry.kind for entry in entries][-2:] == [EntryKind.ROLL_BACK_REQUESTED, EntryKind.ROLL_BACK_ENDED]
    assert not any(b"zebra" in entry.data or b"wrong order" in entry.data for entry in entries)
    after = await services.store.get_action("default", record.action_id)
    assert b"zebra" not in after.sealed
    assert after.updated_at == record.updated_at  # the window runs from when it ran
    item_id = (await urgent(services, reviewer))[0].item_id
    assert (await get_item(services, reviewer, item_id=item_id)).action is not None
