"""A text's sentences with their scores: one reading shared by the detectors that need it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import NamedTuple

from outguard.detection.commitments.clauses import Clause, sentences
from outguard.detection.commitments.linear import MODEL_FILE, load
from outguard.detection.commitments.scorer import Acts, SentenceScorer
from outguard.errors import InvalidInputError

_LEAST_CHARS = 8


class ScoredSentence(NamedTuple):
    """A sentence and what the scorer says of it."""

    clause: Clause
    acts: Acts


class SentenceReader:
    """Cuts and scores texts. Keeps the last text's result, since several detectors read the same one."""

    def __init__(self, scorer: SentenceScorer) -> None:
        self._scorer = scorer
        self._last: tuple[str, list[ScoredSentence]] = ("", [])

    @property
    def scorer(self) -> SentenceScorer:
        """What it scores by."""
        return self._scorer

    def read(self, text: str) -> list[ScoredSentence]:
        """The sentences of `text` that are long enough to say something."""
        last_text, last = self._last
        if last_text == text:
            return last
        scored = self.score([clause for clause in sentences(text) if len(clause.text) >= _LEAST_CHARS])
        self._last = (text, scored)
        return scored

    def score(self, clauses: Sequence[Clause]) -> list[ScoredSentence]:
        """Each of `clauses` with its scores."""
        scores = self._scorer.score_all([(clause.prev, clause.text) for clause in clauses])
        return list(map(ScoredSentence, clauses, scores))


@lru_cache(maxsize=2)
def _shared(model_text: str) -> SentenceReader:
    return SentenceReader(load(model_text))


def sentence_reader(files: Mapping[str, str]) -> SentenceReader:
    """The reader over the shipped model, one per model text.

    Raises:
        InvalidInputError: if the model file is missing or malformed.
    """
    if MODEL_FILE not in files:
        raise InvalidInputError(f"{MODEL_FILE} is missing")
    return _shared(files[MODEL_FILE])
