"""Whose value it is, learned from conversations: keyed hashes of identifiers, e-mail addresses and phone numbers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

SHARED_FROM = 4
"""A value that so many customers have is nobody's: a hotline, a household's number, a product's code."""


@dataclass(frozen=True, kw_only=True, slots=True)
class SeenValue:
    """A value that came with a customer: hashes of 16 bytes of the value and of who the customer is."""

    value: bytes
    owner: bytes
    seen_at: datetime
