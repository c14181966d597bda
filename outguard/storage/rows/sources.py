"""Registered texts as rows of SOURCES."""

from __future__ import annotations

from typing import Any

from outguard.domain.source import SourceKind, SourceRecord
from outguard.storage.rows.values import Values, micros, moment_of


def source_row(source: SourceRecord) -> Values:
    """A registered text in the order of SOURCES."""
    return (
        source.tenant,
        source.name,
        source.version,
        source.kind.value,
        source.type,
        source.words,
        source.key_id,
        source.added_by,
        source.is_removed,
        micros(source.created_at),
        micros(source.updated_at),
        source.sealed,
    )


def source_of(row: Any) -> SourceRecord:
    """The registered text of a row of SOURCES."""
    return SourceRecord(
        name=row.name,
        tenant=row.tenant,
        kind=SourceKind(row.kind),
        type=row.type,
        words=row.words,
        key_id=row.key_id,
        sealed=row.sealed,
        added_by=row.added_by,
        created_at=moment_of(row.created_at),
        updated_at=moment_of(row.updated_at),
        is_removed=bool(row.is_removed),
        version=row.version,
    )
