"""Amounts of money: exact decimals with an ISO 4217 code."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal

from outguard.errors import InvalidInputError

_CODE = re.compile(r"[A-Z]{3}\Z")
_PLAIN = re.compile(r"[0-9]{1,16}(?:\.[0-9]{1,20})?\Z")
MAX_AMOUNT = Decimal("1e15")
_CODES = (
    "AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB BOV BRL BSD BTN BWP BYN BZD CAD CDF "
    "CHE CHF CHW CLF CLP CNY COP COU CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD "
    "GNF GTQ GYD HKD HNL HTG HUF IDR ILS INR IQD IRR ISK JMD JOD JPY KES KGS KHR KMF KPW KRW KWD KYD KZT LAK LBP "
    "LKR LRD LSL LYD MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MXV MYR MZN NAD NGN NIO NOK NPR NZD OMR PAB "
    "PEN PGK PHP PKR PLN PYG QAR RON RSD RUB RWF SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB "
    "TJS TMT TND TOP TRY TTD TWD TZS UAH UGX USD USN UYI UYU UYW UZS VED VES VND VUV WST XAF XCD XOF XPF YER ZAR "
    "ZMW ZWG"
)
CURRENCIES = frozenset(_CODES.split())
"""The codes of ISO 4217 that money is named by."""


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
