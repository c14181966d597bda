"""Internal texts of a tenant in memory, in about twelve bytes a word.

One array is sorted, so that the time of a look-up does not grow with the number of texts.
A text's run of four words that stands in a registered one gives an alignment of the two; where such runs are, pairs of
words along the alignment tell how much of the text agrees. Where all of that stands in public texts too, it is no leak.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Any

import numpy as np
from numpy.typing import NDArray

from outguard.detection.fingerprints.evidence import (
    LEAST,
    Marks,
    Reading,
    Stretch,
    Weights,
    leaked,
    may_leak,
    stretches,
)
from outguard.detection.fingerprints.shingles import NO_PAIR, SHINGLE, U16, U64, Fingerprint, Hasher, checksums
from outguard.detection.fingerprints.words import weight_of, weights_of, words_of

_LOW = np.uint64(0xFFFFFFFF)
_HIGH = ~_LOW
_LAST = 0xFFFFFFFF
_THREE, _SEVEN = np.uint64(3), np.uint64(7)
_BIT = np.left_shift(np.uint8(1), np.arange(8, dtype=np.uint8))
_GAP = 16
"""Places left free between two texts, so that no pair of one stands beside the other."""
_BLOCK, _OVERLAP = 256, 32
_POSTINGS = 4
"""Of a run that many texts share, so many places are looked at."""
_CANDIDATES = 24
_LEAST_SEED, _LEAST_SEED_OF_MANY = 2.0, 3.0
"""What the words of a single run must weigh to be looked into: more where so many texts are registered that every reply
shares runs with some."""
_MANY_WORDS = 200_000
_DRIFT = 3
"""Words dropped or put in, up to which one alignment holds."""
_BEFORE, _AFTER = 10, 14
"""Pairs before and after a run's first that tell whether its alignment is worth a close look."""


@dataclass(frozen=True, slots=True)
class Registered:
    """An internal text to look for."""

    name: str
    type: str
    fingerprint: Fingerprint


class ShingleIndex:
    """All texts hashed under one key. Never changes; safe on several threads."""

    def __init__(self, hasher: Hasher, internal: Sequence[Registered], public: Iterable[Fingerprint]) -> None:
        self._hasher = hasher
        self._texts = [(one.name, one.type) for one in internal]
        lengths = [len(one.fingerprint.pairs) + _GAP for one in internal]
        self._starts = list(accumulate(lengths, initial=_GAP))
        self._pairs: U16 = np.zeros(self._starts[-1] + 2 * _GAP, np.uint16)
        self._public = _sorted([one.shingles for one in public])
        seeds: list[U64] = []
        for start, one in zip(self._starts, internal, strict=False):
            pairs, shingles = one.fingerprint.pairs, one.fingerprint.shingles
            self._pairs[start : start + len(pairs)] = pairs
            places = np.arange(start, start + len(shingles), dtype=np.uint64)
            seeds.append((shingles & _HIGH) | places)
        self._seeds = _sorted(seeds)
        self._least_seed = _LEAST_SEED if len(self._seeds) < _MANY_WORDS else _LEAST_SEED_OF_MANY
        self._around = sliding(self._pairs, _BEFORE + _AFTER + 2 * _DRIFT)
        self._filter = _Filter(self._seeds)

    @property
    def nbytes(self) -> int:
        """Memory of the arrays."""
        return self._seeds.nbytes + self._pairs.nbytes + self._public.nbytes + self._filter.nbytes

    def find(self, text: str) -> list[tuple[int, int, str, str]]:
        """Start, end, name and type of every leak; of texts that hold the same words, the one that holds most."""
        words = words_of(text)
        if len(words) < SHINGLE or not len(self._seeds):
            return []
        reading = Reading(text)
        found: defaultdict[int, set[int]] = defaultdict(set)
        for begin in range(0, max(1, len(words) - _OVERLAP), _BLOCK - _OVERLAP):
            self._find_in(words[begin : begin + _BLOCK], begin, reading, found)
        if not found:
            return []
        return [
            (reading.places[stretch.first][0], reading.places[stretch.last][1], *self._texts[source])
            for source, stretch in _told_once(found)
        ]

    def _find_in(self, words: Sequence[bytes], begin: int, reading: Reading, found: dict[int, set[int]]) -> None:
        sums = checksums(words)
        shingles = self._hasher.shingles(sums)
        wanted = shingles & _HIGH
        hits = self._filter.passed(wanted)
        if not len(hits):
            return
        wanted = wanted.take(hits)
        first = self._seeds.searchsorted(wanted)
        is_hit = (self._seeds.take(first, mode="clip") ^ wanted) <= _LOW
        if not np.logical_or.reduce(is_hit):
            return
        likely = self._alignments(hits[is_hit], first[is_hit], wanted[is_hit], words)
        if not likely:
            return
        hit, place = np.array(likely, np.int64).T
        weights = weights_of(words)
        pairs = self._hasher.pairs(sums)
        promising = self._promising(hit, place, pairs, weights)
        if not promising.any():
            return
        public = _words_of_runs(_among(self._public, shingles), len(words))
        known: dict[bytes, list[int]] = {}  # texts that share sentences are covered alike
        for run, where in zip(hit[promising].tolist(), place[promising].tolist(), strict=True):
            source = bisect_right(self._starts, where) - 1
            covered = self._covered(source, where - run, pairs)
            marks = covered.tobytes()
            leak = known.get(marks)
            if leak is None:
                leak = known[marks] = []
                if may_leak(covered, weights):
                    sentences = reading.sentences[begin : begin + len(words)]
                    leak += (np.flatnonzero(leaked(covered, weights, sentences, public)) + begin).tolist()
            if leak:
                found[source].update(leak)

    def _alignments(
        self, hits: NDArray[np.int64], first: NDArray[np.int64], wanted: U64, words: Sequence[bytes]
    ) -> list[tuple[int, int]]:
        """Likely alignments, best first: a run of the text, and its place in a registered one."""
        seen: dict[int, tuple[int, int]] = {}
        scores: dict[int, float] = {}
        for hit, at, run in zip(hits.tolist(), first.tolist(), wanted.tolist(), strict=True):
            weight = weight_of(words[hit : hit + SHINGLE])
            for value in self._seeds[at : at + _POSTINGS].tolist():
                place = value - run
                if place > _LAST:
                    break
                bucket = (place - hit) >> 2
                seen.setdefault(bucket, (hit, place))
                scores[bucket] = scores.get(bucket, 0.0) + weight
        likely = [bucket for bucket, score in scores.items() if score >= self._least_seed]
        likely.sort(key=lambda bucket: -scores[bucket])
        return [seen[bucket] for bucket in likely[:_CANDIDATES]]

    def _promising(self, hit: NDArray[np.int64], place: NDArray[np.int64], pairs: U16, weights: Weights) -> Marks:
        """Which alignments have enough words that agree close to the run."""
        mine = np.empty(len(pairs) + _BEFORE + _AFTER, np.uint16)
        mine.fill(NO_PAIR)
        mine[_BEFORE:-_AFTER] = pairs
        said = np.zeros(len(mine) + 1)
        said[_BEFORE:-_AFTER] = weights
        theirs = self._around[place - _BEFORE - _DRIFT]
        same = sliding(theirs, 2 * _DRIFT + 1) == sliding(mine, _BEFORE + _AFTER)[hit][:, :, None]
        agree = np.logical_or.reduce(same, axis=2)
        covered = np.zeros((len(hit), _BEFORE + _AFTER + 1), np.bool_)
        covered[:, :-1] = agree
        covered[:, 1:] |= agree
        enough: Marks = np.add.reduce(covered * sliding(said, _BEFORE + _AFTER + 1)[hit], axis=1) >= LEAST
        return enough

    def _covered(self, source: int, diagonal: int, pairs: U16) -> Marks:
        """The words that agree with the text at this alignment, a few words off allowed."""
        begin, end = self._starts[source], self._starts[source + 1] - _GAP
        low = max(0, begin - diagonal - _DRIFT)
        high = min(len(pairs), end - diagonal + _DRIFT)
        covered = np.zeros(len(pairs) + 1, np.bool_)
        if low < high:
            theirs = sliding(self._pairs[diagonal + low - _DRIFT : diagonal + high + _DRIFT], 2 * _DRIFT + 1)
            agree = (theirs == pairs[low:high, None]).any(axis=1)
            covered[low:high] = agree
            covered[low + 1 : high + 1] |= agree
        return covered


class _Filter:
    """Tells of most runs that no text has them, for less than a search: a bit for each of 16 times as many hashes."""

    def __init__(self, seeds: U64) -> None:
        size = max(16, (16 * len(seeds)).bit_length())
        self._shift = np.uint64(64 - size)
        self._bits = np.zeros(1 << (size - 3), np.uint8)
        at = seeds >> self._shift
        np.bitwise_or.at(self._bits, (at >> _THREE).astype(np.int64), _BIT[(at & _SEVEN).astype(np.int64)])

    @property
    def nbytes(self) -> int:
        return self._bits.nbytes

    def passed(self, wanted: U64) -> NDArray[np.int64]:
        """The places of those that may be among the seeds."""
        at = (wanted >> self._shift).view(np.int64)
        bits = self._bits.take(at >> 3)
        bits &= _BIT.take(at & 7)
        places: NDArray[np.int64] = bits.nonzero()[0]
        return places


def sliding(values: NDArray[Any], size: int) -> NDArray[Any]:
    """All windows of so many values along the last axis; no copy (numpy's own checks cost ten times the work)."""
    shape = (*values.shape[:-1], values.shape[-1] - size + 1, size)
    return np.ndarray(shape, values.dtype, values, strides=(*values.strides, values.strides[-1]))


def _told_once(found: dict[int, set[int]]) -> list[tuple[int, Stretch]]:
    told: set[int] = set()
    kept: list[tuple[int, Stretch]] = []
    for source in sorted(found, key=lambda one: (-len(found[one]), one)):
        new = found[source] - told
        told |= new
        kept.extend((source, stretch) for stretch in stretches(new))
    return sorted(kept, key=lambda one: one[1].first)


def _sorted(parts: Sequence[U64]) -> U64:
    return np.unique(np.concatenate(parts)) if parts else np.empty(0, np.uint64)


def _among(known: U64, wanted: U64) -> Marks:
    if not len(known):
        return np.zeros(len(wanted), np.bool_)
    same: Marks = known.take(known.searchsorted(wanted), mode="clip") == wanted
    return same


def _words_of_runs(runs: Marks, count: int) -> Marks:
    marks = np.zeros(count, np.bool_)
    for place in range(SHINGLE):
        marks[place : place + len(runs)] |= runs
    return marks
