"""A fixed table from integers to row numbers that answers many at once: cuckoo hashing, two places for each key."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Words = NDArray[np.uint64]

_FIRST, _SECOND = np.uint64(0x9E3779B97F4A7C15), np.uint64(0xC2B2AE3D27D4EB4F)
_ROW_BITS = 20
_ROWS = np.uint64(1 << _ROW_BITS)
_MARK = np.uint64((1 << 63) - (1 << _ROW_BITS))
_MARK_SHIFT = np.uint64(24)
_EMPTY = np.uint64((1 << 64) - 1)
_MAX_MOVES = 500

UNKNOWN = np.uint64(1 << 39)
"""Values of unknown keys are from here up to twice this."""


class PairTable:
    """Value 1 for the first key, 2 for the second and so on, 0 for key 0; any other key has a large value of its own.

    A place holds a row beside 43 bits of its key's hash, which tell the key from others.
    """

    def __init__(self, keys: Words) -> None:
        """Place the distinct, non-zero `keys`.

        Raises:
            ValueError: if there are too many.
        """
        if len(keys) >= _ROWS:
            raise ValueError("too many features")
        with_zero = np.concatenate([np.zeros(1, dtype=np.uint64), keys])
        bits = max(4, int(2.2 * len(with_zero)).bit_length())
        while not self._place(with_zero, bits):
            bits += 1

    def _place(self, keys: Words, bits: int) -> bool:
        self._shift = np.uint64(64 - bits)
        homes = ((keys * _FIRST) >> self._shift).tolist(), ((keys * _SECOND) >> self._shift).tolist()
        holder = [-1] * (1 << bits)
        for number in range(len(keys)):
            moved, place = number, homes[0][number]
            for _ in range(_MAX_MOVES):
                moved, holder[place] = holder[place], moved
                if moved == -1:
                    break
                first, second = homes[0][moved], homes[1][moved]
                place = second if place == first else first
            else:
                return False
        owners = np.array(holder, dtype=np.int64)
        marks = ((keys * _FIRST) & _MARK) | np.arange(len(keys), dtype=np.uint64)
        self._places: Words = np.where(owners >= 0, marks[owners], _EMPTY)
        return True

    def values(self, keys: Words) -> Words:
        """The value of each key."""
        hashes = keys * _FIRST
        marks = hashes & _MARK
        hashes >>= self._shift
        found = self._places.take(hashes.view(np.int64))
        found ^= marks
        hashes = keys * _SECOND
        hashes >>= self._shift
        others = self._places.take(hashes.view(np.int64))
        others ^= marks
        np.minimum(found, others, out=found)
        marks >>= _MARK_SHIFT
        marks |= UNKNOWN
        return np.where(found < _ROWS, found, marks)
