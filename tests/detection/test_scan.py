"""Overlaps are settled by worth, never by losing what is worse."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from outguard.detection.scan import settle
from outguard.domain.finding import Category, Finding, Status


def _finding(start: int, end: int, **values: object) -> Finding:
    defaults: dict[str, object] = {
        "category": Category.PII, "type": "X", "status": Status.OWN, "score": 0.7, "rule": "r",
    }  # fmt: skip
    return Finding(start=start, end=end, **(defaults | values))  # type: ignore[arg-type]


def test_a_secret_beats_personal_data_on_the_same_words() -> None:
    secret = _finding(0, 9, category=Category.SECRET, type="API_KEY", status=Status.LIVE, score=0.5)
    assert settle([_finding(0, 10, score=0.99), secret]) == [secret]


def test_the_whole_beats_its_parts() -> None:
    whole = _finding(0, 40, type="STREET_ADDRESS")
    assert settle([_finding(5, 12), whole]) == [whole]


def test_a_worse_part_is_kept_beside_the_whole() -> None:
    whole, part = _finding(0, 40, type="STREET_ADDRESS"), _finding(5, 12, type="US_SSN", status=Status.OWN_SENSITIVE)
    assert set(settle([whole, part])) == {whole, part}


def test_sentences_do_not_compete_with_the_words_in_them() -> None:
    promise = _finding(0, 40, category=Category.COMMITMENT, type="REFUND", status=Status.UNBACKED)
    name = _finding(3, 8, type="PERSON")
    assert set(settle([promise, name, promise])) == {promise, name}


@given(st.lists(st.tuples(st.integers(0, 60), st.integers(1, 20), st.sampled_from(list(Status))), max_size=12))
def test_every_character_found_stays_covered_by_something_as_bad_or_longer(
    spans: list[tuple[int, int, Status]],
) -> None:
    findings = [_finding(start, start + size, status=status) for start, size, status in spans]
    settled = settle(findings)
    assert set(settled) <= set(findings)
    for finding in findings:
        assert any(kept.start < finding.end and finding.start < kept.end for kept in settled)
