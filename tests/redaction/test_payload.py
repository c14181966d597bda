"""What is cut from a structured payload, and what is left."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from redaction_finders import Plain, found, spanning

from outguard.domain.finding import FindingAction
from outguard.domain.payload_path import ROOT, item_path, key_path, member_path
from outguard.errors import InvalidInputError
from outguard.redaction.payload import redact_payload

REMOVE, MASK = FindingAction.REMOVE, FindingAction.MASK


def test_text_is_cut_at_its_path() -> None:
    payload = {"lines": [{"text": "to maria@example.com"}, {"text": "ok"}]}
    finding = found("to maria@example.com", "maria@example.com", field="payload.lines[0].text")
    left, details = redact_payload(payload, [finding], Plain())
    assert left == {"lines": [{"text": "to [EMAIL_ADDRESS]"}, {"text": "ok"}]}
    assert [(one.field, one.reason, one.action) for one in details] == [
        ("payload.lines[0].text", "EMAIL_ADDRESS", "replace")
    ]


def test_a_whole_object_is_removed_from_its_object_and_null_in_a_list() -> None:
    payload = {"debug": {"sql": "x"}, "notes": ["a", {"b": 1}], "keep": True}
    findings = [
        spanning(-1, -1, "DEBUG_TRACE", REMOVE, field="payload.debug"),
        spanning(-1, -1, "INTERNAL_NOTE", REMOVE, field="payload.notes[1]"),
    ]
    assert redact_payload(payload, findings, Plain())[0] == {"notes": ["a", None], "keep": True}


def test_what_is_emptied_by_removals_goes_too() -> None:
    payload = {"a": {"internal": {"note": "x", "log": ["y"]}, "empty": {}, "none": [None]}}
    findings = [
        spanning(-1, -1, "INTERNAL_NOTE", REMOVE, field="payload.a.internal.note"),
        spanning(-1, -1, "INTERNAL_NOTE", REMOVE, field="payload.a.internal.log[0]"),
    ]
    assert redact_payload(payload, findings, Plain())[0] == {"a": {"empty": {}, "none": [None]}}


def test_what_is_emptied_in_a_list_becomes_null() -> None:
    finding = spanning(-1, -1, "INTERNAL_NOTE", REMOVE, field="payload.a[0].x")
    assert redact_payload({"a": [{"x": "n"}, 2]}, [finding], Plain())[0] == {"a": [None, 2]}


def test_a_truth_value_is_removed_not_written_over() -> None:
    finding = spanning(-1, -1, "INTERNAL_NOTE", field="payload.fraud")
    assert redact_payload({"fraud": True, "a": 1}, [finding], Plain())[0] == {"a": 1}


def test_a_finding_inside_a_removed_object_is_done_with_it() -> None:
    findings = [
        spanning(-1, -1, "DEBUG_TRACE", REMOVE, field="payload.debug"),
        spanning(0, 3, "DB_URL", field="payload.debug.url"),
    ]
    assert redact_payload({"debug": {"url": "abc"}}, findings, Plain())[0] == {}


def test_a_number_becomes_text() -> None:
    payload = {"pan": 4111111111111111, "cvv": 219, "exact": 4111111111111111.0}
    findings = [
        spanning(0, 16, "CREDIT_CARD", MASK, field="payload.pan"),
        spanning(-1, -1, "CVV", field="payload.cvv"),
        spanning(0, 16, "CREDIT_CARD", MASK, field="payload.exact"),
    ]
    left = redact_payload(payload, findings, Plain())[0]
    assert left == {"pan": "************1111", "cvv": "[CVV]", "exact": "************1111"}


def test_a_key_with_personal_data_is_cut_and_not_told() -> None:
    payload = {"by": {"maria@example.com": "x", "[EMAIL_ADDRESS]": "y"}}
    finding = spanning(0, 17, field=key_path("payload.by.maria@example.com"))
    inner = spanning(0, 1, "PERSON", field="payload.by.maria@example.com")
    left, details = redact_payload(payload, [finding, inner], Plain())
    assert left == {"by": {"[EMAIL_ADDRESS]_2": "[PERSON]", "[EMAIL_ADDRESS]": "y"}}
    assert not any("maria" in detail.field for detail in details)


def test_a_finding_that_is_not_met_is_refused() -> None:
    with pytest.raises(InvalidInputError):
        redact_payload({"a": "b"}, [spanning(0, 1, field="payload.c")], Plain())


def test_an_absent_object_is_gone_already() -> None:
    gone = spanning(-1, -1, "DEBUG_TRACE", REMOVE, field="payload.c")
    assert redact_payload({"a": "b"}, [gone], Plain())[0] == {"a": "b"}


def test_the_whole_payload_can_be_removed() -> None:
    assert redact_payload({"a": "b"}, [spanning(-1, -1, "X", REMOVE, field="payload")], Plain())[0] == {}


def test_depth_costs_no_recursion() -> None:
    deep: dict[str, Any] = {"leaf": "x"}
    path = "payload"
    for _ in range(5000):
        deep, path = {"d": deep}, path + ".d"
    left = redact_payload(deep, [spanning(0, 1, field=path + ".leaf")], Plain())[0]
    for _ in range(5000):
        left = left["d"]
    assert left == {"leaf": "[EMAIL_ADDRESS]"}


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=6),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=12,
)


def paths(value: Any, path: str = ROOT) -> list[str]:
    """Every path of `value`."""
    found_here = [path]
    if isinstance(value, dict):
        for key, item in value.items():
            found_here += paths(item, member_path(path, key))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            found_here += paths(item, item_path(path, index))
    return found_here


@given(payload=st.dictionaries(st.text(max_size=4), JSON, max_size=4), data=st.data())
def test_redacting_twice_changes_nothing(payload: dict[str, Any], data: st.DataObject) -> None:
    chosen = data.draw(st.lists(st.sampled_from(paths(payload)), max_size=3))
    findings = [
        spanning(-1, -1, "CREDIT_CARD", data.draw(st.sampled_from(list(FindingAction))), field=path) for path in chosen
    ]
    once = redact_payload(payload, findings, Plain())[0]
    assert redact_payload(once, findings, Plain())[0] == once
    assert redact_payload(payload, [], Plain())[0] == payload
