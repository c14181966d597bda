"""Names, addresses, dates of birth and values told by words that the encoder reads, as findings."""

from __future__ import annotations

import re
from collections.abc import Mapping

from outguard.detection.attribution import with_own_addresses
from outguard.detection.document import Document
from outguard.detection.neural.persons import PersonJudge
from outguard.detection.neural.reading import Entity
from outguard.detection.neural.shared import SharedReader
from outguard.detection.neural.values import CREDENTIAL, VALUES, told_value
from outguard.detection.ownership import OwnershipJudge
from outguard.domain.context import ReplyContext
from outguard.domain.finding import Category, Finding, Status

PERSONAL = frozenset({"PERSON", "STREET_ADDRESS", "DATE_OF_BIRTH"})
"""Kinds of the label guide."""
KINDS = PERSONAL | {"LOCATION", "ORGANIZATION"}
"""What is told of a text without a recipient; a place or a company is no personal data by itself."""
LEAST = {"PERSON": 0.6, "STREET_ADDRESS": 0.6}
"""How likely something that is not the reader's must be: else greetings and products are cut."""
LEAST_ALONE, _NEVER = 0.9, 1.1
"""The same for a forename alone: mostly a colleague's, a pet's or a product's. In a subject it never counts."""
LEAST_WITHOUT_READER = 0.35
"""A text without a recipient is searched for recall."""
_HOUSE = re.compile(r"(?=.*\d)(?=.*[^\W\d_]{3}).{8,}", re.DOTALL)
_BIRTH = re.compile(r"(?i)\b(?:birth\w*|born|dob|d\.o\.b|b-?day)\b")
_NEAR = 60


class NeuralDetector:
    """A detector over what the encoder reads; finds nothing where it has not read."""

    def __init__(self, reader: SharedReader, detector_files: Mapping[str, str]) -> None:
        """Read the lists of names.

        Raises:
            InvalidInputError: if a file is missing or malformed.
        """
        self._reader = reader
        self._ownership = OwnershipJudge()
        self._persons = PersonJudge(detector_files, self._ownership)

    def detect(self, document: Document, context: ReplyContext) -> list[Finding]:
        """A finding for every entity, with whose it is."""
        normalized = document.normalized
        text = normalized.text
        reading = self._reader.read(text)
        if reading is None:
            return []
        kinds = PERSONAL if context.customer is not None else KINDS
        has_words = context.customer is not None and not (document.field or "").startswith("payload")
        found: list[Finding] = []
        for heard in reading.entities(text):
            if heard.kind in VALUES:
                if has_words and (value := told_value(text, heard, context)) is not None:
                    found.append(_value_finding(document, value))
                continue
            entity = self._narrowed(text, heard)
            if entity.kind not in kinds or not self._is_told(text, entity, context):
                continue
            status = self._status(text, entity, context)
            is_short = " " not in text[entity.start : entity.end].strip()
            if entity.score < _least(entity.kind, status, is_short=is_short, in_subject=document.field == "subject"):
                continue
            start, end = normalized.original_span(entity.start, entity.end)
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
        return found if context.customer is None else with_own_addresses(found, document.text, context)

    def _narrowed(self, text: str, entity: Entity) -> Entity:
        if entity.kind != "PERSON":
            return entity
        start, end = self._persons.narrowed(text, entity.start, entity.end)
        return Entity(entity.kind, start, end, entity.score)

    def _status(self, text: str, entity: Entity, context: ReplyContext) -> Status | None:
        if entity.kind == "PERSON":
            return self._persons.status(text, entity.start, entity.end, context)
        return self._ownership.status(entity.kind, text[entity.start : entity.end], context)

    def _is_told(self, text: str, entity: Entity, context: ReplyContext) -> bool:
        """Whether the words around bear it out: a name is no greeting, a date of birth is called one."""
        if entity.kind == "PERSON":
            return self._persons.is_name(text, entity.start, entity.end)
        if entity.kind == "DATE_OF_BIRTH":
            return _BIRTH.search(text, max(0, entity.start - _NEAR), entity.end + _NEAR) is not None
        if entity.kind == "STREET_ADDRESS" and context.customer is not None:
            return _HOUSE.match(text, entity.start, entity.end) is not None
        return True


def _value_finding(document: Document, value: Entity) -> Finding:
    start, end = document.normalized.original_span(value.start, value.end)
    is_secret = value.kind == CREDENTIAL
    return Finding(
        category=Category.SECRET if is_secret else Category.PII,
        type="ACCESS_TOKEN" if is_secret else value.kind,
        status=Status.LIVE if is_secret else Status.OWN_SENSITIVE,
        start=start,
        end=end,
        score=round(value.score, 3),
        rule=f"neural.{value.kind.lower()}",
        field=document.field,
    )


def _least(kind: str, status: Status | None, *, is_short: bool, in_subject: bool) -> float:
    if status is None:
        return LEAST_WITHOUT_READER
    if kind == "PERSON" and status is Status.OTHER and (is_short or in_subject):
        return LEAST_ALONE if not (is_short and in_subject) else _NEVER
    return LEAST.get(kind, 0.0) if status is Status.OTHER else 0.0
