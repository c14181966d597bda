"""Reads of pseudonyms."""

from __future__ import annotations

from outguard.domain.pseudonym import Pseudonym
from outguard.errors import NotFoundError
from outguard.storage.engine import Database
from outguard.storage.lookup import RecordReader
from outguard.storage.rows.records import PSEUDONYM


class SqlPseudonymStore:
    """As `ports.PseudonymStore`."""

    def __init__(self, database: Database) -> None:
        self._pseudonyms = RecordReader(database, PSEUDONYM)

    async def find_pseudonym(self, tenant: str, word: str) -> Pseudonym | None:
        """As the port says."""
        try:
            return await self._pseudonyms.get(tenant, word)
        except NotFoundError:
            return None
