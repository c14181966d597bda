"""Delimited blocks and runs of machine output, whole with their tags or fences."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from outguard.detection.internal_parts.patterns import InternalPatterns

_FENCES = ("```", "---", "<<<", ">>>", "===", "~~~")
_MAX_GAP_LINES = 2
MAX_SPANS = 200
"""More blocks than this are reported as one: hostile text must not cost more than linear time."""


@dataclass(frozen=True, slots=True)
class Span:
    """Something at [start, end) of the text."""

    type: str
    rule: str
    start: int
    end: int
    score: float = 0.95

    def covers(self, start: int, end: int) -> bool:
        """Whether [start, end) overlaps this span."""
        return self.start < end and start < self.end


@dataclass(frozen=True, slots=True)
class _Line:
    start: int
    end: int
    text: str
    type: str | None


def find_blocks(text: str, patterns: InternalPatterns, hints: Collection[int]) -> list[Span]:
    """All blocks of `text`, none inside another, by place."""
    found: list[Span] = []
    if not hints:
        return found
    for number, block in zip(patterns.block_hints, patterns.blocks, strict=True):
        if number not in hints:
            continue
        for match in block.pattern.finditer(text):
            start, end = _trim(text, match.start(), match.end())
            if len(found) <= MAX_SPANS and not overlaps(found, start, end):
                found.append(Span(block.type, block.rule, start, end))
    if not patterns.line_hints.isdisjoint(hints):
        found.extend(run for run in _runs(text, patterns) if not overlaps(found, run.start, run.end))
    _add_templates(found, text, patterns, hints)
    if len(found) > MAX_SPANS:
        return [Span("DEBUG_TRACE", "many", 0, len(text))]
    return sorted(found, key=lambda one: one.start)


_OWN_MARKS = frozenset({"[DATE_OF_BIRTH]"})
"""What redaction leaves behind and looks like a field that nobody filled in."""


def _add_templates(found: list[Span], text: str, patterns: InternalPatterns, hints: Collection[int]) -> None:
    for number, template in zip(patterns.template_hints, patterns.templates, strict=True):
        if number not in hints:
            continue
        for match in template.finditer(text):
            if len(found) > MAX_SPANS:
                return
            if match.group() not in _OWN_MARKS and not overlaps(found, match.start(), match.end()):
                found.append(Span("DEBUG_TRACE", "template", match.start(), match.end(), 0.8))


def overlaps(spans: Iterable[Span], start: int, end: int) -> bool:
    """Whether [start, end) touches one of `spans`."""
    return any(span.covers(start, end) for span in spans)


def _runs(text: str, patterns: InternalPatterns) -> list[Span]:
    lines = _lines(text, patterns)
    found: list[Span] = []
    index = 0
    while index < len(lines):
        if lines[index].type is None:
            index += 1
            continue
        last = _last_of_run(lines, index)
        first = index
        if first and lines[first - 1].text.strip().startswith(_FENCES):
            first -= 1
        if last + 1 < len(lines) and lines[last + 1].text.strip().startswith(_FENCES):
            last += 1
        kinds = [line.type for line in lines[index : last + 1] if line.type]
        kind = "REASONING" if kinds.count("REASONING") > len(kinds) / 2 else "DEBUG_TRACE"
        start, end = _trim(text, lines[first].start, lines[last].end)
        found.append(Span(kind, "lines", start, end, 0.9))
        index = last + 1
    return found


def _last_of_run(lines: list[_Line], index: int) -> int:
    last = index
    for ahead in range(index + 1, len(lines)):
        line = lines[ahead]
        if line.type is not None:
            last = ahead
        elif ahead - last > _MAX_GAP_LINES or not line.text.strip() or not _is_machine_like(line.text):
            break
    return last


def _is_machine_like(line: str) -> bool:
    """An indented or bracketed line between two matching ones belongs to them."""
    return line[0] in " \t{}[]()<>" or line.rstrip()[-1:] in "{};,|"


def _lines(text: str, patterns: InternalPatterns) -> list[_Line]:
    out: list[_Line] = []
    start = 0
    for piece in text.split("\n"):
        kind = None
        if len(piece) > 3:
            kind = next((name for name, chosen in patterns.lines.items() if chosen.Match(piece)), None)
        out.append(_Line(start, start + len(piece), piece, kind))
        start += len(piece) + 1
    return out


def _trim(text: str, start: int, end: int) -> tuple[int, int]:
    piece = text[start:end]
    return start + len(piece) - len(piece.lstrip()), end - (len(piece) - len(piece.rstrip()))
