"""Registered texts: what must not leak, what may always be said, and canaries. Only keyed hashes of them are kept."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

CANARY_TYPE = "CANARY"
"""The finding type of a canary: policy cannot make it anything but QUARANTINE."""


class SourceKind(StrEnum):
    """What a registered text is for."""

    INTERNAL = "internal"
    """Its words must not reach a customer."""
    PUBLIC = "public"
    """Its words may go to anybody, even where an internal text holds them too."""
    CANARY = "canary"
    """A marker that has no business in any reply: where it shows, something leaked."""


@dataclass(frozen=True, kw_only=True, slots=True)
class SourceRecord:
    """A registered text as stored.

    `name` is its id within the tenant, `type` the finding type of a leak (`CANARY` for a canary, empty for a public
    text). `sealed` holds the fingerprints, encrypted: keyed hashes made with the tenant's key of `key_id`. A removed
    record keeps its name and version, and no fingerprints.
    """

    name: str
    tenant: str
    kind: SourceKind
    type: str
    words: int
    key_id: str
    sealed: bytes
    added_by: str
    created_at: datetime
    updated_at: datetime
    is_removed: bool = False
    version: int = 1


@dataclass(frozen=True, kw_only=True, slots=True)
class SourcesState:
    """All registered texts of a tenant: a number that grows with every change (0: there never was one), their words."""

    version: int
    words: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Leak:
    """Words of a registered text at [start, end) of a text."""

    start: int
    end: int
    name: str
    type: str
    score: float


class RegisteredTexts(Protocol):
    """The registered texts of one tenant, ready to be looked for."""

    def find(self, text: str) -> Sequence[Leak]:
        """What of them shows in `text`, by place. Pure, safe on several threads, linear in the text's length."""
        ...
