"""Pseudonyms (R24): stored encrypted with their reply, turned back by people who may, in their conversation alone."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from fakes import FakeClock
from flow_values import CUSTOMER, new_id, reply_of

from outguard.bootstrap import rules_of
from outguard.domain.audit import EntryKind
from outguard.domain.principal import Principal
from outguard.domain.review import RulingKind
from outguard.domain.verdict import Verdict
from outguard.errors import ConflictError, PseudonymExpiredError, UnavailableError, UnknownPseudonymError
from outguard.flows.evaluate_reply import ReplyAnswer, evaluate_reply
from outguard.flows.pseudonyms import erase_expired, resolve_pseudonym
from outguard.flows.read_reply import get_reply
from outguard.flows.review_item import claim_item, get_item
from outguard.flows.rule_item import rule_item
from outguard.flows.services import Services
from outguard.policy.compile import compile_policy
from outguard.policy.source import PolicySource

TEXT = "Dear NAME, your order is on its way to you today."
KEPT = "- {category: pii, status: own, action: keep}"


@pytest.fixture(scope="module")
def pseudonymous() -> PolicySource:
    """The shipped policy, but names become pseudonyms for an hour."""
    files = rules_of(None)
    text = files["policy.yaml"]
    assert KEPT in text
    text = text.replace(KEPT, KEPT.replace("keep", "pseudonym"))
    text = text.replace(
        "  review_target_s: 60\n  default_queue: reply-reviewers",
        "  pseudonym_lifetime_s: 3600\n  review_target_s: 60\n  default_queue: reply-reviewers",
    )
    return PolicySource(compile_policy(files | {"policy.yaml": text}))


@pytest.fixture
def services(services: Services, pseudonymous: PolicySource) -> Services:
    return replace(services, policies=pseudonymous)


async def judge(services: Services, agent: Principal, text: str = TEXT, **more: Any) -> ReplyAnswer:
    reply = replace(reply_of(text), **more)
    return await evaluate_reply(services, agent, request_id=new_id(), reply=reply, customer=CUSTOMER)


def word_in(answer: ReplyAnswer) -> str:
    assert answer.content is not None
    return (answer.content.text or "").split()[1].rstrip(",")


async def test_a_pseudonym_is_sent_and_can_be_turned_back(
    services: Services, agent: Principal, senior: Principal
) -> None:
    answer = await judge(services, agent)
    word = word_in(answer)
    assert answer.record.verdict is Verdict.REDACT
    assert word.startswith("PERSON_")
    assert answer.record.redactions[0].action == "pseudonym"
    resolved = await resolve_pseudonym(services, senior, conversation_id="conv-1", word=word)
    assert resolved.value == "NAME"
    assert resolved.pseudonym.type == "PERSON"


async def test_the_value_is_stored_encrypted_and_in_no_entry(
    services: Services, agent: Principal, senior: Principal
) -> None:
    word = word_in(await judge(services, agent))
    await resolve_pseudonym(services, senior, conversation_id="conv-1", word=word)
    stored = await services.store.find_pseudonym("default", word)
    assert stored is not None
    assert b"NAME" not in stored.sealed
    entries = await services.store.list_entries("default")
    assert not any(b"NAME" in entry.data for entry in entries)
    (read,) = [entry for entry in entries if entry.kind is EntryKind.PSEUDONYM_RESOLVED]
    assert (read.principal_id, read.subject_id) == (senior.id, word)
    assert json.loads(read.data)["details"]["conversation_id"] == "conv-1"


async def test_a_value_keeps_its_word_and_the_word_its_life(
    services: Services, agent: Principal, senior: Principal, clock: FakeClock
) -> None:
    first = word_in(await judge(services, agent))
    clock.advance(3000)
    second = word_in(await judge(services, agent))
    assert first == second
    clock.advance(3000)
    resolved = await resolve_pseudonym(services, senior, conversation_id="conv-1", word=first)
    assert resolved.pseudonym.version == 2


async def test_an_expired_pseudonym_is_refused(
    services: Services, agent: Principal, senior: Principal, clock: FakeClock
) -> None:
    word = word_in(await judge(services, agent))
    clock.advance(3600)
    with pytest.raises(PseudonymExpiredError):
        await resolve_pseudonym(services, senior, conversation_id="conv-1", word=word)
    (refused,) = await services.store.list_entries("default", kind=EntryKind.PSEUDONYM_REFUSED)
    assert json.loads(refused.data)["details"] == {"reason": "PSEUDONYM_EXPIRED"}


async def test_a_word_of_another_conversation_or_tenant_never_resolves(
    services: Services, agent: Principal, senior: Principal
) -> None:
    word = word_in(await judge(services, agent))
    elsewhere = word_in(await judge(services, agent, conversation_id="conv-2"))
    assert elsewhere != word
    for conversation, wrong in (("conv-2", word), ("conv-1", elsewhere), ("conv-3", word)):
        with pytest.raises(UnknownPseudonymError):
            await resolve_pseudonym(services, senior, conversation_id=conversation, word=wrong)
    with pytest.raises(UnknownPseudonymError):
        await resolve_pseudonym(services, replace(senior, tenant="other"), conversation_id="conv-1", word=word)


async def test_a_forged_word_in_a_reply_never_resolves(services: Services, agent: Principal, senior: Principal) -> None:
    """An agent may write what looks like a pseudonym; only words that we made stand for anything."""
    forged = "PERSON_7Q2F7777777777777777"
    answer = await judge(services, agent, f"{forged} will call you about your order tomorrow.")
    assert answer.record.verdict is Verdict.ALLOW
    with pytest.raises(UnknownPseudonymError):
        await resolve_pseudonym(services, senior, conversation_id="conv-1", word=forged)
    (refused,) = await services.store.list_entries("default", kind=EntryKind.PSEUDONYM_REFUSED)
    assert refused.principal_id == senior.id


async def test_a_real_word_that_comes_back_stays_what_it_is(
    services: Services, agent: Principal, senior: Principal
) -> None:
    word = word_in(await judge(services, agent))
    answer = await judge(services, agent, f"I told {word} that the order is on its way.")
    assert answer.content is not None
    assert word in (answer.content.text or "")
    assert (await resolve_pseudonym(services, senior, conversation_id="conv-1", word=word)).value == "NAME"


async def test_what_is_held_stores_no_pseudonym_until_it_is_released(
    services: Services, agent: Principal, reviewer: Principal, senior: Principal
) -> None:
    held = await judge(services, agent, "Dear NAME, I PROMISE your money back, all of it.")
    item_id = held.record.item_id or ""
    view = await get_item(services, reviewer, item_id=item_id)
    assert view.proposed is not None
    word = (view.proposed.text or "").split()[1].rstrip(",")
    with pytest.raises(UnknownPseudonymError):
        await resolve_pseudonym(services, senior, conversation_id="conv-1", word=word)
    await release(services, reviewer, item_id)
    sent = await get_reply(services, agent, reply_id=held.record.reply_id)
    assert sent.content == view.proposed
    assert (await resolve_pseudonym(services, senior, conversation_id="conv-1", word=word)).value == "NAME"


async def release(services: Services, reviewer: Principal, item_id: str) -> None:
    item = await claim_item(services, reviewer, item_id=item_id)
    assert item.claim is not None
    await rule_item(
        services,
        reviewer,
        request_id=new_id(),
        item_id=item_id,
        token=item.claim.token,
        kind=RulingKind.RELEASE,
        reason="checked",
    )


async def test_nothing_is_turned_back_that_cannot_be_recorded(
    services: Services, agent: Principal, senior: Principal, monkeypatch: pytest.MonkeyPatch
) -> None:
    word = word_in(await judge(services, agent))

    async def refuse(_change: object) -> None:
        raise UnavailableError("down")

    monkeypatch.setattr(services.store, "commit", refuse)
    with pytest.raises(UnavailableError):
        await resolve_pseudonym(services, senior, conversation_id="conv-1", word=word)


async def test_a_release_never_sends_what_a_cut_left(services: Services, agent: Principal, reviewer: Principal) -> None:
    """The scanner of these tests sees one mark at a time: what the first cut leaves is cut before a release."""
    held = await judge(services, agent, "Use SECRET or else SECRET when you sign in tomorrow.")
    assert [f.rule for f in held.record.findings][-1] == "system.residual"
    view = await get_item(services, reviewer, item_id=held.record.item_id or "")
    assert view.proposed is not None
    assert view.proposed.text == "Use [API_KEY] or else [API_KEY] when you sign in tomorrow."
    await release(services, reviewer, held.record.item_id or "")
    assert (await get_reply(services, agent, reply_id=held.record.reply_id)).content == view.proposed


async def test_what_never_comes_clean_cannot_be_released(
    services: Services, agent: Principal, reviewer: Principal
) -> None:
    held = await judge(services, agent, "I PROMISE it. " + "SECRET " * 9)
    view = await get_item(services, reviewer, item_id=held.record.item_id or "")
    assert view.proposed is None
    with pytest.raises(ConflictError):
        await release(services, reviewer, held.record.item_id or "")


async def test_what_has_expired_is_erased_and_may_be_issued_again(
    services: Services, agent: Principal, senior: Principal, clock: FakeClock
) -> None:
    word = word_in(await judge(services, agent))
    assert await erase_expired(services) == 0
    clock.advance(3600)
    assert await erase_expired(services) == 1
    assert await erase_expired(services) == 0
    stored = await services.store.find_pseudonym("default", word)
    assert stored is not None
    assert stored.sealed == b""
    (erased,) = await services.store.list_entries("default", kind=EntryKind.PSEUDONYM_ERASED)
    assert erased.subject_id == word
    with pytest.raises(PseudonymExpiredError):
        await resolve_pseudonym(services, senior, conversation_id="conv-1", word=word)
    assert word_in(await judge(services, agent)) == word
    assert (await resolve_pseudonym(services, senior, conversation_id="conv-1", word=word)).value == "NAME"
