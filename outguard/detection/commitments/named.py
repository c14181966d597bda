"""What the folded words of a clause may name: it is searched for only where a word stands that it cannot be without."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from outguard.detection.commitments.amounts import SUM_WORDS
from outguard.detection.commitments.deadlines import BUSINESS_WORDS, HOUR_LEADS, TIME_WORDS

SUM, TIME, BUSINESS, TARGET = (1 << at for at in range(4))
"""A sum of money, a time, a time in business days, a target."""
_NUMBER, _HOUR = 1 << 4, 1 << 5


def may_name(tokens: Sequence[str]) -> int:
    """What folded words may name, as a sum of `SUM`, `TIME`, `BUSINESS` and `TARGET`."""
    kinds = 0
    for word in _WORDS.intersection(tokens):
        kinds |= _KINDS[word]
    return kinds | TIME if kinds & _NUMBER and kinds & _HOUR else kinds


def _kinds_by_word() -> dict[str, int]:
    words: tuple[tuple[int, Iterable[str]], ...] = (
        (SUM, SUM_WORDS),
        (TIME, TIME_WORDS),
        (BUSINESS, BUSINESS_WORDS),
        (TARGET, ("0", "@", "-")),
        (_NUMBER, ("0",)),
        (_HOUR, HOUR_LEADS),
    )
    kinds: dict[str, int] = {}
    for kind, names in words:
        for word in names:
            kinds[word] = kinds.get(word, 0) | kind
    return kinds


_KINDS = _kinds_by_word()
_WORDS = frozenset(_KINDS)
