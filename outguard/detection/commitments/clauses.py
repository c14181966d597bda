"""Cut a reply into sentences, and long sentences into clauses, keeping offsets."""

from __future__ import annotations

import re
from typing import NamedTuple

_AFTER_STOP = r"(?:(?<=[.!?\u2026])[\"'\u201d\u2019)\]*_]*\s+|(?<=\n)\n*\s*|(?<=[.!?])[\"\u201d\u2019)]+(?=\s|$)"
_BREAK = re.compile(rf"[.!?\u2026\n]{_AFTER_STOP})")
_BREAK_AT_BULLETS = re.compile(rf"[.!?\u2026\s]{_AFTER_STOP}|(?<=\s)\s{{0,2}}[\u2022\u00b7|]\s+)")
"""The same, and before a bullet. Each begins with the character that stands before the break, or with the break."""
_BULLETS = ("|", "\u2022", "\u00b7")
_SPEAKERS = r"i|i've|i'm|i'll|we|we've|we're|we'll|you'll|it'll|it's|they'll|he'll|she'll|so|your|but"
_CLAUSE = re.compile(
    r"[;:,\s\u2014](?:(?<=[;:])\s+|(?<=\s)[-\u2013\u2014]+\s(?!(?<=\d\s[-\u2013]\s)[£$€¥₹])|(?<=\u2014)"
    rf"|(?:(?<=,)\s{{1,3}}|(?<=\s)\s{{0,2}})(?=(?:and|but|so|plus)\s+(?:{_SPEAKERS}|you|you've|the|it|they|he|she|there|there's|that|that's|a|an|my|our|then|to)\b)"
    rf"|(?<=,)\s{{1,3}}(?=(?:{_SPEAKERS}|which)\b)|(?<=\s)[\u2600-\u27bf\U0001f300-\U0001faff]{{1,4}}\ufe0f?\s"
    r"|(?<=,)\s{1,3}(?=and\s))",
    re.IGNORECASE,
)
"""Begins with one set of characters, which `re` looks for fast."""
_ABBREVIATION = re.compile(
    r"(?:\b(?:mr|mrs|ms|dr|st|no|approx|inc|ltd|prof|sr|jr|vs|e\.g|i\.e|ext|nr|tel)|\b[A-Z])\.$", re.IGNORECASE
)


class Clause(NamedTuple):
    """A piece of the reply at [start, end); `prev` is the sentence before its own."""

    start: int
    end: int
    text: str
    prev: str = ""


def sentences(text: str) -> list[Clause]:
    """The sentences of `text`, trimmed, in order."""
    out: list[Clause] = []
    begin = 0
    pattern = _BREAK_AT_BULLETS if any(bullet in text for bullet in _BULLETS) else _BREAK
    for match in pattern.finditer(text):
        start = match.start()
        if not text[start].isspace():
            start += 1
        if start and text[start - 1] == "." and _ABBREVIATION.search(text[max(begin, start - 8) : start]):
            continue
        _append(out, text, begin, start)
        begin = match.end()
    _append(out, text, begin, len(text))
    return out


def clauses(sentence: Clause, least: int = 12) -> list[Clause]:
    """The clauses of one sentence; the sentence itself where it has but one."""
    if len(sentence.text) <= 2 * least:
        return [sentence]
    out: list[Clause] = []
    begin = 0
    for match in _CLAUSE.finditer(sentence.text):
        if match.start() - begin >= least and len(sentence.text) - match.end() >= least:
            out.append(_piece(sentence, begin, match.start()))
            begin = match.end()
    if not out:
        return [sentence]
    out.append(_piece(sentence, begin, len(sentence.text)))
    return out


def _piece(sentence: Clause, begin: int, end: int) -> Clause:
    return Clause(sentence.start + begin, sentence.start + end, sentence.text[begin:end], sentence.prev)


def _append(out: list[Clause], text: str, begin: int, end: int) -> None:
    piece = text[begin:end]
    stripped = piece.strip()
    if not stripped:
        return
    start = begin if len(stripped) == len(piece) else begin + piece.index(stripped[0])
    out.append(Clause(start, start + len(stripped), stripped, out[-1].text if out else ""))
