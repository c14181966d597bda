"""Which clauses come to nothing whatever else is found in them: most of them, told from their words alone.

The signs of a clause are weighed in two steps. What the scorer says and words and phrases cost little; sums, times
and targets have to be searched for. Here each of those counts as much as it ever could, and only where a word stands
that it cannot be without. A clause that even so stays below every threshold need not be searched.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

from outguard.detection.commitments.amounts import SUM_WORDS
from outguard.detection.commitments.deadlines import BUSINESS_WORDS, HOUR_LEADS, TIME_WORDS
from outguard.detection.commitments.weigh import MAX_CUED, MAX_CUES, Pair, Weigher

_ALWAYS, _SUM, _TIME, _BUSINESS, _TARGET, _NUMBER, _HOUR = (1 << at for at in range(7))
_NEEDS: dict[str, tuple[int, int]] = {
    "sum": (_SUM, 1),
    "time": (_TIME, 1),
    "vague time": (_TIME, 1),
    "published time": (_TIME, 1),
    "business days": (_BUSINESS, 1),
    "target": (_TARGET, 1),
    "cued types": (_ALWAYS, MAX_CUED),
    "cues of type": (_ALWAYS, MAX_CUES),
    "only clause": (_ALWAYS, 1),
}
"""Signs that are searched for: what must stand for one to be found (one of), and the most that it can be."""
_LEDGER_NEEDS: dict[str, tuple[int, int]] = {
    **{f"{state} sum": (_SUM, 1) for state in ("done", "approved", "open", "other")},
    **{f"{state} target": (_TARGET, 1) for state in ("done", "approved", "open", "other")},
    "done binding": (_SUM | _TARGET, 1),
    "came to nothing": (_ALWAYS, 1),
}
"""The same for signs that only a ledger gives."""
SEARCHED = frozenset({*_NEEDS, *_LEDGER_NEEDS})
"""The names of all of them."""
_MARGIN = 1e-6
"""More than adding in another order changes."""
_HIGHEST = 500.0


class Screen:
    """Knows the most that the signs which are searched for can weigh to a `weigher`."""

    def __init__(self, weigher: Weigher) -> None:
        self.weigher = weigher
        self._kinds = _kinds_by_word()
        self._words = frozenset(self._kinds)
        self._most: dict[tuple[int, bool], Pair] = {}

    def likeliest(self, weighed: Pair, tokens: Sequence[str], *, has_ledger: bool) -> Pair:
        """The most that the probabilities of stating terms and of binding can be, `weighed` of the words alone."""
        kinds = _ALWAYS
        for word in self._words.intersection(tokens):
            kinds |= self._kinds[word]
        if kinds & _NUMBER and kinds & _HOUR:
            kinds |= _TIME
        most = self._most.get((kinds, has_ledger))
        if most is None:
            needs = _NEEDS | _LEDGER_NEEDS if has_ledger else _NEEDS
            most = self._most[kinds, has_ledger] = self._most_of(kinds, needs)
        return _probability(weighed[0] + most[0]), _probability(weighed[1] + most[1])

    def _most_of(self, kinds: int, needs: dict[str, tuple[int, int]]) -> Pair:
        tops = [
            (self.weigher.weights[name], top)
            for name, (kind, top) in needs.items()
            if kind & kinds and name in self.weigher.weights
        ]
        within, bound = (sum(max(pair[at], 0.0) * top for pair, top in tops) for at in range(2))
        return within + _MARGIN, bound + _MARGIN


def _kinds_by_word() -> dict[str, int]:
    words: dict[int, Iterable[str]] = {
        _SUM: SUM_WORDS,
        _TIME: TIME_WORDS,
        _BUSINESS: BUSINESS_WORDS,
        _TARGET | _NUMBER: ("0",),
        _TARGET: ("@", "-"),
        _HOUR: HOUR_LEADS,
    }
    kinds: dict[str, int] = {}
    for kind, names in words.items():
        for word in names:
            kinds[word] = kinds.get(word, 0) | kind
    return kinds


def _probability(log_odds: float) -> float:
    return 1.0 / (1.0 + math.exp(-max(min(log_odds, _HIGHEST), -_HIGHEST)))
