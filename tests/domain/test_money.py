"""Money is an exact, finite, non-negative amount of one currency."""

from __future__ import annotations

import pytest

from outguard.domain.money import Money
from outguard.errors import InvalidInputError


@pytest.mark.parametrize("amount", ["NaN", "Infinity", "-1", "1e16", "abc", "", "1e15.", "9" * 16])
def test_a_senseless_amount_is_refused(amount: str) -> None:
    with pytest.raises(InvalidInputError):
        Money.parse(amount, "USD")


@pytest.mark.parametrize(
    "amount", ["1e-999999999", "1E+3", "1_000", " 45", "45\n", "٤٥", "-0", ".5", "5.", "0." + "1" * 21]
)
def test_only_a_plain_decimal_is_an_amount(amount: str) -> None:
    """Above all no exponent: written out, a tiny number would fill the memory."""
    with pytest.raises(InvalidInputError):
        Money.parse(amount, "USD")


@pytest.mark.parametrize("currency", ["usd", "US", "", "USDX", "U$D"])
def test_a_senseless_currency_is_refused(currency: str) -> None:
    with pytest.raises(InvalidInputError):
        Money.parse("1", currency)


def test_money_reads_as_people_write_it() -> None:
    assert str(Money.parse("45", "USD")) == "45.00 USD"
