"""Signals and caps through whole calls: read from the record, counted with the decision, explained on request."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from fakes import FakeClock
from flow_values import ask, new_id, refund, report, sign
from policy_files import small_policy

from outguard.domain.action import Action, GateDecision, LedgerState, Tier
from outguard.domain.audit import EntryKind
from outguard.domain.money import Money
from outguard.domain.principal import Principal
from outguard.domain.review import ApprovalState
from outguard.errors import ApprovalMismatchError, CapExceededError, InvalidInputError
from outguard.flows.check_action import evaluate_action, explanation_of
from outguard.flows.review_item import get_item
from outguard.flows.services import Services
from outguard.policy.source import PolicySource
from outguard.storage.store import SqlStore, open_store

ASK, DENY = GateDecision.REQUIRE_APPROVAL, GateDecision.DENY
RUNS = {GateDecision.ALLOW, GateDecision.ALLOW_WITH_CONSTRAINTS}
CAPPED = """\
caps:
  - {id: money, topics: [pay.*], per: [customer], window_s: 60, max_amount_usd: 100, reason: enough money}
  - {id: often, topics: [pay.*], per: [agent], window_s: 60, max_count: 3, decision: REQUIRE_APPROVAL, reason: often}
rules:
  - {id: pay, match: {topics: [pay.*]}, tier: T1, reason: listed}
  - {id: big, match: {topics: [pay.big]}, tier: T3, reason: big}
"""


def pay(amount: str | None = "10", *, topic: str = "pay.out", currency: str = "USD", **values: Any) -> Action:
    money = None if amount is None else Money.parse(amount, currency)
    fields = {"conversation_id": "conv-1", "topic": topic, "amount": money, "customer_id": "c-1", **values}
    return Action(**fields)


@pytest.fixture
def capped(services: Services) -> Services:
    return replace(services, policies=PolicySource(small_policy(CAPPED)))


async def test_r6_retries_are_told_by_the_record_not_the_agent(services: Services, agent: Principal) -> None:
    """R6: the agent says it never tried before; the record knows better."""
    action = Action(conversation_id="conv-1", topic="support.note.add", target="ORD-1", retry_count=0)
    answers = [await ask(services, agent, action) for _ in range(5)]
    assert all(one.decision in RUNS for one in answers[:4])
    assert (answers[4].decision, answers[4].rule_id) == (ASK, "signal.retries")


async def test_r6_money_after_changed_contact_data_meets_a_person(services: Services, agent: Principal) -> None:
    reset = await ask(services, agent, Action(conversation_id="conv-1", topic="support.password_reset"))
    assert reset.decision in RUNS
    held = await ask(services, agent, refund("30.00"))
    assert (held.decision, held.rule_id) == (ASK, "signal.after_contact_change")


async def test_r6_another_device_meets_a_person(services: Services, agent: Principal) -> None:
    first = await ask(services, agent, refund("5.00", device="Phone 1", conversation_id="conv-0"))
    assert first.decision in RUNS
    assert first.device_hash
    assert "Phone" not in first.device_hash
    assert (await ask(services, agent, refund("5.00", device=" phone  1"))).decision in RUNS
    held = await ask(services, agent, refund("6.00", device="phone 2"))
    assert (held.decision, held.rule_id) == (ASK, "signal.identity_mismatch")


async def test_r6_the_customers_no_and_risky_words_meet_a_person(services: Services, agent: Principal) -> None:
    refused = await ask(services, agent, refund("5.00", customer_words="No, please wait"))
    assert refused.rule_id == "signal.contradicted"
    other = await ask(services, agent, refund("5.00", customer_words="Yes, but only for ORD-7", target="ORD-1"))
    assert other.decision in RUNS
    risky = await ask(services, agent, refund("5.00", customer_words="Yes. I lost my phone, by the way"))
    assert risky.rule_id == "signal.risky_words"


async def test_signals_are_on_the_record_without_content(services: Services, agent: Principal) -> None:
    record = await ask(services, agent, refund("5.00", customer_words="No, maria@example.com said my lawyer calls"))
    (entry,) = await services.store.list_entries("default", subject_id=record.action_id)
    signals = json.loads(entry.data)["details"]["signals"]
    assert signals["risky_words"] == ["legal_threat"]
    assert signals["contradictions"] == ["consent"]
    assert b"maria" not in entry.data
    assert b"lawyer" not in entry.data


async def test_reads_and_escalate_ask_the_record_for_nothing(services: Services, agent: Principal) -> None:
    async def recall(*_: object) -> None:
        raise AssertionError("a read needs no signal")

    services.store.recall = recall  # type: ignore[method-assign,assignment]
    for topic in ("support.read.order", "escalate"):
        action = Action(conversation_id="c", topic=topic, customer_words="No, stop that, my lawyer calls")
        assert (await ask(services, agent, action)).decision is GateDecision.ALLOW


async def test_r7_a_cap_denies_and_says_when_to_return(capped: Services, agent: Principal, clock: FakeClock) -> None:
    assert (await ask(capped, agent, pay("60"))).decision in RUNS
    clock.advance(10)
    denied = await ask(capped, agent, pay("40.01"))
    assert (denied.decision, denied.rule_id, denied.retry_after_s) == (DENY, "cap.money", 50)
    assert denied.state is LedgerState.DENIED
    assert (await ask(capped, agent, pay("40"))).decision in RUNS
    assert (await ask(capped, agent, pay("60", customer_id="c-2"))).decision in RUNS
    clock.advance(50)
    assert (await ask(capped, agent, pay("40.01"))).decision in RUNS


async def test_r7_more_than_a_whole_cap_never_fits(capped: Services, agent: Principal) -> None:
    denied = await ask(capped, agent, pay("1000000000000000"))
    assert (denied.decision, denied.retry_after_s) == (DENY, None)


async def test_r7_an_unknown_amount_takes_a_whole_cap(capped: Services, agent: Principal) -> None:
    assert (await ask(capped, agent, pay(None))).decision in RUNS
    assert (await ask(capped, agent, pay("0.01"))).rule_id == "cap.money"
    assert (await ask(capped, agent, pay("1", currency="XAU", customer_id="c-2"))).decision in RUNS
    assert (await ask(capped, agent, pay("0.01", customer_id="c-2"))).rule_id == "cap.money"


async def test_r7_a_soft_cap_asks_a_person_and_lets_what_they_approve_pass(
    capped: Services, agent: Principal, senior: Principal
) -> None:
    for _ in range(3):
        assert (await ask(capped, agent, pay("1"))).decision in RUNS
    held = await ask(capped, agent, pay("1"))
    assert (held.decision, held.tier, held.rule_id) == (ASK, Tier.T3, "cap.often")
    assert held.holding_message == "three"
    await sign(capped, senior, held.approval_id or "")
    assert (await ask(capped, agent, pay("1"), held.approval_id)).decision in RUNS


async def test_r7_a_hard_cap_holds_beneath_an_approval_and_keeps_it(
    capped: Services, agent: Principal, senior: Principal, clock: FakeClock
) -> None:
    held = await ask(capped, agent, pay("60", topic="pay.big"))
    await sign(capped, senior, held.approval_id or "")
    assert (await ask(capped, agent, pay("60"))).decision in RUNS
    with pytest.raises(CapExceededError):
        await ask(capped, agent, pay("60", topic="pay.big"), held.approval_id)
    approval = await capped.store.get_approval("default", held.approval_id or "")
    assert approval.state is ApprovalState.APPROVED
    kinds = [one.kind for one in await capped.store.list_entries("default", subject_id=held.action_id)]
    assert kinds[-1] is EntryKind.CAP_HELD
    clock.advance(-3600)
    with pytest.raises(CapExceededError):
        await ask(capped, agent, pay("60", topic="pay.big"), held.approval_id)


async def test_r7_a_repeated_request_counts_once(capped: Services, agent: Principal) -> None:
    request_id = new_id()
    for _ in range(5):
        record = await evaluate_action(capped, agent, request_id=request_id, action=pay("60"))
        assert record.decision in RUNS
    assert (await ask(capped, agent, pay("40"))).decision in RUNS


async def test_an_approval_does_not_cover_a_decision_that_now_takes_two(
    services: Services, agent: Principal, reviewer: Principal
) -> None:
    """R9: what is known of the action has changed since; the agent's own word may only make it stricter."""
    action = refund("100.00")
    held = await ask(services, agent, action)
    await sign(services, reviewer, held.approval_id or "")
    with pytest.raises(ApprovalMismatchError):
        await ask(services, agent, replace(action, risk_tags=("pci",)), held.approval_id)
    assert (await ask(services, agent, action, held.approval_id)).decision in RUNS


async def test_a_reload_in_the_middle_of_a_decision_changes_nothing_of_it(
    services: Services, agent: Principal, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The policy that decided is the one whose snapshot, tier and words are written."""
    policies = services.policies
    before, after = policies.current, small_policy(CAPPED)
    recall = services.store.recall

    async def reload(*values: Any) -> Any:
        policies.replace(after)
        return await recall(*values)

    monkeypatch.setattr(services.store, "recall", reload)
    try:
        held = await ask(services, agent, refund("100.00"))
    finally:
        policies.replace(before)
    assert held.policy_snapshot == before.snapshot
    assert held.holding_message == before.tiers[Tier.T3].holding_message


async def test_an_explanation_is_kept_where_it_is_asked_for(
    services: Services, agent: Principal, senior: Principal
) -> None:
    action = refund("60.00", customer_words="No, not yet")
    record = await evaluate_action(services, agent, request_id=new_id(), action=action, is_explained=True)
    found = explanation_of(services, record)
    assert found is not None
    says = {rule["rule_id"]: (rule["fit"], rule["missed"]) for rule in found["rules"]}
    assert says["refund.preview"] == ("yes", "")
    assert says["refund.large"] == ("no", "amount_usd_at_least")
    assert says["signal.contradicted"] == ("yes", "")
    assert found["signals"]["consent"] == "refused"
    assert {part["signal"] for part in found["anomaly"]["parts"]} >= {"contradictions", "target_unread"}
    assert {cap["id"] for cap in found["caps"]} >= {"refunds.customer", "actions.agent"}
    approval = await services.store.get_approval("default", record.approval_id or "")
    assert (await get_item(services, senior, item_id=approval.item_id)).action == action
    await sign(services, senior, record.approval_id or "")
    allowed = await ask(services, agent, action, record.approval_id)
    await report(services, agent, allowed, LedgerState.EXECUTED)
    plain = await ask(services, agent, refund("5.00"))
    assert explanation_of(services, plain) is None


@pytest.mark.parametrize("amount", ["-1", "NaN", "Infinity", "1e3", "", "1" + "0" * 16])
def test_an_amount_that_is_none_never_becomes_an_action(amount: str) -> None:
    with pytest.raises(InvalidInputError):
        Money.parse(amount, "USD")
    if amount not in {"", "1e3"}:
        with pytest.raises(InvalidInputError):
            Money(amount=Decimal(amount), currency="USD")


async def test_ten_thousand_tags_are_judged_like_one(services: Services, agent: Principal) -> None:
    tags = (*(f"tag-{at}" for at in range(10_000)), "vip")
    assert (await ask(services, agent, refund("5.00", risk_tags=tags))).rule_id == "must_escalate"


@pytest.fixture
async def replicas(database_url: str) -> AsyncIterator[tuple[SqlStore, SqlStore]]:
    pair = await asyncio.gather(open_store(database_url), open_store(database_url))
    yield pair[0], pair[1]
    for one in pair:
        await one.close()


async def test_r7_agents_at_once_on_two_replicas_stay_within_a_cap(
    capped: Services, agent: Principal, replicas: tuple[SqlStore, SqlStore]
) -> None:
    both = [replace(capped, store=store) for store in replicas]
    agents = [replace(agent, id=f"agent-{at}") for at in range(10)]
    records = await asyncio.gather(*(ask(both[at % 2], agents[at % 10], pay("7")) for at in range(30)))
    given = [record for record in records if record.decision in RUNS]
    assert len(given) == 14
    assert all(record.rule_id == "cap.money" for record in records if record.decision is DENY)
