"""Words that stand in place of personal data and can be turned back, for a while, by people who may (R24)."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class IssuedPseudonym:
    """A pseudonym that redaction put in place of `value`, to be stored with the reply that carries it."""

    word: str
    type: str
    value: str = field(repr=False)


@dataclass(frozen=True, kw_only=True, slots=True)
class Pseudonym:
    """A pseudonym as stored: `word` is unique within its tenant, `sealed` holds the value.

    It resolves in its own conversation only, before `expires_at`; issuing it again moves that on. Some time after, the
    value is erased: `sealed` is empty then.
    """

    word: str
    tenant: str
    conversation_id: str
    type: str
    sealed: bytes
    created_at: datetime
    expires_at: datetime
    erased_at: datetime | None = None
    version: int = 1
