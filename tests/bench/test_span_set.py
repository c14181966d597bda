"""Span sets: types are mapped, what a set does not label is told apart, parts of a met place count neither way."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from outguard.bench.corpus import Span
from outguard.bench.span_set import SpanSetScorer


def span(kind: str, start: int, end: int, field: str | None = None) -> Span:
    return Span(category="pii", type=kind, start=start, end=end, field=field)


def score(labelled: list[Span], found: list[Span]) -> dict[str, Any]:
    scorer = SpanSetScorer()
    scorer.add(labelled, found)
    return scorer.summary()


def test_a_label_is_met_by_the_type_it_maps_to() -> None:
    result = score([span("IBAN_CODE", 0, 10)], [span("IBAN", 0, 10)])
    assert result["types"]["IBAN"]["recall"] == 1.0


def test_another_engines_entity_counts_as_ours() -> None:
    result = score([span("DOMAIN_NAME", 0, 10)], [span("URL", 0, 10)])
    assert result["types"]["URL"]["f2"] == 1.0


def test_less_than_half_of_the_longer_is_missed_and_wrong() -> None:
    row = score([span("ADDRESS", 0, 21)], [span("STREET_ADDRESS", 0, 10)])["types"]["STREET_ADDRESS"]
    assert (row["met"], row["labelled"], row["found"]) == (0, 1, 1)


def test_labels_without_a_type_of_ours_are_left_out_and_named() -> None:
    result = score([span("creative-work", 0, 5), span("PERSON", 6, 9)], [])
    assert result["left_out"] == {"creative-work": 1}
    assert result["all_types"]["labelled"] == 1


def test_a_finding_of_an_unlabelled_type_is_told_but_not_wrong() -> None:
    result = score([span("PERSON", 0, 5)], [span("PERSON", 0, 5), span("PASSPORT", 10, 19)])
    assert result["found_of_unlabelled_types"] == {"PASSPORT": 1}
    assert result["all_types"]["precision"] == 1.0


def test_a_date_of_birth_is_a_date_where_only_dates_are_labelled() -> None:
    result = score([span("DATE_TIME", 0, 5)], [span("DATE_OF_BIRTH", 0, 5), span("DATE_OF_BIRTH", 9, 14)])
    assert result["types"]["DATE_TIME"] == {"labelled": 1, "found": 2, "met": 1, "precision": 0.5} | {
        "recall": 1.0,
        "f2": round(5 / 6, 4),
    }


def test_a_part_of_a_met_place_counts_neither_way() -> None:
    labelled = [span("EMAIL_ADDRESS", 0, 20), span("URL", 40, 50)]
    result = score(labelled, [span("EMAIL_ADDRESS", 0, 20), span("URL", 8, 20), span("URL", 40, 50)])
    assert result["types"]["URL"]["precision"] == 1.0


def test_the_same_part_of_an_unmet_place_is_wrong() -> None:
    labelled = [span("EMAIL_ADDRESS", 0, 20), span("URL", 40, 50)]
    assert score(labelled, [span("URL", 8, 20), span("URL", 40, 50)])["types"]["URL"]["precision"] == 0.5


def test_findings_outside_the_text_are_ignored() -> None:
    assert score([], [span("PERSON", 0, 4, field="subject")])["found_of_unlabelled_types"] == {}


def test_sums_are_over_their_types() -> None:
    result = score([span("IBAN", 0, 9), span("PERSON", 10, 15)], [span("IBAN", 0, 9)])
    assert (result["pattern_types"]["recall"], result["free_types"]["recall"]) == (1.0, 0.0)
    assert result["all_types"]["recall"] == 0.5


_SPANS = st.lists(
    st.builds(
        lambda start, length, kind: span(kind, start, start + length),
        st.integers(0, 30),
        st.integers(1, 10),
        st.sampled_from(["URL", "IBAN", "PERSON"]),
    ),
    max_size=6,
)


@given(_SPANS)
def test_labels_found_as_labelled_are_perfect(labelled: list[Span]) -> None:
    row = score(labelled, labelled)["all_types"]
    assert row["met"] == row["found"] == row["labelled"] == len(labelled)


@given(_SPANS, _SPANS)
def test_no_label_is_met_twice(labelled: list[Span], found: list[Span]) -> None:
    row = score(labelled, found)["all_types"]
    assert row["met"] <= min(len(labelled), len(found))
    assert row["labelled"] == len(labelled)
