"""Reads of policies on record."""

from __future__ import annotations

from sqlalchemy import Connection, select

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
        newest = (_COLUMNS.loaded_at.desc(), _COLUMNS.snapshot)
        query = (
            select(POLICY_VERSIONS)
            .where(_COLUMNS.tenant == tenant, _COLUMNS.state == PolicyState.LOADED.value)
            .order_by(*newest)
        )

        def work(connection: Connection) -> tuple[PolicyVersion, ...]:
            names = connection.execute(query.with_only_columns(_COLUMNS.snapshot)).scalars().all()
            start = list(names).index(after) + 1 if after in names else 0 if not after else len(names)
            wanted = names[start : start + limit]
            rows = connection.execute(query.where(_COLUMNS.snapshot.in_(wanted))).all()
            return tuple(map(policy_version_of, rows))

        return await self._database.read(work)
