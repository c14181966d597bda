"""Which of many patterns can match a text, at a small part of the cost of running them.

One pass of an RE2 `Filter` looks for the literals that patterns cannot do without; its automaton has a state for each
prefix of a literal and no more, so it is warm after a few texts. Patterns without such literals are run where the text
has the digits and signs they need; the commonest of them are first tried in batches, without leaving RE2.

Should the pass fail for want of memory, it does not even name the word put at the end of each text: then every pattern
is a candidate, so nothing is ever skipped.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from copy import copy
from typing import Any, NamedTuple

import re2

from outguard.detection.needs import Needs, Supply
from outguard.detection.pack import re2_options

_LAST_WORD = b"\x01\x02\x03\x02\x01"
_DIGITS = (0, 1, 4, 7, 12)
"""Digits that a text must have for each batch to be tried."""
_DIGITS_OF_SHAPES = (0, 7)
"""The same where a batch costs one pass, however many patterns it has."""
_LONG = 20
"""Patterns whose match has an unbroken run as long as this are tried apart: most texts have no such word."""
_COMMON_CLUSTER = 4
_COMMON_SIGNS = frozenset({b".", b"-", b":", b"/"})
_WORDS = re.compile(rb"[a-z]{3}")
_ANYTHING = re.compile(rb"\[\^\\n\]|\\s[*+{]|\.[*+{]")
_CLASS = re.compile(rb"\[\^?[^\]]+\]")
"""Three letters in a row, or anything at all: patterns without either have small automata, which may be one."""


class _Key(NamedTuple):
    """What a text must have for a batch to be tried: digits, the length of a run, a colon; and whether it is rare."""

    digits: int
    run: int
    has_colon: bool
    is_rare: bool


class Prefilter:
    """Patterns, by number, and what each needs: asked only of patterns without literals.

    `is_rare` parts the patterns: those for which it holds are never tried together with the others.
    """

    def __init__(
        self,
        sources: Sequence[bytes],
        needs_of: Callable[[int], Needs],
        is_rare: Callable[[int], bool] = lambda _: False,
    ) -> None:
        everything = _literals(sources)
        unguarded = everything.Match(b"", potential=True) or ()
        self._numbers = tuple(sorted(frozenset(range(len(sources))).difference(unguarded)))
        self._guarded = frozenset(self._numbers)
        self._literals = _literals([sources[number] for number in self._numbers])
        needs = {number: needs_of(number) for number in unguarded}
        self._needs_of = needs_of
        self._needs_too: dict[int, Needs] = {}
        common = [number for number in unguarded if _is_common(needs[number])]
        self._batches = _batches({number: needs[number] for number in common}, sources, is_rare)
        self._groups = _groups({number: needs[number] for number in set(unguarded).difference(common)})

    def keeping(self, kept: frozenset[int]) -> Prefilter:
        """The same for a caller who asks for `kept` alone: what has none of them is not tried. It shares the rest."""
        other = copy(self)
        other._guarded = self._guarded & kept  # noqa: SLF001 - our own
        other._batches = [batch for batch in self._batches if not kept.isdisjoint(batch.numbers)]  # noqa: SLF001
        other._groups = [group for group in self._groups if not kept.isdisjoint(group[1])]  # noqa: SLF001
        return other

    def candidates(self, data: bytes) -> list[int]:
        """The numbers of the patterns that may match, in order."""
        named = self._literals.Match(data + _LAST_WORD, potential=True) or ()
        numbers, guarded = self._numbers, self._guarded
        if len(numbers) in named:
            listed = [number for index in named if index < len(numbers) and (number := numbers[index]) in guarded]
        else:
            listed = list(guarded)
        supply = Supply(data)
        known = self._needs_too
        chosen = [number for number in listed if supply.covers(known.get(number) or self._needed(number))]
        has_colon = b":" in data
        for batch in self._batches:
            if batch.least > supply.digits:
                break
            if batch.run <= supply.run and (has_colon or not batch.has_colon):
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

    def _needed(self, number: int) -> Needs:
        """What a pattern with literals needs besides, read when it is first named: few are, and reading takes time."""
        needs = self._needs_too[number] = self._needs_of(number)._replace(word=0)
        return needs


def _literals(sources: Sequence[bytes]) -> Any:
    """One pass that names the sources whose literals a text has, those without any, and the last word."""
    options = re2_options()
    literals = re2.Filter()
    for source in sources:
        literals.Add(source, options)
    literals.Add(_LAST_WORD, options)
    literals.Compile()
    return literals


def _is_common(needs: Needs) -> bool:
    """Whether so many texts have what a pattern needs, but for its digits, that asking is no gain."""
    return needs.cluster <= _COMMON_CLUSTER and all(sign in _COMMON_SIGNS for sign, _ in needs.signs)


def _is_shaped(source: bytes) -> bool:
    return _ANYTHING.search(source) is None and _WORDS.search(_CLASS.sub(b"", source)) is None


class _Batch:
    """Patterns tried together; RE2 falls back to slower ways where a DFA runs out of memory, so none is skipped."""

    __slots__ = ("_match", "has_colon", "least", "numbers", "run")

    def __init__(self, key: _Key, patterns: Sequence[tuple[int, bytes]]) -> None:
        self.least, self.run, self.has_colon, _ = key
        batch = re2.Filter()
        self.numbers = tuple(number for number, _ in patterns)
        for _, source in patterns:
            batch.Add(source, re2_options())
        batch.Compile()
        self._match = batch._filter.Match  # noqa: SLF001 - the wrapper only encodes texts that are not bytes

    def matching(self, data: bytes) -> list[int]:
        return [self.numbers[index] for index in self._match(data, False)]  # noqa: FBT003 - C++


class _ShapedBatch:
    """Patterns tried in one pass of an RE2 `Set`; all are named where its DFA, too, is out of memory."""

    __slots__ = ("_always", "_match", "has_colon", "least", "numbers", "run")

    def __init__(self, key: _Key, patterns: Sequence[tuple[int, bytes]]) -> None:
        self.least, self.run, self.has_colon, _ = key
        batch = re2.Set.SearchSet(re2_options())
        self.numbers = tuple(number for number, _ in patterns)
        for _, source in patterns:
            batch.Add(source)
        self._always = batch.Add(b"")
        batch.Compile()
        self._match = batch.Match

    def matching(self, data: bytes) -> list[int]:
        found = self._match(data) or ()
        if self._always not in found:
            return list(self.numbers)
        return [self.numbers[index] for index in found if index != self._always]


def _batches(
    needs_of_number: Mapping[int, Needs], sources: Sequence[bytes], is_rare: Callable[[int], bool]
) -> list[_Batch | _ShapedBatch]:
    """Patterns of about the same needs together, by the digits they need; those with words apart from the others."""
    parted: dict[tuple[_Key, bool], list[tuple[int, bytes]]] = {}
    for number, needs in sorted(needs_of_number.items()):
        is_shaped = _is_shaped(sources[number])
        least = max(step for step in (_DIGITS_OF_SHAPES if is_shaped else _DIGITS) if step <= needs.digits)
        run = _LONG if needs.run >= _LONG else 0
        has_colon = not is_shaped and any(sign == b":" for sign, _ in needs.signs)
        key = _Key(least, run, has_colon, is_rare(number))
        parted.setdefault((key, is_shaped), []).append((number, sources[number]))
    return [
        (_ShapedBatch if is_shaped else _Batch)(key, patterns) for (key, is_shaped), patterns in sorted(parted.items())
    ]


def _groups(needs_of_number: Mapping[int, Needs]) -> list[tuple[Needs, tuple[int, ...]]]:
    """Patterns of the same needs together, by the digits they need."""
    groups: dict[Needs, list[int]] = {}
    for number, needs in needs_of_number.items():
        groups.setdefault(needs, []).append(number)
    return [(needs, tuple(numbers)) for needs, numbers in sorted(groups.items())]
