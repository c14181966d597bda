r"""Patterns rewritten to compile small.

`compacted` writes Unicode letter classes as a few ranges: RE2 unrolls a full `\pL` to a thousand instructions for
every repeat. `head_of` is what a text must hold for a pattern to match at all: the pattern's first characters, of
bounded length, so that the DFA of hundreds of heads stays small.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

_UNICODE = re.compile(r"\\p(?:L|N|\{L[ul]?\}|\{N[d]?\})")
_RANGES = {
    r"\pL": r"a-zA-Z\x{AA}\x{B5}\x{BA}\x{C0}-\x{D6}\x{D8}-\x{F6}\x{F8}-\x{1FFF}\x{2C00}-\x{2DFF}\x{3040}-\x{D7FF}",
    r"\p{Lu}": r"A-Z\x{C0}-\x{D6}\x{D8}-\x{DE}\x{100}-\x{24F}\x{370}-\x{42F}\x{1E00}-\x{1FFF}",
    r"\p{Ll}": r"a-z\x{DF}-\x{F6}\x{F8}-\x{24F}\x{370}-\x{45F}\x{1E00}-\x{1FFF}",
    r"\pN": "0-9",
}
_REPEAT = re.compile(r"\{(\d+)(?:,(\d*))?\}")
_MAX_ATOMS = 16
_MAX_CLASSES = 3
_BOUNDARIES = frozenset({r"(?:^|[^\pL\pN])"})


@dataclass(frozen=True, slots=True)
class _Atom:
    source: str
    least: int
    most: int | None
    quantifier: str


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


def head_of(pattern: str) -> str:
    """A pattern of bounded length that matches wherever `pattern` does; itself where it cannot be read."""
    if r"\Q" in pattern:
        return pattern
    branches = [_head(branch) for branch in _branches(pattern)]
    return "|".join(branches) if all(branches) else ""


def _head(branch: str) -> str:
    pieces: list[str] = []
    room = _MAX_CLASSES
    for atom in _atoms(branch):
        source = atom.source
        is_open = atom.quantifier and (atom.most is None or atom.most > 1) and atom.source[0] != "("
        if len(pieces) >= _MAX_ATOMS or room <= 0:
            break
        if is_open:
            least = min(atom.least, room)
            pieces.append(f"{source}{{{least}}}" if least else "")
            break
        if source.startswith("("):
            is_wide = _is_wide(source)
            if atom.quantifier:
                if atom.least:
                    pieces.append(_bounded(source) if is_wide else source)
                break
            pieces.append(_bounded(source) if is_wide else source)
            if is_wide:
                break
            room -= source not in _BOUNDARIES and _is_class(source)
            continue
        pieces.append(source + atom.quantifier)
        room -= _is_class(source)
    return "".join(pieces)


def _is_class(source: str) -> bool:
    return "[" in source or r"\d" in source or r"\w" in source or r"\s" in source or "." in source.replace(r"\.", "")


def _is_wide(group: str) -> bool:
    """Whether a group matches more than a few literals."""
    inside = group.split("|")
    return _is_unbounded(group) or (_is_class(group) and max(map(len, inside)) > 12 and not group.startswith("(?:^|[^"))


def _is_unbounded(group: str) -> bool:
    return bool(re.search(r"(?<!\\)[*+]|\{\d+,\}|\{\d*,?(?:[4-9]|\d{2,})\}", group))


def _bounded(group: str) -> str:
    """The head of a group's inside, with its flags."""
    match = re.match(r"\((?:\?(?:P<\w+>|[a-zA-Z-]*:))?", group)
    opening = match.group() if match else "("
    flags = opening[1:] if opening.startswith("(?") and not opening.startswith("(?P") else "?:"
    return f"({flags}{head_of(group[len(opening) : -1])})"


def _branches(pattern: str) -> Iterator[str]:
    depth, start, position, in_class = 0, 0, 0, False
    for part in _parts(pattern):
        if in_class:
            in_class = part != "]"
        elif part.startswith("["):
            in_class = True
        elif part == "(":
            depth += 1
        elif part == ")":
            depth -= 1
        elif part == "|" and depth == 0:
            yield pattern[start:position]
            start = position + 1
        position += len(part)
    yield pattern[start:]


def _atoms(pattern: str) -> Iterator[_Atom]:
    parts = list(_parts(pattern))
    position = 0
    while position < len(parts):
        end = _atom_end(parts, position)
        source = "".join(parts[position:end])
        least, most, quantifier = 1, 1, ""
        top: int | None = most
        if end < len(parts):
            least, top, quantifier = _quantifier(parts[end])
            end += bool(quantifier)
            if quantifier and end < len(parts) and parts[end] == "?":
                end += 1
        yield _Atom(source, least, top, quantifier)
        position = end


def _quantifier(part: str) -> tuple[int, int | None, str]:
    if part == "?":
        return 0, 1, part
    if part == "*":
        return 0, None, part
    if part == "+":
        return 1, None, part
    repeat = _REPEAT.fullmatch(part)
    if repeat is None:
        return 1, 1, ""
    least = int(repeat.group(1))
    if repeat.group(2) is None:
        return least, least, part
    return least, int(repeat.group(2)) if repeat.group(2) else None, part


def _atom_end(parts: list[str], position: int) -> int:
    if parts[position] == "(":
        depth, in_class = 0, False
        for index in range(position, len(parts)):
            part = parts[index]
            if in_class:
                in_class = part != "]"
            elif part.startswith("["):
                in_class = True
            elif part == "(":
                depth += 1
            elif part == ")":
                depth -= 1
                if depth == 0:
                    return index + 1
        return len(parts)
    if parts[position].startswith("["):
        return next((i + 1 for i in range(position + 1, len(parts)) if parts[i] == "]"), len(parts))
    return position + 1


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
