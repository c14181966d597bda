"""Reads of pseudonyms."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, select

from outguard.domain.pseudonym import Pseudonym
from outguard.errors import NotFoundError
from outguard.storage.engine import Database
from outguard.storage.lookup import RecordReader
from outguard.storage.rows.pseudonyms import pseudonym_of
from outguard.storage.rows.records import PSEUDONYM
from outguard.storage.rows.values import micros
from outguard.storage.schema import PSEUDONYMS

_COLUMNS = PSEUDONYMS.c


class SqlPseudonymStore:
    """As `ports.PseudonymStore`."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._pseudonyms = RecordReader(database, PSEUDONYM)

    async def find_pseudonym(self, tenant: str, word: str) -> Pseudonym | None:
        """As the port says."""
        try:
            return await self._pseudonyms.get(tenant, word)
        except NotFoundError:
            return None

    async def list_expired_pseudonyms(self, before: datetime, limit: int) -> tuple[Pseudonym, ...]:
        """As the port says."""
        query = (
            select(PSEUDONYMS)
            .where(_COLUMNS.erased_at.is_(None), _COLUMNS.expires_at <= micros(before))
            .order_by(_COLUMNS.expires_at, _COLUMNS.tenant, _COLUMNS.word)
            .limit(limit)
        )

        def work(connection: Connection) -> tuple[Pseudonym, ...]:
            return tuple(map(pseudonym_of, connection.execute(query).all()))

        return await self._database.read(work)
