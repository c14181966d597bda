"""Money is an exact, finite, non-negative amount of one currency."""

from __future__ import annotations

import pytest

from outguard.domain.money import Money
from outguard.errors import InvalidInputError


@pytest.mark.parametrize("amount", ["NaN", "Infinity", "-1", "1e16", "abc", ""])
def test_a_senseless_amount_is_refused(amount: str) -> None:
    with pytest.raises(InvalidInputError):
        Money.parse(amount, "USD")


@pytest.mark.parametrize("currency", ["usd", "US", "", "USDX", "U$D"])
def test_a_senseless_currency_is_refused(currency: str) -> None:
    with pytest.raises(InvalidInputError):
        Money.parse("1", currency)


def test_money_reads_as_people_write_it() -> None:
    assert str(Money.parse("45", "USD")) == "45.00 USD"
