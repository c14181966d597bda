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
_LEAVES = frozenset({str, bool, int, type(None)})
_LISTS, _SETS = (list, tuple), (set, frozenset)
_ENCODER = json.JSONEncoder(
    ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False, check_circular=False
)


def plain(value: Any, *, depth: int = 0) -> Any:
    """Reduce `value` to JSON types: enums to their value, decimals to strings, times to RFC 3339 UTC.

    Raises:
        InvalidInputError: for a type with no JSON form, a non-finite number or nesting over `MAX_DEPTH`.
    """
    kind = type(value)
    if kind in _LEAVES:
        return value
    if isinstance(value, str):
        return str.__str__(value)  # a member of a StrEnum is its value
    if kind is datetime:
        return rfc3339(value)
    if depth > MAX_DEPTH:
        raise InvalidInputError(f"nested deeper than {MAX_DEPTH} levels")
    if isinstance(value, dict) or (not isinstance(value, _LISTS) and isinstance(value, Mapping)):
        return {
            key if type(key) is str else str(key): item if type(item) in _LEAVES else plain(item, depth=depth + 1)
            for key, item in value.items()
        }
    if isinstance(value, _LISTS):
        return [item if type(item) in _LEAVES else plain(item, depth=depth + 1) for item in value]
    return sorted(plain(item, depth=depth + 1) for item in value) if isinstance(value, _SETS) else _plain_scalar(value)


def _plain_scalar(value: Any) -> str | int | float | bool | None:
    if type(value) in _LEAVES:
        return value  # type: ignore[no-any-return]
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
    return encode_json(plain(value))


def encode_json(value: Any) -> bytes:
    """The bytes of a value that is of JSON types already; as `canonical_json`, but numbers stay as they are given.

    Raises:
        InvalidInputError: if it is not of JSON types, too deep, not finite, or a string is not valid Unicode.
    """
    try:
        return _ENCODER.encode(value).encode()
    except UnicodeEncodeError as error:
        raise InvalidInputError("a string is not valid Unicode (lone surrogate)") from error
    except RecursionError as error:
        raise InvalidInputError(f"nested deeper than {MAX_DEPTH} levels") from error
    except (TypeError, ValueError) as error:
        raise InvalidInputError("a value has no JSON form") from error


def digest(value: Any) -> str:
    """SHA-256 of the canonical bytes, as `sha256:<hex>`."""
    return "sha256:" + hashlib.sha256(canonical_json(value)).hexdigest()


def rfc3339(moment: datetime) -> str:
    """An aware time as RFC 3339 UTC with microseconds."""
    if moment.tzinfo is None:
        raise InvalidInputError("a time has no zone")
    there = moment if moment.tzinfo is UTC else moment.astimezone(UTC)
    return there.isoformat(timespec="microseconds").replace("+00:00", "Z")
