"""One byte form for everything that is hashed, signed or compared.

JSON with sorted keys, no white space, UTF-8, after RFC 8785 (JCS); unlike JCS, decimals travel as strings and
non-finite numbers are refused, so that equal values always give equal bytes.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from enum import Enum
from typing import Any

from outguard.errors import InvalidInputError

MAX_DEPTH = 100


def plain(value: Any, *, depth: int = 0) -> Any:
    """Reduce `value` to JSON types: enums to their value, decimals to strings, times to RFC 3339 UTC.

    Raises:
        InvalidInputError: for a type with no JSON form, a non-finite number or nesting over `MAX_DEPTH`.
    """
    if value is None or type(value) in {str, bool, int}:
        return value
    if depth > MAX_DEPTH:
        raise InvalidInputError(f"nested deeper than {MAX_DEPTH} levels")
    if isinstance(value, Mapping):
        return {str(key): plain(item, depth=depth + 1) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item, depth=depth + 1) for item in value]
    if isinstance(value, set | frozenset):
        return sorted(plain(item, depth=depth + 1) for item in value)
    return _plain_scalar(value)


def _plain_scalar(value: Any) -> str | int | float | bool | None:
    if isinstance(value, Enum):
        return _plain_scalar(value.value)
    if isinstance(value, float):
        if not math.isfinite(value):
            raise InvalidInputError("a number is not finite")
        return int(value) if value.is_integer() and abs(value) < 2**53 else value
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, datetime):
        return rfc3339(value)
    if value is None or isinstance(value, str | int):
        return value
    raise InvalidInputError(f"{type(value).__name__} has no canonical form")


def canonical_json(value: Any) -> bytes:
    """The canonical bytes of `value`; lone surrogates are refused.

    Raises:
        InvalidInputError: where `plain` does, or if a string is not valid Unicode.
    """
    text = json.dumps(plain(value), ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)
    try:
        return text.encode()
    except UnicodeEncodeError as error:
        raise InvalidInputError("a string is not valid Unicode (lone surrogate)") from error


def digest(value: Any) -> str:
    """SHA-256 of the canonical bytes, as `sha256:<hex>`."""
    return "sha256:" + hashlib.sha256(canonical_json(value)).hexdigest()


def rfc3339(moment: datetime) -> str:
    """An aware time as RFC 3339 UTC with microseconds."""
    if moment.tzinfo is None:
        raise InvalidInputError("a time has no zone")
    return moment.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
