"""Internal texts of a tenant in memory, in fourteen to eighteen bytes a word.

One array is sorted, so that the time of a look-up does not grow with the number of texts.
A text's run of four words that stands in a registered one gives an alignment of the two; where such runs are, pairs of
words along the alignment tell how much of the text agrees. Where all of that stands in public texts too, it is no leak.
Each step is dearer than the one before and asked only of what that left.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from outguard.detection.fingerprints.alignment import MOST_ALIGNMENTS, RegisteredPairs
from outguard.detection.fingerprints.evidence import Marks, Reading, Stretch, leaked, may_leak, stretches
from outguard.detection.fingerprints.postings import Postings
from outguard.detection.fingerprints.shingles import SHINGLE, U64, Fingerprint, Hasher, checksums
from outguard.detection.fingerprints.words import Said, weights_of, words_of

_BLOCK, _OVERLAP = 256, 32
_LEAST_SEED, _LEAST_SEED_OF_MANY = 2.0, 3.0
"""What the words of a single run must weigh to be looked into: more where so many texts are registered that every reply
shares runs with some."""
_MANY_WORDS = 200_000


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
        self._pairs = RegisteredPairs([one.fingerprint.pairs for one in internal])
        self._postings = Postings(
            [(at, one.fingerprint.shingles) for at, one in zip(self._pairs.starts, internal, strict=False)]
        )
        public_runs = [one.shingles for one in public]
        self._public = np.unique(np.concatenate(public_runs)) if public_runs else np.empty(0, np.uint64)
        self._least_seed = _LEAST_SEED if len(self._postings) < _MANY_WORDS else _LEAST_SEED_OF_MANY

    @property
    def nbytes(self) -> int:
        """Memory of the arrays."""
        return self._postings.nbytes + self._pairs.nbytes + self._public.nbytes

    def find(self, text: str) -> list[tuple[int, int, str, str]]:
        """Start, end, name and type of every leak; of texts that hold the same words, the one that holds most."""
        words = words_of(text)
        if len(words) < SHINGLE or not len(self._postings):
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
        hits = self._postings.passed(shingles)
        if not hits:
            return
        said = Said(words)
        likely = self._alignments(hits, said)
        if not likely:
            return
        pairs = self._hasher.pairs(sums)
        known: dict[bytes, list[int]] = {}  # texts that share sentences are covered alike
        for run, place in self._pairs.promising(likely, pairs, said):
            source, covered = self._pairs.covered(place, place - run, pairs)
            marks = covered.tobytes()
            leak = known.get(marks)
            if leak is None:
                leak = known[marks] = self._leaked(covered, words, begin, reading, shingles)
            if leak:
                found[source].update(leak)

    def _leaked(self, covered: Marks, words: Sequence[bytes], begin: int, reading: Reading, shingles: U64) -> list[int]:
        """Which of the covered words are a leak, counted from the text's first."""
        if not may_leak(covered.nonzero()[0].tolist(), words, begin, reading):
            return []
        public = _words_of_runs(_among(self._public, shingles), len(words))
        sentences = reading.sentences[begin : begin + len(words)]
        marks = leaked(covered, weights_of(words), sentences, public)
        places: list[int] = (marks.nonzero()[0] + begin).tolist()
        return places

    def _alignments(self, hits: Sequence[tuple[int, int]], said: Said) -> list[tuple[int, int]]:
        """Likely alignments, best first."""
        weights = [said.weight_of_run(run) for run, _ in hits]
        if sum(weights) < self._least_seed:
            return []
        seen: dict[int, tuple[int, int]] = {}
        scores: dict[int, float] = {}
        for (run, upper), weight in zip(hits, weights, strict=True):
            for place in self._postings.places_of(upper):
                bucket = (place - run) >> 2
                if bucket in scores:
                    scores[bucket] += weight
                else:
                    seen[bucket] = run, place
                    scores[bucket] = weight
        likely = [bucket for bucket, score in scores.items() if score >= self._least_seed]
        likely.sort(key=lambda bucket: -scores[bucket])
        return [seen[bucket] for bucket in likely[:MOST_ALIGNMENTS]]


def _told_once(found: dict[int, set[int]]) -> list[tuple[int, Stretch]]:
    told: set[int] = set()
    kept: list[tuple[int, Stretch]] = []
    for source in sorted(found, key=lambda one: (-len(found[one]), one)):
        new = found[source] - told
        told |= new
        kept.extend((source, stretch) for stretch in stretches(new))
    return sorted(kept, key=lambda one: one[1].first)


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
