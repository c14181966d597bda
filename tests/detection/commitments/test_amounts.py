from __future__ import annotations

from decimal import Decimal

import pytest

from outguard.detection.commitments.amounts import find_amounts, parse_number


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("I've refunded $45.00 to you", [("45.00", None)]),
        ("fifty bucks", [("50", None)]),
        ("€45,90 back", [("45.90", "EUR")]),
        ("1.349,50 EUR", [("1349.50", "EUR")]),
        ("$1,349.00 USD", [("1349.00", "USD")]),
        ("C$40 and 20 euros", [("40", "CAD"), ("20", "EUR")]),
        ("88,00 $ CA", [("88.00", "CAD")]),
        ("forty-five pounds sixty", [("45.60", "GBP")]),
        ("one hundred and five dollars", [("105", None)]),
        ("£15k", [("15000", "GBP")]),
        ("room 405, two boxes, 3 to 5 business days", []),
    ],
)
def test_sums_are_read_in_digits_and_words(text: str, expected: list[tuple[str, str | None]]) -> None:
    assert [(a.value, a.currency) for a in find_amounts(text)] == [(Decimal(v), c) for v, c in expected]


def test_spans_cover_the_words_of_the_sum() -> None:
    text = "we gave you fifty bucks yesterday"
    (amount,) = find_amounts(text)
    assert text[amount.start : amount.end] == "fifty bucks"


def test_a_dollar_sign_fits_any_dollar_but_no_euro() -> None:
    (amount,) = find_amounts("$5")
    assert amount.fits("USD")
    assert amount.fits("CAD")
    assert not amount.fits("EUR")


@pytest.mark.parametrize(
    ("word", "value"), [("1,234", "1234"), ("12,5", "12.5"), ("1.234.567", "1234567"), ("2k", "2000")]
)
def test_both_decimal_marks_are_understood(word: str, value: str) -> None:
    assert parse_number(word) == Decimal(value)


def test_endless_digits_are_no_number() -> None:
    assert parse_number("9" * 5000) is None


def test_a_sign_belongs_to_the_number_behind_it() -> None:
    """What is counted is no sum: "two $45 refunds"."""
    assert [str(one) for one in find_amounts("two £45 refunds")] == ["45.00 GBP"]
    assert [str(one) for one in find_amounts("45 £ and two pounds")] == ["45.00 GBP", "2.00 GBP"]
