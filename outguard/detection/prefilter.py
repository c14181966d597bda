"""Which of many patterns can match a text, at a small part of the cost of running them.

Most patterns begin with words or signs of their own: one pass of an RE2 `Set` names those whose begin a text has.
Of the others a second pass looks for the literals that they cannot do without. Patterns without either are run where
the text has the digits and signs they need; the commonest of them are first tried in batches, without leaving RE2.

Should a pass fail for want of memory, it does not even name what is put at its end: then every pattern of it is a
candidate, so nothing is ever skipped.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from copy import copy
from typing import Any, NamedTuple

import re2

from outguard.detection.heads import Head, head_of
from outguard.detection.needs import Needs, Supply
from outguard.detection.pack import re2_options

_LAST_WORD = b"\x01\x02\x03\x02\x01"
_TELLING = 3.0
"""The weight of a head that few texts have."""
_BETTER_THAN_NONE = 0.5
"""What the head of a pattern must weigh that has no literals and would be tried by itself."""
_NO_HEAD = Head("", 0.0)
_SHORT_RUN = 4
"""All texts have a word as long as this."""
_HEADS_MEMORY = 32 << 20
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
    """Patterns, by number, and what each needs: asked of patterns without literals, of others when first named.

    `is_rare` parts the patterns: those for which it holds are never tried together with the others.
    """

    def __init__(
        self,
        sources: Sequence[bytes],
        needs_of: Callable[[int], Needs],
        is_rare: Callable[[int], bool] = lambda _: False,
    ) -> None:
        heads = [head_of(source.decode()) or _NO_HEAD for source in sources]
        sets: dict[tuple[bool, bool], _Heads] = {}

        def add(number: int) -> bool:
            source = heads[number].source.encode()
            return sets.setdefault((is_rare(number), _is_shaped(source)), _Heads()).add(number, source)

        others = [n for n, head in enumerate(heads) if head.weight < _TELLING or not add(n)]
        unguarded = [others[index] for index in _literals([sources[n] for n in others]).Match(b"", True)]  # noqa: FBT003 - C++
        self._guarded = tuple(sorted(set(others).difference(unguarded)))
        self._literals = _literals([sources[number] for number in self._guarded])
        needs = {number: needs_of(number) for number in unguarded}
        common = [number for number in unguarded if _is_common(needs[number])]
        batched = [n for n in common if heads[n].weight < _BETTER_THAN_NONE or _is_shaped(sources[n]) or not add(n)]
        self._heads = [one.compiled() for one in sets.values() if one.numbers]
        self._needs_of = needs_of
        self._needs: list[tuple[int, Needs | None] | None] = [None] * len(sources)
        self._batches = _batches({number: needs[number] for number in batched}, sources, is_rare)
        self._groups = _groups({number: needs[number] for number in set(unguarded).difference(common)})

    def keeping(self, kept: frozenset[int]) -> Prefilter:
        """The same for a caller who asks for `kept` alone: what has none of them is not tried. It shares the rest."""
        other = copy(self)
        other._heads = [heads for heads in self._heads if not kept.isdisjoint(heads.numbers)]  # noqa: SLF001 - our own
        other._batches = [batch for batch in self._batches if not kept.isdisjoint(batch.numbers)]  # noqa: SLF001
        other._groups = [group for group in self._groups if not kept.isdisjoint(group[1])]  # noqa: SLF001
        return other

    def candidates(self, data: bytes) -> list[int]:
        """The numbers of the patterns that may match, in order."""
        supply = Supply(data)
        known, digits = self._needs, supply.digits
        chosen: list[int] = []
        named = self._by_literals(data)
        for heads in self._heads:
            named += heads.matching(data)
        for number in named:
            least, needs = known[number] or self._needed(number)
            if least <= digits and (needs is None or supply.covers(needs)):
                chosen.append(number)
        has_colon = b":" in data
        for batch in self._batches:
            if batch.least > digits:
                break
            if (has_colon or not batch.has_colon) and (not batch.run or batch.run <= supply.run):
                chosen += batch.matching(data)
        for needs, numbers in self._groups:
            if needs[0] > digits:
                break
            if supply.covers(needs):
                chosen += numbers
        chosen.sort()
        return chosen

    def _by_literals(self, data: bytes) -> list[int]:
        """The patterns of which `data` has all literals."""
        guarded = self._guarded
        named = self._literals.Match(data + _LAST_WORD, True)  # noqa: FBT003 - C++
        if not named or named[-1] != len(guarded):
            return list(guarded)
        return [guarded[index] for index in named[:-1]] if len(named) > 1 else []

    def _needed(self, number: int) -> tuple[int, Needs | None]:
        """The digits and what else a pattern needs, read when it first is named: few are, and reading takes time."""
        needs = self._needs_of(number)._replace(word=0)
        rest = needs._replace(digits=0, run=needs.run if needs.run > _SHORT_RUN else 0)
        known = self._needs[number] = needs.digits, rest if any(rest) else None
        return known


class _Heads:
    """Patterns told by how they begin, in one pass of an RE2 `Set`; all are named where it is out of memory.

    Words and shapes are not put into one: together they make several times the states, and each takes time to make.
    """

    __slots__ = ("_always", "_match", "_together", "numbers")

    def __init__(self) -> None:
        options = re2_options()
        options.max_mem = _HEADS_MEMORY
        self._together = re2.Set.SearchSet(options)
        self.numbers: list[int] = []

    def add(self, number: int, source: bytes) -> bool:
        """Whether RE2 takes this head of a pattern."""
        try:
            self._together.Add(source)
        except re2.error:
            return False
        self.numbers.append(number)
        return True

    def compiled(self) -> _Heads:
        """The same, ready to match."""
        self._always = self._together.Add(b"")
        self._together.Compile()
        self._match = self._together._set.Match  # noqa: SLF001 - the wrapper costs as much
        return self

    def matching(self, data: bytes) -> Sequence[int]:
        """The patterns whose begin `data` has."""
        found = self._match(data)
        if len(found) == 1 and found[0] == self._always:
            return ()
        if self._always not in found:
            return self.numbers
        return [self.numbers[index] for index in found if index != self._always]


def _literals(sources: Sequence[bytes]) -> Any:
    """One pass that names the sources whose literals a text has, those without any, and the last word."""
    options = re2_options()
    literals = re2.Filter()
    for source in sources:
        literals.Add(source, options)
    literals.Add(_LAST_WORD, options)
    literals.Compile()
    return literals._filter  # noqa: SLF001 - the wrapper costs as much


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
