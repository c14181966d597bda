"""Several deeds told in one breath are read one by one, each with words, sums and things of its own."""

from __future__ import annotations

import pytest

from outguard.detection.commitments.clauses import Clause
from outguard.detection.commitments.deeds import each_deed
from outguard.detection.commitments.extract import Commitment, Reading, Tense
from outguard.detection.commitments.tokens import words


def deeds(text: str, *, act: str = "claim", binding: bool = True) -> list[Commitment]:
    reading = Reading(act, ("REFUND",), binding=binding, score=0.9, tense=Tense.DONE, words=frozenset(words(text)))
    return list(each_deed(Clause(7, 7 + len(text), text), reading))


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (
            "I've refunded £8 on TOY-118 and cancelled the order",
            [("REFUND", "I've refunded £8 on TOY-118"), ("CANCELLATION", "cancelled the order")],
        ),
        (
            "I've cancelled TOY-118, refunded the £8 and sent a new train",
            [
                ("CANCELLATION", "I've cancelled TOY-118"),
                ("REFUND", "refunded the £8"),
                ("REPLACEMENT", "sent a new train"),
            ],
        ),
        ("TOY-118 is cancelled and £8 refunded", [("CANCELLATION", "TOY-118 is cancelled"), ("REFUND", "£8 refunded")]),
        (
            "TOY-118 is cancelled, £8 of the price refunded",
            [("CANCELLATION", "TOY-118 is cancelled"), ("REFUND", "£8 of the price refunded")],
        ),
        (
            "I refunded the £8 and will waive the collection fee",
            [("REFUND", "I refunded the £8"), ("FEE_WAIVER", "will waive the collection fee")],
        ),
        (
            "we put the £8 back and have given you 10% off the next train",
            [("REFUND", "we put the £8 back"), ("DISCOUNT_OR_PRICE", "have given you 10% off the next train")],
        ),
    ],
)
def test_each_verb_of_a_deed_has_words_of_its_own(text: str, told: list[tuple[str, str]]) -> None:
    assert [(one.type, one.text) for one in deeds(text)] == told
    assert all(text[one.start - 7 : one.end - 7] == one.text for one in deeds(text))


@pytest.mark.parametrize(
    "text",
    [
        "I've refunded £8 for the train and the bridge",
        "I've refunded £8 and e-mailed you the receipt",
        "I've refunded £8 and sent a new return label",
        "I refunded the £8 since you cancelled and refunded the buyer",
        "I've asked them to stop and cancel it",
        "the refund for your cancelled order is done",
        "I've approved and tested the train",
        "Hi Astrid, I've waived the £8 fee",
        "hey astrid, I've waived the £8 fee",
        "Dear Mr Ahmed, I've refunded £8",
        "Good morning Mohammed, I've cancelled it",
    ],
)
def test_one_deed_stays_whole(text: str) -> None:
    assert [one.text for one in deeds(text)] == [text]


def test_terms_are_not_cut() -> None:
    text = "orders are cancelled and refunded within a day"
    assert [one.text for one in deeds(text, act="policy", binding=False)] == [text]


def test_a_later_deed_is_on_the_thing_named_before_and_told_beside() -> None:
    first, second = deeds("I've refunded TOY-118 and cancelled it")
    assert (first.targets, second.targets) == (("toy118",), ("toy118",))
    assert (first.beside, second.beside) == (False, True)


def test_hostile_repetition_is_not_cut_without_end() -> None:
    assert len(deeds("I've refunded it" + " and cancelled it" * 20_000)) < 20


def test_a_first_deed_that_no_verb_here_names_is_none_of_those_behind_it() -> None:
    """One cover does not serve two deeds: what was done to the train is not the refund told after it."""
    first, second = deeds("I swapped the train and refunded £8")
    assert (first.types, second.types) == (("OTHER", "ACCOUNT_CHANGE"), ("REFUND",))
    assert deeds("£8 went home to your card and £2 refunded")[0].types == ("REFUND",)


def test_that_something_was_sorted_is_the_deed_told_behind_it() -> None:
    for text in ("I've sorted it and refunded £8", "I've looked into it, fixed things and refunded £8"):
        assert [one.text for one in deeds(text)] == [text]
