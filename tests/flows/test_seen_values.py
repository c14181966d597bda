"""Values learned in one conversation are known in another: never across tenants, never in clear, not for ever."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from fakes import FakeClock, MemoryStore
from flow_values import new_id
from hypothesis import given
from hypothesis import strategies as st

from outguard.detection.others_values import OthersValueDetector
from outguard.detection.payload_rules import PayloadRules
from outguard.detection.scan import Scanner
from outguard.domain.audit import Entry
from outguard.domain.principal import Principal, Role
from outguard.domain.reply import Customer, Recipient, Reply
from outguard.domain.reply import ReplyRecord as Record
from outguard.domain.verdict import Verdict
from outguard.errors import UnavailableError
from outguard.flows.evaluate_reply import evaluate_reply
from outguard.flows.judge_reply import ReplyJudge
from outguard.flows.limits import Limits
from outguard.flows.services import Services
from outguard.flows.sweep import sweep
from outguard.ports import Change

ANA = Customer(
    id="c-ana",
    name="Ana Lima",
    emails=("ana@example.com",),
    phones=("+1 415 555 0132",),
    known_values=("ORD-5512", "4421"),
)
BEN = Customer(id="c-ben", name="Ben Okoro", emails=("ben@example.com",), known_values=("ORD-7788",))


@pytest.fixture
def judging(services: Services) -> Services:
    """Services whose judge looks for other customers' values alone."""
    return replace(services, judge=ReplyJudge(Scanner([OthersValueDetector()]), services.limits, PayloadRules(())))


async def judged(services: Services, customer: Customer, text: str = "Hello there.", **more: str) -> Record:
    tenant, last_user = more.get("tenant", "default"), more.get("last_user", "")
    agent = Principal(id="agent-1", role=Role.AGENT, tenant=tenant, topics=("*",))
    reply = Reply(
        conversation_id=more.get("conversation", f"conv-{customer.id}"),
        channel="chat",
        recipient=Recipient(customer_id=customer.id),
        text=text,
    )
    answer = await evaluate_reply(
        services,
        agent,
        request_id=new_id(),
        reply=reply,
        customer=customer,
        last_user=last_user,
        profile=more.get("profile", ""),
    )
    return answer.record


def kinds(record: Record) -> list[tuple[str, str]]:
    return [(one.type, one.rule) for one in record.findings]


async def test_anothers_order_is_held(judging: Services) -> None:
    await judged(judging, ANA)
    text = "Good news, order ord 5512 or rather ORD-5512 has left our warehouse today."
    record = await judged(judging, BEN, text)
    assert record.verdict is Verdict.QUARANTINE
    assert kinds(record) == [("OTHER_CUSTOMER", "internal.other_customer.seen")]
    assert [text[one.start : one.end] for one in record.findings] == ["ORD-5512"]


async def test_anothers_contact_is_cut(judging: Services) -> None:
    await judged(judging, ANA)
    record = await judged(judging, BEN, "You can also write to ana@example.com or call (415) 555-0132 if you wish to.")
    assert record.verdict is Verdict.REDACT
    assert [one.type for one in record.findings] == ["EMAIL_ADDRESS", "PHONE_NUMBER"]


async def test_ones_own_values_pass_in_every_conversation(judging: Services) -> None:
    await judged(judging, ANA)
    bare = replace(ANA, known_values=(), phones=())
    for conversation in ("conv-2", "conv-3"):
        record = await judged(
            judging, bare, "Your order ORD-5512, and we call 415 555 0132.", conversation=conversation
        )
        assert record.verdict is Verdict.ALLOW


async def test_the_same_person_under_another_id_is_told_by_their_mail(judging: Services) -> None:
    await judged(judging, ANA)
    twin = Customer(id="web-7", emails=("ANA@example.com",))
    assert (await judged(judging, twin, "Your order ORD-5512 has left.")).verdict is Verdict.ALLOW


async def test_a_customer_without_an_id_is_told_by_their_mail(judging: Services) -> None:
    nobody = replace(ANA, id="")
    await judged(judging, nobody)
    assert (await judged(judging, replace(nobody, known_values=()), "Order ORD-5512 left.")).verdict is Verdict.ALLOW
    assert (await judged(judging, BEN, "Order ORD-5512 has left us.")).verdict is Verdict.QUARANTINE


async def test_short_and_shared_values_are_nobodys(judging: Services) -> None:
    for number in range(4):
        await judged(judging, Customer(id=f"cust-{number}", known_values=("LINE-1000", "4421")))
    record = await judged(judging, BEN, "Your card ends in 4421, and LINE-1000 is the line to call.")
    assert record.verdict is Verdict.ALLOW


async def test_published_values_pass(judging: Services) -> None:
    profile = judging.policies.current.profiles["brightloom"]
    public = next(value for value in profile.public_values if "@" in value)
    for customer, text in ((replace(ANA, emails=(public,)), "Hello."), (BEN, f"Please write to {public} for that.")):
        assert (await judged(judging, customer, text, profile="brightloom")).verdict is Verdict.ALLOW


async def test_what_the_customer_wrote_may_be_repeated(judging: Services) -> None:
    await judged(judging, ANA)
    said = "I bought it as a gift, it is ORD-5512"
    assert (
        await judged(judging, BEN, "I cannot see ORD-5512 in your account.", last_user=said)
    ).verdict is Verdict.ALLOW


@given(st.sampled_from(["a", "b", "c"]), st.sampled_from(["a", "b", "c"]))
async def test_no_value_crosses_tenants(services_factory: Services, learned_in: str, told_in: str) -> None:
    judging = replace(services_factory, store=MemoryStore())
    await judged(judging, ANA, tenant=learned_in)
    record = await judged(judging, BEN, "Order ORD-5512 has left our warehouse.", tenant=told_in)
    assert (record.verdict is Verdict.QUARANTINE) == (learned_in == told_in)


@pytest.fixture(scope="session")
def services_factory() -> Services:
    """Services to copy with a store of one's own."""
    from live_server import build_services  # noqa: PLC0415 - one server's insides are enough here

    services, _, _ = build_services()
    return replace(services, judge=ReplyJudge(Scanner([OthersValueDetector()]), services.limits, PayloadRules(())))


async def test_nothing_is_kept_in_clear(judging: Services) -> None:
    await judged(judging, ANA)
    store = judging.store
    assert isinstance(store, MemoryStore)
    assert len(store._seen_values) == 3
    kept = b"".join(part for key in store._seen_values for part in key[1:])
    assert not any(word in kept.lower() for word in (b"ana", b"5512", b"ord", b"c-ana", b"0132"))
    assert all(len(part) == 16 for key in store._seen_values for part in key[1:])


async def test_a_conversation_writes_its_values_once_a_day(
    judging: Services, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    written: list[int] = []
    commit = judging.store.commit

    async def counted(change: Change) -> tuple[Entry, ...]:
        written.append(len(change.seen_values))
        return await commit(change)

    monkeypatch.setattr(judging.store, "commit", counted)
    for _ in range(3):
        await judged(judging, ANA)
    clock.advance(timedelta(days=1).total_seconds() + 1)
    await judged(judging, ANA)
    assert written == [3, 0, 0, 3]


@pytest.mark.parametrize(("days", "limits"), [(90, Limits()), (5, Limits(tenant_value_days={"default": 5}))])
async def test_what_is_older_than_the_retention_is_forgotten(
    judging: Services, clock: FakeClock, days: int, limits: Limits
) -> None:
    judging = replace(judging, limits=limits)
    await judged(judging, ANA)
    clock.advance(timedelta(days=days).total_seconds() - 60)
    assert (await judged(judging, BEN, "Order ORD-5512 has left us.")).verdict is Verdict.QUARANTINE
    clock.advance(120)
    assert (await judged(judging, BEN, "Order ORD-5512 has left us.")).verdict is Verdict.ALLOW
    assert await judging.values.prune() == 3
    assert await judging.values.prune() == 0


@pytest.mark.parametrize("limits", [Limits(value_days=0), Limits(tenant_value_days={"default": 0})])
async def test_a_tenant_may_turn_it_off(judging: Services, limits: Limits) -> None:
    judging = replace(judging, limits=limits)
    await judged(judging, ANA)
    store = judging.store
    assert isinstance(store, MemoryStore)
    assert not store._seen_values
    assert (await judged(judging, BEN, "Order ORD-5512 has left us.")).verdict is Verdict.ALLOW


async def test_a_look_up_that_fails_holds_the_reply(judging: Services, monkeypatch: pytest.MonkeyPatch) -> None:
    async def broken(tenant: str, values: object) -> None:
        del tenant, values
        raise UnavailableError("no answer")

    monkeypatch.setattr(judging.store, "find_values", broken)
    record = await judged(judging, BEN, "Order ORD-5512 has left us.")
    assert (record.verdict, record.degraded_reason) == (Verdict.QUARANTINE, "system.values_unavailable")


async def test_the_sweep_prunes_once_an_hour(judging: Services, clock: FakeClock) -> None:
    await judged(judging, ANA)
    clock.advance(timedelta(days=91).total_seconds())
    assert await sweep(judging) == 3
    await judged(judging, BEN)
    clock.advance(60)
    assert await sweep(judging) == 0
