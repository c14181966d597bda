"""The set of claims without a deed is made of replies right after a write."""

from __future__ import annotations

import pytest

from outguard.bench.unexecuted import is_claim, unexecuted_claims

WRITE = {"action": "cancel_order", "kind": "write"}
READ = {"action": "get_order", "kind": "read"}
DONE = {"reply": "Your order has been cancelled.", "last_user": "Cancel it"}


@pytest.mark.parametrize(
    "text",
    ["Your order has been cancelled.", "I’ve enabled roaming on your line.", "Your line is now active again!"],
)
def test_plain_words_of_a_deed_are_a_claim(text: str) -> None:
    assert is_claim(text)


@pytest.mark.parametrize(
    "text",
    [
        "Your order has not been cancelled.",
        "Has it been cancelled?",
        "Once it is cancelled, you get an e-mail.",
        "Hello, how can I help?",
    ],
)
def test_denials_questions_and_conditions_are_none(text: str) -> None:
    assert not is_claim(text)


def test_only_replies_right_after_a_write_are_taken_and_without_a_ledger() -> None:
    dialogue = {"id": "d", "domain": "retail", "events": [DONE, READ, DONE, WRITE, DONE, DONE]}
    rows = list(unexecuted_claims(dialogue))
    assert [row["id"] for row in rows] == ["d#4"]
    assert rows[0]["ledger"] == []
    assert rows[0]["expected"]["decision"] == "QUARANTINE"
    assert rows[0]["reply"]["text"] == DONE["reply"]
