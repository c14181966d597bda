"""Scenario lines become domain values, or an error that names the place and never the content."""

from __future__ import annotations

from contextlib import suppress
from copy import deepcopy
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from outguard.cli.scenario import parse_scenario, scenario_id
from outguard.domain.action import LedgerState
from outguard.errors import InvalidInputError

FULL: dict[str, Any] = {
    "id": "v-1",
    "profile": "brightloom",
    "reply": {
        "conversation_id": "conv-1",
        "channel": "email",
        "recipient": {"customer_id": "c-88", "display_name": "Maria Lopez", "address": "maria@example.com"},
        "subject": None,
        "text": "Hi Maria",
    },
    "customer": {
        "id": "c-88",
        "name": "Maria Lopez",
        "emails": ["maria@example.com"],
        "known_values": ["ORD-1"],
    },
    "ledger": [
        {
            "action_id": "act-1",
            "topic": "support.refund",
            "status": "EXECUTED",
            "amount": "45.00",
            "currency": "USD",
            "target": None,
            "at": "2026-01-02T03:04:05Z",
        }
    ],
    "expected": {"decision": "ALLOW"},
    "extra": 1,
}


def changed(path: str, value: Any) -> dict[str, Any]:
    line = deepcopy(FULL)
    *parents, last = path.split(".")
    place: Any = line
    for part in parents:
        place = place[int(part)] if isinstance(place, list) else place[part]
    place[last] = value
    return line


def test_a_full_scenario_is_read_whole() -> None:
    scenario = parse_scenario(FULL)
    assert scenario.id == "v-1"
    assert scenario.profile == "brightloom"
    assert scenario.reply.recipient.customer_id == "c-88"
    assert scenario.reply.text == "Hi Maria"
    assert scenario.customer is not None
    assert scenario.customer.known_values == ("ORD-1",)
    assert scenario.customer.phones == ()
    (entry,) = scenario.ledger
    assert (entry.state, entry.target) == (LedgerState.EXECUTED, None)
    assert entry.amount is not None
    assert entry.amount.amount == Decimal("45.00")
    assert entry.at is not None


def test_a_plain_line_has_no_customer() -> None:
    scenario = parse_scenario({"id": 7, "text": "hello", "template_id": 3})
    assert (scenario.id, scenario.customer, scenario.reply.text, scenario.ledger) == (7, None, "hello", ())


def test_a_missing_customer_and_ledger_are_empty() -> None:
    scenario = parse_scenario({"id": "a", "reply": {"payload": {"x": 1}}})
    assert (scenario.customer, scenario.ledger, scenario.reply.payload) == (None, (), {"x": 1})


@pytest.mark.parametrize(
    ("path", "value", "place"),
    [
        ("id", None, "id"),
        ("id", True, "id"),
        ("profile", 3, "profile"),
        ("reply", [], "reply"),
        ("reply.text", 5, "reply.text"),
        ("reply.text", None, "text or a payload"),
        ("reply.payload", "x", "reply.payload"),
        ("reply.html", "<p>", "reply has 1 key"),
        ("reply.recipient", "x", "reply.recipient"),
        ("reply.recipient.address", 1, "reply.recipient.address"),
        ("customer", "x", "customer"),
        ("customer.emails", "x", "customer.emails"),
        ("customer.emails", [1], r"customer.emails\[0\]"),
        ("ledger", {"a": 1}, "ledger"),
        ("ledger", ["x"], r"ledger\[0\]"),
        ("ledger.0.status", "DONE", r"ledger\[0\].status"),
        ("ledger.0.status", None, r"ledger\[0\].status"),
        ("ledger.0.topic", None, r"ledger\[0\].topic"),
        ("ledger.0.amount", 45, r"ledger\[0\].amount"),
        ("ledger.0.amount", "-1", r"ledger\[0\].amount"),
        ("ledger.0.amount", "NaN", r"ledger\[0\].amount"),
        ("ledger.0.currency", None, r"ledger\[0\].currency"),
        ("ledger.0.currency", "usd", r"ledger\[0\].currency"),
        ("ledger.0.at", "yesterday", r"ledger\[0\].at"),
        ("ledger.0.at", "2026-01-02T03:04:05", r"ledger\[0\].at"),
    ],
)
def test_a_wrong_part_is_named(path: str, value: Any, place: str) -> None:
    with pytest.raises(InvalidInputError, match=place):
        parse_scenario(changed(path, value))


@pytest.mark.parametrize("value", [None, 3, "x", [], {}, {"id": "a"}, {"id": "a", "text": None}])
def test_what_is_no_scenario_is_refused(value: Any) -> None:
    with pytest.raises(InvalidInputError):
        parse_scenario(value)


def test_ids_of_bad_lines_are_still_told() -> None:
    assert scenario_id({"id": "a", "reply": 3}) == "a"
    assert scenario_id({"id": ["a"]}) is None
    assert scenario_id([1]) is None


@pytest.mark.parametrize("key", ["last_user", "customer_message"])
def test_the_customers_last_message_goes_by_either_name(key: str) -> None:
    assert parse_scenario(changed(key, "Where is it?")).last_user == "Where is it?"


def test_a_confidence_is_a_share() -> None:
    assert parse_scenario(changed("confidence", 0.25)).confidence == 0.25
    assert parse_scenario(changed("confidence", None)).confidence is None
    for wrong in (-0.1, 1.5, True, "0.5", float("nan")):
        with pytest.raises(InvalidInputError, match="confidence"):
            parse_scenario(changed("confidence", wrong))


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
_PATHS = st.sampled_from(
    [
        "profile",
        "reply",
        "reply.text",
        "reply.recipient",
        "customer",
        "customer.emails",
        "ledger",
        "ledger.0.amount",
    ]
)


@given(_PATHS, _JSON)
def test_any_json_is_read_or_refused_cleanly(path: str, value: Any) -> None:
    with suppress(InvalidInputError):
        assert parse_scenario(changed(path, value)).id == "v-1"
