"""EvaluateAction, approvals and outcomes: nothing runs without leave, and the ledger tells what really happened."""

from __future__ import annotations

from dataclasses import replace

import pytest
from fakes import FakeClock
from flow_values import ask, new_id, refund, report, sign

from outguard.domain.action import GateDecision, LedgerState, Tier
from outguard.domain.principal import Principal
from outguard.domain.review import ApprovalState, ItemKind, ItemState, RulingKind
from outguard.errors import (
    ApprovalMismatchError,
    ConflictError,
    MakerIsCheckerError,
    NotFoundError,
    OutguardError,
    RequestIdReusedError,
)
from outguard.flows.check_action import evaluate_action
from outguard.flows.expire_approval import expire_due
from outguard.flows.read_approval import get_approval, wait_approval
from outguard.flows.report_outcome import cancel_action
from outguard.flows.review_item import claim_item, get_item, list_items
from outguard.flows.services import Services

LARGE = "5000.00"


async def test_a_small_refund_runs_at_once_with_a_ticket(services: Services, agent: Principal) -> None:
    """R2: T2 acts now and opens a review ticket."""
    record = await ask(services, agent, refund("20.00"))
    assert record.decision in {GateDecision.ALLOW, GateDecision.ALLOW_WITH_CONSTRAINTS}
    assert record.tier is Tier.T2
    tickets = await list_items(services, agent, kinds=(ItemKind.TICKET,))
    assert [item.subject_id for item in tickets] == [record.action_id]


async def test_an_unknown_topic_is_denied(services: Services, agent: Principal) -> None:
    record = await ask(services, agent, refund(topic="rockets.launch"))
    assert record.decision is GateDecision.DENY
    assert record.state is LedgerState.DENIED


async def test_a_topic_outside_the_credential_is_denied(services: Services, agent: Principal) -> None:
    """R8: least privilege."""
    record = await ask(services, replace(agent, topics=("read.*",)), refund("5.00"))
    assert record.decision is GateDecision.DENY


async def test_only_what_was_allowed_can_be_reported(services: Services, agent: Principal) -> None:
    held = await ask(services, agent, refund(LARGE))
    assert held.decision is GateDecision.REQUIRE_APPROVAL
    with pytest.raises(ConflictError):
        await report(services, agent, held, LedgerState.EXECUTED)
    entries = await services.store.list_entries("default")
    # The attempt, what it costs the agent: an incident, and a level of autonomy.
    kinds = [entry.kind for entry in entries[-3:]]
    assert kinds == ["action.outcome_refused", "agent.incident", "autonomy.changed"]
    assert (await services.store.get_action("default", held.action_id)).state is LedgerState.PENDING


async def test_the_ledger_follows_the_outcome(services: Services, agent: Principal) -> None:
    record = await ask(services, agent, refund("20.00"))
    await report(services, agent, record, LedgerState.EXECUTED)
    (entry,) = await services.store.list_ledger("default", "conv-1")
    assert entry.state is LedgerState.EXECUTED
    await report(services, agent, record, LedgerState.ROLLED_BACK)
    (entry,) = await services.store.list_ledger("default", "conv-1")
    assert entry.state is LedgerState.ROLLED_BACK
    with pytest.raises(ConflictError):
        await report(services, agent, record, LedgerState.EXECUTED)


async def test_t4_needs_two_different_people(
    services: Services, agent: Principal, senior: Principal, second_senior: Principal
) -> None:
    """R2, R28: the same person never signs twice."""
    action = refund(LARGE)
    held = await ask(services, agent, action)
    assert held.tier is Tier.T4
    approval_id = held.approval_id or ""
    await sign(services, senior, approval_id)
    approval = await get_approval(services, agent, approval_id=approval_id)
    assert approval.state is ApprovalState.PENDING
    with pytest.raises((MakerIsCheckerError, ConflictError)):
        await sign(services, senior, approval_id)
    with pytest.raises(OutguardError):
        await ask(services, agent, action, approval_id)
    await sign(services, second_senior, approval_id)
    approval = await wait_approval(services, agent, approval_id=approval_id, timeout_s=0)
    assert approval.state is ApprovalState.APPROVED
    allowed = await ask(services, agent, action, approval_id)
    assert allowed.action_id == held.action_id
    assert allowed.decision in {GateDecision.ALLOW, GateDecision.ALLOW_WITH_CONSTRAINTS}
    done = await report(services, agent, allowed, LedgerState.EXECUTED)
    assert done.state is LedgerState.EXECUTED


async def test_the_second_reviewer_sees_nothing_of_the_first(
    services: Services, agent: Principal, senior: Principal, second_senior: Principal
) -> None:
    """R28: blind until ruled."""
    held = await ask(services, agent, refund(LARGE))
    await sign(services, senior, held.approval_id or "")
    item_id = (await services.store.get_approval("default", held.approval_id or "")).item_id
    view = await get_item(services, second_senior, item_id=item_id)
    assert view.item.rulings == ()
    assert view.approval is None or view.approval.rulings == ()


async def test_an_approval_is_used_once_and_only_for_its_action(
    services: Services, agent: Principal, senior: Principal, second_senior: Principal
) -> None:
    """R9: bound to the exact action, consumed once."""
    action = refund(LARGE)
    held = await ask(services, agent, action)
    approval_id = held.approval_id or ""
    await sign(services, senior, approval_id)
    await sign(services, second_senior, approval_id)
    with pytest.raises(ApprovalMismatchError):
        await ask(services, agent, replace(action, arguments={"order": "ORD-2"}), approval_id)
    with pytest.raises(OutguardError):
        await ask(services, replace(agent, id="agent-2"), action, approval_id)
    await ask(services, agent, action, approval_id)
    with pytest.raises(ConflictError):
        await ask(services, agent, action, approval_id)


async def test_a_denied_action_stays_denied(services: Services, agent: Principal, senior: Principal) -> None:
    action = refund(LARGE)
    held = await ask(services, agent, action)
    await sign(services, senior, held.approval_id or "", RulingKind.DENY)
    approval = await get_approval(services, agent, approval_id=held.approval_id or "")
    assert approval.state is ApprovalState.REJECTED
    assert (await services.store.get_action("default", held.action_id)).state is LedgerState.DENIED
    with pytest.raises(ConflictError):
        await ask(services, agent, action, held.approval_id)


async def test_an_approval_that_nobody_gave_expires(services: Services, agent: Principal, clock: FakeClock) -> None:
    """R10: EXPIRED is not REJECTED."""
    held = await ask(services, agent, refund(LARGE))
    clock.advance(30 * 24 * 3600)
    assert await expire_due(services) == 1
    approval = await get_approval(services, agent, approval_id=held.approval_id or "")
    assert approval.state is ApprovalState.EXPIRED
    item = await services.store.get_item("default", approval.item_id)
    assert item.state is ItemState.EXPIRED
    assert (await services.store.get_action("default", held.action_id)).state is LedgerState.DENIED


async def test_a_cancelled_action_ends_its_approval(services: Services, agent: Principal, senior: Principal) -> None:
    held = await ask(services, agent, refund(LARGE))
    await cancel_action(services, agent, request_id=new_id(), action_id=held.action_id, reason="customer changed mind")
    approval = await get_approval(services, agent, approval_id=held.approval_id or "")
    assert approval.state is ApprovalState.CANCELLED
    with pytest.raises(ConflictError):
        await claim_item(services, senior, item_id=approval.item_id)


async def test_another_agent_cannot_see_or_report_the_action(services: Services, agent: Principal) -> None:
    other = replace(agent, id="agent-2")
    held = await ask(services, agent, refund(LARGE))
    with pytest.raises(NotFoundError):
        await report(services, other, held, LedgerState.EXECUTED)
    with pytest.raises(NotFoundError):
        await get_approval(services, other, approval_id=held.approval_id or "")


async def test_a_replayed_request_changes_nothing(services: Services, agent: Principal) -> None:
    request_id = new_id()
    first = await evaluate_action(services, agent, request_id=request_id, action=refund("20.00"))
    again = await evaluate_action(services, agent, request_id=request_id, action=refund("20.00"))
    assert again == first
    assert (await services.store.head("default")).size == 1
    with pytest.raises(RequestIdReusedError):
        await evaluate_action(services, agent, request_id=request_id, action=refund("21.00"))


async def test_the_record_holds_no_arguments(services: Services, agent: Principal) -> None:
    record = await ask(services, agent, refund("20.00", arguments={"note": "zebra"}, reasoning="zebra"))
    (entry,) = await services.store.list_entries("default")
    assert b"zebra" not in entry.data
    assert b"zebra" not in record.sealed


@pytest.mark.parametrize(("amount", "tier"), [("100.00", Tier.T3), (LARGE, Tier.T4)])
async def test_the_customer_never_sees_a_raw_pause(
    services: Services, agent: Principal, amount: str, tier: Tier
) -> None:
    """R4: words for the customer come with whatever waits, and those are the tier's."""
    held = await ask(services, agent, refund(amount))
    assert held.tier is tier
    assert held.holding_message == services.policies.current.tiers[tier].holding_message != ""
    allowed = await ask(services, agent, refund("20.00", conversation_id="conv-2"))
    assert allowed.holding_message == ""
