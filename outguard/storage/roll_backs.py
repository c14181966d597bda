"""Reads of roll-backs."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, Select, select

from outguard.domain.roll_back import RollBack, RollBackState
from outguard.errors import NotFoundError
from outguard.storage.engine import Database
from outguard.storage.lookup import RecordReader
from outguard.storage.rows.records import ROLL_BACK
from outguard.storage.rows.roll_backs import roll_back_of
from outguard.storage.rows.values import micros
from outguard.storage.schema import ROLL_BACKS

_COLUMNS = ROLL_BACKS.c
_LIVE = tuple(state.value for state in RollBackState if state.is_live)


class SqlRollBackStore:
    """As `ports.RollBackStore`."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._roll_backs = RecordReader(database, ROLL_BACK)

    async def find_roll_back(self, tenant: str, action_id: str) -> RollBack | None:
        """As the port says."""
        try:
            return await self._roll_backs.get(tenant, action_id)
        except NotFoundError:
            return None

    async def list_roll_backs(self, tenant: str, agent_id: str, limit: int) -> tuple[RollBack, ...]:
        """As the port says."""
        query = (
            select(ROLL_BACKS)
            .where(
                _COLUMNS.tenant == tenant,
                _COLUMNS.agent_id == agent_id,
                _COLUMNS.state == RollBackState.REQUESTED.value,
            )
            .order_by(_COLUMNS.due_at, _COLUMNS.action_id)
            .limit(limit)
        )
        return await self._read(query)

    async def list_due_roll_backs(self, before: datetime, limit: int) -> tuple[RollBack, ...]:
        """As the port says."""
        query = (
            select(ROLL_BACKS)
            .where(_COLUMNS.state.in_(_LIVE), _COLUMNS.due_at <= micros(before))
            .order_by(_COLUMNS.due_at, _COLUMNS.tenant, _COLUMNS.action_id)
            .limit(limit)
        )
        return await self._read(query)

    async def _read(self, query: Select[tuple[object, ...]]) -> tuple[RollBack, ...]:
        def work(connection: Connection) -> tuple[RollBack, ...]:
            return tuple(map(roll_back_of, connection.execute(query).all()))

        return await self._database.read(work)
