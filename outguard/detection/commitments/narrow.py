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
    rf",\s{{1,3}}(?!\d)|\s{{1,3}}[-\u2013\u2014]\s{{1,3}}|[;:]\s{{1,3}}|\s{{0,3}}[{_PICTURE}\ufe0f]{{1,8}}\s{{0,3}}"
)
_VERB = re.compile(
    r"(?i)\b(?:is|are|was|were|has|have|had|be|been|will|would|can|may|could|should|do|does|did|gets?|got|takes?"
    r"|\w{1,20}'(?:ve|ll|re|s|d|m)|\w{3,20}ed|gone|sent|paid|made|put|went|shows?|arrives?|comes?|reach(?:es)?|allow"
    r"|give|count|sits?|now)\b"
)
_LEAST_CHARS = 25
_INTERJECTION_WORDS = 3


def narrow(text: str) -> tuple[int, int]:
    """Where the claim in `text` begins and ends: its first part with a verb, up to the last that names a fact."""
    parts = _parts(text)
    if len(parts) < 2:
        return 0, len(text)
    has_verb = [_VERB.search(text[start:end]) is not None for start, end in parts]
    first = 0
    while first + 1 < len(parts) and not has_verb[first] and any(has_verb[first + 1 :]):
        piece = text[slice(*parts[first])]
        if any(_VERB.match(text, start) for start, _ in parts[first + 1 : first + 3]):
            break
        if len(piece.split()) > _INTERJECTION_WORDS and _names_facts(piece):
            break
        first += 1
    last = next((at for at in range(first, len(parts)) if has_verb[at]), first)
    if not _names_facts(text[parts[first][0] : parts[last][1]]):
        named = (at for at in range(last + 1, len(parts)) if not has_verb[at] and _names_facts(text[slice(*parts[at])]))
        last = next(named, last)
    start, end = parts[first][0], parts[last][1]
    return (start, end) if end - start >= _LEAST_CHARS else (start, parts[-1][1])


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
    return bool(find_amounts(text) or find_targets(text) or find_deadlines(text))
