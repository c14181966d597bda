"""Which clauses come to nothing whatever else is found in them: most of them, told from their words alone.

The signs of a clause are weighed in two steps. What the scorer says and words and phrases cost little; sums, times
and targets have to be searched for. Here each of those counts as much as it ever could, and only where a word stands
that it cannot be without. A clause that even so stays below every threshold need not be searched.
"""

from __future__ import annotations

import math

from outguard.detection.commitments.named import BUSINESS, SUM, TARGET, TIME
from outguard.detection.commitments.weigh import MAX_CUED, MAX_CUES, Pair, Weigher

_ALWAYS = 1 << 30
_NEEDS: dict[str, tuple[int, int]] = {
    "sum": (SUM, 1),
    "time": (TIME, 1),
    "vague time": (TIME, 1),
    "published time": (TIME, 1),
    "business days": (BUSINESS, 1),
    "target": (TARGET, 1),
    "cued types": (_ALWAYS, MAX_CUED),
    "cues of type": (_ALWAYS, MAX_CUES),
    "only clause": (_ALWAYS, 1),
}
"""Signs that are searched for: what must stand for one to be found (one of), and the most that it can be."""
_LEDGER_NEEDS: dict[str, tuple[int, int]] = {
    **{f"{state} sum": (SUM, 1) for state in ("done", "approved", "open", "other")},
    **{f"{state} target": (TARGET, 1) for state in ("done", "approved", "open", "other")},
    "done binding": (SUM | TARGET, 1),
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
        self._most: dict[tuple[int, bool], Pair] = {}

    def likeliest(self, weighed: Pair, kinds: int, *, has_ledger: bool) -> Pair:
        """The most that the probabilities of stating terms and of binding can be.

        `weighed` is what the words of a clause weigh, `kinds` what they may name (`named.may_name`).
        """
        most = self._most.get((kinds, has_ledger))
        if most is None:
            needs = _NEEDS | _LEDGER_NEEDS if has_ledger else _NEEDS
            most = self._most[kinds, has_ledger] = self._most_of(kinds | _ALWAYS, needs)
        return _probability(weighed[0] + most[0]), _probability(weighed[1] + most[1])

    def _most_of(self, kinds: int, needs: dict[str, tuple[int, int]]) -> Pair:
        tops = [
            (self.weigher.weights[name], top)
            for name, (kind, top) in needs.items()
            if kind & kinds and name in self.weigher.weights
        ]
        within, bound = (sum(max(pair[at], 0.0) * top for pair, top in tops) for at in range(2))
        return within + _MARGIN, bound + _MARGIN


def _probability(log_odds: float) -> float:
    if not -_HIGHEST < log_odds < _HIGHEST:
        log_odds = max(min(log_odds, _HIGHEST), -_HIGHEST)
    return 1.0 / (1.0 + math.exp(-log_odds))
