"""Which words of a text are quoted: between quotation marks, or on a line that begins with `>`."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Sequence

_QUOTES = re.compile(
    r"\"[^\"]{12,600}\"|“[^”]{12,600}”|«[^»]{12,600}»|„[^“”]{12,600}[“”]"
    r"|(?:^|(?<=\s))'[^'\n]{20,400}'(?=[\s.,!?)]|$)|^[ \t]*>[^\n]*",
    re.MULTILINE,
)
_MARKS = ('"', ">", "“", "«", "„")
_OPENS = re.compile(r"'(?<!\S')")
_LEAST_SHARE = 0.6


def quoted_spans(text: str) -> list[tuple[int, int]]:
    """The quoted stretches of `text`, left to right."""
    if not any(mark in text for mark in _MARKS) and not ("'" in text and _OPENS.search(text)):
        return []
    return [match.span() for match in _QUOTES.finditer(text)]


def is_quoted(start: int, end: int, quotes: Sequence[tuple[int, int]]) -> bool:
    """Whether most of [start, end) lies in one of `quotes`."""
    if not quotes:
        return False
    place = max(bisect_right(quotes, (start, start)) - 1, 0)
    near = quotes[place : place + 3]
    return any(min(end, last) - max(start, first) >= _LEAST_SHARE * (end - start) for first, last in near)
