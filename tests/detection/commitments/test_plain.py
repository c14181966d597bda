"""What tells cheaply that no plain deed is named never hides one."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from policy_files import shipped_files

from outguard.detection.commitments.lexicon import load_lexicon
from outguard.detection.commitments.phrases import PLAIN_DEED
from outguard.detection.commitments.plain import may_name_deed, says_plainly
from outguard.detection.commitments.read import Reader
from outguard.detection.commitments.tokens import words

LEXICON = load_lexicon(shipped_files())
READER = Reader(LEXICON)
PIECES = st.sampled_from(
    [
        *(
            "we've",
            "I'll",
            "will",
            "is now",
            "also",
            "refunded",
            "REIMBURSE",
            "credit",
            "waived",
            "Cancelled",
            "replaced",
        ),
        *("compensated", "re\u017fet", "\u0131", "the fee", "been", "not", "order", "to you", ",", "we"),
    ]
)
TEXTS = st.lists(PIECES, max_size=8).map(" ".join)


@given(TEXTS | st.from_regex(re.compile(PLAIN_DEED.pattern)))
def test_no_plain_deed_is_named_without_its_stem(text: str) -> None:
    assert may_name_deed(text) or PLAIN_DEED.search(text) is None
    assert may_name_deed(text) or not READER.tells_deed(words(text))


@pytest.mark.parametrize(
    "text",
    [
        "It has been done.",
        "We've sent it.",
        "1. Refunded the fee.",
        "Consider it gone.",
        "We will refund you.",
        "The fee is now waived.",
    ],
)
def test_the_plainest_words_are_heard(text: str) -> None:
    assert says_plainly(text, LEXICON.deeds)


@pytest.mark.parametrize("text", ["The lamp comes in four colours.", "Refunds reach you within 5 days.", ""])
def test_words_that_tell_no_deed_are_not_plain(text: str) -> None:
    assert not says_plainly(text, LEXICON.deeds)
