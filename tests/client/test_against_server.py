"""The SDK against a real server: what an agent, a reviewer and an auditor do all day."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
from live_server import SECOND_SENIOR, World, new_id, world

from outguard.client import (
    AsyncAuditClient,
    AsyncClient,
    AsyncPolicyClient,
    AsyncReviewClient,
    AuditClient,
    Client,
    Content,
    Customer,
    GateDecision,
    Money,
    Recipient,
    ReplyState,
    Verdict,
)
from outguard.domain.audit import EntryDraft, EntryKind
from outguard.domain.finding import Category, Finding, Status
from outguard.errors import CallFailedError, HeldReplyError
from outguard.flows.pseudonyms import conversation_key, to_store
from outguard.ports import Change
from outguard.redaction.keyed import KeyedWords

MARIA = Recipient(customer_id="c-1", display_name="Maria Lopez", address="maria@example.com")
CUSTOMER = Customer(id="c-1", name="Maria Lopez", emails=("maria@example.com",))
FINE = "Hello, your parcel is on its way to you today."


@pytest.fixture
async def live() -> AsyncIterator[World]:
    async with world() as running:
        yield running


def agent_of(live: World, role: str = "agent") -> AsyncClient:
    return AsyncClient(live.address, live.bearers[role])


def reviewer_of(live: World, role: str = "reviewer") -> AsyncReviewClient:
    return AsyncReviewClient(live.address, live.bearers[role])


async def test_an_allowed_reply_is_sendable_as_written(live: World) -> None:
    async with agent_of(live) as agent:
        decision = await agent.evaluate_reply(
            conversation_id="conv-1",
            recipient=MARIA,
            customer=CUSTOMER,
            channel="email",
            subject="Your order",
            text=FINE,
            payload={"order": {"items": 2, "weight": 1.5, "note": None}},
        )
        assert decision.verdict is Verdict.ALLOW
        assert decision.text_to_send() == FINE
        assert decision.sendable is not None
        assert decision.sendable.subject == "Your order"
        assert decision.sendable.payload == {"order": {"items": 2, "weight": 1.5, "note": None}}
        assert decision.policy_snapshot.startswith("v1:")
        again = await agent.get_reply(decision.reply_id)
        assert again.text_to_send() == FINE


async def test_a_redacted_reply_tells_its_cuts(live: World) -> None:
    async with agent_of(live) as agent:
        decision = await agent.evaluate_reply(
            conversation_id="conv-1", recipient=MARIA, text=f"{FINE} The key is SECRET as you asked."
        )
    assert decision.verdict is Verdict.REDACT
    assert "SECRET" not in decision.text_to_send()
    assert [one.type for one in decision.findings] == ["API_KEY"]
    assert decision.redactions


async def test_a_pseudonym_is_turned_back_by_a_senior_reviewer_only(live: World) -> None:
    words = KeyedWords(live.services.policies.current.reply, conversation_key(live.services, "default", "conv-1"))
    person = Finding(category=Category.PII, type="PERSON", status=Status.OTHER, start=0, end=5, score=1.0, rule="t")
    word = words.pseudonym(person, "Maria") or ""
    records = await to_store(
        live.services,
        live.services.policies.current,
        words.issued.values(),
        tenant="default",
        conversation_id="conv-1",
        now=live.clock.now(),
    )
    entry = EntryDraft(kind=EntryKind.REPLY_DECIDED, principal_id="agent-1", at=live.clock.now(), subject_id="reply-1")
    await live.store.commit(Change(tenant="default", entries=(entry,), pseudonyms=records))
    async with reviewer_of(live, "senior_reviewer") as senior:
        resolved = await senior.resolve_pseudonym("conv-1", word)
        assert (resolved.value, resolved.type) == ("Maria", "PERSON")
        assert resolved.expires_at == records[0].expires_at
        assert "Maria" not in repr(resolved)
        with pytest.raises(CallFailedError) as forged:
            await senior.resolve_pseudonym("conv-1", word[:-1] + ("2" if word[-1] != "2" else "3"))
        assert (forged.value.code, forged.value.cause) == ("NOT_FOUND", "PSEUDONYM_UNKNOWN")
    async with reviewer_of(live) as reviewer:
        with pytest.raises(CallFailedError) as refused:
            await reviewer.resolve_pseudonym("conv-1", word)
        assert refused.value.cause == "FORBIDDEN"


async def test_a_held_reply_is_released_by_a_person(live: World) -> None:
    async with agent_of(live) as agent, reviewer_of(live) as reviewer:
        decision = await agent.evaluate_reply(
            conversation_id="conv-1", recipient=MARIA, customer=CUSTOMER, text=f"{FINE} PROMISE"
        )
        assert decision.verdict is Verdict.QUARANTINE
        assert decision.holding_message
        assert decision.sendable is None
        with pytest.raises(HeldReplyError):
            decision.text_to_send()
        waiting = asyncio.create_task(agent.wait_reply(decision.reply_id, timeout_s=5))
        (item,) = await reviewer.list_items(kinds=["reply"])
        claimed = await reviewer.claim_item(item.item_id)
        view = await reviewer.get_item(item.item_id)
        assert view.original is not None
        assert view.original.text == f"{FINE} PROMISE"
        assert view.customer == CUSTOMER
        assert view.recipient == MARIA
        renewed = await reviewer.renew_claim(item.item_id, claimed.token)
        assert renewed.token == claimed.token
        ruled = await reviewer.rule_item(item.item_id, claimed.token, "release", reason="backed by hand")
        assert ruled.state == "CLOSED"
        released = await waiting
        assert released.state is ReplyState.RELEASED
        assert released.text_to_send() == f"{FINE} PROMISE"


async def test_a_rejected_reply_is_never_sendable(live: World) -> None:
    async with agent_of(live) as agent, reviewer_of(live) as reviewer:
        decision = await agent.evaluate_reply(conversation_id="conv-1", recipient=MARIA, text=f"{FINE} PROMISE")
        claimed = await reviewer.claim_item(decision.item_id)
        await reviewer.rule_item(decision.item_id, claimed.token, "reject", reason="no", defect="leak")
        rejected = await agent.wait_reply(decision.reply_id, timeout_s=1)
        assert rejected.state is ReplyState.REJECTED
        assert rejected.sendable is None


async def test_an_edit_goes_out_instead_of_the_original(live: World) -> None:
    async with agent_of(live) as agent, reviewer_of(live) as reviewer:
        decision = await agent.evaluate_reply(conversation_id="conv-1", recipient=MARIA, text=f"{FINE} PROMISE")
        claimed = await reviewer.claim_item(decision.item_id)
        await reviewer.rule_item(
            decision.item_id, claimed.token, "edit_and_release", reason="said too much", edited=Content(text=FINE)
        )
        assert (await agent.get_reply(decision.reply_id)).text_to_send() == FINE


async def test_a_stale_token_is_refused(live: World) -> None:
    async with agent_of(live) as agent, reviewer_of(live) as reviewer:
        decision = await agent.evaluate_reply(conversation_id="conv-1", recipient=MARIA, text=f"{FINE} PROMISE")
        claimed = await reviewer.claim_item(decision.item_id)
        await reviewer.abandon_claim(decision.item_id, claimed.token)
        with pytest.raises(CallFailedError) as caught:
            await reviewer.rule_item(decision.item_id, claimed.token, "release", reason="late")
        assert caught.value.cause == "STALE_CLAIM"


async def test_another_agent_sees_nothing_of_a_reply(live: World) -> None:
    async with agent_of(live) as agent, agent_of(live, "other_agent") as other:
        decision = await agent.evaluate_reply(conversation_id="conv-1", recipient=MARIA, text=FINE)
        foreign = await other.get_reply(decision.reply_id)
        assert foreign.sendable is None
        assert foreign.error is not None
        assert foreign.error.cause == "NOT_FOUND"


async def test_an_action_needing_people_runs_once_after_they_approve(live: World) -> None:
    amount = Money(amount="5000.00", currency="USD")
    ask = {"conversation_id": "conv-1", "topic": "support.refund", "target": "ORD-1"}
    async with agent_of(live) as agent:
        held = await agent.evaluate_action(**ask, amount=amount, arguments={"order": "ORD-1"})  # type: ignore[arg-type]
        assert held.decision is GateDecision.REQUIRE_APPROVAL
        assert held.needs_approval
        assert not held.may_execute
        assert held.holding_message
        assert (await agent.get_approval(held.approval_id)).is_pending
        waiting = asyncio.create_task(agent.wait_approval(held.approval_id, timeout_s=5))
        for role in ("senior_reviewer", SECOND_SENIOR):
            async with reviewer_of(live, role) as reviewer:
                items = await reviewer.list_items(kinds=["approval"])
                if not items:
                    break
                claimed = await reviewer.claim_item(items[0].item_id)
                view = await reviewer.get_item(claimed.item_id)
                assert view.action is not None
                assert (view.action.amount, view.action.arguments) == ("5000.00", {"order": "ORD-1"})
                assert view.item.rulings == ()
                await reviewer.rule_item(claimed.item_id, claimed.token, "approve", reason="checked the order")
        assert (await waiting).is_approved
        allowed = await agent.evaluate_action(
            **ask,  # type: ignore[arg-type]
            amount=amount,
            arguments={"order": "ORD-1"},
            approval_id=held.approval_id,
        )
        assert allowed.may_execute
        done = await agent.report_outcome(allowed.action_id, "executed")
        assert done.state == "EXECUTED"
        assert not done.may_execute
        with pytest.raises(CallFailedError):
            await agent.report_outcome(allowed.action_id, "failed")
        other = await agent.evaluate_action(**ask, amount=amount, approval_id=held.approval_id)  # type: ignore[arg-type]
        assert not other.may_execute
        assert other.error is not None
        assert other.error.cause == "APPROVAL_MISMATCH"


async def test_a_cancelled_action_may_not_run(live: World) -> None:
    async with agent_of(live) as agent:
        held = await agent.evaluate_action(
            conversation_id="conv-1", topic="support.refund", amount=Money(amount="5000", currency="USD")
        )
        cancelled = await agent.cancel_action(held.action_id, reason="customer changed their mind")
        assert cancelled.state == "DENIED"
        assert (await agent.get_approval(held.approval_id)).state == "CANCELLED"


async def test_a_repeated_request_id_gives_the_same_answer(live: World) -> None:
    request_id = new_id()
    async with agent_of(live) as agent:
        answers = [
            await agent.evaluate_reply(conversation_id="conv-1", recipient=MARIA, text=FINE, request_id=request_id)
            for _ in range(2)
        ]
    assert answers[0].reply_id == answers[1].reply_id
    assert answers[1].text_to_send() == FINE


async def test_auditors_read_the_record_and_its_proofs(live: World) -> None:
    async with agent_of(live) as agent:
        await agent.evaluate_reply(conversation_id="conv-1", recipient=MARIA, text=FINE)
    async with AsyncAuditClient(live.address, live.bearers["auditor"]) as auditor:
        point = await auditor.get_checkpoint()
        entries = await auditor.all_entries(page_size=2)
        assert len(entries) == point.size
        assert [entry.index for entry in entries] == list(range(point.size))
        decided = await auditor.list_entries(kind="reply.decided")
        assert [entry.kind for entry in decided] == ["reply.decided"]
        entry, path = await auditor.get_inclusion_proof(decided[0].index, point.size)
        assert entry == decided[0]
        assert path
        assert isinstance(await auditor.get_consistency_proof(1, point.size), tuple)


async def test_policy_is_told_and_checked(live: World) -> None:
    async with AsyncPolicyClient(live.address, live.bearers["admin"]) as client:
        assert (await client.get_snapshot()).snapshot == live.services.policies.current.snapshot
        problems = await client.validate_policy({"policy.yaml": "version: [\n"})
        assert problems
        assert problems[0].file == "policy.yaml"


async def test_the_blocking_face_answers_the_same(live: World) -> None:
    def work() -> tuple[str, bool, int]:
        with Client(live.address, live.bearers["agent"]) as agent:
            reply = agent.evaluate_reply(conversation_id="conv-1", recipient=MARIA, text=FINE)
            action = agent.evaluate_action(conversation_id="conv-1", topic="support.read_status")
        with AuditClient(live.address, live.bearers["auditor"]) as auditor:
            return reply.text_to_send(), action.error is None, len(auditor.list_entries())

    text, was_asked, entries = await asyncio.to_thread(work)
    assert (text, was_asked) == (FINE, True)
    assert entries >= 2
