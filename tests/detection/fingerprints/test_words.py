"""Words are letters only, folded, and the short way to them gives what the long one gives."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from outguard.detection.fingerprints.shingles import checksums
from outguard.detection.fingerprints.words import _placed, places_of, sentence_lengths, weight_of, weights_of, words_of


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Don't wait: it's 30 DAYS!", "dont wait its days"),
        ("It\u2019s a caf\u00e9 \u2013 \u201cna\u00efve\u201d", "its a cafe naive"),
        ("abc123def 4_821 $1,000.50", "abc def"),
        ("' '' rock 'n' roll", "rock n roll"),
        ("\u304a\u5ba2\u69d8 ok", "\u304a \u5ba2 \u69d8 ok"),
        ("Stra\u00dfe \u00c4RGER", "strasse arger"),
        ("", ""),
    ],
)
def test_words_are_folded_letters(text: str, words: str) -> None:
    assert words_of(text) == [word.encode() for word in words.split()]


@given(st.text(st.characters(codec="utf-8"), max_size=60) | st.text("aB'\u2019 .1\u00e9\u0301-\n", max_size=60))
def test_each_word_has_its_place(text: str) -> None:
    """The quick way over the text and the one that tells places agree on every text."""
    assert words_of(text) == [word for word, _, _ in _placed(text)]
    places = places_of(text)
    assert len(places) == len(words_of(text)) == sum(sentence_lengths(text))
    assert all(0 <= start < end <= len(text) for start, end in places)


def test_sentences_are_counted() -> None:
    assert [one for one in sentence_lengths("One two. Three!\nFour: five 3.5 six") if one] == [2, 1, 1, 2]


def test_a_word_that_is_everywhere_says_little() -> None:
    assert weights_of([b"with", b"chargeback"]).tolist() == [0.5, 1.0]
    assert weight_of([b"with", b"chargeback"]) == 1.5


@given(st.lists(st.binary(min_size=1, max_size=12).map(lambda word: word.replace(b" ", b"x")), max_size=30))
def test_a_word_counts_whatever_the_order_of_its_letters(words: list[bytes]) -> None:
    """One number a word, and letters that changed places change none of them."""
    assert checksums(words).tolist() == checksums([word[::-1] for word in words]).tolist()
    assert len(checksums(words)) == len(words)


def test_other_letters_make_another_number() -> None:
    words = [b"refund", b"refunds", b"refun", b"rebate", b"a", b"b", b"aa", b"ab"]
    assert len(set(checksums(words).tolist())) == len(words)
