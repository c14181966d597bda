"""The approved sources as statements, read once for as long as the same texts keep coming."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from outguard.detection.grounding.statements import Statement, statements_in
from outguard.detection.normalize import normalize
from outguard.errors import TooLargeError

MAX_CHARS = 128 * 1024
"""So many code points all sources of a reply may have together: read within the time that a reply has."""
_KEPT = 64
_OF_UNKNOWN = 0.6
"""A word that no source has tells less than the rarest that one has: it may be another word for the same."""


@dataclass(frozen=True, slots=True)
class Sources:
    """Statements of all sources, by the words they are about, and how telling each word is among them."""

    statements: tuple[Statement, ...]
    weights: Mapping[str, float]
    unknown: float
    places: Mapping[str, tuple[int, ...]]

    @classmethod
    def of(cls, texts: Sequence[str]) -> Sources:
        """The statements of these texts.

        Raises:
            TooLargeError: if they are longer than `MAX_CHARS` together.
        """
        if sum(map(len, texts)) > MAX_CHARS:
            raise TooLargeError(f"longer than {MAX_CHARS} characters together", field="sources")
        return _sources_of(tuple(texts))

    def about(self, topic: frozenset[str]) -> Iterator[Statement]:
        """Statements that share a word with `topic`."""
        places = {place for word in topic for place in self.places.get(word, ())}
        return (self.statements[place] for place in sorted(places))

    def likeness(self, one: frozenset[str], other: frozenset[str]) -> float:
        """How far two topics are the same, 0 to 1: the weight they share, by the lighter of the two."""
        shared = self._weight(one & other)
        return shared / (min(self._weight(one), self._weight(other)) or 1.0)

    def _weight(self, topic: frozenset[str]) -> float:
        return sum(self.weights.get(word, self.unknown) for word in topic)


@lru_cache(maxsize=_KEPT)
def _sources_of(texts: tuple[str, ...]) -> Sources:
    statements = tuple(one for text in texts for one in statements_in(normalize(text).text, has_headings=True))
    places: defaultdict[str, list[int]] = defaultdict(list)
    for place, statement in enumerate(statements):
        for word in statement.topic:
            places[word].append(place)
    size = len(statements) + 1
    weights = {word: math.log(1 + size / len(found)) for word, found in places.items()}
    return Sources(
        statements=statements,
        weights=weights,
        unknown=_OF_UNKNOWN * math.log(1 + size),
        places={word: tuple(found) for word, found in places.items()},
    )
