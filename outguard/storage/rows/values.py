"""How single values are stored, the same for every table.

A row is a tuple in the order of its table's columns, of plain database types only, so that no per-value conversion
happens while the write lock is held. Whatever is read back equals what was written.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from outguard.domain.money import Money
from outguard.errors import InvalidInputError

Values = tuple[Any, ...]
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
dump = json.JSONEncoder(separators=(",", ":"), allow_nan=False, check_circular=False).encode


def micros(moment: datetime) -> int:
    """Microseconds since 1970 UTC.

    Raises:
        InvalidInputError: for a time without a zone.
    """
    if moment.tzinfo is None:
        raise InvalidInputError("a time has no zone")
    return (moment - _EPOCH) // _MICROSECOND


def moment_of(value: int) -> datetime:
    """The time that `micros` wrote."""
    return _EPOCH + timedelta(microseconds=value)


def micros_or_none(moment: datetime | None) -> int | None:
    """`micros`, or None."""
    return None if moment is None else micros(moment)


def moment_or_none(value: int | None) -> datetime | None:
    """`moment_of`, or None."""
    return None if value is None else moment_of(value)


def money_of(amount: str | None, currency: str | None) -> Money | None:
    """The amount of two columns, exactly as written."""
    return None if amount is None or currency is None else Money(amount=Decimal(amount), currency=currency)
