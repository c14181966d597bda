"""Cut a reply into sentences, and long sentences into clauses, keeping offsets."""

from __future__ import annotations

import re
from dataclasses import dataclass

_BREAK = re.compile(
    r"(?<=[.!?\u2026])[\"'\u201d\u2019)\]*_]*\s+|\n+\s*|(?<=[.!?])[\"\u201d\u2019)]+(?=\s|$)|\s{1,3}[\u2022\u00b7|]\s+"
)
_SPEAKERS = r"i|i've|i'm|i'll|we|we've|we're|we'll|you'll|it'll|it's|they'll|he'll|she'll|so|your|but"
_CLAUSE = re.compile(
    r";\s+|:\s+|\s[-\u2013\u2014]+\s|\u2014"
    rf"|,?\s{{1,3}}(?=(?:and|but|so|plus)\s+(?:{_SPEAKERS}|you|you've|the|it|they|he|she|there|there's|that|that's|a|an|my|our|then|to)\b)"
    rf"|,\s{{1,3}}(?=(?:{_SPEAKERS}|which)\b)",
    re.IGNORECASE,
)
_ABBREVIATION = re.compile(
    r"(?:\b(?:mr|mrs|ms|dr|st|no|approx|inc|ltd|prof|sr|jr|vs|e\.g|i\.e|ext|nr|tel)|\b[A-Z])\.$", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Clause:
    """A piece of the reply at [start, end); `prev` is the sentence before its own."""

    start: int
    end: int
    text: str
    prev: str = ""


def sentences(text: str) -> list[Clause]:
    """The sentences of `text`, trimmed, in order."""
    out: list[Clause] = []
    begin = 0
    for match in _BREAK.finditer(text):
        if text[match.start() - 1 : match.start()] == "." and _ABBREVIATION.search(
            text[max(begin, match.start() - 8) : match.start()]
        ):
            continue
        _append(out, text, begin, match.start())
        begin = match.end()
    _append(out, text, begin, len(text))
    return out


def clauses(sentence: Clause, least: int = 12) -> list[Clause]:
    """The clauses of one sentence; the sentence itself where it has but one."""
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
    start = begin + len(piece) - len(piece.lstrip())
    out.append(Clause(start, start + len(stripped), stripped, out[-1].text if out else ""))
