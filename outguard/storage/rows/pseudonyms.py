"""Pseudonyms as rows of PSEUDONYMS."""

from __future__ import annotations

from typing import Any

from outguard.domain.pseudonym import Pseudonym
from outguard.storage.rows.values import Values, micros, micros_or_none, moment_of, moment_or_none


def pseudonym_row(pseudonym: Pseudonym) -> Values:
    """A pseudonym in the order of PSEUDONYMS."""
    return (
        pseudonym.tenant,
        pseudonym.word,
        pseudonym.version,
        pseudonym.conversation_id,
        pseudonym.type,
        micros(pseudonym.created_at),
        micros(pseudonym.expires_at),
        pseudonym.sealed,
        micros_or_none(pseudonym.erased_at),
    )


def pseudonym_of(row: Any) -> Pseudonym:
    """The pseudonym of a row of PSEUDONYMS."""
    return Pseudonym(
        word=row.word,
        tenant=row.tenant,
        conversation_id=row.conversation_id,
        type=row.type,
        sealed=row.sealed,
        created_at=moment_of(row.created_at),
        expires_at=moment_of(row.expires_at),
        erased_at=moment_or_none(row.erased_at),
        version=row.version,
    )
