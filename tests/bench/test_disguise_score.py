"""Recall on disguised positives: what counts as a positive, and as found."""

from __future__ import annotations

from typing import Any

from outguard.bench.corpus import Span
from outguard.bench.disguise import SECRET
from outguard.bench.disguise_score import DisguiseScorer, Positive, disguised, positives_of
from outguard.bench.sample import Sample, parse_sample


def sample(line: dict[str, Any]) -> Sample:
    parsed = parse_sample(line)
    assert parsed is not None
    return parsed


def test_names_and_negatives_are_no_positives() -> None:
    spans = [{"start": 0, "end": 2, "label": "PERSON"}, {"start": 3, "end": 11, "label": "IBAN_CODE"}]
    assert [p.kind for p in positives_of(sample({"text": "Jo AB123456", "spans": spans}))] == ["IBAN"]
    case = {"text": "AB123456", "spans": [], "class": "negative", "entity": "IBAN_CODE"}
    assert list(positives_of(sample(case))) == []


def test_a_credential_without_a_place_is_the_whole_text() -> None:
    (positive,) = positives_of(sample({"text": "key=abc", "spans": [], "class": "positive"}))
    assert (positive.kind, positive.span.start, positive.span.end) == (SECRET, 0, 7)


def test_places_inside_another_are_one_positive() -> None:
    spans = [{"start": 4, "end": 7, "label": "a"}, {"start": 0, "end": 7, "label": "b"}]
    (positive,) = positives_of(sample({"text": "key=abc", "spans": spans, "class": "positive"}))
    assert (positive.span.start, positive.span.end) == (0, 7)


def test_a_credential_is_encoded_with_its_whole_text() -> None:
    text = "password: hunter22"
    positive = Positive(kind=SECRET, span=Span(category="secret", type=SECRET, start=10, end=18))
    made = {item.disguise: (item, place) for item, place in disguised(positive, text)}
    assert made["hex"][0].text == text.encode().hex()
    assert made["full-width"][0].text.startswith("password: ")
    assert made["hex"][1].span.start == 0


def test_found_means_the_same_type_or_a_live_credential() -> None:
    place = Span(category="pii", type="IBAN", start=5, end=15)
    iban, key = Positive(kind="IBAN", span=place), Positive(kind=SECRET, span=place)
    live = Span(category="secret", type="API_KEY", status="live", start=5, end=8)
    assert iban.is_found([place])
    assert not iban.is_found([live])
    assert key.is_found([live])
    assert not key.is_found([Span(category="secret", type="API_KEY", status="placeholder", start=5, end=8)])


def test_recall_is_told_in_all_and_of_what_is_found_plain() -> None:
    scorer = DisguiseScorer()
    scorer.add("hex", "IBAN", is_found=True, is_found_plain=True)
    scorer.add("hex", "IBAN", is_found=False, is_found_plain=True)
    scorer.add("hex", "URL", is_found=False, is_found_plain=False)
    summary = scorer.summary()
    assert summary["disguises"]["hex"]["recall"] == round(1 / 3, 4)
    assert summary["all"]["recall_of_found_plain"] == 0.5
    assert summary["types"]["URL"]["recall_of_found_plain"] is None
