"""Names, addresses and dates of birth that the encoder reads, as findings."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

from outguard.detection.document import Document
from outguard.detection.neural.reading import Entity
from outguard.detection.neural.shared import shared_reader
from outguard.detection.neural.sign_off import is_sign_off
from outguard.detection.ownership import OwnershipJudge
from outguard.domain.context import ReplyContext
from outguard.domain.finding import Category, Finding, Status

PERSONAL = frozenset({"PERSON", "STREET_ADDRESS", "DATE_OF_BIRTH"})
"""Kinds of the label guide; `LOCATION` and `ORGANIZATION` are read too, but are no personal data by themselves."""


LEAST_FOR_OTHERS = 0.7
"""A name that neither context nor place explains must be heard this clearly: else greetings and products are cut."""
_GREETINGS = frozenset(
    (
        *("hi", "hello", "hey", "dear", "thanks", "regards", "cheers", "aloha", "salaam", "salam", "shalom", "namaste"),
        *(
            "bonjour",
            "bonsoir",
            "salut",
            "hola",
            "ciao",
            "buongiorno",
            "hallo",
            "hej",
            "hei",
            "servus",
            "moin",
            "merhaba",
        ),
        *("konnichiwa", "kia", "ora", "mihi", "ng\u0101", "ol\u00e1", "ola", "h\u00e4lsningar", "venlig", "hilsen"),
        *("saludos", "cordialement", "gru\u00df", "gr\u00fc\u00dfe", "san", "sama", "ji", "sir", "madam", "haha", "ha"),
        *("team", "support", "customer"),
    )
)


class NeuralDetector:
    """A detector over the shipped encoder."""

    def __init__(
        self, model_dir: Path, kinds: Collection[str] = PERSONAL, least_for_others: float = LEAST_FOR_OTHERS
    ) -> None:
        """Load the model in `model_dir` (one a process); report entities of `kinds`.

        Raises:
            UnavailableError: if the model is missing or does not load.
            IntegrityError: if a file is not the one its hash was taken of.
        """
        self._reader = shared_reader(model_dir)
        self._kinds = frozenset(kinds)
        self._least_for_others = least_for_others
        self._ownership = OwnershipJudge()

    def detect(self, document: Document, context: ReplyContext) -> list[Finding]:
        """A finding for every entity, with whose it is."""
        normalized = document.normalized
        text = normalized.text
        if not any(character.isalpha() for character in text):
            return []
        found: list[Finding] = []
        for entity in self._reader.read(text).entities(text):
            if entity.kind not in self._kinds or _is_no_name(text, entity):
                continue
            start, end = normalized.original_span(entity.start, entity.end)
            status = self._ownership.status(entity.kind, text[entity.start : entity.end], context)
            if entity.kind == "PERSON" and status is Status.OTHER and is_sign_off(text, entity.start, entity.end):
                status = Status.PUBLIC
            if entity.kind == "PERSON" and status in {Status.OTHER, None} and entity.score < self._least_for_others:
                continue
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


def _is_no_name(text: str, entity: Entity) -> bool:
    """Whether a "person" is a greeting, or the letters of a code such as ORD-5512."""
    if entity.kind != "PERSON":
        return False
    words = text[entity.start : entity.end].casefold().split()
    after = text[entity.end : entity.end + 2]
    return all(word.strip(".,-") in _GREETINGS for word in words) or (after[:1] in "-#_" and after[1:].isdigit())
