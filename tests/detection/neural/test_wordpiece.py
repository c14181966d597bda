"""Words keep their places, whatever is done to their letters."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from outguard.detection.neural.wordpiece import (
    DIGIT,
    INITIAL,
    LOWER,
    MIXED,
    MOST_PIECES,
    TITLE,
    UPPER,
    WordPiece,
    case_of,
)

PIECES = WordPiece(
    {piece: row for row, piece in enumerate(["[PAD]", "[UNK]", "[CLS]", "[SEP]", "jo", "##se", "jose", "##x", "x"])}
)


def ids(text: str) -> list[tuple[int, ...]]:
    return [word.pieces for word in PIECES.words(text)]


def test_the_longest_piece_wins() -> None:
    assert ids("jose josex jo") == [(6,), (6, 7), (4,)]


def test_case_and_accents_are_folded() -> None:
    assert ids("JOSÉ") == [(6,)]


def test_a_word_of_unknown_letters_is_one_unknown_piece() -> None:
    assert ids("joß 咲") == [(1,), (1,)]


def test_a_hostile_word_is_read_by_its_first_pieces() -> None:
    assert len(PIECES.words("x" * 100_000)[0].pieces) == MOST_PIECES


@pytest.mark.parametrize(
    ("word", "case"),
    [("ann", LOWER), ("Ann", TITLE), ("ANN", UPPER), ("McAnn", MIXED), ("A", INITIAL), ("A1", DIGIT), ("-", LOWER)],
)
def test_case_classes(word: str, case: int) -> None:
    assert case_of(word) == case


@given(st.text(max_size=80))
def test_words_are_in_order_apart_and_leave_out_only_space(text: str) -> None:
    words = PIECES.words(text)
    assert all(a.end <= b.start for a, b in pairwise(words))
    covered = {place for word in words for place in range(word.start, word.end)}
    assert all(text[place].isspace() for place in range(len(text)) if place not in covered)
