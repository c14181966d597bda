"""Recorded conversations: reading them, and what is learnt of the customer on the way."""

from __future__ import annotations

from typing import Any

import pytest

from outguard.cli.dialogue import ActionEvent, Dialogue, Known, ReplyEvent, customer_of, parse_dialogue
from outguard.errors import InvalidInputError

LINE: dict[str, Any] = {
    "id": "d/1",
    "domain": "retail",
    "model": "m",
    "reward": 1.0,
    "events": [
        {"reply": "Hi!", "last_user": ""},
        {"action": "get_order", "arguments": {"order_id": "#W1"}, "kind": "read", "wanted": True, "exact": False},
        {"action": "note", "arguments": None, "kind": "write", "wanted": None, "exact": None},
    ],
}


def call(**arguments: Any) -> ActionEvent:
    return ActionEvent(name="x", arguments=arguments, kind="read", wanted=None, exact=None)


def test_events_keep_their_order_and_kind() -> None:
    dialogue = parse_dialogue(LINE)
    first, second, third = dialogue.events
    assert first == ReplyEvent(text="Hi!", last_user="")
    assert second == ActionEvent(name="get_order", arguments={"order_id": "#W1"}, kind="read", wanted=True, exact=False)
    assert isinstance(third, ActionEvent)
    assert (third.arguments, third.wanted) == ({}, None)
    assert (dialogue.domain, dialogue.reward) == ("retail", 1.0)


@pytest.mark.parametrize(
    ("change", "place"),
    [
        ({"events": None}, "list of events"),
        ({"events": [3]}, r"events\[0\]"),
        ({"events": [{"reply": "a", "action": "b"}]}, r"events\[0\]"),
        ({"events": [{"reply": 3}]}, r"events\[0\].reply"),
        ({"events": [{"action": "a", "arguments": []}, {"action": "a", "arguments": "x"}]}, r"events\[1\].arguments"),
        ({"events": [{"action": "a", "wanted": "yes"}]}, r"events\[0\].wanted"),
        ({"reward": "1"}, "reward"),
        ({"id": 3}, "id"),
    ],
)
def test_a_wrong_part_is_named(change: dict[str, Any], place: str) -> None:
    with pytest.raises(InvalidInputError, match=place):
        parse_dialogue({**LINE, **change})


def test_identity_comes_from_the_look_ups() -> None:
    known = Known().after(call(first_name="Mei", last_name="Davis", zip="80217"))
    known = known.after(call(user_id="mei_davis_1", email="mei@example.com"))
    known = known.after(call(order_id="#W1", order_count=3)).after(call(order_id="#W1"))
    assert known.name == "Mei Davis"
    assert known.emails == ("mei@example.com",)
    assert known.values == ("mei_davis_1", "#W1")


def test_the_first_name_stays() -> None:
    known = Known().after(call(full_name="John Smith")).after(call(full_name="Jane Roe"))
    assert known.name == "John Smith"


def test_the_ids_of_goods_are_nobodys_own() -> None:
    assert Known().after(call(product_id="8940227892", item_id="1", order_id="#W1")).values == ("#W1",)


@pytest.mark.parametrize(
    ("arguments", "customer"),
    [
        ({"user_id": "mei_kovacs_8020"}, "mei kovacs"),
        ({"email": "mei.kovacs8232@example.com"}, "mei kovacs"),
        ({"first_name": "Mei", "last_name": "Kovacs", "zip": "28236"}, "mei kovacs"),
        ({"full_name": "Mei Kovacs"}, "mei kovacs"),
        ({"customer_id": "C1001", "full_name": "Mei Kovacs"}, "C1001"),
        ({"phone_number": "555-123-2002", "customer_id": "C1001"}, "555-123-2002"),
        ({"order_id": "#W1"}, ""),
    ],
)
def test_one_person_is_one_customer_however_they_are_looked_up(arguments: dict[str, str], customer: str) -> None:
    dialogue = Dialogue(id="d", domain="retail", reward=None, events=(call(**arguments),))
    assert customer_of(dialogue) == customer
