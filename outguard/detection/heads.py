r"""How a pattern begins: what is found wherever the pattern is, and by a far smaller automaton.

A match of `\bgate code[^\n]*? is (\d{4})` begins with a match of `\bgate code`. Many such heads are looked for in one
pass, which is warm after a few texts; whole patterns together would need a state for each mixture of their middles.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import NamedTuple

_TOKEN = re.compile(
    r"\\x(?:\{[^}]*\}|[0-9A-Fa-f]{2})|\\[0-7]{1,3}|\\[pP](?:\{[^}]*\}|.)|\\."
    r"|\[\^?\]?(?:\[:\^?\w+:\]|\\.|[^\]\\])*\]"
    r"|\(\?P?<\w+>|\(\?[a-zA-Z-]*[:)]|\{\d+(?:,\d*)?\}|[A-Za-z0-9 ]+(?![*+?{])|.",
    re.DOTALL,
)
_REPEAT = re.compile(r"\{(\d+)(?:(,)(\d*))?\}")
_TIMES: Mapping[str, tuple[int, int | None]] = {"*": (0, None), "+": (1, None), "?": (0, 1)}
_PLACES = frozenset({"^", "$", r"\b", r"\B", r"\A", r"\z"})
_WIDE = frozenset({".", r"\s", r"\S", r"\w", r"\W", r"\D"})
_DIGITS = frozenset({r"\d", "[0-9]"})
_LONGEST_REPEAT = 8
"""Of characters of a class: what repeats more often ends a head."""
_KEPT = 4
"""How many of those the head keeps."""
_WIDEST_REPEAT = 4
"""The same of classes that hold much of the alphabet."""
_DIGIT_WEIGHT, _CLASS_WEIGHT = 0.4, 0.7
_SMALL_CLASS = 8


class Head(NamedTuple):
    """The begin of a pattern, and about how many letters a text must have for it: 0 where any text has it."""

    source: str
    weight: float


class _Part(NamedTuple):
    """Some of a sequence: its source, its weight, and whether it is the whole of it."""

    source: str
    weight: float
    is_whole: bool


_Item = tuple[_Part, int, int | None, str]
"""A part, how often it stands there at least and at most, and how that is written."""


class _UnreadableError(Exception):
    """A pattern that is written in a way not read here."""


def head_of(source: str) -> Head | None:
    """The head of an RE2 pattern; None where the pattern cannot be read."""
    if r"\Q" in source:
        return None
    tokens = iter(_TOKEN.findall(source))
    try:
        part = _alternatives(tokens, is_outermost=True)
    except (_UnreadableError, RecursionError):
        return None
    return Head(part.source, part.weight)


def _alternatives(tokens: Iterator[str], *, is_outermost: bool = False) -> _Part:
    """What stands up to the parenthesis that closes, or to the end: each branch by its head."""
    branches: list[list[_Item]] = [[]]
    flags = ""
    for piece in tokens:
        if piece == ")":
            if is_outermost:
                raise _UnreadableError
            break
        if piece == "|":
            branches.append([])
        elif piece[0] == "(" and piece[-1] == ")":
            if branches != [[]] or not is_outermost:
                raise _UnreadableError  # what a head leaves out may be what these flags are for
            flags += piece
        else:
            _add(branches[-1], piece, tokens)
    parts = [_sequence(branch) for branch in branches]
    source = "|".join(part.source for part in parts)
    if flags and len(parts) > 1:
        source = f"(?:{source})"
    return _Part(flags + source, min(part.weight for part in parts), all(part.is_whole for part in parts))


def _add(items: list[_Item], piece: str, tokens: Iterator[str]) -> None:
    """Put one more token, or the group that it opens, or how often the last one stands there, to the items."""
    if piece[0] == "(":
        inner = _alternatives(tokens)
        opening = piece if piece[-1] == ":" else "(?:"
        items.append((inner._replace(source=f"{opening}{inner.source})"), 1, 1, ""))
    elif piece in _TIMES or _REPEAT.fullmatch(piece):
        if not items:
            raise _UnreadableError
        items[-1] = _repeated(items[-1], piece)
    else:
        items.append((_Part(piece, _weight(piece), is_whole=True), 1, 1, ""))


def _repeated(item: _Item, times: str) -> _Item:
    part, low, high, written = item
    if written:
        if times != "?" or written.endswith("??"):
            raise _UnreadableError
        return part, low, high, written + times  # as few as may be, not as many: the same texts match
    if (counted := _REPEAT.fullmatch(times)) is not None:
        low = int(counted[1])
        high = low if counted[2] is None else int(counted[3]) if counted[3] else None
    else:
        low, high = _TIMES[times]
    return part, low, high, times


def _sequence(items: list[_Item]) -> _Part:
    """The items up to the first that may be of any length or is itself no more than a head."""
    source, weight = "", 0.0
    for part, low, high, written in items:
        if part.is_whole and high is not None and high <= _longest(part.source):
            source += part.source + written
            weight += low * part.weight
            continue
        times = min(low, _KEPT) if part.is_whole else min(low, 1)
        if times:
            source += part.source + (f"{{{times}}}" if times > 1 else "")
            weight += times * part.weight
        return _Part(source, weight, is_whole=False)
    return _Part(source, weight, is_whole=True)


def _longest(source: str) -> int:
    """How often a head may repeat this."""
    is_wide = source in _WIDE or source.startswith(("[^", r"\p", r"\P"))
    is_wide = is_wide or (source[0] == "[" and any(one in source for one in ("a-z", r"\w", r"\s", r"\x{", r"\p")))
    return _WIDEST_REPEAT if is_wide else _LONGEST_REPEAT


def _weight(piece: str) -> float:
    if piece in _PLACES or piece in _WIDE or piece.startswith(("[^", r"\p", r"\P")):
        return 0.0
    if piece in _DIGITS:
        return _DIGIT_WEIGHT
    if piece[0] != "[":
        return 1.0 if piece[0] == "\\" else float(len(piece))
    return _CLASS_WEIGHT if len(piece) <= _SMALL_CLASS and "-" not in piece[2:-2] and "\\" not in piece else 0.0
