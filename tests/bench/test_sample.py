"""Lines of evaluation sets are told apart by their shape."""

from __future__ import annotations

from typing import Any

import pytest

from outguard.bench.sample import SampleKind, parse_sample
from outguard.errors import InvalidInputError

SPAN = {"start": 0, "end": 2, "label": "PERSON"}


@pytest.mark.parametrize(
    ("line", "kind"),
    [
        ({"expected": {"decision": "ALLOW", "spans": []}, "reply": {}}, SampleKind.SCENARIO),
        ({"text": "Jo", "spans": [SPAN]}, SampleKind.SPAN_SET),
        ({"text": "Jo", "spans": []}, SampleKind.SPAN_SET),
        ({"text": "Jo", "spans": [SPAN], "class": "positive", "entity": "PERSON"}, SampleKind.ENTITY_CASE),
        ({"text": "Jo", "spans": [], "class": "negative", "entity": "PERSON"}, SampleKind.ENTITY_CASE),
        ({"text": "Jo", "spans": [], "class": "negative"}, SampleKind.CREDENTIAL),
        ({"id": "ip_public/3", "text": "8.8.8.8", "spans": [], "class": "positive"}, SampleKind.ENTITY_CASE),
    ],
)
def test_the_shape_tells_the_kind(line: Any, kind: SampleKind) -> None:
    sample = parse_sample(line)
    assert sample is not None
    assert sample.kind is kind
    assert sample.is_positive is (line.get("class") != "negative")


@pytest.mark.parametrize("line", [{"id": "1", "text": "x"}, [1], None, "text"])
def test_a_line_without_labels_is_none(line: Any) -> None:
    assert parse_sample(line) is None


@pytest.mark.parametrize(
    "line",
    [
        {"spans": []},
        {"text": 3, "spans": []},
        {"text": "J", "spans": [SPAN]},  # beyond the text
        {"text": "Jo", "spans": [], "class": "perhaps"},
        {"text": "Jo", "spans": [], "class": "positive", "entity": 3},
    ],
)
def test_malformed_labels_are_refused(line: Any) -> None:
    with pytest.raises(InvalidInputError):
        parse_sample(line)
