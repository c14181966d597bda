"""Features as numbers: which rows of the linear model's matrix each sentence of a text has.

A feature of `tokens.features` is a key of up to three word ids in one integer, so that all sentences of a text are
looked up at once. The same features as `linear.sentence_features` names, which tests hold it to.
"""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from outguard.detection.commitments.hashing import VALUE_BITS, PairTable
from outguard.detection.commitments.tokens import PREV_TOKENS, words

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Ints = NDArray[np.int64]
    Words = NDArray[np.uint64]

_BITS = 21
_LAST_ID = (1 << _BITS) - 1
_ONE, _TWO = np.uint64(_BITS), np.uint64(2 * _BITS)
_EACH = np.array([[0], [_BITS], [2 * _BITS]], dtype=np.uint64)
_ID = np.uint64(_LAST_ID)
_SENTENCE = np.uint64(VALUE_BITS)
_VALUE = np.uint64((1 << VALUE_BITS) - 1)
MAX_SENTENCES = (1 << (64 - VALUE_BITS)) - 1
"""So many sentences can be looked up at once."""
_MARKS = np.arange(MAX_SENTENCES + 1, dtype=np.uint64) << _SENTENCE
"""What tells the sentences of one look-up apart, and their end."""
_NO_FEATURES = 7
"""What a sentence's distinct values count too much: its row 0, its begin, and five pairs and triples that reach over
its begin from what stands before; no feature is like those, since none goes on after an end."""


class _Numbers:
    """Ids of words and affixes, given as they come: those that are features by themselves have their row as id."""

    def __init__(self, names: Sequence[str]) -> None:
        self._next = len(names) + 1
        self.words: dict[str, int] = {}
        self.affixes: dict[str, int] = {}
        self.begin, self.end, self.any, self.before = (self._new() for _ in range(4))
        for row, name in enumerate(names, start=1):
            if _is_affix(name):
                self.affixes[name] = row
            elif _is_word(name):
                self.words[name] = row
        self.end = self.words.setdefault("</s>", self.end)
        self.any = self.words.setdefault("*", self.any)
        self.words["<s>"] = self.begin

    def of(self, name: str, table: dict[str, int]) -> int:
        number = table.get(name)
        if number is None:
            number = table[name] = self._new()
        return number

    def key(self, name: str) -> int:
        """The key of a feature that is no single word and no affix."""
        if " " not in name:
            return self.before << _BITS | self.of(name[1:], self.words)
        key = 0
        for part in name.split(" "):
            key = key << _BITS | self.of(part, self.words)
        return key

    @property
    def first_new(self) -> int:
        """From here on no id is given away."""
        return self._next

    def _new(self) -> int:
        self._next += 1
        return self._next - 1


def _is_affix(name: str) -> bool:
    return name[:2] in {"p:", "s:"} and len(name) > 2 and " " not in name


def _is_word(name: str) -> bool:
    return " " not in name and not (name[:1] == "<" and len(name) > 1 and name != "</s>")


class FeatureIndex:
    """The features of a model, by number. A word is packed with its affixes: id, prefix's id, suffix's id.

    Ids up to the number of features are rows. Pairs, triples, gapped pairs and words of the sentence before are found
    in a table by the ids of their words.
    """

    def __init__(self, names: Sequence[str]) -> None:
        numbers = _Numbers(names)
        self._size = np.uint64(len(names))
        keyed = [(row, name) for row, name in enumerate(names, start=1) if not (_is_affix(name) or _is_word(name))]
        self._table = PairTable(
            np.array([numbers.key(name) for _, name in keyed], dtype=np.uint64),
            np.array([row for row, _ in keyed], dtype=np.uint64),
        )
        self._begin, self._end = numbers.begin, numbers.end
        self._gap = np.uint64(numbers.any << _BITS)
        self._prev = np.uint64(numbers.before << _BITS)
        marks = {numbers.begin, numbers.before}
        known = {word: number for word, number in numbers.words.items() if number not in marks}
        self._affixes = numbers.affixes
        self._words = {
            word: number
            | (numbers.of("p:" + word[:4], self._affixes) << _BITS if len(word) > 4 else 0)
            | (numbers.of("s:" + word[-3:], self._affixes) << 2 * _BITS if len(word) > 5 else 0)
            for word, number in known.items()
        }
        self._first_new = numbers.first_new

    def rows(self, pairs: Sequence[tuple[str, str]]) -> tuple[Ints, Ints, Ints]:
        """For up to `MAX_SENTENCES` sentences (prev, text): the rows of all, where each one's begin, and sizes.

        A size is the number of a sentence's distinct features, known or not. Each sentence's rows begin with row 0,
        which stands for no feature.
        """
        reading = _Reading(self._words, self._affixes, self._first_new)
        begin, end = self._begin, self._end
        placed = [end, end]
        before: list[int] = []
        sizes: list[int] = []
        sizes_before: list[int] = []
        for prev, text in pairs:
            ids = reading.ids(text)
            placed.append(begin)
            placed += ids
            placed.append(end)
            sizes.append(len(ids) + 2)
            ids = reading.ids(prev)[-PREV_TOKENS:] if prev else []
            before += ids
            sizes_before.append(len(ids))
        size, count = len(placed) - 2, len(pairs)
        packed: Words = np.frombuffer(array("Q", placed + before), dtype=np.uint64)
        values = np.empty(6 * size + len(before) + count + 1, dtype=np.uint64)
        self._fill(values, packed[: size + 2], packed[size + 2 :])
        marks = _MARKS[: count + 1]
        values[-count - 1 :] = marks
        inner = values[: 6 * size].reshape(6, size)
        inner |= marks[:-1].repeat(sizes)
        values[6 * size : -count - 1] |= marks[:-1].repeat(sizes_before)
        return self._distinct(values, marks)

    def _fill(self, values: Words, packed: Words, before: Words) -> None:
        """The values of single words, prefixes, suffixes, pairs, triples, gapped pairs, and words before."""
        size = len(packed) - 2
        ids = packed & _ID
        third, first = ids[2:], ids[:-2] << _TWO
        single = values[: 3 * size].reshape(3, size)
        np.right_shift(packed[2:], _EACH, out=single)
        single &= _ID
        pair, triple, gapped = values[3 * size : 6 * size].reshape(3, size)
        np.left_shift(ids[1:-1], _ONE, out=pair)
        pair |= third
        np.bitwise_or(first, pair, out=triple)
        np.bitwise_or(first, third, out=gapped)
        gapped |= self._gap
        keys = values[3 * size : 6 * size + len(before)]
        prev = keys[3 * size :]
        np.bitwise_and(before, _ID, out=prev)
        prev |= self._prev
        self._table.values(keys, out=keys)

    def _distinct(self, values: Words, marks: Words) -> tuple[Ints, Ints, Ints]:
        """Rows, begins and sizes from the values of all sentences, which `marks` part; the last mark ends them."""
        values.sort()
        values = values[:-1][values[1:] != values[:-1]]
        bounds = values.searchsorted(marks)
        sizes = bounds[1:] - bounds[:-1]
        sizes -= _NO_FEATURES
        values &= _VALUE
        rows = values[values <= self._size].view(np.int64)
        return rows, (rows == 0).nonzero()[0], sizes


class _Reading:
    """Words of some sentences, packed; a sentence that comes twice is read once. New affixes count from the last id."""

    def __init__(self, known: dict[str, int], affixes: dict[str, int], first_new: int) -> None:
        self._known = known
        self._affixes = affixes
        self._first_new = first_new
        self._read: dict[str, list[int]] = {}
        self._fresh: dict[str, int] = {}
        self._fresh_affixes: dict[str, int] = {}

    def ids(self, text: str) -> list[int]:
        """The ids of the folded words of `text`."""
        ids = self._read.get(text)
        if ids is None:
            known = self._known
            ids = self._read[text] = [known.get(word) or self._new(word) for word in words(text)]
        return ids

    def _new(self, word: str) -> int:
        packed = self._fresh.get(word)
        if packed is None:
            packed = min(self._first_new + len(self._fresh), _LAST_ID)
            if len(word) > 4:
                packed |= self._affix("p:" + word[:4]) << _BITS
            if len(word) > 5:
                packed |= self._affix("s:" + word[-3:]) << 2 * _BITS
            self._fresh[word] = packed
        return packed

    def _affix(self, affix: str) -> int:
        known = self._affixes.get(affix)
        if known is not None:
            return known
        return self._fresh_affixes.setdefault(affix, max(_LAST_ID - len(self._fresh_affixes), self._first_new))
