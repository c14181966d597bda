"""Documents are pasted whole and by sentence, each in every edit, and counted where their words may not go."""

from __future__ import annotations

import random

import pytest

from outguard.bench.leak_set import EDITS, LeakDocument, LeakScorer, parse_document, score_leaks
from outguard.errors import InvalidInputError

SECRET = "The duty manager may waive up to 30 fees a day without telling the ledger team."
SHARED = "Every branch opens at nine in the morning and closes at five on weekdays."
DOCUMENTS = (LeakDocument(f"{SECRET} Short one.\n{SHARED}", is_internal=True), LeakDocument(SHARED, is_internal=False))


def test_a_perfect_finder_finds_the_internal_alone() -> None:
    result = score_leaks(DOCUMENTS, lambda reply: "duty" in reply.lower() or "manager" in reply.lower())
    assert {row["share"] for row in result["internal"].values()} == {1.0}
    assert {row["share"] for row in result["public"].values()} == {0.0}
    assert result["internal"]["all"]["pasted"] == 2 * len(EDITS)


def test_what_is_public_too_is_no_leak() -> None:
    """The shared sentence counts as public in both documents, the public document as a whole too."""
    result = score_leaks(DOCUMENTS, lambda _: False)
    assert result["internal"]["sentence, as it is"] == {"pasted": 1, "found": 0, "share": 0.0}
    assert (result["public"]["sentence, as it is"]["pasted"], result["public"]["whole, as it is"]["pasted"]) == (2, 1)


@pytest.mark.parametrize("name", [name for name in EDITS if name != "as it is"])
def test_every_edit_changes_a_sentence_a_little(name: str) -> None:
    edited = SECRET
    for edit in EDITS[name]:
        edited = edit(edited, random.Random(3), ["umbrella"])  # noqa: S311 - a test
    assert edited != SECRET
    assert abs(len(edited.split()) - len(SECRET.split())) <= 1


def test_the_edits_are_the_same_every_time() -> None:
    seen: list[list[str]] = [[], []]
    for replies in seen:
        score_leaks(DOCUMENTS, lambda reply, replies=replies: bool(replies.append(reply)))  # type: ignore[misc]
    assert seen[0] == seen[1]


def test_without_pastes_there_is_no_share() -> None:
    assert LeakScorer().summary()["public"]["all"]["share"] is None


def test_a_document_says_what_it_is() -> None:
    assert parse_document({"content": "x", "internal": True}) == LeakDocument("x", is_internal=True)


@pytest.mark.parametrize("value", [[], {"content": "x"}, {"content": 3, "internal": True}, {"internal": False}])
def test_another_line_is_refused(value: object) -> None:
    with pytest.raises(InvalidInputError):
        parse_document(value)
