"""Entities and acts are read from rows of logits."""

from __future__ import annotations

import re

import numpy as np
import pytest

from outguard.detection.neural.reading import Entity, Labels, Reading

LABELS = Labels(
    tags=("O", "B-PERSON", "I-PERSON", "B-STREET_ADDRESS", "I-STREET_ADDRESS"),
    acts=("claim", "none"),
    types=("REFUND", "NONE"),
    thresholds={"PERSON": 0.5, "STREET_ADDRESS": 0.5},
)
COLUMNS = {tag: number for number, tag in enumerate(LABELS.tags)}


def reading(text: str, tags: dict[str, str], claims: frozenset[str] = frozenset(), weight: str = "") -> Reading:
    words = list(re.finditer(r"\w+|[^\w\s]", text))
    rows = np.zeros((len(words), LABELS.width), np.float32)
    for row, word in zip(rows, words, strict=True):
        row[COLUMNS[tags.get(word.group(), "O")]] = 9.0
        row[5 if word.group() in claims else 6] = 9.0
        row[-2] = 20.0 if word.group() == weight else 0.0
    starts, ends = (np.array([m.start() for m in words], np.int64), np.array([m.end() for m in words], np.int64))
    return Reading(LABELS, starts, ends, rows)


def found(text: str, tags: dict[str, str]) -> list[str]:
    return [text[e.start : e.end] for e in reading(text, tags).entities(text)]


def test_words_of_one_name_are_one_entity() -> None:
    assert found("ask Ann Lee now", {"Ann": "B-PERSON", "Lee": "I-PERSON"}) == ["Ann Lee"]


def test_a_new_begin_starts_a_new_entity() -> None:
    assert found("ask Ann Lee now", {"Ann": "B-PERSON", "Lee": "B-PERSON"}) == ["Ann", "Lee"]


def test_an_inside_without_a_begin_still_counts() -> None:
    assert found("ask Lee now", {"Lee": "I-PERSON"}) == ["Lee"]


def test_lines_part_names_but_not_addresses() -> None:
    assert found("Ann\nLee", {"Ann": "B-PERSON", "Lee": "I-PERSON"}) == ["Ann", "Lee"]
    tags = {"5": "B-STREET_ADDRESS", "Elm": "I-STREET_ADDRESS", "Leeds": "I-STREET_ADDRESS"}
    assert found("5 Elm,\nLeeds", tags) == ["5 Elm,\nLeeds"]


def test_a_possessive_is_left_out() -> None:
    tags = {"Ann": "B-PERSON", "'": "I-PERSON", "s": "I-PERSON"}
    assert found("Ann's cat", tags) == ["Ann"]


@pytest.mark.parametrize("text", ["ann@example.com", "@ann hello", "see https://example.com/ann"])
def test_parts_of_addresses_and_links_are_no_names(text: str) -> None:
    assert found(text, {"ann": "B-PERSON"}) == []


def test_digits_alone_are_no_name() -> None:
    assert found("call 42", {"42": "B-PERSON"}) == []


def test_a_threshold_can_be_raised() -> None:
    text = "Ann"
    one = reading(text, {"Ann": "B-PERSON"})
    assert [(e.kind, e.start, e.end) for e in one.entities(text, {"PERSON": 0.9})] == [("PERSON", 0, 3)]
    assert one.entities(text, {"PERSON": 1.01}) == []


def test_a_span_is_scored_by_its_own_words() -> None:
    text = "refunded it. bye now"
    one = reading(text, {}, frozenset({"refunded", "it", "."}))
    assert one.acts(0, 12).best == "claim"
    assert one.acts(13, 20).best == "none"


def test_the_pooling_score_says_which_word_counts() -> None:
    text = "we have refunded it all"
    assert reading(text, {}, frozenset({"refunded"}), weight="refunded").acts(0, len(text)).best == "claim"
    assert reading(text, {}, frozenset({"refunded"})).acts(0, len(text)).best == "none"


def test_a_span_without_words_says_nothing() -> None:
    acts = reading("a", {}).acts(5, 9)
    assert acts.acts == {"claim": 0.5, "none": 0.5}


def test_an_empty_text_has_no_entities() -> None:
    assert reading("", {}).entities("") == []


def test_a_score_becomes_the_share_that_was_right() -> None:
    curved = Labels(LABELS.tags, LABELS.acts, LABELS.types, LABELS.thresholds, {"PERSON": [(0.0, 0.0), (1.0, 0.6)]})
    assert curved.calibrated(Entity("PERSON", 0, 3, 0.5)).score == pytest.approx(0.3)
    assert curved.calibrated(Entity("STREET_ADDRESS", 0, 3, 0.5)).score == 0.5


@pytest.mark.parametrize("text", ["Dr. Ann", "Mrs Ann", "Ann"])
def test_a_title_is_no_part_of_a_name(text: str) -> None:
    tags = {"Dr": "B-PERSON", "Mrs": "B-PERSON", ".": "I-PERSON", "Ann": "I-PERSON"}
    assert found(text, tags) == ["Ann"]
