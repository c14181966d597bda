from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from outguard.detection.commitments.clauses import clauses, sentences
from outguard.detection.commitments.quotes import is_quoted, quoted_spans


def test_abbreviations_end_no_sentence() -> None:
    assert [s.text for s in sentences("Dear Mr. Lopez, it is done. Bye!")] == ["Dear Mr. Lopez, it is done.", "Bye!"]


def test_each_sentence_knows_the_one_before() -> None:
    assert [s.prev for s in sentences("One here. Two here.")] == ["", "One here."]


def test_long_sentences_part_at_conjunctions() -> None:
    (sentence,) = sentences("I've refunded the $45 today, and we'll call you tomorrow")
    assert [c.text for c in clauses(sentence)] == ["I've refunded the $45 today", "we'll call you tomorrow"] or [
        c.text for c in clauses(sentence)
    ] == ["I've refunded the $45 today", "and we'll call you tomorrow"]


@given(st.text(max_size=300))
def test_offsets_point_into_the_text(text: str) -> None:
    for sentence in sentences(text):
        assert text[sentence.start : sentence.end] == sentence.text
        for clause in clauses(sentence):
            assert text[clause.start : clause.end] == clause.text


def test_what_is_quoted_is_known() -> None:
    text = 'You wrote "I was promised a full refund" to us.'
    spans = quoted_spans(text)
    assert is_quoted(text.index("I was"), text.index('" to'), spans)
    assert not is_quoted(0, 9, spans)


def test_a_minus_between_sums_parts_no_clauses() -> None:
    for text, number in (
        ("Your claim makes £1,610 - £250 for the excess", 1),
        ("Your claim is settled - £250 is paid", 2),
    ):
        (sentence,) = sentences(text)
        assert len(clauses(sentence)) == number
