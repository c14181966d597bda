from __future__ import annotations

import gzip
import json
import os
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from policy_files import an_agent, shipped_files, shipped_policy

from outguard.domain.action import GateDecision
from outguard.errors import PolicyError
from outguard.gate.decide import decide
from outguard.policy.topics import load_topic_map

HEAD = "version: 1\ndomains:\n  shop:\n    tools:\n"
MAP = load_topic_map(
    HEAD
    + """\
      pay:
        {kind: write, topic: pay.out, risk_tags: [money], target: [order.id, line], customer: user,
         amount: {path: "parts[].amount", currency_path: cur}}
      look: {kind: read, topic: read.it}
      human: {kind: escalate, topic: escalate}
"""
)


def pay(**arguments: Any) -> Any:
    return MAP.action_for("shop", "pay", arguments, "conv-1")


def test_a_call_becomes_an_action() -> None:
    action = pay(order={"id": "o1"}, line=7, user="u1", cur="EUR", parts=[{"amount": 1.1}, {"amount": "2"}, {}])
    assert (action.topic, action.risk_tags, action.target, action.customer_id) == ("pay.out", ("money",), "o1 7", "u1")
    assert action.amount is not None
    assert (action.amount.amount, action.amount.currency) == (Decimal("3.1"), "EUR")
    assert action.arguments["line"] == 7


def test_absent_arguments_are_absent_values() -> None:
    action = pay(user=5, order="x")
    assert (action.amount, action.target, action.customer_id, action.risk_tags) == (None, None, None, ("money",))


@pytest.mark.parametrize("amount", [-1, "ten", None, True, float("nan"), "1e400", [1]])
def test_an_amount_that_is_none_is_tagged(amount: object) -> None:
    action = pay(cur="EUR", parts=[{"amount": amount}])
    assert action.amount is None
    assert "unreadable_amount" in action.risk_tags


def test_a_negative_part_cannot_hide_in_a_sum() -> None:
    assert "unreadable_amount" in pay(cur="EUR", parts=[{"amount": 10}, {"amount": -5}]).risk_tags


def test_a_bad_currency_is_tagged() -> None:
    assert "unreadable_amount" in pay(cur="euro", parts=[{"amount": 1}]).risk_tags


@pytest.mark.parametrize(("domain", "tool"), [("shop", "Drop Table!"), ("elsewhere", "pay"), ("shop", "")])
def test_an_unknown_tool_is_denied(domain: str, tool: str) -> None:
    action = MAP.action_for(domain, tool, {}, "conv-1")
    assert action.topic.startswith("unknown.")
    assert MAP.kind_of(domain, tool) == "write"
    assert decide(shipped_policy(), action, an_agent()).decision is GateDecision.DENY


def test_every_fault_of_a_map_comes_at_once() -> None:
    text = HEAD + (
        "      a: {kind: write, topic: A.B}\n"
        "      b: {kind: maybe, topic: a.b}\n"
        "      c: {kind: read, topic: escalate}\n"
        "      d: {kind: read, topic: a.b, amount: {path: 'x[0]', currency: USD}}\n"
    )
    with pytest.raises(PolicyError) as caught:
        load_topic_map(text)
    assert [getattr(problem, "line", 0) for problem in caught.value.problems] == [5, 6, 8]
    for amount in ("{path: x}", "{path: x, currency: USD, currency_path: y}"):
        with pytest.raises(PolicyError, match="currency or currency_path"):
            load_topic_map(HEAD + f"      d: {{kind: read, topic: a.b, amount: {amount}}}\n")
    with pytest.raises(PolicyError, match="go together"):
        load_topic_map(HEAD + "      c: {kind: read, topic: escalate}\n")


def test_the_shipped_map_names_only_topics_that_the_policy_lists() -> None:
    topics = load_topic_map(shipped_files()["topics/tau2.yaml"])
    for tools in topics.domains.values():
        for tool in tools.values():
            listed = shipped_policy().rules_by_topic.find(tool.topic)
            assert tool.topic == "escalate" or any(rule.lists for rule in listed), tool.topic


@pytest.mark.data
def test_the_shipped_map_knows_every_tool_of_the_dialogues() -> None:
    """Reads and escalations are never gated, and no tool is unknown."""
    root = os.environ.get("OUTGUARD_TEST_DATA")
    path = Path(root or ".") / "tau2-bench" / "dialogues.jsonl.gz"
    if not root or not path.is_file():
        pytest.skip("set OUTGUARD_TEST_DATA to the folder of outside data sets")
    topics = load_topic_map(shipped_files()["topics/tau2.yaml"])
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        for dialogue in map(json.loads, lines):
            for event in (each for each in dialogue["events"] if "action" in each):
                assert topics.kind_of(dialogue["domain"], event["action"]) == event["kind"]
                action = topics.action_for(dialogue["domain"], event["action"], event["arguments"], dialogue["id"])
                assert not action.topic.startswith("unknown.")
                answer = decide(shipped_policy(), action, an_agent())
                assert event["kind"] == "write" or answer.decision is GateDecision.ALLOW
