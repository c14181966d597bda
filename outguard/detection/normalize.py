"""Undo disguises before scanning, keeping the way back to the original offsets."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Normalized:
    """Normalised text; `offsets` is None where the text is unchanged, else one original index per
    character plus the end.

    `views` are further readings of parts of the original (decoded base64), with offsets into the original too.
    """

    text: str
    offsets: tuple[int, ...] | None = None
    views: tuple[Normalized, ...] = ()

    def original_span(self, start: int, end: int) -> tuple[int, int]:
        """The span of the original text that [start, end) of `text` came from."""
        if self.offsets is None:
            return start, end
        return self.offsets[start], self.offsets[end]


def normalize(text: str) -> Normalized:
    """The text with disguises undone."""
    return Normalized(text)
