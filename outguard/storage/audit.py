"""Reads of the record. Nothing here writes: entries are made by commits alone."""

from __future__ import annotations

from sqlalchemy import Connection, select

from outguard.audit.merkle import Frontier
from outguard.domain.audit import Entry, EntryKind, TreeHead
from outguard.errors import NotFoundError
from outguard.storage.engine import Database
from outguard.storage.rows.records import entry_of
from outguard.storage.schema import AUDIT_ENTRIES, AUDIT_HEADS

_COLUMNS = AUDIT_ENTRIES.c


class SqlAuditStore:
    """As `ports.AuditStore`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def head(self, tenant: str) -> TreeHead:
        """As the port says.

        Raises:
            IntegrityError: if the stored tree is malformed.
        """
        query = select(AUDIT_HEADS.c.frontier).where(AUDIT_HEADS.c.tenant == tenant)

        def work(connection: Connection) -> TreeHead:
            data = connection.execute(query).scalar_one_or_none()
            frontier = Frontier() if data is None else Frontier.from_bytes(data)
            return TreeHead(size=frontier.size, root=frontier.root())

        return await self._database.read(work)

    async def list_entries(
        self,
        tenant: str,
        *,
        start: int = 0,
        limit: int = 100,
        subject_id: str | None = None,
        kind: EntryKind | None = None,
    ) -> tuple[Entry, ...]:
        """As the port says."""
        query = select(AUDIT_ENTRIES).where(_COLUMNS.tenant == tenant, _COLUMNS.leaf_index >= start)
        if subject_id is not None:
            query = query.where(_COLUMNS.subject_id == subject_id)
        if kind is not None:
            query = query.where(_COLUMNS.kind == kind.value)
        query = query.order_by(_COLUMNS.leaf_index).limit(limit)

        def work(connection: Connection) -> tuple[Entry, ...]:
            return tuple(map(entry_of, connection.execute(query).all()))

        return await self._database.read(work)

    async def get_entry(self, tenant: str, index: int) -> Entry:
        """As the port says."""
        query = select(AUDIT_ENTRIES).where(_COLUMNS.tenant == tenant, _COLUMNS.leaf_index == index)

        def work(connection: Connection) -> Entry:
            row = connection.execute(query).one_or_none()
            if row is None:
                raise NotFoundError("no entry of that index")
            return entry_of(row)

        return await self._database.read(work)

    async def leaf_hashes(self, tenant: str, start: int, end: int) -> list[bytes]:
        """As the port says."""
        query = (
            select(_COLUMNS.leaf_hash)
            .where(_COLUMNS.tenant == tenant, _COLUMNS.leaf_index >= start, _COLUMNS.leaf_index < end)
            .order_by(_COLUMNS.leaf_index)
        )

        def work(connection: Connection) -> list[bytes]:
            return list(connection.execute(query).scalars().all())

        return await self._database.read(work)
