"""Phrases of folded words."""

from __future__ import annotations

import pytest

from outguard.detection.commitments.lexicon import Phrases
from outguard.detection.commitments.tokens import words

PHRASES = Phrases({"back": ["refund*", "sent it back", "the"], "house": ["on the house", "it's on us*"]})


def hits(text: str) -> dict[str, int]:
    tokens = words(text)
    return dict(PHRASES.hits(tokens, f" {' '.join(tokens)} "))


@pytest.mark.parametrize(
    ("text", "back", "house"),
    [
        ("Refunding: I sent it back", 2, 0),
        ("It's on us, on the house.", 1, 2),
        ("it's on using", 0, 1),
        ("prerefund, sent them back, housed", 0, 0),
        ("refund refund refund", 1, 0),
        ("", 0, 0),
    ],
)
def test_each_phrase_counts_once_where_its_whole_words_stand(text: str, back: int, house: int) -> None:
    assert hits(text) == {"back": back, "house": house}


@pytest.mark.parametrize("phrase", ["", "*", "  ", "an*"])
def test_a_phrase_too_short_to_be_looked_for_is_refused(phrase: str) -> None:
    with pytest.raises(ValueError, match="too short"):
        Phrases({"group": [phrase]})
