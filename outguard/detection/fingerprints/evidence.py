"""When words of a reply are a registered text's: enough of them, in its order, close together.

Measured on words that agree with the text at one alignment (two neighbours at least), where a word that is everywhere
counts half. Any of three makes a leak: eight words running; much within sixteen words, whatever was changed between;
most of a sentence.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate, groupby

import numpy as np
from numpy.typing import NDArray

from outguard.detection.fingerprints.words import FUNCTION_WORDS, places_of, sentence_lengths, weight_of

Marks = NDArray[np.bool_]
Weights = NDArray[np.float64]

RUN = 8
WINDOW = 16
LEAST = 4.0
"""Below this weight nothing is a leak, however its words stand."""
_MUCH = 5.5
_SHARE = 0.6
_WORDS = 6
"""So many words must agree, however much they weigh."""
_NEWS = 1.0
"""What the words that no public text holds must weigh."""
_JOIN = 4
"""So many words between two stretches of one text belong to them."""


class Reading:
    """Where the words of a text stand; read only where something may have been found."""

    def __init__(self, text: str) -> None:
        self._text = text

    @cached_property
    def places(self) -> list[tuple[int, int]]:
        """Start and end of each word."""
        return places_of(self._text)

    @cached_property
    def sentences(self) -> NDArray[np.int64]:
        """The sentence number of each word."""
        lengths = sentence_lengths(self._text)
        return np.repeat(np.arange(len(lengths)), lengths)


def leaked(covered: Marks, weights: Weights, sentences: NDArray[np.int64], public: Marks) -> Marks:
    """Which of the `covered` words are a leak; a stretch that says nothing but `public` words is none."""
    count = len(covered)
    said = np.where(covered, weights, 0.0)
    total = np.concatenate(([0.0], np.cumsum(said)))
    words = np.concatenate(([0], np.cumsum(covered)))
    marks = np.zeros(count, np.bool_)
    ends = np.minimum(np.arange(count) + WINDOW, count)
    for begin in np.flatnonzero((total[ends] - total[:-1] >= _MUCH) & (words[ends] - words[:-1] >= _WORDS)):
        marks[begin : begin + WINDOW] = True
    if (words[RUN:] - words[:-RUN] == RUN).any():
        edges = np.flatnonzero(np.diff(np.concatenate(([False], covered, [False])).astype(np.int8)))
        for begin, end in edges.reshape(-1, 2):
            if end - begin >= RUN and total[end] - total[begin] >= LEAST:
                marks[begin:end] = True
    numbers = sentences - sentences[0]
    shares = np.bincount(numbers, said)
    is_most = (shares >= LEAST) & (shares >= _SHARE * np.bincount(numbers, weights))
    is_most &= np.bincount(numbers, covered) >= _WORDS
    marks |= is_most[numbers]
    marks &= covered
    return _with_news(marks, weights, public) if marks.any() else marks


def _with_news(marks: Marks, weights: Weights, public: Marks) -> Marks:
    places = np.flatnonzero(marks)
    for stretch in np.split(places, np.flatnonzero(np.diff(places) > _JOIN + 1) + 1):
        if weights[stretch][~public[stretch]].sum() < _NEWS:
            marks[stretch] = False
    return marks


def may_leak(places: Sequence[int], words: Sequence[bytes], begin: int, reading: Reading) -> bool:
    """Whether `leaked` could mark any of `places`, the covered ones of `words` from the text's word `begin` on.

    The same three rules, asked of the covered words alone: most alignments cover a few words, and no rule is met.
    """
    if len(places) < _WORDS:
        return False
    total = list(accumulate([0.5 if words[place] in FUNCTION_WORDS else 1.0 for place in places], initial=0.0))
    if total[-1] < LEAST:
        return False
    is_close = False
    for first, place in enumerate(places[: 1 - _WORDS]):
        for end in range(first + _WORDS, min(first + 2 * _WORDS, len(places) + 1)):
            said, span = total[end] - total[first], places[end - 1] - place + 1
            if (said >= _MUCH and span <= WINDOW) or end - first == span >= RUN:
                return True
            is_close = is_close or said >= _SHARE * (said + 0.5 * (span - end + first))
    return is_close and _may_be_most(places, total, words, reading.sentences[begin : begin + len(words)])


def _may_be_most(
    places: Sequence[int], total: Sequence[float], words: Sequence[bytes], sentences: NDArray[np.int64]
) -> bool:
    numbers = sentences[places].tolist()
    first = 0
    for number, group in groupby(numbers):
        end = first + len(list(group))
        said = total[end] - total[first]
        if end - first >= _WORDS and said >= LEAST:
            begin, after = sentences.searchsorted((number, number + 1)).tolist()
            if said >= _SHARE * weight_of(words[begin:after]):
                return True
        first = end
    return False


@dataclass(frozen=True, slots=True)
class Stretch:
    """Words [first, last] of a text that leaked."""

    first: int
    last: int


def stretches(words: set[int]) -> list[Stretch]:
    """Leaked words as stretches, near ones joined; a few that stand alone are left out."""
    found: list[Stretch] = []
    for word in sorted(words):
        if found and word - found[-1].last <= _JOIN + 1:
            found[-1] = Stretch(found[-1].first, word)
        else:
            found.append(Stretch(word, word))
    return [one for one in found if one.last - one.first >= _JOIN - 1]
