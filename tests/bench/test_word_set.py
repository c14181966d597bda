"""Word by word: parts or a whole, of whatever type, score alike; a found word under no label is wrong."""

from __future__ import annotations

from typing import Any

from outguard.bench.corpus import Span
from outguard.bench.word_set import WordScorer

TEXT = "at 12 Long Row, Ghent today"


def span(kind: str, words: str) -> Span:
    start = TEXT.index(words)
    return Span(category="pii", type=kind, start=start, end=start + len(words))


def score(labelled: list[Span], found: list[Span]) -> dict[str, Any]:
    scorer = WordScorer()
    scorer.add(TEXT, labelled, found)
    return scorer.summary()


def test_parts_of_an_address_are_met_by_the_whole() -> None:
    parts = [span("STREET_ADDRESS", "12"), span("STREET_ADDRESS", "Long Row"), span("GPE", "Ghent")]
    row = score(parts, [span("STREET_ADDRESS", "12 Long Row, Ghent")])["all_types"]
    assert (row["met"], row["labelled"], row["precision"], row["recall"]) == (4, 4, 1.0, 1.0)


def test_a_found_word_under_no_label_is_wrong() -> None:
    row = score([span("GPE", "Ghent")], [span("LOCATION", "Ghent today")])["all_types"]
    assert (row["precision"], row["recall"]) == (0.5, 1.0)


def test_pattern_types_ask_for_their_own_words_only() -> None:
    labelled = [span("STREET_ADDRESS", "12 Long Row"), span("GPE", "Ghent")]
    row = score(labelled, [span("STREET_ADDRESS", "12 Long Row, Ghent")])["pattern_types"]
    assert (row["labelled"], row["met"], row["precision"]) == (3, 3, 1.0)


def test_labels_without_a_type_of_ours_do_not_count() -> None:
    assert score([span("creative-work", "Long Row")], [])["all_types"]["labelled"] == 0
