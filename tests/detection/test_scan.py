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


def test_a_placeholder_for_a_secret_hides_nobodys_data() -> None:
    fake = _finding(0, 10, category=Category.SECRET, type="PASSWORD", status=Status.PLACEHOLDER, score=0.9)
    theirs = _finding(0, 20, type="EMAIL_ADDRESS", status=Status.OTHER)
    assert theirs in settle([fake, theirs])


def test_what_reaches_beyond_the_readers_own_is_kept() -> None:
    own, theirs = _finding(0, 20, type="PERSON", score=0.9), _finding(15, 25, type="ACCOUNT_ID", status=Status.OTHER)
    assert set(settle([own, theirs])) == {own, theirs}


def test_a_link_hides_nothing_that_it_carries() -> None:
    link = _finding(0, 60, type="URL", status=None)
    mail, date = _finding(30, 45, type="EMAIL_ADDRESS", status=None), _finding(10, 20, type="DATE_TIME", status=None)
    assert settle([link, mail, date]) == [link, mail]


_HARMFUL = (Status.LIVE, Status.OWN_SENSITIVE, Status.OTHER, None)


@given(
    st.lists(
        st.tuples(
            st.integers(0, 40),
            st.integers(1, 20),
            st.sampled_from([*_HARMFUL, Status.OWN, Status.PUBLIC, Status.PLACEHOLDER]),
            st.sampled_from([0.5, 0.7, 0.9]),
        ),
        max_size=8,
    )
)
def test_nothing_harmful_is_lost_to_what_is_harmless_unless_it_lies_within_it(
    spans: list[tuple[int, int, Status | None, float]],
) -> None:
    findings = [_finding(start, start + size, status=status, score=score) for start, size, status, score in spans]
    settled = settle(findings)
    for finding in findings:
        near = [one for one in settled if one.start < finding.end and finding.start < one.end]
        if finding.status in _HARMFUL:
            assert any(
                one.status in _HARMFUL or (one.start <= finding.start and finding.end <= one.end) for one in near
            )


@given(st.lists(st.tuples(st.integers(0, 60), st.integers(1, 20), st.sampled_from(list(Status))), max_size=12))
def test_every_character_found_stays_covered_by_something_as_bad_or_longer(
    spans: list[tuple[int, int, Status]],
) -> None:
    findings = [_finding(start, start + size, status=status) for start, size, status in spans]
    settled = settle(findings)
    assert set(settled) <= set(findings)
    for finding in findings:
        assert any(kept.start < finding.end and finding.start < kept.end for kept in settled)
