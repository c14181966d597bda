"""The encoder as a sentence scorer beside the linear one: what both hear counts, what one mishears fades."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence

from outguard.detection.commitments.clauses import Clause, sentences
from outguard.detection.commitments.scorer import BINDING_ACTS, Acts, SentenceScorer
from outguard.detection.commitments.sentences import ScoredSentence, SentenceReader
from outguard.detection.neural.shared import SharedReader, TextReading

SHARE = 0.5
"""The encoder's share of a sentence's probabilities."""
CAUTION = 0.9
"""What the likelihood of binding acts is multiplied by: together the scorers hear promises a little too readily."""
_BINDING = frozenset(BINDING_ACTS)
_LEAST_CHARS = 8


def blended(mine: Acts, theirs: Acts, share: float, caution: float = CAUTION) -> Acts:
    """The weighted mean of two scorers' probabilities, `mine` counting `share`, binding acts made less likely.

    `mine` goes along as what was heard.
    """
    acts = _mean(mine.acts, theirs.acts, share)
    factors = {name: caution if name in _BINDING else 1.0 for name in acts}
    total = sum(value * factors[name] for name, value in acts.items()) or 1.0
    acts = {name: value * factors[name] / total for name, value in acts.items()}
    return Acts(acts, _mean(mine.types, theirs.types, share), heard=mine)


def _mean(mine: Mapping[str, float], theirs: Mapping[str, float], share: float) -> dict[str, float]:
    names = dict.fromkeys((*mine, *theirs))
    return {name: share * mine.get(name, 0.0) + (1 - share) * theirs.get(name, 0.0) for name in names}


class NeuralScorer:
    """Implements `SentenceScorer` for sentences by themselves, such as training data; a reply is read whole."""

    def __init__(self, reader: SharedReader) -> None:
        self._reader = reader

    def score(self, prev: str, text: str) -> Acts:
        """The acts and types of `text` after `prev`."""
        return self.score_all([(prev, text)])[0]

    def score_all(self, pairs: Sequence[tuple[str, str]]) -> list[Acts]:
        """`score` of each, read in one batch; all the same where there is no model."""
        wholes = [f"{prev} {text}" if prev else text for prev, text in pairs]
        readings = self._reader.read_all(wholes)
        if readings is None:
            return [Acts({}) for _ in pairs]
        return [
            reading.acts(len(whole) - len(text), len(whole))
            for whole, (_, text), reading in zip(wholes, pairs, readings, strict=True)
        ]


class NeuralSentenceReader(SentenceReader):
    """A sentence reader that blends the encoder's reading of a whole text with the scores of its sentences.

    Where the encoder has not read a text, the other scorer's word stands.
    """

    def __init__(
        self, model: SharedReader, other: SentenceScorer, share: float = SHARE, caution: float = CAUTION
    ) -> None:
        super().__init__(other)
        self._model, self._share, self._caution = model, share, caution
        self._local = threading.local()

    def read(self, text: str) -> list[ScoredSentence]:
        """The sentences of `text` that are long enough to say something."""
        reading = self._model.read(text)
        last: tuple[str, TextReading | None, list[ScoredSentence]] | None = getattr(self._local, "last", None)
        if last is not None and last[0] == text and last[1] is reading:
            return last[2]
        self._local.last = (text, reading, [])
        scored = self.score([clause for clause in sentences(text) if len(clause.text) >= _LEAST_CHARS])
        self._local.last = (text, reading, scored)
        return scored

    def score(self, clauses: Sequence[Clause]) -> list[ScoredSentence]:
        """Each of `clauses` of the text read last with its scores."""
        scored = super().score(clauses)
        last = getattr(self._local, "last", None)
        reading: TextReading | None = None if last is None else last[1]
        if reading is None or not reading.has_acts:
            return scored
        return [
            ScoredSentence(clause, blended(reading.acts(clause.start, clause.end), acts, self._share, self._caution))
            for clause, acts in scored
        ]
