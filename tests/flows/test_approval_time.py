"""R10: an approval always ends; escalated first, denied, or, for T1 and T2, approved by nobody, on the record."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest
from fakes import FakeClock
from flow_values import ask, new_id, refund, report, rule_on, sign

from outguard.domain.action import GateDecision, LedgerState, Tier
from outguard.domain.audit import EntryKind
from outguard.domain.policy import Policy
from outguard.domain.principal import Principal
from outguard.domain.review import ApprovalState, ItemState, OnTimeout, RulingKind
from outguard.errors import ApprovalMismatchError, ConflictError, ForbiddenError
from outguard.flows.expire_approval import expire_due
from outguard.flows.read_approval import get_approval, resume_from
from outguard.flows.review_item import claim_item, get_item
from outguard.flows.rule_item import rule_item
from outguard.flows.services import Services
from outguard.flows.sweep import sweep
from outguard.policy.source import PolicySource

T3 = refund("100.00", resume_state=b"step 4")
HOUR = 3600.0


def with_tier(services: Services, tier: Tier, **terms: object) -> Services:
    """Services whose policy has other terms for a tier."""
    policy = services.policies.current
    tiers = {**policy.tiers, tier: replace(policy.tiers[tier], **terms)}  # type: ignore[arg-type]
    return replace(services, policies=PolicySource(replace(policy, tiers=tiers)))


def automatic(services: Services) -> Services:
    """Services whose T2 waits for a person, but not for long."""
    return with_tier(
        services,
        Tier.T2,
        decision=GateDecision.REQUIRE_APPROVAL,
        required_approvals=1,
        on_timeout=OnTimeout.AUTO_APPROVE,
    )


async def test_an_approval_is_escalated_before_it_expires(
    services: Services, agent: Principal, reviewer: Principal, senior: Principal, clock: FakeClock
) -> None:
    held = await ask(services, agent, T3)
    approval = await services.store.get_approval("default", held.approval_id or "")
    before = await services.store.get_item("default", approval.item_id)
    clock.advance(1199)
    assert await expire_due(services) == 0
    clock.advance(1)
    assert await expire_due(services) == 1
    assert await expire_due(services) == 0  # once
    item = await services.store.get_item("default", approval.item_id)
    assert (item.queue, item.senior_only) == ("senior-approvers", True)
    assert item.priority > before.priority
    assert item.due_at > before.due_at
    with pytest.raises(ForbiddenError):
        await claim_item(services, reviewer, item_id=item.item_id)
    await sign(services, senior, approval.approval_id)
    assert (await ask(services, agent, T3, held.approval_id)).state is LedgerState.APPROVED
    kinds = [entry.kind for entry in await services.store.list_entries("default", subject_id=held.action_id)]
    assert EntryKind.APPROVAL_ESCALATED in kinds


async def test_reading_an_approval_escalates_it_too(services: Services, agent: Principal, clock: FakeClock) -> None:
    """Where no sweeper runs, time works all the same."""
    held = await ask(services, agent, T3)
    clock.advance(1200)
    approval = await get_approval(services, agent, approval_id=held.approval_id or "")
    assert approval.escalates_at is None
    assert (await services.store.get_item("default", approval.item_id)).senior_only


async def test_who_holds_an_escalated_item_may_go_on(
    services: Services, agent: Principal, reviewer: Principal, clock: FakeClock
) -> None:
    held = await ask(services, agent, T3)
    approval = await services.store.get_approval("default", held.approval_id or "")
    clock.advance(1190)
    item = await claim_item(services, reviewer, item_id=approval.item_id)
    assert item.claim is not None
    clock.advance(20)
    assert await expire_due(services) == 1
    ruled = await rule_item(
        services,
        reviewer,
        request_id=new_id(),
        item_id=item.item_id,
        token=item.claim.token,
        kind=RulingKind.APPROVE,
        reason="looked at the order",
    )
    assert ruled.state is ItemState.CLOSED


async def test_a_time_out_may_escalate_once_and_then_denies(
    services: Services, agent: Principal, senior: Principal, clock: FakeClock
) -> None:
    services = with_tier(services, Tier.T3, on_timeout=OnTimeout.ESCALATE, escalate_after_s=0.0)
    held = await ask(services, agent, T3)
    clock.advance(HOUR)
    approval = await get_approval(services, agent, approval_id=held.approval_id or "")
    assert (approval.state, approval.on_timeout) == (ApprovalState.PENDING, OnTimeout.DENY)
    assert (await claim_item(services, senior, item_id=approval.item_id)).senior_only
    clock.advance(HOUR)
    approval = await get_approval(services, agent, approval_id=held.approval_id or "")
    assert approval.state is ApprovalState.EXPIRED
    assert (await services.store.get_action("default", held.action_id)).state is LedgerState.DENIED


async def test_a_recoverable_action_may_be_approved_by_nobody_on_the_record(
    services: Services, agent: Principal, clock: FakeClock
) -> None:
    services, action = automatic(services), refund("20.00")
    held = await ask(services, agent, action)
    assert (held.tier, held.state) == (Tier.T2, LedgerState.PENDING)
    with pytest.raises(ApprovalMismatchError):
        await ask(services, agent, action, held.approval_id)
    clock.advance(900)
    approval = await get_approval(services, agent, approval_id=held.approval_id or "")
    assert (approval.state, approval.is_automatic, approval.rulings) == (ApprovalState.APPROVED, True, ())
    assert (await services.store.get_item("default", approval.item_id)).state is ItemState.EXPIRED
    with pytest.raises(ApprovalMismatchError):
        await ask(services, agent, refund("21.00"), held.approval_id)
    allowed = await ask(services, agent, action, held.approval_id)
    assert allowed.state is LedgerState.APPROVED
    assert "nobody" in allowed.reason
    with pytest.raises(ConflictError):
        await ask(services, agent, action, held.approval_id)
    await report(services, agent, allowed, LedgerState.EXECUTED)
    kinds = [entry.kind for entry in await services.store.list_entries("default", subject_id=held.action_id)]
    assert EntryKind.APPROVAL_UNANSWERED in kinds


async def test_an_approval_by_nobody_expires_unused(services: Services, agent: Principal, clock: FakeClock) -> None:
    services = automatic(services)
    held = await ask(services, agent, refund("20.00"))
    for _ in range(2):
        clock.advance(900)
        approval = await get_approval(services, agent, approval_id=held.approval_id or "")
    assert approval.state is ApprovalState.EXPIRED


@pytest.mark.parametrize("amount", ["100.00", "5000.00"])
async def test_nobody_never_approves_what_is_material(
    services: Services, agent: Principal, clock: FakeClock, amount: str
) -> None:
    """Even a policy that says so (which does not load) leaves T3 and T4 denied."""
    for tier in (Tier.T3, Tier.T4):
        services = with_tier(services, tier, on_timeout=OnTimeout.AUTO_APPROVE)
    held = await ask(services, agent, refund(amount))
    clock.advance(30 * 24 * HOUR)
    approval = await get_approval(services, agent, approval_id=held.approval_id or "")
    assert approval.state is ApprovalState.EXPIRED


async def test_a_rejection_is_not_an_expiry(services: Services, agent: Principal, reviewer: Principal) -> None:
    held = await ask(services, agent, T3)
    await sign(services, reviewer, held.approval_id or "", RulingKind.DENY)
    approval = await get_approval(services, agent, approval_id=held.approval_id or "")
    assert approval.state is ApprovalState.REJECTED


async def test_replicas_that_sweep_at_once_move_each_thing_once(
    services: Services, agent: Principal, clock: FakeClock
) -> None:
    held = [await ask(services, agent, refund("100.00", conversation_id=f"conv-{at}")) for at in range(5)]
    clock.advance(1200)
    await asyncio.gather(*(sweep(services) for _ in range(4)))
    entries = await services.store.list_entries("default", kind=EntryKind.APPROVAL_ESCALATED)
    assert sorted(entry.subject_id for entry in entries) == sorted(record.action_id for record in held)


async def test_a_clock_that_goes_back_revives_nothing(
    services: Services, agent: Principal, reviewer: Principal, clock: FakeClock
) -> None:
    held = await ask(services, agent, T3)
    clock.advance(HOUR)
    assert await expire_due(services) == 1
    clock.advance(-2 * HOUR)
    approval = await get_approval(services, agent, approval_id=held.approval_id or "")
    assert approval.state is ApprovalState.EXPIRED
    with pytest.raises(ConflictError):
        await sign(services, reviewer, held.approval_id or "")
    with pytest.raises(ApprovalMismatchError):
        await ask(services, agent, T3, held.approval_id)


async def test_two_who_rule_in_the_same_moment_leave_one_ruling(
    services: Services, agent: Principal, reviewer: Principal, senior: Principal
) -> None:
    held = await ask(services, agent, T3)
    approval = await services.store.get_approval("default", held.approval_id or "")
    results = await asyncio.gather(
        rule_on(services, reviewer, approval.item_id),
        rule_on(services, senior, approval.item_id, RulingKind.DENY),
        return_exceptions=True,
    )
    assert sum(isinstance(one, Exception) for one in results) == 1
    after = await services.store.get_approval("default", approval.approval_id)
    assert len(after.rulings) == 1
    assert after.state in {ApprovalState.APPROVED, ApprovalState.REJECTED}


async def test_an_escalating_ruling_goes_to_the_escalation_queue(
    services: Services, agent: Principal, reviewer: Principal
) -> None:
    held = await ask(services, agent, T3)
    approval = await services.store.get_approval("default", held.approval_id or "")
    item = await rule_on(services, reviewer, approval.item_id, RulingKind.ESCALATE)
    assert (item.queue, item.senior_only, item.state) == ("senior-approvers", True, ItemState.OPEN)


async def test_the_asking_agent_alone_gets_what_it_resumes_from(
    services: Services, agent: Principal, reviewer: Principal
) -> None:
    """R11: serialised state to resume from, and the very words to ask again with."""
    held = await ask(services, agent, T3)
    approval = await get_approval(services, agent, approval_id=held.approval_id or "")
    assert await resume_from(services, agent, approval) == T3
    assert await resume_from(services, reviewer, approval) is None
    assert await resume_from(services, replace(agent, id="agent-2"), approval) is None


def test_the_shipped_policy_denies_what_nobody_answers(policy: Policy) -> None:
    for tier in (Tier.T3, Tier.T4):
        terms = policy.tiers[tier]
        assert (terms.on_timeout, terms.escalate_after_s) == (OnTimeout.DENY, 1200)
    assert policy.review.escalation_queue


async def test_people_see_all_that_they_sign(services: Services, agent: Principal, reviewer: Principal) -> None:
    """R11: what will run literally, amount, account, reason code, reasoning, rule, reversibility, state and chain."""
    action = replace(T3, reasoning="the parcel was lost", agent_chain=("planner", "clerk"))
    held = await ask(services, agent, action)
    approval = await services.store.get_approval("default", held.approval_id or "")
    view = await get_item(services, reviewer, item_id=approval.item_id)
    assert view.action == action
    assert view.action_record is not None
    assert (view.action_record.rule_id, view.action_record.reason) == (held.rule_id, held.reason)
    assert view.approval == approval
    assert view.reversibility == "within_window"
    assert (view.action.resume_state, view.action.agent_chain, view.action.customer_id) == (
        b"step 4",
        ("planner", "clerk"),
        "c-1",
    )


@pytest.mark.parametrize(
    ("topic", "words"),
    [
        ("support.read.order", "instant"),
        ("support.cancel", "by_person"),
        ("support.account_close", "irreversible"),
        ("x.y", ""),
    ],
)
def test_reversibility_is_what_the_action_type_says(policy: Policy, topic: str, words: str) -> None:
    assert policy.reversibility_of(topic) == words
