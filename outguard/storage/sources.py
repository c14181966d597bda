"""Reads of registered texts."""

from __future__ import annotations

from sqlalchemy import Connection, func, select

from outguard.domain.source import SourceRecord, SourcesState
from outguard.storage.engine import Database
from outguard.storage.lookup import RecordReader
from outguard.storage.rows.records import SOURCE
from outguard.storage.rows.sources import source_of
from outguard.storage.schema import SOURCES

_COLUMNS = SOURCES.c


class SqlSourceStore:
    """As `ports.SourceStore`."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._sources = RecordReader(database, SOURCE)

    async def get_source(self, tenant: str, name: str) -> SourceRecord:
        """As the port says."""
        return await self._sources.get(tenant, name)

    async def list_sources(self, tenant: str, *, after: str = "", limit: int = 50) -> tuple[SourceRecord, ...]:
        """As the port says."""
        query = (
            select(SOURCES)
            .where(_COLUMNS.tenant == tenant, _COLUMNS.name > after, _COLUMNS.is_removed.is_(False))
            .order_by(_COLUMNS.name)
            .limit(limit)
        )

        def work(connection: Connection) -> tuple[SourceRecord, ...]:
            return tuple(map(source_of, connection.execute(query).all()))

        return await self._database.read(work)

    async def list_source_tenants(self) -> tuple[str, ...]:
        """As the port says."""
        query = select(_COLUMNS.tenant).distinct().order_by(_COLUMNS.tenant)

        def work(connection: Connection) -> tuple[str, ...]:
            return tuple(connection.execute(query).scalars())

        return await self._database.read(work)

    async def sources_state(self, tenant: str) -> SourcesState:
        """As the port says: every write raises one record's version by one, and none is ever deleted."""
        sums = (func.coalesce(func.sum(_COLUMNS.version), 0), func.coalesce(func.sum(_COLUMNS.words), 0))
        query = select(*sums).where(_COLUMNS.tenant == tenant)

        def work(connection: Connection) -> SourcesState:
            version, words = connection.execute(query).one()
            return SourcesState(version=int(version), words=int(words))

        return await self._database.read(work)
