"""Reads of the calls on record."""

from __future__ import annotations

from outguard.ports import Call
from outguard.storage.engine import Database
from outguard.storage.lookup import GroupReader
from outguard.storage.rows.records import call_of
from outguard.storage.schema import CALLS


class SqlCallStore:
    """As `ports.CallStore`."""

    def __init__(self, database: Database) -> None:
        self._calls: GroupReader[Call] = GroupReader(
            database, columns=tuple(CALLS.c), key=CALLS.c.request_id, read_row=call_of
        )

    async def find_call(self, tenant: str, principal_id: str, method: str, request_id: str) -> Call | None:
        """As the port says."""
        calls = await self._calls.get(tenant, request_id)
        return next((call for call in calls if (call.principal_id, call.method) == (principal_id, method)), None)
