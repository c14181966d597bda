"""How far a text agrees with a registered one at an alignment of the two, told by short codes of pairs of words.

All registered texts stand in one array with gaps between. Beside each other's place a few words may be dropped or put
in. What is near the runs that gave the alignments is looked at first, of all of them at once: each code is sixteen bits
of one long number. Arrays as small as these would take most of their time in numpy's checks.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from itertools import accumulate
from typing import Any

import numpy as np
from numpy.typing import NDArray

from outguard.detection.fingerprints.evidence import LEAST, Marks
from outguard.detection.fingerprints.shingles import U16
from outguard.detection.fingerprints.words import Said

_GAP = 16
"""Places left free between two texts, so that no pair of one stands beside the other."""
_DRIFT = 3
"""Words dropped or put in, up to which one alignment holds."""
_BEFORE, _AFTER = 10, 14
"""Pairs before and after a run's first that tell whether its alignment is worth a close look."""
_ROW = 2 * 32
"""Bytes of those and of what they are compared with."""
_NO_PAIR = b"\xff\xff"
_HEAD, _TAIL = _NO_PAIR * _BEFORE, _NO_PAIR * _AFTER
_REST = _NO_PAIR * (_ROW // 2 - _BEFORE - _AFTER)
_MARK = 0x80
_MEANING = bytes((_MARK, 0)) + bytes(254)
MOST_ALIGNMENTS = 24
_MOST = [int.from_bytes(b"\xff\x7f" * (_ROW // 2 * rows), "little") for rows in range(MOST_ALIGNMENTS + 1)]
_HIGHEST = [int.from_bytes(bytes((0, _MARK)) * (_ROW // 2 * rows), "little") for rows in range(MOST_ALIGNMENTS + 1)]


class RegisteredPairs:
    """The pairs of all registered texts. Never changes; safe on several threads."""

    def __init__(self, texts: Sequence[U16]) -> None:
        self.starts = list(accumulate([len(one) + _GAP for one in texts], initial=_GAP))
        self._codes: U16 = np.zeros(self.starts[-1] + 2 * _GAP, "<u2")
        for start, one in zip(self.starts, texts, strict=False):
            self._codes[start : start + len(one)] = one
        self._bytes = self._codes.view(np.uint8).data

    @property
    def nbytes(self) -> int:
        """Memory of the array."""
        return self._codes.nbytes

    def promising(self, alignments: Sequence[tuple[int, int]], mine: U16, said: Said) -> list[tuple[int, int]]:
        """The alignments (a run of the text, its place) where words enough agree close to the run."""
        # A row for each alignment: our pairs around the run, theirs from `_DRIFT` before to as many after, and which of
        # our words say more than one that is everywhere. The rest of a row agrees with nothing.
        codes = _HEAD + mine.astype("<u2", copy=False).tobytes() + _TAIL
        says = bytearray(2 * (_BEFORE + len(said.little)) + _ROW)
        says[2 * _BEFORE + 1 : -_ROW : 2] = said.little.translate(_MEANING)
        first = [2 * (place - _BEFORE - _DRIFT) for _, place in alignments]
        theirs = _number([self._bytes[at : at + _ROW] for at in first])
        covered = _covered(
            theirs,
            _number([codes[2 * run : 2 * (run + _BEFORE + _AFTER)] + _REST for run, _ in alignments]),
            len(first),
        )
        full = covered & _number([says[2 * run : 2 * run + _ROW] for run, _ in alignments])
        words, meaning = covered.to_bytes(_ROW * len(first), "little"), full.to_bytes(_ROW * len(first), "little")
        return [
            alignment
            for at, alignment in enumerate(alignments)
            if words.count(_MARK, at * _ROW, at * _ROW + _ROW) + meaning.count(_MARK, at * _ROW, at * _ROW + _ROW)
            >= 2 * LEAST
        ]

    def covered(self, place: int, diagonal: int, mine: U16) -> tuple[int, Marks]:
        """The text at a place, and the words that agree with it at this alignment."""
        source = bisect_right(self.starts, place) - 1
        begin, end = self.starts[source], self.starts[source + 1] - _GAP
        low = max(0, begin - diagonal - _DRIFT)
        high = min(len(mine), end - diagonal + _DRIFT)
        covered = np.zeros(len(mine) + 1, np.bool_)
        if low < high:
            theirs = _sliding(self._codes[diagonal + low - _DRIFT : diagonal + high + _DRIFT], 2 * _DRIFT + 1)
            agree = np.logical_or.reduce(theirs == mine[low:high, None], axis=1)
            covered[low:high] = agree
            covered[low + 1 : high + 1] |= agree
        return source, covered


def _number(rows: Iterable[bytes | bytearray | memoryview]) -> int:
    return int.from_bytes(b"".join(rows), "little")


def _covered(theirs: int, mine: int, rows: int) -> int:
    """The highest bit of each word whose pair agrees with one of theirs, from as many to twice `_DRIFT` places on."""
    most, highest = _MOST[rows], _HIGHEST[rows]
    differs = highest
    for places in range(2 * _DRIFT + 1):
        bits = (theirs >> 16 * places) ^ mine
        differs &= (bits & most) + most | bits  # the highest bit of sixteen, where any of them is set
    agree = differs ^ highest
    return agree | agree << 16


def _sliding(values: NDArray[Any], size: int) -> NDArray[Any]:
    """All windows of so many values; no copy (numpy's own checks cost ten times the work)."""
    shape = (len(values) - size + 1, size)
    return np.ndarray(shape, values.dtype, values, strides=(*values.strides, *values.strides))
