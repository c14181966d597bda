"""R15 over the wire: an operator stops automation, an agent hears it, and only the authorised may."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
from live_server import World, world

from outguard.client import AsyncClient, AsyncOperatorClient, AsyncReviewClient, GateDecision, Money, Recipient
from outguard.errors import CallFailedError


@pytest.fixture
async def live() -> AsyncIterator[World]:
    async with world() as running:
        yield running


async def refund(agent: AsyncClient) -> tuple[GateDecision, str]:
    answer = await agent.evaluate_action(
        conversation_id="conv-1", topic="support.refund", amount=Money(amount="20.00", currency="USD")
    )
    return answer.decision, answer.rule_id


@pytest.mark.parametrize("role", ["senior_reviewer", "admin"])
async def test_a_pause_is_heard_by_agents_until_it_is_taken_back(live: World, role: str) -> None:
    async with (
        AsyncOperatorClient(live.address, live.bearers[role]) as operator,
        AsyncClient(live.address, live.bearers["agent"]) as agent,
    ):
        (pause,) = await operator.pause_automation("tenant", reason="it answers nonsense")
        assert (pause.scope, pause.value, pause.reason) == ("TENANT", "", "it answers nonsense")
        assert await refund(agent) == (GateDecision.DENY, "gate.paused")
        held = await agent.evaluate_reply(
            conversation_id="conv-1", recipient=Recipient(customer_id="c-1"), text="Your parcel is on its way."
        )
        assert held.is_held
        assert held.holding_message
        escalated = await agent.evaluate_action(conversation_id="conv-1", topic="escalate")
        assert escalated.may_execute
        listed = await operator.list_pauses()
        assert (listed.pauses, bool(listed.owner), bool(listed.escalation)) == ((pause,), True, True)
        assert await operator.resume_automation("tenant", reason="the cause is found") == ()
        assert (await refund(agent))[0] is not GateDecision.DENY


@pytest.mark.parametrize("role", ["agent", "reviewer", "auditor"])
async def test_others_cannot_pause(live: World, role: str) -> None:
    async with AsyncOperatorClient(live.address, live.bearers[role]) as operator:
        with pytest.raises(CallFailedError) as refused:
            await operator.pause_automation("tenant", reason="because")
        assert refused.value.cause == "FORBIDDEN"


async def test_a_pause_without_sense_names_its_field(live: World) -> None:
    async with AsyncOperatorClient(live.address, live.bearers["admin"]) as operator:
        with pytest.raises(CallFailedError) as refused:
            await operator.pause_automation("topic", "Not A Topic", reason="because")
        assert (refused.value.cause, refused.value.field) == ("INVALID_INPUT", "value")
        with pytest.raises(CallFailedError) as refused:
            await operator.resume_automation("agent", "agent-9", reason="because")
        assert refused.value.cause == "STATE_CONFLICT"


async def test_a_reviewer_has_a_deed_undone_and_the_runtime_does_it(live: World) -> None:
    """R2 over the wire: asked for, heard of, reported."""
    async with (
        AsyncReviewClient(live.address, live.bearers["reviewer"]) as reviewer,
        AsyncClient(live.address, live.bearers["agent"]) as agent,
    ):
        answer = await agent.evaluate_action(
            conversation_id="conv-1",
            topic="support.refund",
            amount=Money(amount="20.00", currency="USD"),
            target="ORD-1",
            arguments={"order": "ORD-1"},
        )
        await agent.report_outcome(answer.action_id, "EXECUTED")
        waiting = asyncio.create_task(agent.wait_roll_backs(timeout_s=20))
        asked = await reviewer.roll_back_action(answer.action_id, reason="the wrong order")
        assert (asked.state, asked.tier) == ("REQUESTED", "T2")
        (task,) = await waiting
        assert (task.action_id, task.action.target, task.action.arguments) == (
            answer.action_id,
            "ORD-1",
            {"order": "ORD-1"},
        )
        assert (await agent.report_roll_back(task.action_id, "FAILED", detail="the provider is down")).state == "FAILED"
        first = (await reviewer.list_items())[0]
        assert (first.subject_id, first.kind) == (answer.action_id, "TICKET")
        view = await reviewer.get_item(first.item_id)
        assert view.roll_back is not None
        assert view.roll_back.state == "FAILED"
        claimed = await reviewer.claim_item(first.item_id)
        await reviewer.rule_item(first.item_id, claimed.token, "deny", reason="try again")
        (task,) = await agent.wait_roll_backs(timeout_s=5)
        assert (await agent.report_roll_back(task.action_id, "DONE")).attempts == 2
        assert (await reviewer.get_roll_back(answer.action_id)).state == "DONE"
        assert await agent.wait_roll_backs(timeout_s=0) == ()
        with pytest.raises(CallFailedError) as refused:
            await agent.roll_back_action(answer.action_id, reason="again")
        assert refused.value.cause == "STATE_CONFLICT"


async def test_a_runtime_started_anew_resumes_what_was_approved(live: World) -> None:
    """R9, R11: it knows nothing but the approval's id, and asks again word for word."""
    async with (
        AsyncReviewClient(live.address, live.bearers["reviewer"]) as reviewer,
        AsyncClient(live.address, live.bearers["agent"]) as agent,
    ):
        held = await agent.evaluate_action(
            conversation_id="conv-1",
            topic="support.refund",
            amount=Money(amount="100.00", currency="USD"),
            arguments={"order": "ORD-1", "lines": [1, 2.5, None, True]},
            resume_state=b"step 4",
            reasoning="the parcel was lost",
            confidence=0.9,
        )
        assert not (await agent.resume_action(held.approval_id)).may_execute
        (item,) = await reviewer.list_items()
        claimed = await reviewer.claim_item(item.item_id)
        await reviewer.rule_item(item.item_id, claimed.token, "approve", reason="checked with the carrier")
        async with AsyncClient(live.address, live.bearers["agent"]) as started_anew:
            approval = await started_anew.wait_approval(held.approval_id, timeout_s=5)
            assert (approval.is_approved, approval.is_automatic, approval.resume_state) == (True, False, b"step 4")
            assert (await started_anew.resume_action(held.approval_id)).may_execute
            again = await started_anew.resume_action(held.approval_id)
            assert not again.may_execute
            assert again.error is not None
        async with AsyncClient(live.address, live.bearers["other_agent"]) as other:
            assert not (await other.resume_action(held.approval_id)).may_execute


async def test_an_incident_costs_autonomy_over_the_wire(live: World) -> None:
    """R12."""
    async with (
        AsyncOperatorClient(live.address, live.bearers["reviewer"]) as operator,
        AsyncClient(live.address, live.bearers["agent"]) as agent,
    ):
        left = await operator.report_incident(
            "agent-1", "support.refund", "safety_incident", reason="it paid a stranger"
        )
        assert (left.level, left.cause) == (0, "safety_incident")
        assert await refund(agent) == (GateDecision.REQUIRE_APPROVAL, "gate.autonomy")
        assert [one.agent_id for one in await operator.list_standings()] == ["agent-1"]
        with pytest.raises(CallFailedError) as refused:
            await operator.report_incident("agent-1", "support.*", "policy_violation", reason="x")
        assert refused.value.field == "topic"


async def test_an_agent_follows_its_approvals_as_a_stream(live: World) -> None:
    """R9: resumable over the wire, by a cursor that any replica understands."""
    async with (
        AsyncReviewClient(live.address, live.bearers["reviewer"]) as reviewer,
        AsyncClient(live.address, live.bearers["agent"]) as agent,
    ):
        async with asyncio.timeout(20):
            stream = agent.watch_approvals()
            nothing, start = await anext(stream)
            assert nothing is None
            items = reviewer.watch_items(kinds=["approval"])
            await anext(items)
            held = await agent.evaluate_action(
                conversation_id="conv-1", topic="support.refund", amount=Money(amount="100.00", currency="USD")
            )
            opened, cursor = await anext(stream)
            assert opened is not None
            assert (opened.approval_id, opened.state) == (held.approval_id, "PENDING")
            item, _ = await anext(items)
            assert item is not None
            claimed = await reviewer.claim_item(item.item_id)
            await reviewer.rule_item(item.item_id, claimed.token, "approve", reason="checked")
            async for told, _ in agent.watch_approvals(cursor=cursor):
                if told is not None:
                    assert told.is_approved
                    break
            async for told, _ in agent.watch_approvals(cursor=start):
                if told is not None:
                    assert told.approval_id == held.approval_id
                    break
            with pytest.raises(CallFailedError) as refused:
                await anext(agent.watch_approvals(cursor="none of ours"))
            assert (refused.value.cause, refused.value.field) == ("INVALID_INPUT", "cursor")


async def test_a_stopping_server_ends_its_streams_well(live: World) -> None:
    async with AsyncClient(live.address, live.bearers["agent"]) as agent:
        stream = agent.watch_approvals()
        await anext(stream)
        ending = asyncio.create_task(anext(stream, None))
        await asyncio.sleep(0.05)
        live.running.guard.let_go()
        async with asyncio.timeout(10):
            assert await ending is None


async def test_a_ruling_is_reversed_over_the_wire(live: World) -> None:
    """R29."""
    async with (
        AsyncReviewClient(live.address, live.bearers["reviewer"]) as reviewer,
        AsyncReviewClient(live.address, live.bearers["senior_reviewer"]) as senior,
        AsyncClient(live.address, live.bearers["agent"]) as agent,
    ):
        held = await agent.evaluate_action(
            conversation_id="conv-1", topic="support.refund", amount=Money(amount="100.00", currency="USD")
        )
        (item,) = await reviewer.list_items()
        claimed = await reviewer.claim_item(item.item_id)
        ruled = await reviewer.rule_item(item.item_id, claimed.token, "approve", reason="checked")
        ruling_id = ruled.rulings[-1].ruling_id
        with pytest.raises(CallFailedError) as refused:
            await reviewer.override_ruling(item.item_id, "deny", rule_id="r", reason="no", ruling_id=ruling_id)
        assert refused.value.cause == "FORBIDDEN"
        after = await senior.override_ruling(
            item.item_id, "deny", rule_id="refund.preview", reason="the order had arrived", ruling_id=ruling_id
        )
        assert after.state == "CLOSED"
        assert not (await agent.resume_action(held.approval_id)).may_execute
        assert (await agent.get_approval(held.approval_id)).state == "REJECTED"
