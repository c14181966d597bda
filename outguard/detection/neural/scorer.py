"""The encoder as a sentence scorer, alone or beside another one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from outguard.detection.commitments.scorer import Acts, SentenceScorer
from outguard.detection.commitments.sentences import ScoredSentence, SentenceReader
from outguard.detection.neural.shared import SharedReader, shared_reader


class NeuralScorer:
    """Implements `SentenceScorer`. A sentence or clause of the text read last costs no forward pass of its own."""

    def __init__(self, reader: SharedReader) -> None:
        self.reader = reader

    @classmethod
    def load(cls, model_dir: Path) -> NeuralScorer:
        """Over the model in `model_dir`.

        Raises:
            UnavailableError: if the model is missing or does not load.
            IntegrityError: if a file is not the one its hash was taken of.
        """
        return cls(shared_reader(model_dir))

    def score(self, prev: str, text: str) -> Acts:
        """The acts and types of `text` after `prev`."""
        return self.score_all([(prev, text)])[0]

    def score_all(self, pairs: Sequence[tuple[str, str]]) -> list[Acts]:
        """`score` of each; what is not part of the text read last is read in one batch."""
        scores: list[Acts | None] = []
        for _, text in pairs:
            known = self.reader.within(text)
            scores.append(known[0].acts(known[1], known[1] + len(text)) if known else None)
        unread = [pair for pair, acts in zip(pairs, scores, strict=True) if acts is None]
        wholes = [f"{prev} {text}" if prev else text for prev, text in unread]
        fresh = iter(
            reading.acts(len(whole) - len(text), len(whole))
            for whole, (_, text), reading in zip(wholes, unread, self.reader.read_all(wholes), strict=True)
        )
        return [next(fresh) if acts is None else acts for acts in scores]


@dataclass(frozen=True, slots=True)
class BlendedScorer:
    """The weighted mean of two scorers' probabilities: what both hear counts, what one mishears fades."""

    neural: SentenceScorer
    other: SentenceScorer
    weight: float = 0.6
    """The neural scorer's share."""

    def score(self, prev: str, text: str) -> Acts:
        """The mean of both."""
        return self.score_all([(prev, text)])[0]

    def score_all(self, pairs: Sequence[tuple[str, str]]) -> list[Acts]:
        """The mean of both for each pair."""
        both = zip(self.neural.score_all(pairs), self.other.score_all(pairs), strict=True)
        return [Acts(self._mean(mine.acts, theirs.acts), self._mean(mine.types, theirs.types)) for mine, theirs in both]

    def _mean(self, mine: Mapping[str, float], theirs: Mapping[str, float]) -> dict[str, float]:
        names = dict.fromkeys((*mine, *theirs))
        return {name: self.weight * mine.get(name, 0.0) + (1 - self.weight) * theirs.get(name, 0.0) for name in names}


class NeuralSentenceReader(SentenceReader):
    """A sentence reader whose texts are read whole, in one pass, before their sentences are scored."""

    def __init__(self, neural: NeuralScorer, other: SentenceScorer | None = None, weight: float = 0.6) -> None:
        """Score by `neural`, blended with `other` where there is one."""
        super().__init__(BlendedScorer(neural, other, weight) if other else neural)
        self._neural = neural

    def read(self, text: str) -> list[ScoredSentence]:
        """The sentences of `text` that are long enough to say something."""
        if text and not text.isspace():
            self._neural.reader.read(text)
        return super().read(text)
