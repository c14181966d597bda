"""Registering texts: idempotent, on the record, of effect from the next reply on, and never without them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace

import pytest
from fakes import FakeClock, FakeSealer, MemoryStore
from flow_values import CUSTOMER, new_id, reply_of

from outguard.bootstrap import build_judge, rules_of
from outguard.detection.document import Detector
from outguard.detection.fingerprints.detector import RegisteredTextDetector
from outguard.detection.payload_rules import PayloadRules
from outguard.detection.scan import Scanner
from outguard.domain.audit import EntryKind
from outguard.domain.principal import Principal, Role
from outguard.domain.source import SourceKind, SourceRecord
from outguard.domain.verdict import Verdict
from outguard.errors import (
    IntegrityError,
    InvalidInputError,
    NotFoundError,
    OutguardError,
    RequestIdReusedError,
    TooLargeError,
    UnavailableError,
)
from outguard.flows import sources
from outguard.flows.evaluate_reply import ReplyAnswer, evaluate_reply
from outguard.flows.judge_reply import ReplyJudge
from outguard.flows.registered import MAX_STALE_S, REFRESH_S
from outguard.flows.services import Services

NOTE = "Customers of the gold tier get their parcels a day early, but agents must not say so to anyone."
LEAK = f"Hello Maria, {NOTE} Best wishes"
CANARY = "marker-77-zulu-quebec"
ADMIN = Principal(id="adam", role=Role.ADMIN, tenant="default")
STRANGER = Principal(id="eve", role=Role.ADMIN, tenant="other")


@pytest.fixture
def judging(services: Services) -> Services:
    """Services whose judge looks for registered texts alone."""
    detectors: list[Detector] = [RegisteredTextDetector()]
    return replace(services, judge=ReplyJudge(Scanner(detectors), services.limits, PayloadRules(())))


async def add(
    services: Services, name: str = "gold", text: str = NOTE, *, who: Principal = ADMIN, **more: object
) -> SourceRecord:
    values: dict[str, object] = {"kind": SourceKind.INTERNAL, "type_": "", "request_id": new_id(), **more}
    return await sources.add_source(services, who, name=name, text=text, **values)  # type: ignore[arg-type]


async def judged(services: Services, text: str = LEAK, tenant: str = "default") -> ReplyAnswer:
    agent = Principal(id="agent-1", role=Role.AGENT, tenant=tenant, topics=("*",))
    return await evaluate_reply(services, agent, request_id=new_id(), reply=reply_of(text), customer=CUSTOMER)


async def test_a_leak_is_held_from_the_next_reply_on(judging: Services) -> None:
    assert (await judged(judging)).record.verdict is Verdict.ALLOW
    await add(judging)
    record = (await judged(judging)).record
    assert record.verdict is Verdict.QUARANTINE
    assert [(one.type, one.reason, LEAK[one.start : one.end]) for one in record.findings] == [
        ("INTERNAL_NOTE", "words of the registered text gold", NOTE.rstrip("."))
    ]
    await sources.remove_source(judging, ADMIN, request_id=new_id(), name="gold")
    assert (await judged(judging)).record.verdict is Verdict.ALLOW


async def test_another_tenants_texts_do_not_count(judging: Services) -> None:
    await add(judging, who=STRANGER)
    assert (await judged(judging)).record.verdict is Verdict.ALLOW
    assert (await judged(judging, tenant="other")).record.verdict is Verdict.QUARANTINE
    assert await sources.list_sources(judging, ADMIN) == ()
    with pytest.raises(NotFoundError):
        await sources.remove_source(judging, ADMIN, request_id=new_id(), name="gold")


async def test_a_leak_has_the_type_that_was_declared(judging: Services) -> None:
    await add(judging, type_="SYSTEM_PROMPT")
    assert [one.type for one in (await judged(judging)).record.findings] == ["SYSTEM_PROMPT"]


async def test_a_public_text_may_be_said(judging: Services) -> None:
    await add(judging)
    await add(judging, "faq", f"What we tell everybody. {NOTE}", kind=SourceKind.PUBLIC)
    assert (await judged(judging)).record.verdict is Verdict.ALLOW


async def test_a_canary_is_held_whatever_policy_says(judging: Services) -> None:
    await add(judging, "prompt", CANARY, kind=SourceKind.CANARY)
    record = (await judged(judging, f"It says {CANARY.upper()[::-1]} here")).record
    assert (record.verdict, [one.type for one in record.findings]) == (Verdict.QUARANTINE, ["CANARY"])


async def test_a_name_is_replaced_and_keeps_its_history(judging: Services) -> None:
    first = await add(judging)
    other = "Nobody outside the billing team may see the retry ledger of the payment processor at all."
    second = await add(judging, text=other)
    assert (second.version, second.created_at) == (first.version + 1, first.created_at)
    assert (await judged(judging)).record.verdict is Verdict.ALLOW
    assert (await judged(judging, other)).record.verdict is Verdict.QUARANTINE
    assert await sources.list_sources(judging, ADMIN) == (second,)


async def test_the_same_call_counts_once(judging: Services) -> None:
    request_id = new_id()
    first = await add(judging, request_id=request_id)
    assert await add(judging, request_id=request_id) == first
    with pytest.raises(RequestIdReusedError):
        await add(judging, text=NOTE + " More.", request_id=request_id)
    ended = new_id()
    for _ in range(2):
        assert (await sources.remove_source(judging, ADMIN, request_id=ended, name="gold")).is_removed
    with pytest.raises(NotFoundError):
        await sources.remove_source(judging, ADMIN, request_id=new_id(), name="gold")


async def test_the_record_tells_who_and_what_but_no_words(judging: Services) -> None:
    await add(judging)
    await sources.remove_source(judging, ADMIN, request_id=new_id(), name="gold")
    entries = await judging.store.list_entries("default")
    assert [(one.kind, one.principal_id, one.subject_id) for one in entries] == [
        (EntryKind.SOURCE_ADDED, "adam", "gold"),
        (EntryKind.SOURCE_REMOVED, "adam", "gold"),
    ]
    assert not any(word in entry.data for entry in entries for word in (b"parcels", b"gold tier", b"anyone"))


async def test_nothing_stored_holds_the_words(judging: Services) -> None:
    record = await add(judging)
    assert b"parcels" not in record.sealed
    assert b"parcels" not in judging.sealer.open(record.sealed, tenant="default", subject_id="gold")


@pytest.mark.parametrize(
    ("values", "error"),
    [
        ({"name": ""}, InvalidInputError),
        ({"name": "two\nlines"}, InvalidInputError),
        ({"name": "x" * 201}, InvalidInputError),
        ({"text": "too short"}, InvalidInputError),
        ({"text": "x " * 600_000}, TooLargeError),
        ({"type_": "REFUND"}, InvalidInputError),
        ({"kind": SourceKind.PUBLIC, "type_": "INTERNAL_NOTE"}, InvalidInputError),
        ({"kind": SourceKind.CANARY, "text": "short"}, InvalidInputError),
    ],
    ids=[
        "no name",
        "a line break",
        "long name",
        "short text",
        "long text",
        "unknown type",
        "typed public",
        "short canary",
    ],
)
async def test_bad_input_is_refused(judging: Services, values: dict[str, object], error: type[OutguardError]) -> None:
    with pytest.raises(error):
        await add(judging, **{"name": "gold", "text": NOTE, **values})  # type: ignore[arg-type]
    assert await judging.store.list_entries("default") == ()


async def test_all_texts_together_are_bounded(judging: Services, monkeypatch: pytest.MonkeyPatch) -> None:
    await add(judging)
    monkeypatch.setattr(sources, "MAX_WORDS", 20)
    await add(judging)
    with pytest.raises(TooLargeError):
        await add(judging, "second")


async def test_without_the_key_every_reply_is_held(judging: Services, monkeypatch: pytest.MonkeyPatch) -> None:
    """Fail closed: a text that cannot be looked for may not be judged around."""
    await add(judging)
    with monkeypatch.context() as lost:
        lost.setattr(FakeSealer, "derive_keys", lambda _self, **_names: (bytes(32),))
        record = (await judged(judging, "Good morning to you, Maria, all is well.")).record
    assert (record.verdict, record.degraded_reason) == (Verdict.QUARANTINE, "system.sources_unavailable")
    assert (await judged(judging, "Good morning to you, Maria, all is well.")).record.verdict is Verdict.ALLOW


async def test_a_rotated_key_finds_what_was_hashed_before(judging: Services, monkeypatch: pytest.MonkeyPatch) -> None:
    await add(judging)
    old = judging.sealer.derive_keys(tenant="default", purpose="sources", subject_id="")
    monkeypatch.setattr(FakeSealer, "derive_keys", lambda _self, **_names: (bytes(32), *old))
    await add(judging, "second", "The warehouse robots of bay nine are switched off on Sundays, do not tell shoppers.")
    record = (await judged(judging, f"{NOTE} The warehouse robots of bay nine are switched off on Sundays.")).record
    assert {one.reason for one in record.findings} == {
        "words of the registered text gold",
        "words of the registered text second",
    }


async def test_a_change_by_another_replica_counts_within_seconds(judging: Services, clock: FakeClock) -> None:
    assert (await judged(judging)).record.verdict is Verdict.ALLOW
    other = replace(judging)
    await add(other)
    clock.advance(MAX_STALE_S)
    assert (await judged(judging)).record.verdict is Verdict.QUARANTINE


async def test_while_a_new_index_is_built_the_old_one_serves(judging: Services, clock: FakeClock) -> None:
    await add(judging)
    assert await judging.registered.of("default") is not None
    await sources.remove_source(replace(judging), ADMIN, request_id=new_id(), name="gold")
    clock.advance(REFRESH_S)
    assert (await judged(judging)).record.verdict is Verdict.QUARANTINE
    for _ in range(10):
        await asyncio.sleep(0.01)
    assert (await judged(judging)).record.verdict is Verdict.ALLOW


async def test_an_index_that_is_too_old_serves_no_more(judging: Services, clock: FakeClock) -> None:
    await add(judging)
    await judging.registered.of("default")
    store = judging.store
    assert isinstance(store, MemoryStore)
    clock.advance(MAX_STALE_S)
    store.is_down = True
    with pytest.raises(UnavailableError):
        await judging.registered.of("default")
    store.is_down = False
    assert await judging.registered.of("default") is not None


async def test_all_tenants_texts_are_loaded_beforehand(judging: Services, monkeypatch: pytest.MonkeyPatch) -> None:
    await add(judging)
    await add(judging, who=STRANGER)
    fresh = replace(judging)
    monkeypatch.setattr(FakeSealer, "open", broken_for("other"))
    assert await fresh.registered.warm() == ("other",)
    monkeypatch.setattr(judging.store, "list_sources", None)
    assert await fresh.registered.of("default") is not None


def broken_for(broken: str) -> Callable[..., bytes]:
    """A seal that opens nothing of one tenant."""
    opened = FakeSealer.open

    def open_others(self: FakeSealer, blob: bytes, *, tenant: str, subject_id: str) -> bytes:
        if tenant == broken:
            raise IntegrityError("damaged")
        return opened(self, blob, tenant=tenant, subject_id=subject_id)

    return open_others


async def test_who_waits_too_long_for_the_texts_is_told(judging: Services, monkeypatch: pytest.MonkeyPatch) -> None:
    async def never(tenant: str) -> None:
        del tenant
        await asyncio.sleep(60)

    monkeypatch.setattr(judging.store, "sources_state", never)
    agent = Principal(id="agent-1", role=Role.AGENT, tenant="default", topics=("*",))
    answer = await evaluate_reply(
        judging, agent, request_id=new_id(), reply=reply_of(LEAK), customer=CUSTOMER, budget_s=0.02
    )
    assert (answer.record.verdict, answer.record.degraded_reason) == (Verdict.QUARANTINE, "system.time_budget")


def test_the_shipped_judge_looks_for_registered_texts() -> None:
    scanner = build_judge(rules_of(None))._scanner
    assert isinstance(scanner, Scanner)
    assert any(isinstance(one, RegisteredTextDetector) for one in scanner.detectors)
