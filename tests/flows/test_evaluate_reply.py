"""EvaluateReply: only a sure yes hands out words, everything is on the record, nothing leaks into it."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest
from flow_values import CUSTOMER, new_id, reply_of

from outguard.domain.finding import Category, Finding, FindingAction
from outguard.domain.principal import Principal
from outguard.domain.reply import Attachment, ReplyState
from outguard.domain.verdict import Verdict
from outguard.errors import InvalidInputError, NotFoundError, RequestIdReusedError, TooLargeError, UnknownProfileError
from outguard.flows.evaluate_reply import ReplyAnswer, evaluate_reply
from outguard.flows.read_reply import get_reply, wait_reply
from outguard.flows.reply_record import MAX_SUMMARY, finding_summary
from outguard.flows.services import Services


async def judge(services: Services, agent: Principal, text: str, request_id: str = "") -> ReplyAnswer:
    return await evaluate_reply(
        services, agent, request_id=request_id or new_id(), reply=reply_of(text), customer=CUSTOMER
    )


async def test_harmless_words_may_go_as_they_are(services: Services, agent: Principal) -> None:
    answer = await judge(services, agent, "Hello NAME, your order is on its way to you.")
    assert answer.record.verdict is Verdict.ALLOW
    assert answer.content is not None
    assert answer.content.text == "Hello NAME, your order is on its way to you."


async def test_a_secret_is_cut_before_the_words_may_go(services: Services, agent: Principal) -> None:
    answer = await judge(services, agent, "Please use the key SECRET when you sign in tomorrow.")
    assert answer.record.verdict is Verdict.REDACT
    assert answer.content is not None
    assert "SECRET" not in (answer.content.text or "")
    assert answer.record.redactions


async def test_a_false_promise_is_held_for_people(services: Services, agent: Principal) -> None:
    answer = await judge(services, agent, "I PROMISE your money back today.")
    assert answer.content is None
    assert answer.record.state is ReplyState.HELD
    assert answer.record.holding_message
    item = await services.store.get_item("default", answer.record.item_id or "")
    assert item.subject_id == answer.record.reply_id


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("CRASH", "system.detector_failed"),
        ("x" * (256 * 1024 + 1), "system.too_large"),
    ],
)
async def test_a_fault_is_never_a_yes(services: Services, agent: Principal, text: str, rule: str) -> None:
    answer = await judge(services, agent, text)
    assert answer.record.verdict is Verdict.QUARANTINE
    assert answer.content is None
    assert rule in {f.rule for f in answer.record.findings if f.category is Category.SYSTEM}


async def test_an_unreadable_attachment_holds_the_reply(services: Services, agent: Principal) -> None:
    scan = Attachment(filename="scan.png", media_type="image/png", data=b"\x89PNG")
    reply = replace(reply_of("Your form is attached, have a nice day."), attachments=(scan,))
    answer = await evaluate_reply(services, agent, request_id=new_id(), reply=reply, customer=CUSTOMER)
    assert answer.record.verdict is Verdict.QUARANTINE


async def test_a_used_up_budget_holds_and_says_degraded(services: Services, agent: Principal) -> None:
    answer = await evaluate_reply(
        services,
        agent,
        request_id=new_id(),
        reply=reply_of("Hello there, how are you?"),
        customer=CUSTOMER,
        budget_s=0.0,
    )
    assert answer.content is None
    assert answer.record.degraded
    assert answer.record.degraded_reason == "system.time_budget"


async def test_nothing_to_judge_is_an_error(services: Services, agent: Principal) -> None:
    with pytest.raises(InvalidInputError):
        await judge(services, agent, "")


async def test_an_unknown_profile_is_an_error(services: Services, agent: Principal) -> None:
    with pytest.raises(UnknownProfileError):
        await evaluate_reply(
            services,
            agent,
            request_id=new_id(),
            reply=reply_of("Hello"),
            customer=CUSTOMER,
            profile="no-such-company",
        )


async def test_the_same_request_is_answered_from_the_record(services: Services, agent: Principal) -> None:
    request_id = new_id()
    first = await judge(services, agent, "The key is SECRET, keep it safe please.", request_id)
    again = await judge(services, agent, "The key is SECRET, keep it safe please.", request_id)
    assert again.record.reply_id == first.record.reply_id
    assert again.content == first.content
    assert (await services.store.head("default")).size == 1


async def test_the_same_request_id_with_other_words_is_refused(services: Services, agent: Principal) -> None:
    request_id = new_id()
    await judge(services, agent, "Hello there, how are you?", request_id)
    with pytest.raises(RequestIdReusedError):
        await judge(services, agent, "Hello there, I PROMISE it.", request_id)


async def test_the_record_and_the_row_hold_no_words(services: Services, agent: Principal) -> None:
    answer = await judge(services, agent, "Dear zebra, the key is SECRET, please keep it safe.")
    entries = await services.store.list_entries("default")
    assert len(entries) == 1
    for words in (b"zebra", b"SECRET", b"Maria", b"maria@example.com"):
        assert words not in entries[0].data
        assert words not in answer.record.sealed
        assert words not in (answer.record.sealed_out or b"")
    assert answer.record.content_mac.encode() in entries[0].data


async def test_another_agent_cannot_read_the_reply(services: Services, agent: Principal) -> None:
    answer = await judge(services, agent, "Hello there, how are you?")
    with pytest.raises(NotFoundError):
        await get_reply(services, replace(agent, id="agent-2"), reply_id=answer.record.reply_id)
    with pytest.raises(NotFoundError):
        await get_reply(services, replace(agent, tenant="other"), reply_id=answer.record.reply_id)


async def test_handing_words_out_later_is_on_the_record(services: Services, agent: Principal) -> None:
    answer = await judge(services, agent, "Hello there, how are you?")
    later = await get_reply(services, agent, reply_id=answer.record.reply_id)
    assert later.content == answer.content
    entries = await services.store.list_entries("default")
    assert [entry.kind for entry in entries] == ["reply.decided", "reply.delivered"]


async def test_waiting_for_a_held_reply_ends_at_the_time_out(services: Services, agent: Principal) -> None:
    answer = await judge(services, agent, "I PROMISE it.")
    waited = await asyncio.wait_for(
        wait_reply(services, agent, reply_id=answer.record.reply_id, timeout_s=0.0), timeout=5
    )
    assert waited.content is None
    assert waited.record.state is ReplyState.HELD


def finding_of(field: str, action: FindingAction = FindingAction.MASK) -> Finding:
    return Finding(
        category=Category.PII, type="EMAIL_ADDRESS", status=None, start=0, end=1, score=1.0, rule="r", field=field,
        action=action,
    )  # fmt: skip


def test_an_entry_names_no_keys_of_a_payload() -> None:
    summary = finding_summary((finding_of("payload.maria@example.com.phone"), finding_of("subject")))
    assert [one["field"] for one in summary["findings"]] == ["payload", "subject"]


def test_an_entry_counts_all_findings_and_names_the_decisive_ones() -> None:
    many = (*[finding_of("text")] * MAX_SUMMARY, finding_of("text", FindingAction.QUARANTINE))
    summary = finding_summary(many)
    assert (summary["finding_count"], len(summary["findings"])) == (MAX_SUMMARY + 1, MAX_SUMMARY)
    assert summary["findings"][0]["action"] is FindingAction.QUARANTINE


async def test_sources_that_cannot_be_read_in_time_are_refused(services: Services, agent: Principal) -> None:
    with pytest.raises(TooLargeError):
        await evaluate_reply(
            services,
            agent,
            request_id=new_id(),
            reply=reply_of("Hello NAME, it is on its way."),
            customer=CUSTOMER,
            sources=("x" * 70_000, "y" * 70_000),
        )
