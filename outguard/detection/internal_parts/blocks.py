"""Delimited blocks and runs of machine output, whole with their tags or fences."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace

from outguard.detection.internal_parts.patterns import InternalPatterns
from outguard.detection.internal_parts.shown import is_shown

_FENCES = ("```", "---", "<<<", ">>>", "===", "~~~")
_FENCE = "```"
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


def find_blocks(text: str, patterns: InternalPatterns, hints: Collection[int], last_user: str = "") -> list[Span]:
    """All blocks of `text`, none inside another, by place; without what is shown to who wrote `last_user`."""
    found: list[Span] = []
    if not hints:
        return found
    for number, block in zip(patterns.block_hints, patterns.blocks, strict=True):
        if number not in hints:
            continue
        for match in block.pattern.finditer(text):
            start, end = _trim(text, *match.span(1 if match.re.groups else 0))
            is_spared = block.type == "DEBUG_TRACE" and block.rule in _SHOWN and is_shown(text, start, end, last_user)
            if len(found) <= MAX_SPANS and not is_spared and not overlaps(found, start, end):
                found.append(Span(block.type, block.rule, start, end))
    if not patterns.line_hints.isdisjoint(hints):
        found.extend(
            run
            for run in _runs(text, patterns)
            if not overlaps(found, run.start, run.end) and not is_shown(text, run.start, run.end, last_user)
        )
    _add_templates(found, text, patterns, hints, last_user)
    if len(found) > MAX_SPANS:
        return [Span("DEBUG_TRACE", "many", 0, len(text))]
    return _joined(sorted(found, key=lambda one: one.start), text)


def _joined(found: list[Span], text: str) -> list[Span]:
    """Blocks of one type that stand right after one another, as a call and its result do, in one."""
    joined: list[Span] = []
    for span in found:
        last = joined[-1] if joined else None
        is_next = last is not None and last.type == span.type and not text[last.end : span.start].strip()
        if last is not None and is_next and span.rule != "template" != last.rule:
            joined[-1] = replace(last, end=span.end)
        else:
            joined.append(span)
    return joined


_SHOWN = frozenset({"comment", "query", "tagged", "traceback"})
"""Blocks that code examples have too."""
_OWN_MARKS = frozenset({"[DATE_OF_BIRTH]"})
"""What redaction leaves behind and looks like a field that nobody filled in."""


_CODE_LINE = re.compile(
    r"`|://|(?:^|\s)/[\w{}$<>-]+/|[=;]\s*$|^\s*(?:curl|GET|POST|PUT|PATCH|DELETE|export|const|let|var|import|from|SELECT"
    r"|\$ |> |<[a-z]+[ >]|[\w.\"'-]+\s*[:=]\s*[\"'])"
    r"|\b(?:replace|placeholder|template|variable|merge field|fill in|in place of)\b"
    r"|[\"'](?=[{<\[$%#*~@])"
)


def _add_templates(
    found: list[Span], text: str, patterns: InternalPatterns, hints: Collection[int], last_user: str
) -> None:
    for number, template in zip(patterns.template_hints, patterns.templates, strict=True):
        if number not in hints:
            continue
        for match in template.finditer(text):
            if len(found) > MAX_SPANS:
                return
            start, end = match.span(1) if match.re.groups and match.group(1) else match.span()
            if match.group() in _OWN_MARKS or overlaps(found, start, end) or text[end : end + 1] in _LINKED:
                continue
            if not _is_code(text, start, end) and match.group() not in last_user:
                found.append(Span("DEBUG_TRACE", "template", start, end, 0.8))


_LINKED = frozenset("([")
"""What follows the words of a link: "[Your orders](https://...)"."""


def _is_code(text: str, start: int, end: int) -> bool:
    """Whether a field stands in code, an address, or words about templates: there it is meant to be seen."""
    if text[start] == "{" and text[start - 1 : start] in {"$", "\\"}:
        return True
    begin = text.rfind("\n", 0, start) + 1
    stop = text.find("\n", end)
    line = text[begin : stop if stop >= 0 else len(text)]
    if _CODE_LINE.search(line) is not None:
        return True
    is_led = text[:begin].rstrip().endswith(":") and is_shown(text, begin, end, "")
    return is_led or text.count("```", 0, start) % 2 == 1


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
        start, end = _fenced(text, *_trim(text, lines[first].start, lines[last].end))
        if not overlaps(found, start, end):
            found.append(Span(kind, "lines", start, end, 0.9))
        index = last + 1
    return found


def _fenced(text: str, start: int, end: int) -> tuple[int, int]:
    """The whole of the fence that [start, end) lies in."""
    if text.count(_FENCE, 0, start) % 2 == 0:
        return start, end
    close = text.find(_FENCE, end)
    return text.rfind(_FENCE, 0, start), close + len(_FENCE) if close >= 0 else len(text)


def _last_of_run(lines: list[_Line], index: int) -> int:
    last = index
    for ahead in range(index + 1, len(lines)):
        line = lines[ahead]
        if line.type is not None:
            last = ahead
        elif not line.text.strip():
            if ahead + 1 >= len(lines) or lines[ahead + 1].type is None or lines[ahead + 1].type != lines[index].type:
                break
        elif ahead - last > _MAX_GAP_LINES or not _is_machine_like(line.text):
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
