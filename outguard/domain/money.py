"""Amounts of money: exact decimals with an ISO 4217 code."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal

from outguard.errors import InvalidInputError

_CODE = re.compile(r"[A-Z]{3}\Z")
_PLAIN = re.compile(r"[0-9]{1,16}(?:\.[0-9]{1,20})?\Z")
MAX_AMOUNT = Decimal("1e15")


@dataclass(frozen=True, kw_only=True, slots=True)
class Money:
    """A finite, non-negative amount of one currency."""

    amount: Decimal
    currency: str

    def __post_init__(self) -> None:
        if not self.amount.is_finite() or self.amount < 0 or self.amount > MAX_AMOUNT:
            raise InvalidInputError("amount must be a finite number from 0 to 1e15", field="amount")
        if not _CODE.match(self.currency):
            raise InvalidInputError("currency must be a three-letter ISO 4217 code", field="currency")

    @classmethod
    def parse(cls, amount: str, currency: str) -> Money:
        """Read a decimal string such as "45.00".

        Raises:
            InvalidInputError: if it is no plain decimal, negative, too large, or the currency is no ISO code.
        """
        if not _PLAIN.match(amount):
            raise InvalidInputError("amount must be a decimal string such as 45.00", field="amount")
        return cls(amount=Decimal(amount), currency=currency)

    def __str__(self) -> str:
        return f"{self.amount:.2f} {self.currency}"
