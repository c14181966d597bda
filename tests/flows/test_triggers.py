"""Signals that force a look (R16, R23): the customer's last words and an agent's doubt make a reply stricter only."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from flow_values import CUSTOMER, new_id, reply_of

from outguard.bootstrap import rules_of
from outguard.detection.pack import load_packs
from outguard.detection.payload_rules import PayloadRules
from outguard.detection.phrases import trigger_files
from outguard.detection.scan import Scanner
from outguard.detection.triggers import TriggerDetector
from outguard.domain.principal import Principal
from outguard.domain.verdict import Verdict
from outguard.flows.evaluate_reply import ReplyAnswer, evaluate_reply
from outguard.flows.judge_reply import ReplyJudge
from outguard.flows.review_item import get_item
from outguard.flows.services import Services

FINE = "Thank you for writing. Your parcel left our warehouse this morning."


@pytest.fixture
def services(services: Services) -> Services:
    triggers = TriggerDetector(load_packs(trigger_files(rules_of(None)), validators=frozenset()))
    return replace(services, judge=ReplyJudge(Scanner((), triggers), services.limits, PayloadRules(())))


async def judge(services: Services, agent: Principal, **more: Any) -> ReplyAnswer:
    return await evaluate_reply(services, agent, request_id=new_id(), reply=reply_of(FINE), customer=CUSTOMER, **more)


@pytest.mark.parametrize(
    ("message", "queue", "priority"),
    [
        ("I do not want to live any more.", "care-specialists", 100),
        ("My husband passed away in May.", "care-specialists", 100),
        ("I will sue you.", "complaint-handlers", 50),
        ("I want to make a formal complaint.", "complaint-handlers", 50),
        ("Someone hacked my account!", "security-approvers", 50),
        ("You are thieves.", "reply-reviewers", 0),
        ("I will sue you, and I want to kill myself.", "care-specialists", 100),
    ],
)
async def test_a_harmless_reply_waits_where_the_customer_needs_a_person(
    services: Services, agent: Principal, message: str, queue: str, priority: int
) -> None:
    answer = await judge(services, agent, last_user=message)
    assert answer.record.verdict is Verdict.QUARANTINE
    assert answer.content is None
    item = await services.store.get_item("default", answer.record.item_id or "")
    assert (item.queue, item.priority) == (queue, priority)
    assert item.rule_id.startswith("trigger.")


async def test_an_ordinary_message_changes_nothing(services: Services, agent: Principal) -> None:
    answer = await judge(services, agent, last_user="Where is my parcel, please?", confidence=0.9)
    assert answer.record.verdict is Verdict.ALLOW
    assert answer.content is not None


@pytest.mark.parametrize("confidence", [0.0, 0.49])
async def test_an_agent_in_doubt_has_its_reply_looked_at(
    services: Services, agent: Principal, confidence: float
) -> None:
    answer = await judge(services, agent, confidence=confidence)
    assert [finding.type for finding in answer.record.findings] == ["LOW_CONFIDENCE"]
    assert answer.record.verdict is Verdict.QUARANTINE


def test_a_confidence_that_is_no_number_is_doubt(services: Services) -> None:
    policy = services.policies.current.reply
    assert policy.is_unsure(float("nan"))
    assert not policy.is_unsure(0.5)
    assert not policy.is_unsure(None)


async def test_confidence_makes_no_reply_safer(services: Services, agent: Principal) -> None:
    answer = await judge(services, agent, last_user="I will sue you.", confidence=1.0)
    assert answer.record.verdict is Verdict.QUARANTINE


async def test_the_message_is_shown_to_the_reviewer_and_stands_in_no_entry(
    services: Services, agent: Principal, reviewer: Principal
) -> None:
    message = "My lawyer Wilhelmina will sue you."
    answer = await judge(services, agent, last_user=message)
    view = await get_item(services, reviewer, item_id=answer.record.item_id or "")
    assert view.last_user == message
    (finding,) = answer.record.findings
    assert message[finding.start : finding.end] in message
    entries = await services.store.list_entries("default")
    assert not any(b"Wilhelmina" in entry.data or b"sue you" in entry.data for entry in entries)
    assert b"Wilhelmina" not in answer.record.sealed
