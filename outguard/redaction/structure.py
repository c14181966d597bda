"""Keep what surrounds a cut well formed: JSON, URLs, Markdown links, HTML tags, code fences.

Only characters of our own are added; none of the cut span is ever put back.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import quote

MAX_REGIONS = 16
MAX_CAREFUL = 32
"""Above this many cuts a broken JSON region is mended by its neighbours alone, not by trying."""

_URL_BACK = 2048
_URL_SIGNS = ("://", "mailto:", "tel:", "sms:")
_URL_STOPS = " \t\r\n\u00a0\"'<>()`{}|\\^"
_TAG = re.compile(
    r"<(/?)(a|abbr|b|blockquote|body|code|dd|div|dl|dt|em|font|h[1-6]|head|html|i|li|mark|ol|p|pre|s|section|small|span"
    r"|strong|sub|sup|table|tbody|td|tfoot|th|thead|tr|tt|u|ul)\b[^<>]*>",
    re.IGNORECASE,
)
_FENCE = re.compile(r"^[ \t]*(```+|~~~+)", re.MULTILINE)
_JSON_START = re.compile(r"[{\[]")


@dataclass(slots=True)
class Edit:
    """A span and what stands in its place."""

    start: int
    end: int
    replacement: str


def fit(text: str, start: int, end: int, replacement: str) -> str:
    """`replacement` in the form that its surroundings need, JSON aside."""
    if replacement and _is_inside_url(text, start):
        replacement = quote(replacement, safe="*")
    cut = text[start:end]
    if "<" in cut:
        replacement = _with_tags(cut, replacement)
    if "```" in cut or "~~~" in cut:
        replacement = _with_fence(cut, replacement)
    if replacement.endswith("]") and text[end : end + 1] in {"(", "["}:
        replacement += " "
    return replacement


def mend_json(text: str, edits: Sequence[Edit]) -> None:
    """Change replacements so that every JSON value of `text` which could be parsed still can be."""
    for start, end in json_regions(text, edits):
        inside = [edit for edit in edits if start <= edit.start and edit.end <= end]
        if inside and not (len(inside) == 1 and (inside[0].start, inside[0].end) == (start, end)):
            _mend(text, start, end, inside)


def json_regions(text: str, edits: Sequence[Edit]) -> list[tuple[int, int]]:
    """Objects and lists in `text` that hold an edit, outermost only."""
    regions: list[tuple[int, int]] = []
    decoder = json.JSONDecoder()
    position, tries = 0, 0
    last = max((edit.end for edit in edits), default=0)
    while tries < MAX_REGIONS:
        match = _JSON_START.search(text, position)
        if match is None or match.start() >= last:
            break
        tries += 1
        position = match.end()
        try:
            _, end = decoder.raw_decode(text, match.start())
        except (ValueError, RecursionError):
            continue
        regions.append((match.start(), end))
        position = end
    return regions


def applied(text: str, edits: Sequence[Edit], start: int = 0, end: int | None = None) -> str:
    """`text[start:end]` with `edits` (in order, apart) made."""
    parts: list[str] = []
    position = start
    for edit in edits:
        parts += (text[position : edit.start], edit.replacement)
        position = edit.end
    parts.append(text[position : len(text) if end is None else end])
    return "".join(parts)


def _mend(text: str, start: int, end: int, edits: list[Edit]) -> None:
    if _is_json(applied(text, edits, start, end)):
        return
    careful = len(edits) <= MAX_CAREFUL
    for edit in edits:
        plain = edit.replacement
        words = json.dumps(plain)
        if not careful:
            edit.replacement = _by_neighbours(text, edit, words)
            continue
        for candidate in (plain, words, plain + '"', '"' + plain, f"{words}: null", "null"):
            edit.replacement = candidate
            if _is_json(applied(text, [edit], start, end)):
                break
        else:
            edit.replacement = plain


def _by_neighbours(text: str, edit: Edit, words: str) -> str:
    before = text[max(0, edit.start - 32) : edit.start].rstrip()[-1:]
    after = text[edit.end : edit.end + 32].lstrip()[:1]
    return words if before in {":", ",", "["} and after in {",", "}", "]"} else edit.replacement


def _is_json(text: str) -> bool:
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return False
    return True


def _is_inside_url(text: str, start: int) -> bool:
    """Whether a URL began in the same word before `start`."""
    window = text[max(0, start - _URL_BACK) : start]
    word = window[max(window.rfind(stop) for stop in _URL_STOPS) + 1 :].lower()
    return any(sign in word for sign in _URL_SIGNS)


def _with_tags(cut: str, replacement: str) -> str:
    """Close and open, bare, the HTML tags that the cut leaves without their partner."""
    opened: Counter[str] = Counter()
    closed: list[str] = []
    for slash, name in _TAG.findall(cut):
        tag = name.lower()
        if not slash:
            opened[tag] += 1
        elif opened[tag]:
            opened[tag] -= 1
        else:
            closed.append(tag)
    return replacement + "".join(f"</{tag}>" for tag in closed) + "".join(f"<{tag}>" for tag in opened.elements())


def _with_fence(cut: str, replacement: str) -> str:
    """Put a fence line back where the cut takes one of a pair."""
    fences = _FENCE.findall(cut)
    return f"{replacement}\n{fences[-1]}\n" if len(fences) % 2 else replacement
