"""Values survive the way to protos and back; what is out of range names its field."""

from __future__ import annotations

import math
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from google.protobuf.duration_pb2 import Duration
from google.protobuf.struct_pb2 import Struct, Value
from hypothesis import given
from hypothesis import strategies as st

from outguard.domain.action import Action
from outguard.domain.money import Money
from outguard.domain.reply import Attachment, Content, Customer
from outguard.errors import InvalidInputError, TooLargeError
from outguard.server import convert, convert_gate
from outguard.server.enums import VERDICT
from outguard.v1 import gate_pb2, types_pb2

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
LEAVES = (
    st.none()
    | st.booleans()
    | TEXT
    | st.integers(-(2**53) + 1, 2**53 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
)
JSON = st.dictionaries(
    TEXT,
    st.recursive(
        LEAVES, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4), max_leaves=20
    ),
    max_size=5,
)


@given(JSON)
def test_json_objects_survive_both_ways(value: dict[str, Any]) -> None:
    assert convert.read_struct(Struct.FromString(convert.write_struct(value).SerializeToString()), "x") == value


@given(st.datetimes(datetime(1, 1, 2), datetime(9999, 12, 30), timezones=st.just(UTC)))  # noqa: DTZ001 - bounds
def test_times_are_exact_to_the_microsecond(moment: datetime) -> None:
    stamp = convert.write_time(moment)
    assert stamp is not None
    assert stamp.ToDatetime(UTC) == moment


@given(st.decimals(0, 10**15, places=4))
def test_money_survives_both_ways(amount: Decimal) -> None:
    money = Money(amount=amount, currency="EUR")
    written = convert.write_money(money)
    assert written is not None
    assert convert.read_money(written, "amount") == money


@given(TEXT, TEXT, JSON, st.binary(max_size=20))
def test_content_survives_both_ways(subject: str, text: str, payload: dict[str, Any], data: bytes) -> None:
    content = Content(
        subject=subject,
        text=text,
        payload=payload,
        attachments=(Attachment(filename="a.txt", media_type="text/plain", data=data),),
    )
    written = convert.write_content(content)
    assert written is not None
    assert convert.read_content(written, "edited") == content


def test_absent_parts_stay_absent() -> None:
    empty = convert.read_content(types_pb2.Content(), "edited")
    assert empty == Content()
    assert convert.read_content(types_pb2.Content(text=""), "edited").text == ""


@pytest.mark.parametrize("number", [math.nan, math.inf, -math.inf])
def test_numbers_that_are_not_finite_are_refused(number: float) -> None:
    struct = Struct(fields={"a": Value(number_value=number)})
    with pytest.raises(InvalidInputError) as caught:
        convert.read_struct(struct, "reply.payload")
    assert caught.value.field == "reply.payload"


def test_a_value_of_no_kind_is_refused() -> None:
    with pytest.raises(InvalidInputError):
        convert.read_struct(Struct(fields={"a": Value()}), "x")


@pytest.mark.parametrize(
    "value",
    [
        "",
        "1",
        "not-a-uuid",
        "{00000000-0000-4000-8000-000000000000}",
        "0" * 32,
        "0" * 36,
        "00000000-0000-4000-8000-000000000000\n",
    ],
)
def test_request_ids_are_uuids(value: str) -> None:
    with pytest.raises(InvalidInputError) as caught:
        convert.read_request_id(value)
    assert caught.value.field == "request_id"


def test_request_ids_differ_by_value_not_by_case() -> None:
    upper = "ABCDEF00-0000-4000-8000-000000000000"
    assert convert.read_request_id(upper) == upper.lower()


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"conversation_id": ""}, "action.conversation_id"),
        ({"topic": ""}, "action.topic"),
        ({"topic": "x" * 201}, "action.topic"),
        ({"confidence": math.nan}, "action.confidence"),
        ({"confidence": 1.1}, "action.confidence"),
        ({"confidence": -0.1}, "action.confidence"),
        ({"anomaly_score": -1.0}, "action.anomaly_score"),
        ({"anomaly_score": math.inf}, "action.anomaly_score"),
        ({"retry_count": -1}, "action.retry_count"),
        ({"affected_users": -1}, "action.affected_users"),
        ({"risk_tags": ["x"] * 51}, "action.risk_tags"),
        ({"resume_state": b"0" * (64 * 1024 + 1)}, "action.resume_state"),
        ({"amount": types_pb2.Money(amount="-1", currency="USD")}, "action.amount.amount"),
        ({"amount": types_pb2.Money(amount="NaN", currency="USD")}, "action.amount.amount"),
        ({"amount": types_pb2.Money(amount="1", currency="dollars")}, "action.amount.currency"),
        ({"amount": types_pb2.Money()}, "action.amount.amount"),
    ],
)
def test_actions_out_of_range_name_their_field(change: dict[str, Any], field: str) -> None:
    fields = {"conversation_id": "c", "topic": "support.refund", **change}
    with pytest.raises(InvalidInputError) as caught:
        convert_gate.read_action(gate_pb2.Action(**fields))
    assert caught.value.field == field


@given(JSON, TEXT, st.floats(0, 1))
def test_actions_survive_both_ways(arguments: dict[str, Any], text: str, confidence: float) -> None:
    action = Action(
        conversation_id="conv-1",
        topic="support.refund",
        risk_tags=("financial",),
        arguments=arguments,
        amount=Money.parse("20.50", "USD"),
        target="ORD-1",
        text=text,
        confidence=confidence,
        agent_chain=("a", "b"),
        resume_state=b"\x00",
    )
    assert convert_gate.read_action(convert_gate.write_action(action)) == action


def test_too_many_known_values_are_refused() -> None:
    with pytest.raises(TooLargeError) as caught:
        convert.read_customer(types_pb2.Customer(known_values=["x"] * 101))
    assert caught.value.field == "customer.known_values"


def test_an_absent_customer_is_nobody() -> None:
    assert convert.read_customer(types_pb2.Customer()) == Customer()


@pytest.mark.parametrize("number", [0, 4, -1, 2**31 - 1])
def test_unknown_and_unspecified_enum_numbers_are_refused(number: int) -> None:
    with pytest.raises(InvalidInputError):
        VERDICT.read(number, "verdict")


def test_a_negative_wait_is_refused() -> None:
    with pytest.raises(InvalidInputError):
        convert.read_wait(Duration(seconds=-1), "timeout")


@pytest.mark.parametrize(("is_list", "deepest"), [(False, 30), (True, 45)])
def test_depth_is_bounded_so_that_an_answer_can_hold_it(is_list: bool, deepest: int) -> None:  # noqa: FBT001 - a case
    def nested(levels: int) -> Struct:
        value: Any = "x"
        for _ in range(levels):
            value = [value] if is_list else {"a": value}
        struct = Struct()
        struct.update({"a": value})
        return struct

    assert convert.read_struct(nested(deepest), "x")
    with pytest.raises(TooLargeError):
        convert.read_struct(nested(deepest + 1), "x")


def test_a_nul_is_refused_where_it_would_be_stored_as_it_is() -> None:
    with pytest.raises(InvalidInputError):
        convert.read_text("a\0b", "x")
    assert convert.read_text("a\0b", "x", 256 * 1024) == "a\0b"
