"""A fixed table from integers to row numbers that answers many at once: cuckoo hashing, two places for each key."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Words = NDArray[np.uint64]

_FIRST, _SECOND = np.uint64(0x9E3779B97F4A7C15), np.uint64(0xC2B2AE3D27D4EB4F)
_BOTH = np.array([[_FIRST], [_SECOND]])
_ROW_BITS = 20
VALUE_BITS = 55
"""Every value of a table is less than two to this power."""
_ROWS = 1 << _ROW_BITS
_MARK = np.uint64((1 << VALUE_BITS) - _ROWS)
_EMPTY = np.uint64((1 << VALUE_BITS) - 1)
_MAX_MOVES = 500


class PairTable:
    """The row of each key (1 for the first, 2 for the second and so on, unless given), 0 for key 0.

    Any other key has a value of its own, as large as no row.
    A place holds a row beside 35 bits of its key's hash, which tell the key from others.
    """

    def __init__(self, keys: Words, rows: Words | None = None) -> None:
        """Place the distinct, non-zero `keys`.

        Raises:
            ValueError: if there are too many, or a row is too large.
        """
        rows = np.arange(1, len(keys) + 1, dtype=np.uint64) if rows is None else rows
        if len(rows) and rows.max() >= _ROWS - 1:
            raise ValueError("too many features")
        zero = np.zeros(1, dtype=np.uint64)
        with_zero = np.concatenate([zero, keys])
        bits = max(4, int(2.2 * len(with_zero)).bit_length())
        while not self._place(with_zero, np.concatenate([zero, rows]), bits):
            bits += 1

    def _place(self, keys: Words, rows: Words, bits: int) -> bool:
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
        marks = ((keys * _FIRST) & _MARK) | rows
        self._places: Words = np.where(owners >= 0, marks[owners], _EMPTY)
        return True

    def values(self, keys: Words, out: Words | None = None) -> Words:
        """The value of each key, in `out` where given, which may be `keys` itself."""
        hashes = keys * _BOTH
        marks = hashes[0] & _MARK
        hashes >>= self._shift
        found = self._places.take(hashes.view(np.int64))
        found ^= marks
        least: Words = np.minimum(found[0], found[1], out=out)
        return least
