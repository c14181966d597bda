"""One line of an evaluation set, told apart by its shape.

| shape | kind |
|---|---|
| `expected` | a labelled scenario: verdict and spans |
| `class` and `entity` | a case that speaks for its own entity only |
| `class` alone | a credential, or what only looks like one |
| `spans` | a text in which every label of the set is marked |
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from outguard.bench.corpus import Expected, Span, parse_expected
from outguard.errors import InvalidInputError

PERSONAL_PLUGINS = {"ip_public": "IP_ADDRESS"}
"""Parts of credential sets, by the first part of a line's id, that ask for what is personal data here."""


class SampleKind(StrEnum):
    """What a line measures."""

    SCENARIO = "scenario"
    SPAN_SET = "span_set"
    ENTITY_CASE = "entity_case"
    CREDENTIAL = "credential"


@dataclass(frozen=True, kw_only=True, slots=True)
class Sample:
    """A labelled line. `text` is empty for a scenario; `entity` is set for an entity case only."""

    kind: SampleKind
    expected: Expected
    text: str = ""
    entity: str = ""
    is_positive: bool = True

    @property
    def spans(self) -> tuple[Span, ...]:
        """The labelled places."""
        return self.expected.spans


def parse_sample(value: Any) -> Sample | None:
    """The sample of a parsed line; None where it carries no labels.

    Raises:
        InvalidInputError: if labels are there but malformed.
    """
    if not isinstance(value, Mapping):
        return None
    expected = parse_expected(value)
    if expected is None:
        return None
    if "expected" in value:
        return Sample(kind=SampleKind.SCENARIO, expected=expected)
    text = value.get("text")
    if not isinstance(text, str):
        raise InvalidInputError("text must be a string")
    if any(span.end is not None and span.end > len(text) for span in expected.spans):
        raise InvalidInputError("spans must lie within the text")
    if "class" not in value:
        return Sample(kind=SampleKind.SPAN_SET, expected=expected, text=text)
    return _case(value, expected, text)


def _case(value: Mapping[str, Any], expected: Expected, text: str) -> Sample:
    group, entity = value["class"], value.get("entity", "")
    if group not in {"positive", "negative"}:
        raise InvalidInputError("class must be positive or negative")
    if not isinstance(entity, str):
        raise InvalidInputError("entity must be a string")
    entity = entity or PERSONAL_PLUGINS.get(str(value.get("id", "")).partition("/")[0], "")
    return Sample(
        kind=SampleKind.ENTITY_CASE if entity else SampleKind.CREDENTIAL,
        expected=expected,
        text=text,
        entity=entity,
        is_positive=group == "positive",
    )
