"""A closer look at clauses that `screen` lets pass, still before sums, times and targets are searched for.

A time that the published policy names weighs most of all signs, and any number may be a time. But the policy names
ranges, and a range has the word of a unit: without one, no other sign makes up for it in most clauses.
"""

from __future__ import annotations

from collections.abc import Sequence

from outguard.detection.commitments.deadlines import UNIT_WORDS
from outguard.detection.commitments.screen import Screen
from outguard.detection.commitments.weigh import Pair, Weigher

_OF_RANGE = "published time"


class Closer:
    """Knows the most that signs can weigh which are searched for in words without a range of time."""

    def __init__(self, weigher: Weigher) -> None:
        weights = {name: pair for name, pair in weigher.weights.items() if name != _OF_RANGE}
        self._screen = Screen(Weigher(weights, (0.0, 0.0)))

    def likeliest(self, weighed: Pair, tokens: Sequence[str], kinds: int, *, has_ledger: bool) -> Pair | None:
        """As `Screen.likeliest`; None where the words may name a range, and the screen has said all there is."""
        if not UNIT_WORDS.isdisjoint(tokens):
            return None
        return self._screen.likeliest(weighed, kinds, has_ledger=has_ledger)
