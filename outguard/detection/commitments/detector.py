"""The commitment detector: sentences, their acts and types, the judgement of each, findings."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from outguard.detection.commitments.clauses import clauses
from outguard.detection.commitments.extract import Commitment, commitment_of
from outguard.detection.commitments.judge import judge
from outguard.detection.commitments.lexicon import load_lexicon
from outguard.detection.commitments.read import Reader
from outguard.detection.commitments.sentences import ScoredSentence, SentenceReader, sentence_reader
from outguard.detection.commitments.tokens import words
from outguard.detection.document import Document
from outguard.domain.context import ReplyContext
from outguard.domain.finding import Category, Finding


class CommitmentDetector:
    """Finds promises and claimed deeds and holds each against ledger and profile (R18)."""

    def __init__(self, detector_files: Mapping[str, str], reader: SentenceReader | None = None) -> None:
        """Compile the lexicon and, where no `reader` is given, the linear model.

        Raises:
            InvalidInputError: if a file is missing or malformed.
        """
        self._reader = Reader(load_lexicon(detector_files))
        self._sentences = reader or sentence_reader(detector_files)

    def detect(self, document: Document, context: ReplyContext) -> list[Finding]:
        """A finding for every commitment, backed ones included."""
        normalized = document.normalized
        found: list[Finding] = []
        for commitment in self.extract(normalized.text):
            judgement = judge(commitment, context.ledger, context.profile)
            start, end = normalized.original_span(commitment.start, commitment.end)
            found.append(
                Finding(
                    category=Category.COMMITMENT,
                    type=judgement.type,
                    status=judgement.status,
                    start=start,
                    end=end,
                    score=round(commitment.score, 3),
                    rule=f"commitment.{judgement.type.lower()}.{judgement.status.value}",
                    field=document.field,
                    reason=judgement.reason,
                )
            )
        return found

    def extract(self, text: str) -> Iterator[Commitment]:
        """The commitments of a text, before any judgement."""
        for sentence in self._sentences.read(text):
            yield from self._of_sentence(sentence)

    def _of_sentence(self, sentence: ScoredSentence) -> Iterator[Commitment]:
        pieces = clauses(sentence.clause)
        if len(pieces) == 1:
            reading = self._reader.read(sentence.acts, sentence.tokens)
            if reading is not None:
                yield commitment_of(sentence.clause, reading, sentence.tokens)
            return
        for clause in pieces:
            tokens = words(clause.text)
            reading = self._reader.read(self._sentences.scorer.score(clause.prev, clause.text), tokens)
            if reading is not None:
                yield commitment_of(clause, reading, tokens)
