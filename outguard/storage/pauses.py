"""Reads of the switch that stops automation."""

from __future__ import annotations

from outguard.domain.pause import PauseBoard
from outguard.errors import NotFoundError
from outguard.storage.engine import Database
from outguard.storage.lookup import RecordReader
from outguard.storage.rows.records import PAUSE_BOARD


class SqlPauseStore:
    """As `ports.PauseStore`."""

    def __init__(self, database: Database) -> None:
        self._boards = RecordReader(database, PAUSE_BOARD)

    async def get_pauses(self, tenant: str) -> PauseBoard:
        """As the port says."""
        try:
            return await self._boards.get(tenant, tenant)
        except NotFoundError:
            return PauseBoard(tenant=tenant)
