"""Weigh a clause by a net without a name to each sign: what every clause has stands in a row, in a fixed order.

It gives what the net gives for the signs by name (`said_signs`, `fact_signs` and `Course.signs` together): to make
those takes longer than to weigh them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from outguard.detection.commitments.course import IN_ROW
from outguard.detection.commitments.net import Net
from outguard.detection.commitments.scorer import Acts
from outguard.detection.commitments.weigh import SHAPE, SIGNAL_WORDS

_ACT, _WORD = "act ", "word "


class RowNet:
    """A net over the signs of clauses that no language model heard."""

    def __init__(self, net: Net) -> None:
        self.by_name = net
        self._acts = tuple(name.removeprefix(_ACT) for name in net.names if name.startswith(_ACT))
        self._places = net.places_in((*SHAPE, *IN_ROW, *(_ACT + act for act in self._acts)))
        self._at = {name: place for place, name in enumerate(net.names)}
        self._words = {word: self._at[_WORD + word] for word in SIGNAL_WORDS if _WORD + word in self._at}
        self._heard = frozenset(self._words)

    def weigh(
        self,
        acts: Acts,
        tokens: Sequence[str],
        shape: Sequence[float],
        facts: Mapping[str, float],
        course: Sequence[float],
    ) -> tuple[float, float, float]:
        """The probabilities of the three outcomes: of `shape_signs`, `fact_signs` and `Course.row`."""
        names, shares = acts.shares
        if names != self._acts:
            shares = [acts.acts.get(act, 0.0) for act in self._acts]
        row = (*shape, *course, *shares)
        return self.by_name.weigh_row(row, self._places, self._further(tokens, facts))

    def _further(self, tokens: Sequence[str], facts: Mapping[str, float]) -> Iterator[tuple[int, float]]:
        """What few clauses have: single words, and what was searched for."""
        at, words = self._at, self._words
        for word in self._heard.intersection(tokens):
            yield words[word], 1.0
        for name, value in facts.items():
            if value and name in at:
                yield at[name], value
