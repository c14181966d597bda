"""What a text must hold for a pattern to match at all, read from the pattern's parse tree.

A cheap count over the text then spares most patterns their run. Everything here may understate, never overstate.
"""

from __future__ import annotations

import re
from collections import Counter
from functools import reduce
from operator import and_
from re import _constants, _parser  # type: ignore[attr-defined]  # the parser of `re`, unchanged since Python 3.11
from typing import Any, NamedTuple

from outguard.detection.regex import compacted

_DELETED = bytes(byte for byte in range(256) if not (chr(byte).isascii() and chr(byte).isalnum()))
_NO_DIGITS = bytes(byte for byte in range(256) if not 0x30 <= byte <= 0x39)
_CLUSTERS = bytes(byte if 0x30 <= byte <= 0x39 else 0x20 for byte in range(256))
_WORD_WITH_DIGIT = re.compile(rb"[A-Za-z]*[0-9][A-Za-z0-9]*")
_SIGNS = "@:/=#-_+|.()°<\n"


class Needs(NamedTuple):
    """The least that a match has.

    Digits in all, digits in a row (signs between them allowed), the length of an unbroken run, the length of a word of
    letters and digits that has a digit, and signs.
    """

    digits: int = 0
    cluster: int = 0
    run: int = 0
    word: int = 0
    signs: tuple[tuple[bytes, int], ...] = ()


class Supply:
    """What a text holds of all that, counted once and only when asked for."""

    __slots__ = ("_cluster", "_data", "_run", "_signs", "_word", "digits")

    def __init__(self, data: bytes) -> None:
        self.digits = len(data.translate(None, _NO_DIGITS))
        self._cluster = self._word = -1 if self.digits else 0
        self._run = -1
        self._data = data
        self._signs: dict[bytes, int] = {}

    @property
    def cluster(self) -> int:
        """The most digits in a row, signs between them allowed."""
        if self._cluster < 0:
            self._cluster = max(map(len, self._data.translate(_CLUSTERS, _DELETED).split()), default=0)
        return self._cluster

    @property
    def run(self) -> int:
        """The length of the longest unbroken run."""
        if self._run < 0:
            self._run = max(map(len, self._data.split()), default=0)
        return self._run

    @property
    def word(self) -> int:
        """The length of the longest word of letters and digits that has a digit."""
        if self._word < 0:
            self._word = max(map(len, _WORD_WITH_DIGIT.findall(self._data)), default=0)
        return self._word

    def covers(self, needs: Needs) -> bool:
        """Whether a match of a pattern with these needs is possible."""
        digits, cluster, run, word, signs = needs
        return (
            self.digits >= digits
            and (not signs or self.has(signs))
            and (not cluster or self.cluster >= cluster)
            and (not run or self.run >= run)
            and (not word or self.word >= word)
        )

    def has(self, signs: tuple[tuple[bytes, int], ...]) -> bool:
        """Whether the text has these signs."""
        for sign, count in signs:
            have = self._signs.get(sign)
            if have is None:
                have = self._signs[sign] = self._data.count(sign)
            if have < count:
                return False
        return True


def needs_of(pattern: str, *, group: int = 0) -> Needs:
    """The needs of a pattern whose span is `group`; none where it cannot be read."""
    source = re.sub(r"\\x\{([0-9A-Fa-f]+)\}", lambda m: f"\\U{int(m.group(1), 16):08x}", compacted(pattern))
    try:
        tree = _parser.parse(source.replace(r"\z", r"\Z"))
    except (re.error, OverflowError, ValueError):
        return Needs()
    span = tree if group == 0 else _group_of(tree, group)
    kinds = _kinds_in(span) if span is not None else {"letter", "sign"}
    in_span = _digits_in(span) if span is not None else 0
    least = span.getwidth()[0] if span is not None else 0
    signs = Counter[str]()
    _count_signs(tree, 1, signs)
    return Needs(
        digits=_digits_in(tree),
        cluster=0 if "letter" in kinds else in_span,
        run=_run_in(tree),
        word=least if "sign" not in kinds and in_span else 0,
        signs=tuple((sign.encode(), count) for sign, count in signs.items() if sign in _SIGNS),
    )


def _group_of(tree: Any, group: int) -> Any:
    for code, value in tree:
        if code is _constants.SUBPATTERN:
            if value[0] == group:
                return value[3]
            inner = [value[3]]
        elif code in _REPEATS:
            inner = [value[2]]
        else:
            inner = list(value[1]) if code is _constants.BRANCH else []
        for part in inner:
            if (found := _group_of(part, group)) is not None:
                return found
    return None


def _kinds_in(tree: Any) -> set[str]:
    """Whether letters, and whether signs or spaces, may stand in a match."""
    kinds: set[str] = set()
    for code, value in tree:
        if code is _constants.LITERAL:
            kinds.add(_kind(value))
        elif code is _constants.IN:
            for inner, item in value:
                kinds |= _item_kinds(inner, item)
        elif code in _REPEATS:
            kinds |= _kinds_in(value[2])
        elif code is _constants.SUBPATTERN:
            kinds |= _kinds_in(value[3])
        elif code is _constants.BRANCH:
            for branch in value[1]:
                kinds |= _kinds_in(branch)
        elif code is not _constants.AT:
            kinds |= {"letter", "sign"}
    return kinds


def _kind(code_point: int) -> str:
    character = chr(code_point)
    if character in "0123456789":
        return "digit"
    return "letter" if character.isascii() and character.isalpha() else "sign"


def _item_kinds(code: Any, value: Any) -> set[str]:
    if code is _constants.LITERAL:
        return {_kind(value)}
    if code is _constants.RANGE and value[1] < 0x80:
        return {_kind(code_point) for code_point in range(value[0], value[1] + 1)}
    if code is _constants.CATEGORY and value is _constants.CATEGORY_DIGIT:
        return {"digit"}
    return {"letter", "sign"}


def _count_signs(tree: Any, times: int, signs: Counter[str]) -> None:
    for code, value in tree:
        if code is _constants.LITERAL:
            signs[chr(value)] += times
        elif code in _REPEATS and value[0]:
            _count_signs(value[2], times * int(value[0]), signs)
        elif code is _constants.SUBPATTERN:
            _count_signs(value[3], times, signs)
        elif code is _constants.BRANCH:
            signs += _signs_of_all(value[1], times)


def _signs_of_all(branches: Any, times: int) -> Counter[str]:
    """The signs that a match has whichever branch it takes."""
    counts = [Counter[str]() for _ in branches]
    for branch, count in zip(branches, counts, strict=True):
        _count_signs(branch, times, count)
    return reduce(and_, counts)


def _digits_in(tree: Any) -> int:
    return sum(_digits_of(code, value) for code, value in tree)


def _digits_of(code: Any, value: Any) -> int:
    if code is _constants.IN:
        return int(all(_is_digit_item(item) for item in value))
    if code is _constants.LITERAL:
        return int(0x30 <= value <= 0x39)
    if code in _REPEATS:
        return int(value[0]) * _digits_in(value[2])
    if code is _constants.SUBPATTERN:
        return _digits_in(value[3])
    if code is _constants.BRANCH:
        return min(_digits_in(branch) for branch in value[1])
    return 0


def _is_digit_item(item: Any) -> bool:
    code, value = item
    if code is _constants.RANGE:
        return bool(value[0] >= 0x30 and value[1] <= 0x39)
    if code is _constants.LITERAL:
        return bool(0x30 <= value <= 0x39)
    return code is _constants.CATEGORY and value is _constants.CATEGORY_DIGIT


def _run_in(tree: Any) -> int:
    return max((_run_of(code, value) for code, value in tree), default=0)


def _run_of(code: Any, value: Any) -> int:
    if code in _REPEATS:
        inner = value[2]
        if len(inner) == 1 and inner[0][0] is _constants.IN and not _may_be_space(inner[0][1]):
            return int(value[0])
        return _run_in(inner) if value[0] else 0
    if code is _constants.SUBPATTERN:
        return _run_in(value[3])
    if code is _constants.BRANCH:
        return min(_run_in(branch) for branch in value[1])
    return 0


def _may_be_space(items: Any) -> bool:
    for code, value in items:
        if code is _constants.NEGATE or (
            code is _constants.CATEGORY
            and value is not _constants.CATEGORY_DIGIT
            and value is not _constants.CATEGORY_WORD
        ):
            return True
        if code is _constants.LITERAL and value in {9, 10, 11, 12, 13, 32}:
            return True
        if code is _constants.RANGE and value[0] <= 32:
            return True
    return False


_REPEATS = frozenset({_constants.MAX_REPEAT, _constants.MIN_REPEAT})
