"""Which of many patterns can match a text, at a small part of the cost of running them.

One pass of an RE2 `Filter` looks for the literals that patterns cannot do without; its automaton has a state for each
prefix of a literal and no more, so it is warm after a few texts. Patterns without such literals are run where the text
has the digits and signs they need; the commonest of them are first tried in batches, without leaving RE2.

Should the pass fail for want of memory, it does not even name the word put at the end of each text: then every pattern
is a candidate, so nothing is ever skipped.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any

import re2

from outguard.detection.needs import Needs, Supply
from outguard.detection.pack import re2_options

_LAST_WORD = b"\x01\x02\x03\x02\x01"
_BATCHES = (0, 1, 4, 7)
"""Digits that a text must have for each batch to be tried."""
_COMMON_CLUSTER = 4
_COMMON_SIGNS = frozenset({b".", b"-", b":", b"/"})
_WORDS = re.compile(rb"[a-z]{3}|\[\^\\n\]|\\s|\.[*+{]")
"""Three letters in a row, or anything at all: patterns without either have small automata, which may be one."""


class Prefilter:
    """Patterns, by number, and what each needs: asked only of patterns without literals."""

    def __init__(self, sources: Sequence[bytes], needs_of: Callable[[int], Needs]) -> None:
        self._literals = re2.Filter()
        options = re2_options()
        for source in sources:
            self._literals.Add(source, options)
        self._last = self._literals.Add(_LAST_WORD, options)
        self._literals.Compile()
        unguarded = self._literals.Match(b"", potential=True) or ()
        self._guarded = frozenset(range(self._last)).difference(unguarded)
        needs = {number: needs_of(number) for number in unguarded}
        common = [number for number in unguarded if _is_common(needs[number])]
        self._batches: list[_Batch | _ShapedBatch] = []
        for least, most in zip(_BATCHES, (*_BATCHES[1:], 1 << 30), strict=True):
            numbers = [number for number in common if least <= needs[number].digits < most]
            shaped = [number for number in numbers if _is_shaped(sources[number])]
            mixed = [number for number in numbers if number not in shaped]
            for kind, chosen in ((_Batch, mixed), (_ShapedBatch, shaped)):
                if chosen:
                    self._batches.append(kind(least, [(number, sources[number]) for number in chosen]))
        self._groups = _groups({number: needs[number] for number in set(unguarded).difference(common)})

    def candidates(self, data: bytes) -> list[int]:
        """The numbers of the patterns that may match, in order."""
        named = self._literals.Match(data + _LAST_WORD, potential=True) or ()
        guarded = self._guarded
        chosen = list(guarded.intersection(named) if self._last in named else guarded)
        supply = Supply(data)
        for batch in self._batches:
            if batch.least > supply.digits:
                break
            chosen += batch.matching(data)
        for (digits, cluster, run, word, signs), numbers in self._groups:
            if digits > supply.digits:
                break
            if (
                cluster <= supply.cluster
                and run <= supply.run
                and (not signs or supply.has(signs))
                and (not word or word <= supply.word)
            ):
                chosen += numbers
        chosen.sort()
        return chosen


def _is_common(needs: Needs) -> bool:
    """Whether so many texts have what a pattern needs, but for its digits, that asking is no gain."""
    return needs.cluster <= _COMMON_CLUSTER and all(sign in _COMMON_SIGNS for sign, _ in needs.signs)


def _is_shaped(source: bytes) -> bool:
    return _WORDS.search(source) is None


class _Batch:
    """Patterns tried together; RE2 falls back to slower ways where a DFA runs out of memory, so none is skipped."""

    __slots__ = ("_filter", "_numbers", "least")

    def __init__(self, least: int, patterns: Sequence[tuple[int, bytes]]) -> None:
        self.least = least
        self._filter: Any = re2.Filter()
        self._numbers = tuple(number for number, _ in patterns)
        for _, source in patterns:
            self._filter.Add(source, re2_options())
        self._filter.Compile()

    def matching(self, data: bytes) -> list[int]:
        return [self._numbers[index] for index in self._filter.Match(data) or ()]


class _ShapedBatch:
    """Patterns tried in one pass of an RE2 `Set`; all are named where its DFA, too, is out of memory."""

    __slots__ = ("_always", "_numbers", "_set", "least")

    def __init__(self, least: int, patterns: Sequence[tuple[int, bytes]]) -> None:
        self.least = least
        self._set: Any = re2.Set.SearchSet(re2_options())
        self._numbers = tuple(number for number, _ in patterns)
        for _, source in patterns:
            self._set.Add(source)
        self._always = self._set.Add(b"")
        self._set.Compile()

    def matching(self, data: bytes) -> list[int]:
        found = self._set.Match(data) or ()
        if self._always not in found:
            return list(self._numbers)
        return [self._numbers[index] for index in found if index != self._always]


def _groups(needs_of_number: dict[int, Needs]) -> list[tuple[Needs, tuple[int, ...]]]:
    """Patterns of the same needs together, by the digits they need."""
    groups: dict[Needs, list[int]] = {}
    for number, needs in needs_of_number.items():
        groups.setdefault(needs, []).append(number)
    return [(needs, tuple(numbers)) for needs, numbers in sorted(groups.items())]
