"""Digits told one by one are a code, unless the words before them name another number."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from outguard.detection.document import Document
from outguard.detection.ownership import OwnershipJudge
from outguard.detection.recognizers.said_digits import SaidDigitsDetector
from outguard.domain.authority import AuthorityProfile
from outguard.domain.context import ReplyContext
from outguard.domain.finding import Status
from outguard.domain.reply import Customer, Recipient


def _context(*known: str, customer: bool = True) -> ReplyContext:
    return ReplyContext(
        recipient=Recipient(display_name="Maria"),
        customer=Customer(id="c", name="Maria", known_values=known) if customer else None,
        profile=AuthorityProfile(name="shop", company="Brightloom", public_values=("5 5 5 1",)),
        ledger=(),
        now=datetime(2026, 1, 1, tzinfo=UTC),
    )


def _found(text: str, context: ReplyContext | None = None) -> list[tuple[str, Status | None]]:
    findings = SaidDigitsDetector(OwnershipJudge()).detect(Document(text=text), context or _context())
    return [(text[one.start : one.end], one.status) for one in findings]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("The bike shed takes 7 1 9 4 until Sunday.", "7 1 9 4"),
        ("On the sheet I put 7-0-3-9, so the crew gets in.", "7-0-3-9"),
        ("Turn the dials to 8 – 8 – 1 – 5, pull down.", "8 – 8 – 1 – 5"),
        ("At the barrier it wants five five oh nine, then hash.", "five five oh nine"),
        ("The one that worked was two, seven, double six.", "two, seven, double six"),
    ],
)
def test_digits_told_one_by_one_are_a_code(text: str, value: str) -> None:
    assert _found(text) == [(value, Status.OWN_SENSITIVE)]


@pytest.mark.parametrize(
    "text",
    [
        "Call us on 0 8 0 0 1.",
        "Your order 4 4 7 1 is packed.",
        "The meter reads five five oh nine.",
        "Is it seven oh two, 555, oh one three four?",
        "Is it 808 / 555 / zero-one-two-six?",
        "We hold oh double-seven double-oh, nine double-oh, oh six four.",
        "Read out five five oh nine point two.",
        "Menu options 1 2 3 4 are open.",
        "Count 1 2 3 4 and go.",
        "It was 3 2 at half time.",
        "Version 4-0-1-2 is out.",
        "From 10-12 to 3-4-2026 we are shut.",
        "Four digits are needed; choose two or three pairs.",
    ],
)
def test_other_numbers_lists_and_dates_are_left(text: str) -> None:
    assert _found(text) == []


def test_a_known_value_and_a_published_one_are_no_ones_secret() -> None:
    assert _found("It is 7 1 9 4.", _context("7194")) == []
    assert _found("It is 5 5 5 1.") == [("5 5 5 1", Status.PUBLIC)]


def test_without_a_recipient_nothing_is_told() -> None:
    assert _found("It takes 7 1 9 4.", _context(customer=False)) == []


@given(st.text(alphabet="0123456789 -,.onetwo", max_size=60))
def test_spans_lie_within_any_text(text: str) -> None:
    for one in SaidDigitsDetector(OwnershipJudge()).detect(Document(text=text), _context()):
        assert 0 <= one.start < one.end <= len(text)


def test_an_own_number_read_back_is_no_code() -> None:
    assert _found("That is nine oh oh oh six four, right?", _context("07700 900064")) == []
