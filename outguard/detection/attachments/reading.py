"""The bounds under which one attachment is read, and how reading fails."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import NoReturn, Protocol

from outguard.errors import InvalidInputError, TooLargeError

MAX_DEPTH = 4
"""How many files may lie inside each other (a mail in a mail)."""
_FREE_BYTES = 1024 * 1024
_RATIO = 30
_MOST_TIMES = 16


class AttachmentLimits(Protocol):
    """The bounds of an attachment that is read at all."""

    @property
    def max_text_chars(self) -> int: ...  # noqa: D102
    @property
    def max_payload_nodes(self) -> int: ...  # noqa: D102
    @property
    def max_attachment_bytes(self) -> int: ...  # noqa: D102


@dataclass(frozen=True, slots=True)
class Reading:
    """One attachment's bounds, and how deep in other files it lies."""

    limits: AttachmentLimits
    depth: int = 1

    def deeper(self) -> Reading:
        """The bounds of a file inside this one.

        Raises:
            TooLargeError: if that is too deep.
        """
        if self.depth >= MAX_DEPTH:
            too_large(f"files inside files, more than {MAX_DEPTH} levels")
        return Reading(self.limits, self.depth + 1)

    def unpacked_bytes(self, packed: int) -> int:
        """How much a compressed file of `packed` bytes may grow to: more is a bomb."""
        return min(_FREE_BYTES + _RATIO * packed, _MOST_TIMES * self.limits.max_attachment_bytes)

    def check_chars(self, texts: Iterable[str]) -> None:
        """Raises TooLargeError if `texts` together are longer than what is scanned."""
        if sum(map(len, texts)) > 2 * self.limits.max_text_chars:
            too_large(f"longer than {self.limits.max_text_chars} characters")


def unreadable(reason: str) -> NoReturn:
    """Raises InvalidInputError."""
    raise InvalidInputError(f"an attachment cannot be read: {reason}", field="attachments")


def too_large(reason: str) -> NoReturn:
    """Raises TooLargeError."""
    raise TooLargeError(reason, field="attachments")
