"""Names, addresses and dates of birth that the encoder reads, as findings."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

from outguard.detection.document import Document
from outguard.detection.neural.shared import shared_reader
from outguard.detection.neural.sign_off import is_sign_off
from outguard.detection.ownership import OwnershipJudge
from outguard.domain.context import ReplyContext
from outguard.domain.finding import Category, Finding, Status

PERSONAL = frozenset({"PERSON", "STREET_ADDRESS", "DATE_OF_BIRTH"})
"""Kinds of the label guide; `LOCATION` and `ORGANIZATION` are read too, but are no personal data by themselves."""


class NeuralDetector:
    """A detector over the shipped encoder."""

    def __init__(self, model_dir: Path, kinds: Collection[str] = PERSONAL) -> None:
        """Load the model in `model_dir` (one a process); report entities of `kinds`.

        Raises:
            UnavailableError: if the model is missing or does not load.
            IntegrityError: if a file is not the one its hash was taken of.
        """
        self._reader = shared_reader(model_dir)
        self._kinds = frozenset(kinds)
        self._ownership = OwnershipJudge()

    def detect(self, document: Document, context: ReplyContext) -> list[Finding]:
        """A finding for every entity, with whose it is."""
        normalized = document.normalized
        text = normalized.text
        found: list[Finding] = []
        for entity in self._reader.read(text).entities(text):
            if entity.kind not in self._kinds:
                continue
            start, end = normalized.original_span(entity.start, entity.end)
            status = self._ownership.status(entity.kind, text[entity.start : entity.end], context)
            if entity.kind == "PERSON" and status is Status.OTHER and is_sign_off(text, entity.start, entity.end):
                status = Status.PUBLIC
            found.append(
                Finding(
                    category=Category.PII,
                    type=entity.kind,
                    status=status,
                    start=start,
                    end=end,
                    score=round(entity.score, 3),
                    rule=f"neural.{entity.kind.lower()}",
                    field=document.field,
                )
            )
        return found
