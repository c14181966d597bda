"""The words of a clause that make its claim: what stands before it and what is hung on behind are left out.

Linear time. Only where a claim is found lies narrower; it was judged by the whole clause.
"""

from __future__ import annotations

import re

from outguard.detection.commitments.amounts import find_amounts
from outguard.detection.commitments.deadlines import find_deadlines
from outguard.detection.commitments.targets import find_targets

_PICTURE = "\u2600-\u27bf\U0001f300-\U0001faff"
_GAP = re.compile(
    r"\s{1,3}and\s{1,3}(?=(?:is|are|will|should|can|may|it|you|they|please)\b)"
    rf"|,\s{{1,3}}(?!\d)|\s{{1,3}}[-\u2013\u2014]\s{{1,3}}|[;:]\s{{1,3}}|\s{{0,3}}[{_PICTURE}\ufe0f]{{1,8}}\s{{0,3}}"
)
_GOES_ON = re.compile(r"(?i)(?:so|because|which|and|but|where|since)\b")
_VERB = re.compile(
    r"(?i)\b(?:is|are|was|were|has|have|had|be|been|will|would|can|may|could|should|do|does|did|gets?|got|takes?"
    r"|\w{1,20}'(?:ve|ll|re|s|d|m)|\w{3,20}ed|gone|sent|paid|made|put|went|shows?|arrives?|comes?|reach(?:es)?|allow"
    r"|give|count|sits?|now)\b"
)
_BESIDE = re.compile(
    r"(?i)\W{0,4}(?:as|since|because|while|now that|after|when|although|though|given that|seeing that)\b"
)
"""Begins what only leads to a claim."""
_DIGIT = re.compile(r"\d")
_LEAST_CHARS = 25
_INTERJECTION_WORDS = 3


def narrow(text: str) -> tuple[int, int]:
    """Where the claim in `text` begins and ends: its first part with a verb, up to the last that names a fact."""
    parts = _parts(text)
    if len(parts) < 2:
        return 0, len(text)
    verbs = [has_verb(text[start:end]) for start, end in parts]
    first = 0
    while first + 1 < len(parts) and _leads_in(text[slice(*parts[first])]) and verbs[first + 1]:
        first += 1
    while first + 1 < len(parts) and not verbs[first] and any(verbs[first + 1 :]):
        piece = text[slice(*parts[first])]
        if any(_VERB.match(text, start) for start, _ in parts[first + 1 : first + 3]):
            break
        if len(piece.split()) > _INTERJECTION_WORDS and _names_facts(piece):
            break
        first += 1
    last = next((at for at in range(first, len(parts)) if verbs[at]), first)
    if not _names_facts(text[parts[first][0] : parts[last][1]]):
        rest = (at for at in range(last + 1, len(parts)) if not _GOES_ON.match(text, parts[at][0]))
        last = next((at for at in rest if not verbs[at] and _names_facts(text[slice(*parts[at])])), last)
    start, end = parts[first][0], parts[last][1]
    return (start, end) if end - start >= _LEAST_CHARS else (start, parts[-1][1])


def has_verb(text: str) -> bool:
    """Whether the words may tell that something is or was done."""
    return _VERB.search(text) is not None


def _leads_in(part: str) -> bool:
    return _BESIDE.match(part) is not None and not find_amounts(part)


def _parts(text: str) -> list[tuple[int, int]]:
    parts: list[tuple[int, int]] = []
    begin = 0
    for gap in _GAP.finditer(text):
        if gap.start() > begin:
            parts.append((begin, gap.start()))
        begin = gap.end()
    if begin < len(text):
        parts.append((begin, len(text)))
    return parts


def _names_facts(text: str) -> bool:
    return bool(_DIGIT.search(text) or find_amounts(text) or find_targets(text) or find_deadlines(text))
