"""Features as numbers: which rows of the linear model's matrix each sentence of a text has.

A feature of `tokens.features` is a key of up to three word ids in one integer, so that all sentences of a text are
looked up at once. The same features as `linear.sentence_features` names, which tests hold it to.
"""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from outguard.detection.commitments.hashing import UNKNOWN, PairTable
from outguard.detection.commitments.tokens import PREV_TOKENS, straight, words

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Ints = NDArray[np.int64]
    Words = NDArray[np.uint64]

_BITS = 21
_LAST_ID = (1 << _BITS) - 1
_ONE, _TWO = np.uint64(_BITS), np.uint64(2 * _BITS)
_ID = np.uint64(_LAST_ID)
_SENTENCE = np.uint64(40)
_VALUE = np.uint64((1 << 40) - 1)
_MARKS = frozenset(".,!?;:")
_BEGIN, _END, _ANY, _BEFORE = 1, 2, 3, 4
"""The ids of "<s>", "</s>", the gap of a pair ("*") and of what marks a word of the sentence before."""
_GAP, _PREV = np.uint64(_ANY << _BITS), np.uint64(_BEFORE << _BITS)


class _Numbers:
    """Ids of words and affixes, given as they come."""

    def __init__(self) -> None:
        self.words = {"<s>": _BEGIN, "</s>": _END, "*": _ANY}
        self.affixes: dict[str, int] = {}
        self._next = _BEFORE + 1

    def of(self, name: str, table: dict[str, int]) -> int:
        number = table.get(name)
        if number is None:
            number = table[name] = self._next
            self._next += 1
        return number

    def key(self, name: str) -> int:
        parts = name.split(" ")
        if len(parts) == 1 and name[:2] in {"p:", "s:"} and len(name) > 2:
            return self.of(name, self.affixes)
        if len(parts) == 1 and name[:1] == "<" and len(name) > 1 and name != "</s>":
            return _BEFORE << _BITS | self.of(name[1:], self.words)
        key = 0
        for part in parts:
            key = key << _BITS | self.of(part, self.words)
        return key


class FeatureIndex:
    """The features of a model, by number. A word is packed with its affixes: id, prefix's id, suffix's id."""

    def __init__(self, names: Sequence[str]) -> None:
        numbers = _Numbers()
        self._table = PairTable(np.array([numbers.key(name) for name in names], dtype=np.uint64))
        known = {word: number for word, number in numbers.words.items() if number == _ANY or number > _BEFORE}
        self._affixes = numbers.affixes
        self._words = {
            word: number
            | (numbers.of("p:" + word[:4], self._affixes) << _BITS if len(word) > 4 else 0)
            | (numbers.of("s:" + word[-3:], self._affixes) << 2 * _BITS if len(word) > 5 else 0)
            for word, number in known.items()
        }
        self._first_new = max([_BEFORE, *known.values(), *self._affixes.values()]) + 1
        self._chunks: dict[str, tuple[int, ...]] = {
            word: (packed,) for word, packed in self._words.items() if words(word) == [word]
        }
        self._chunks.pop("0", None)
        for name in names:
            stem, _, tail = name.partition(" ")
            if "'" in tail and " " not in tail and words(stem + tail) == [stem, tail]:
                self._chunks[stem + tail] = (self._words[stem], self._words[tail])

    def rows(self, pairs: Sequence[tuple[str, str]]) -> tuple[Ints, Ints, Ints]:
        """For the sentences (prev, text): the rows of all, where each one's begin, how many features each has.

        Each sentence's rows begin with row 0, which stands for no feature.
        """
        reading = _Reading(self._chunks, self._words, self._affixes, self._first_new)
        placed: list[int] = []
        before: list[int] = []
        sizes: list[int] = []
        sizes_before: list[int] = []
        for prev, text in pairs:
            ids = reading.ids(text)
            placed.append(_BEGIN)
            placed += ids
            placed.append(_END)
            sizes.append(len(ids) + 2)
            ids = reading.ids(prev)[-PREV_TOKENS:] if prev else []
            before += ids
            sizes_before.append(len(ids))
        numbers = np.arange(len(pairs), dtype=np.uint64) << _SENTENCE
        keys = self._keys(_array(placed), _array(before))
        values = self._table.values(keys)
        size = len(placed)
        inner = values[: 6 * size].reshape(6, size)
        inner |= numbers.repeat(sizes)
        values[6 * size :] |= numbers.repeat(sizes_before)
        return _distinct(values)

    def _keys(self, packed: Words, before: Words) -> Words:
        """The keys of single words, pairs, triples, gapped pairs, prefixes, suffixes, words before; 0 where is none."""
        size = len(packed)
        keys = np.empty(6 * size + len(before), dtype=np.uint64)
        word, pair, triple, gapped, prefix, suffix = keys[: 6 * size].reshape(6, size)
        np.bitwise_and(packed, _ID, out=word)
        begins = (word == _BEGIN).nonzero()[0]
        np.left_shift(word[:-1], _ONE, out=pair[1:])
        pair |= word
        np.left_shift(word[:-2], _TWO, out=triple[2:])
        np.bitwise_or(triple, word, out=gapped)
        gapped |= _GAP
        triple |= pair
        np.right_shift(packed, _ONE, out=prefix)
        prefix &= _ID
        np.right_shift(packed, _TWO, out=suffix)
        word[begins] = pair[begins] = triple[begins] = gapped[begins] = 0
        begins += 1
        triple[begins] = gapped[begins] = 0
        np.bitwise_and(before, _ID, out=keys[6 * size :])
        keys[6 * size :] |= _PREV
        return keys


def _array(numbers: list[int]) -> Words:
    return np.frombuffer(array("Q", numbers), dtype=np.uint64)


def _distinct(values: Words) -> tuple[Ints, Ints, Ints]:
    values.sort()
    is_first = np.empty(len(values), dtype=bool)
    is_first[0] = True
    np.not_equal(values[1:], values[:-1], out=is_first[1:])
    values = values[is_first]
    values &= _VALUE
    begins = (values == 0).nonzero()[0]
    sizes = np.empty_like(begins)
    np.subtract(begins[1:], begins[:-1], out=sizes[:-1])
    sizes[-1] = len(values) - begins[-1]
    sizes -= 1
    rows = values[values < UNKNOWN].view(np.int64)
    return rows, (rows == 0).nonzero()[0], sizes


class _Reading:
    """Words of some sentences, packed; a sentence that comes twice is read once. New affixes count from the last id."""

    def __init__(
        self, chunks: dict[str, tuple[int, ...]], known: dict[str, int], affixes: dict[str, int], first_new: int
    ) -> None:
        self._chunks = chunks
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
            ids = self._read[text] = []
            chunks = self._chunks
            for chunk in straight(text).split():
                ids += chunks.get(chunk) or self._split(chunk)
        return ids

    def _split(self, chunk: str) -> tuple[int, ...]:
        if chunk.isalpha():
            return (self._new(chunk),)
        stem, mark = chunk[:-1], self._chunks.get(chunk[-1])
        if mark and chunk[-1] in _MARKS:
            known = self._chunks.get(stem)
            if known:
                return known + mark
            if stem.isalpha():
                return self._new(stem), mark[0]
        return tuple([self._known.get(word) or self._new(word) for word in words(chunk)])

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
