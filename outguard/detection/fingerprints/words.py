"""The words of a text as fingerprints see them: letters only, folded, so that light edits change nothing.

Case, punctuation, white space, accents, apostrophes and every digit are left out. A character of a script that is
written without spaces is a word of its own.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

_LETTERS = b"abcdefghijklmnopqrstuvwxyz"
_FOLDED = bytes(byte if (byte | 0x20) in _LETTERS and byte < 0x80 else 0x20 for byte in range(256)).lower()
_WORD = re.compile(r"['\u2019]*[^\W\d_](?:[^\W\d_]|['\u2019\u0300-\u036f])*")
_UNSPACED = re.compile(r"[\u0e00-\u0eff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\U00020000-\U0002ffff]")
_FOREIGN = re.compile(r"[^\W\d_a-zA-Z]|[\u0300-\u036f]")
_BREAK = re.compile(r"[.!?:;](?=\s)|\n")

FUNCTION_WORDS = frozenset(
    b"""
    a about after all also an and any are as at be been before being between both but by can could did do does done
    dont during each either for from had has have he her here him his how i if im in into is it its ive just may me
    might more most must my no not of on onto or other our out over own please same shall she should so some such
    than that the their them then there these they this those through to too under until up us very via was we were
    what when where which while who whom will with would you youll your youre yours aber als am auch auf aus bei
    bitte das dass dem den der des die ein eine einen er es fur haben hat ich ihr ihre ist kann mit nicht oder sich
    sie sind und uns von war werden wir wird zu zum zur al como con de del el ella en esta este la las le les lo los
    mi nos para pero por que se si sin su sus un una au aux avec ce ces dans du elle est et il ils je leur lui mais
    ne nous ou par pas pour qui sa ses son sont sur une vos votre vous
    """.split()
)
"""Words that say little about where a text comes from (English, German, Spanish, French)."""


def words_of(text: str) -> list[bytes]:
    """The folded words of `text`, in order."""
    if text.isascii():
        return text.encode().translate(_FOLDED, b"'").split()
    if _FOREIGN.search(text) is None:
        return text.replace("\u2019", "").encode("ascii", "replace").translate(_FOLDED, b"'").split()
    return [word for word, _, _ in _placed(text)]


def places_of(text: str) -> list[tuple[int, int]]:
    """Start and end of each of `words_of(text)`."""
    return [(start, end) for _, start, end in _placed(text)]


def sentence_lengths(text: str) -> list[int]:
    """How many of `words_of(text)` each sentence, clause or line has."""
    return [len(words_of(part)) for part in _BREAK.split(text)]


def weights_of(words: Sequence[bytes]) -> NDArray[np.float64]:
    """How much each word says where it agrees: half for one that is everywhere."""
    return np.array([0.5 if word in FUNCTION_WORDS else 1.0 for word in words])


def weight_of(words: Sequence[bytes]) -> float:
    """The sum of `weights_of` a few words."""
    return len(words) - 0.5 * sum([word in FUNCTION_WORDS for word in words])


class Said:
    """Which of some words are everywhere, a byte a word."""

    def __init__(self, words: Sequence[bytes]) -> None:
        self.little = bytes(map(FUNCTION_WORDS.__contains__, words))

    def weight_of_run(self, first: int) -> float:
        """What the four words from `first` on weigh."""
        return 4.0 - 0.5 * self.little.count(1, first, first + 4)


def _placed(text: str) -> Iterator[tuple[bytes, int, int]]:
    for match in _WORD.finditer(text):
        start, end = match.span()
        if _UNSPACED.search(text, start, end):
            for at in range(start, end):
                yield from _one(text, at, at + 1)
        else:
            yield from _one(text, start, end)


def _one(text: str, start: int, end: int) -> Iterator[tuple[bytes, int, int]]:
    word = text[start:end]
    if not word.isascii():
        parts = unicodedata.normalize("NFKD", word.casefold())
        word = "".join(character for character in parts if character.isalpha())
    folded = word.casefold().replace("'", "")
    if folded:
        yield folded.encode("utf-8", "surrogatepass"), start, end
