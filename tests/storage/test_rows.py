"""Rows hold everything: what comes back equals what went in, for any value."""

from __future__ import annotations

from collections import namedtuple
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from outguard.domain.action import ActionRecord
from outguard.domain.audit import Entry
from outguard.domain.finding import Finding
from outguard.domain.money import Money
from outguard.domain.principal import Principal, Token
from outguard.domain.reply import RedactionDetail, ReplyRecord
from outguard.domain.review import Approval, Claim, ReviewItem, Ruling
from outguard.errors import InvalidInputError
from outguard.ports import Call
from outguard.storage.rows.records import (
    ACTION,
    APPROVAL,
    ITEM,
    REPLY,
    TOKEN,
    RecordKind,
    call_of,
    call_row,
    entry_of,
    entry_row,
)
from outguard.storage.rows.values import micros, moment_of
from outguard.storage.schema import AUDIT_ENTRIES, CALLS

_TIMES = st.datetimes(datetime(1, 1, 2), datetime(9999, 12, 30), timezones=st.just(UTC))  # noqa: DTZ001
_JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
st.register_type_strategy(datetime, _TIMES)
_MONEY = st.builds(
    Money,
    amount=st.decimals(0, Decimal("1e15"), allow_nan=False, allow_infinity=False),
    currency=st.sampled_from(["USD", "EUR", "JPY"]),
)
_CONSTRAINTS = st.dictionaries(st.text(), _JSON, max_size=3)
_FINDING = st.builds(Finding, score=st.floats(0, 1))
_RULINGS = st.lists(st.builds(Ruling), max_size=2).map(tuple)
_PRINCIPAL = st.builds(
    Principal, id=st.from_regex(r"[a-z]{1,9}", fullmatch=True), tenant=st.from_regex(r"[a-z]{1,9}", fullmatch=True)
)
_ROUND_TRIPS: list[tuple[RecordKind[Any], st.SearchStrategy[Any]]] = [
    (ACTION, st.builds(ActionRecord, constraints=_CONSTRAINTS, amount=st.none() | _MONEY)),
    (APPROVAL, st.builds(Approval, rulings=_RULINGS)),
    (
        REPLY,
        st.builds(
            ReplyRecord,
            findings=st.lists(_FINDING, max_size=3).map(tuple),
            redactions=st.lists(st.builds(RedactionDetail), max_size=3).map(tuple),
        ),
    ),
    (ITEM, st.builds(ReviewItem, claim=st.none() | st.builds(Claim), rulings=_RULINGS)),
    (TOKEN, st.builds(Token, principal=_PRINCIPAL)),
]


def _named(table: Any, row: tuple[Any, ...]) -> Any:
    return namedtuple("Row", table.c.keys())(*row)  # noqa: PYI024


@pytest.mark.parametrize(("kind", "values"), _ROUND_TRIPS, ids=[kind.table.name for kind, _ in _ROUND_TRIPS])
def test_records_come_back_equal(kind: RecordKind[Any], values: st.SearchStrategy[Any]) -> None:
    @given(value=values)
    def check(value: Any) -> None:
        row = kind.to_row(value)
        assert all(type(one) in {str, int, bool, bytes, type(None)} for one in row)
        assert kind.from_row(_named(kind.table, row)) == value

    check()


@given(call=st.builds(Call))
def test_calls_come_back_equal(call: Call) -> None:
    assert call_of(_named(CALLS, call_row("default", call))) == call


@given(entry=st.builds(Entry))
def test_entries_come_back_equal(entry: Entry) -> None:
    assert entry_of(_named(AUDIT_ENTRIES, entry_row(entry))) == entry


@given(moment=_TIMES, offset=st.integers(-1439, 1439))
def test_times_keep_their_moment_in_any_zone(moment: datetime, offset: int) -> None:
    there = moment.astimezone(timezone(timedelta(minutes=offset)))
    assert moment_of(micros(there)) == moment


def test_a_time_without_a_zone_is_refused() -> None:
    with pytest.raises(InvalidInputError):
        micros(datetime(2026, 1, 1))  # noqa: DTZ001


@pytest.mark.parametrize("kind", [kind for kind, _ in _ROUND_TRIPS], ids=lambda kind: kind.table.name)
def test_a_versioned_table_begins_with_tenant_id_and_version(kind: RecordKind[Any]) -> None:
    assert kind.table.c.keys()[:3] == ["tenant", kind.key, "version"]
