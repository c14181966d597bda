"""The scorer's rules: what counts as met, missed, wrong; how rates come out."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from outguard.bench.corpus import Expected, Span
from outguard.bench.score import Scorer, Tally, match_spans, percentiles, verdict_summary


def email(start: int, end: int, status: str = "own") -> Span:
    return Span(category="pii", type="EMAIL_ADDRESS", status=status, start=start, end=end)


def in_field(name: str, kind: str = "PERSON", status: str = "own") -> Span:
    return Span(category="pii", type=kind, status=status, field=name)


KEY = ("pii", "EMAIL_ADDRESS")


@pytest.mark.parametrize(
    ("found", "met"),
    [
        (email(10, 20), 1),
        (email(10, 15), 1),  # exactly half of the longer
        (email(10, 14), 0),  # less than half
        (email(5, 25), 1),  # half of the found one, which is the longer
        (email(5, 26), 0),
        (email(20, 30), 0),
    ],
)
def test_half_of_the_longer_must_overlap(found: Span, met: int) -> None:
    tally = match_spans([email(10, 20)], [found])[KEY]
    assert (tally.met, tally.missed, tally.wrong) == (met, 1 - met, 1 - met)


def test_another_type_does_not_count() -> None:
    found = Span(category="pii", type="PHONE_NUMBER", status="own", start=10, end=20)
    tallies = match_spans([email(10, 20)], [found])
    assert tallies[KEY].missed == 1
    assert tallies["pii", "PHONE_NUMBER"].wrong == 1


def test_one_label_is_met_once() -> None:
    tally = match_spans([email(0, 10)], [email(0, 10), email(0, 9)])[KEY]
    assert (tally.met, tally.missed, tally.wrong) == (1, 0, 1)


def test_the_closest_pair_is_taken_first() -> None:
    tally = match_spans([email(0, 10), email(4, 10)], [email(0, 10), email(4, 10)])[KEY]
    assert (tally.met, tally.missed, tally.wrong) == (2, 0, 0)


def test_status_counts_only_where_met() -> None:
    tally = match_spans([email(0, 10, "own"), email(20, 30, "other")], [email(0, 10, "other"), email(20, 30, "other")])[
        KEY
    ]
    assert (tally.met, tally.status_right) == (2, 1)


def test_payload_spans_match_by_field_alone() -> None:
    found = Span(category="pii", type="PERSON", status="own", start=3, end=9, field="to.name")
    assert match_spans([in_field("to.name")], [found])["pii", "PERSON"].met == 1
    assert match_spans([in_field("to.name")], [in_field("from.name")])["pii", "PERSON"].missed == 1


def test_a_field_found_twice_counts_once() -> None:
    tally = match_spans([in_field("a")], [in_field("a"), in_field("a"), in_field("b"), in_field("b")])["pii", "PERSON"]
    assert (tally.met, tally.wrong) == (1, 1)


def test_subject_and_faults_are_not_scored() -> None:
    found = [in_field("subject"), Span(category="system", type="TIMEOUT", start=0, end=1)]
    assert match_spans([], found) == {}


def test_f2_weighs_recall_over_precision() -> None:
    precise, complete = Tally(met=5, missed=5, wrong=0).as_row(), Tally(met=5, missed=0, wrong=5).as_row()
    assert complete["f2"] > precise["f2"]
    assert Tally(met=8, missed=2, wrong=4).as_row()["f2"] == pytest.approx(5 * 8 / (5 * 8 + 4 * 2 + 4), abs=1e-4)


def test_rates_without_cases_are_none() -> None:
    assert Tally().as_row()["precision"] is None
    assert verdict_summary({})["accuracy"] is None
    assert percentiles([]) == {"p50": None, "p95": None, "p99": None, "max": None}


def test_verdict_rates_are_per_labelled_verdict() -> None:
    summary = verdict_summary({("ALLOW", "ALLOW"): 3, ("ALLOW", "REDACT"): 1, ("QUARANTINE", "REDACT"): 2})
    assert summary["allow_kept"] == 0.75
    assert summary["quarantine_recall"] == 0.0
    assert summary["redact_recall"] is None
    assert summary["accuracy"] == 0.5
    assert summary["confusion"]["QUARANTINE"] == {"ALLOW": 0, "REDACT": 2, "QUARANTINE": 0}


def test_percentiles_are_by_nearest_rank() -> None:
    assert percentiles(range(1, 101)) == {"p50": 50, "p95": 95, "p99": 99, "max": 100}
    assert percentiles([7.0]) == {"p50": 7.0, "p95": 7.0, "p99": 7.0, "max": 7.0}


def test_scorer_sums_lines_and_failures() -> None:
    scorer = Scorer()
    scorer.add(Expected(decision="REDACT", spans=(email(0, 5),)), "REDACT", [email(0, 5)], 1.0)
    scorer.add(Expected(decision=None, spans=(email(0, 5),)), "ALLOW", [], 3.0)
    scorer.add_failure()
    summary = scorer.summary()
    assert (summary["answered"], summary["failed"]) == (2, 1)
    assert summary["verdict"]["accuracy"] == 1.0
    assert summary["types"]["pii/EMAIL_ADDRESS"]["recall"] == 0.5
    assert summary["categories"]["pii"]["recall"] == 0.5


_SPANS = st.lists(
    st.builds(
        lambda start, length, kind: Span(category="pii", type=kind, start=start, end=start + length),
        st.integers(0, 30),
        st.integers(1, 10),
        st.sampled_from(["A", "B"]),
    ),
    max_size=6,
)


@given(_SPANS, _SPANS)
def test_every_span_is_counted_exactly_once(labelled: list[Span], found: list[Span]) -> None:
    tallies = match_spans(labelled, found).values()
    assert sum(tally.met + tally.missed for tally in tallies) == len(labelled)
    assert sum(tally.met + tally.wrong for tally in tallies) == len(found)


@given(_SPANS)
def test_labels_found_as_labelled_are_perfect(labelled: list[Span]) -> None:
    for tally in match_spans(labelled, labelled).values():
        assert (tally.missed, tally.wrong) == (0, 0)
        assert tally.status_right == tally.met
