"""Reads of policies on record."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Select, select

from outguard.domain.policy_change import PolicyState, PolicyVersion
from outguard.errors import NotFoundError
from outguard.storage.engine import Database
from outguard.storage.lookup import RecordReader
from outguard.storage.rows.policies import policy_version_of
from outguard.storage.rows.records import POLICY_VERSION
from outguard.storage.schema import POLICY_VERSIONS

_COLUMNS = POLICY_VERSIONS.c


class SqlPolicyStore:
    """As `ports.PolicyStore`."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._policies = RecordReader(database, POLICY_VERSION)

    async def find_policy(self, tenant: str, snapshot: str) -> PolicyVersion | None:
        """As the port says."""
        try:
            return await self._policies.get(tenant, snapshot)
        except NotFoundError:
            return None

    async def list_policies(self, tenant: str, *, after: str = "", limit: int = 50) -> tuple[PolicyVersion, ...]:
        """As the port says."""
        query = _newest_first(select(POLICY_VERSIONS), tenant)

        def work(connection: Connection) -> tuple[PolicyVersion, ...]:
            names = connection.execute(query.with_only_columns(_COLUMNS.snapshot)).scalars().all()
            start = list(names).index(after) + 1 if after in names else 0 if not after else len(names)
            wanted = names[start : start + limit]
            rows = connection.execute(query.where(_COLUMNS.snapshot.in_(wanted))).all()
            return tuple(map(policy_version_of, rows))

        return await self._database.read(work)

    async def newest_policy(self, tenant: str) -> str | None:
        """As the port says."""
        query = _newest_first(select(_COLUMNS.snapshot), tenant).limit(1)
        return await self._database.read(lambda connection: connection.execute(query).scalars().first())


def _newest_first(query: Select[Any], tenant: str) -> Select[Any]:
    """Those in force once, the last loaded first."""
    loaded = query.where(_COLUMNS.tenant == tenant, _COLUMNS.state == PolicyState.LOADED.value)
    return loaded.order_by(_COLUMNS.loaded_at.desc(), _COLUMNS.snapshot)
