"""Canonical bytes: equal values give equal bytes, and what has no JSON form is refused."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from enum import Enum
from types import MappingProxyType
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from outguard.canonical import MAX_DEPTH, canonical_json, digest, encode_json, plain, rfc3339
from outguard.errors import InvalidInputError

JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text("abc", max_size=3), inner, max_size=4),
    max_leaves=12,
)


class Colour(Enum):
    RED = "red"


@given(JSON)
def test_json_survives_a_round_trip(value: Any) -> None:
    assert json.loads(canonical_json(value)) == value


@given(st.dictionaries(st.text("abcdef", max_size=4), st.integers(), max_size=6))
def test_key_order_does_not_matter(value: dict[str, int]) -> None:
    turned = dict(reversed(value.items()))
    assert canonical_json(value) == canonical_json(turned)
    assert encode_json(value) == encode_json(turned)


@pytest.mark.parametrize(
    ("value", "data"),
    [
        (Decimal("45.00"), b'"45.00"'),
        (Colour.RED, b'"red"'),
        ({"b": 1, "a": (True, None)}, b'{"a":[true,null],"b":1}'),
        (MappingProxyType({"a": frozenset({"y", "x"})}), b'{"a":["x","y"]}'),
        (5.0, b"5"),
        (0.5, b"0.5"),
        ("é", '"é"'.encode()),
        (datetime(2026, 1, 5, 9, tzinfo=UTC), b'"2026-01-05T09:00:00.000000Z"'),
    ],
)
def test_each_type_has_one_form(value: Any, data: bytes) -> None:
    assert canonical_json(value) == data


def test_whole_floats_equal_integers() -> None:
    assert digest({"a": [5.0]}) == digest({"a": [5]})


def deep(levels: int) -> Any:
    value: Any = 0
    for _ in range(levels):
        value = [value]
    return value


@pytest.mark.parametrize("value", [float("nan"), float("inf"), object(), {"a": b"bytes"}, deep(MAX_DEPTH + 2)])
def test_what_has_no_form_is_refused(value: Any) -> None:
    with pytest.raises(InvalidInputError):
        canonical_json(value)


@pytest.mark.parametrize("value", [float("nan"), object(), deep(100_000), "\ud800"])
def test_the_plain_encoder_refuses_too(value: Any) -> None:
    with pytest.raises(InvalidInputError):
        encode_json(value)


def test_a_lone_surrogate_is_refused() -> None:
    with pytest.raises(InvalidInputError):
        canonical_json({"text": "\ud800"})


def test_times_are_utc() -> None:
    east = datetime(2026, 1, 5, 10, tzinfo=timezone(timedelta(hours=1)))
    assert rfc3339(east) == "2026-01-05T09:00:00.000000Z"
    with pytest.raises(InvalidInputError):
        rfc3339(datetime(2026, 1, 5))  # noqa: DTZ001 - a time without zone is what is refused


def test_plain_leaves_json_as_it_is() -> None:
    value = {"a": [1, "x", None, {"b": True}]}
    assert plain(value) == value
