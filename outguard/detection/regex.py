r"""Patterns rewritten to compile small.

`compacted` writes Unicode letter classes as a few ranges: RE2 unrolls a full `\pL` to a thousand instructions for
every repeat.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

_UNICODE = re.compile(r"\\p(?:L|N|\{L[ul]?\}|\{N[d]?\})")
_RANGES = {
    r"\pL": r"a-zA-Z\x{AA}\x{B5}\x{BA}\x{C0}-\x{D6}\x{D8}-\x{F6}\x{F8}-\x{1FFF}\x{2C00}-\x{2DFF}\x{3040}-\x{D7FF}",
    r"\p{Lu}": r"A-Z\x{C0}-\x{D6}\x{D8}-\x{DE}\x{100}-\x{24F}\x{370}-\x{42F}\x{1E00}-\x{1FFF}",
    r"\p{Ll}": r"a-z\x{DF}-\x{F6}\x{F8}-\x{24F}\x{370}-\x{45F}\x{1E00}-\x{1FFF}",
    r"\pN": "0-9",
}
_REPEAT = re.compile(r"\{(\d+)(?:,(\d*))?\}")


@lru_cache(maxsize=4096)
def compacted(pattern: str) -> str:
    """The pattern with Unicode letter classes as a few ranges (Latin, Greek, Cyrillic and beyond, no symbols)."""
    if r"\p" not in pattern or r"\Q" in pattern:
        return pattern
    pieces: list[str] = []
    in_class = False
    for part in _parts(pattern):
        if _UNICODE.fullmatch(part):
            ranges = _RANGES.get(part) or _RANGES[r"\pN" if "N" in part else r"\pL"]
            pieces.append(ranges if in_class else f"[{ranges}]")
            continue
        if not in_class and part.startswith("["):
            in_class = True
        elif in_class and part == "]":
            in_class = False
        pieces.append(part)
    return "".join(pieces)


def _parts(pattern: str) -> Iterator[str]:
    """Split: escapes and repeats whole, `[` with its `^` and a leading `]`, else single characters."""
    position, size, in_class = 0, len(pattern), False
    while position < size:
        start = position
        character = pattern[position]
        if character == "\\":
            is_long = pattern[position + 1 : position + 3] in {"x{", "p{", "P{"}
            if is_long:
                position = pattern.find("}", position) + 1 or size
            else:
                position += 3 if pattern[position + 1 : position + 2] in {"p", "P"} else 2
        elif in_class:
            if pattern.startswith("[:", position) and (end := pattern.find(":]", position)) > 0:
                position = end + 2
            else:
                in_class = character != "]"
                position += 1
        elif character == "[":
            in_class = True
            position += 2 if pattern[position + 1 : position + 2] == "^" else 1
            position += pattern[position : position + 1] == "]"
        elif character == "{" and (repeat := _REPEAT.match(pattern, position)) is not None:
            position = repeat.end()
        else:
            position += 1
        yield pattern[start:position]
