"""Where runs of four words stand in registered texts: one sorted array, so that no number of texts slows a look-up.

A filter tells of most runs that no text has them. Of runs that were asked for lately the places are remembered, for a
company's replies share turns of phrase: a bounded number of keyed hashes, no words.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from functools import lru_cache, partial

import numpy as np
from numpy.typing import NDArray

from outguard.detection.fingerprints.shingles import U64

_LOW = np.uint64(0xFFFFFFFF)
_HIGH = ~_LOW
_HALF = np.uint64(32)
_LAST = 0xFFFFFFFF
_BITS = np.left_shift(np.uint8(1), np.arange(256, dtype=np.uint8) & 7)
_LANE = 4 if sys.byteorder == "little" else 3
"""Which byte of a hash in memory ends its upper half."""
_MOST = 4
"""Of a run that many texts share, so many places are looked at."""
_REMEMBERED = 4096


class Postings:
    """The runs of all texts of one key. Never changes but for what it remembers; safe on several threads."""

    def __init__(self, texts: Sequence[tuple[int, U64]]) -> None:
        """Take where each text starts, and its runs."""
        seeds = [
            (shingles & _HIGH) | np.arange(start, start + len(shingles), dtype=np.uint64) for start, shingles in texts
        ]
        self._seeds = np.unique(np.concatenate(seeds)) if seeds else np.empty(0, np.uint64)
        self._filter = _Filter(self._seeds)
        # A second filter by other bits, for the few that pass the first: a search costs ten times as much.
        self._most = 8 * self._filter.nbytes - 1
        uppers = (self._seeds >> _HALF) & np.uint64(self._most)
        second = np.zeros(self._filter.nbytes, np.uint8)
        np.bitwise_or.at(second, (uppers >> np.uint64(3)).view(np.int64), _bit_of(self._seeds))
        self._second = second.tobytes()
        # Over the array alone: with `self` in it the whole index would wait for a garbage collection once replaced.
        self.places_of = lru_cache(_REMEMBERED)(partial(_places_of, self._seeds))
        """The first places of a run, by the upper half of its hash."""

    def __len__(self) -> int:
        return len(self._seeds)

    @property
    def nbytes(self) -> int:
        """Memory of the arrays."""
        return self._seeds.nbytes + self._filter.nbytes + len(self._second)

    def passed(self, shingles: U64) -> list[tuple[int, int]]:
        """Those that may stand in a text: which they are, and the upper half of their hash."""
        which = self._filter.passed(shingles)
        if not len(which):
            return []
        bits, most = self._second, self._most
        return [
            (place, upper)
            for place, upper in zip(which.tolist(), (shingles.take(which) >> _HALF).tolist(), strict=True)
            if bits[(upper & most) >> 3] >> (upper & 7) & 1
        ]


def _places_of(seeds: U64, run: int) -> tuple[int, ...]:
    wanted = run << 32
    at = int(seeds.searchsorted(np.uint64(wanted)))
    return tuple([place - wanted for place in seeds[at : at + _MOST].tolist() if place - wanted <= _LAST])


class _Filter:
    """Tells of most runs that no text has them, for less than a search: a bit for each of 16 times as many hashes.

    The highest bits of a hash name a byte, the last three of its upper half a bit of it.
    """

    def __init__(self, seeds: U64) -> None:
        size = max(16, (16 * len(seeds)).bit_length()) - 3
        self._shift = np.uint64(64 - size)
        self._bits = np.zeros(1 << size, np.uint8)
        np.bitwise_or.at(self._bits, (seeds >> self._shift).view(np.int64), _bit_of(seeds))

    @property
    def nbytes(self) -> int:
        return self._bits.nbytes

    def passed(self, shingles: U64) -> NDArray[np.int64]:
        """The places of those that may be among the seeds."""
        bits = self._bits.take((shingles >> self._shift).view(np.int64))
        bits &= _bit_of(shingles)
        places: NDArray[np.int64] = bits.nonzero()[0]
        return places


def _bit_of(hashes: U64) -> NDArray[np.uint8]:
    bits: NDArray[np.uint8] = _BITS.take(hashes.view(np.uint8)[_LANE::8])
    return bits
