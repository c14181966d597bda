"""One readable field of a reply, with its normalised form, and the detector's contract."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Protocol

from outguard.detection.normalize import Normalized, normalize
from outguard.domain.context import ReplyContext
from outguard.domain.finding import Finding


@dataclass(frozen=True, kw_only=True)
class Document:
    """A field's original text; findings carry offsets into `text`.

    `field` is None for the reply's text, else `subject`, `payload.<path>` or `attachments[<n>]`.
    """

    text: str
    field: str | None = None

    @cached_property
    def normalized(self) -> Normalized:
        """The text with disguises undone, and the map back to `text`."""
        return normalize(self.text)

    def without_meaning(self, placeholders: Iterable[str]) -> Document:
        """The document with dots for each of our own placeholders: nothing in them may be a word or a value."""
        text = self.text
        for placeholder in placeholders:
            text = text.replace(placeholder, "\u2026" * len(placeholder))
        return self if text is self.text else replace(self, text=text)


class Detector(Protocol):
    """Finds one kind of thing in a document. Pure: no I/O, no clock but `context.now`, linear in the text's length."""

    def detect(self, document: Document, context: ReplyContext) -> list[Finding]:
        """Findings with offsets into `document.text`, `field` set to the document's, `action` left at its default."""
        ...
