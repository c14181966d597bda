"""Point reads.

At once where the database is in this process, else coalesced: one query answers all keys of one kind that are asked for
at the same time.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import Any, Generic, TypeVar

from sqlalchemy import Column, ColumnElement, Connection, literal_column

from outguard.domain.roll_back import RollBackState
from outguard.errors import NotFoundError
from outguard.storage.coalesce import Coalescer
from outguard.storage.engine import Database
from outguard.storage.rows.records import RECORD_KINDS, RecordKind
from outguard.storage.schema import AUDIT_HEADS, ROLL_BACKS
from outguard.storage.statements import Lookup

R = TypeVar("R")
Key = tuple[str, str]


class GroupReader(Generic[R]):
    """The rows of (tenant, key) pairs, in `order_by`."""

    def __init__(
        self,
        database: Database,
        *,
        columns: Sequence[ColumnElement[Any]],
        key: Column[Any],
        read_row: Callable[[Any], R],
        order_by: Sequence[ColumnElement[Any]] = (),
    ) -> None:
        self._database = database
        self._lookup = Lookup(database.dialect, (key.label("group_key"), *columns), key, order_by=order_by)
        self._read_row = read_row
        self._coalescer: Coalescer[Key, list[R]] = Coalescer(self._fetch)

    async def get(self, tenant: str, key: str) -> Sequence[R]:
        """What the rows hold; empty if there are none."""
        if self._database.answers_at_once:
            return await self._database.look_up(lambda connection: self._read(connection, tenant, key))
        return await self._coalescer.get((tenant, key)) or ()

    def _read(self, connection: Connection, tenant: str, key: str) -> list[R]:
        return [self._read_row(row) for row in self._lookup.rows(connection, (key,), tenant=tenant)]

    async def _fetch(self, keys: Sequence[Key]) -> Mapping[Key, list[R]]:
        def work(connection: Connection) -> dict[Key, list[R]]:
            found: defaultdict[Key, list[R]] = defaultdict(list)
            for tenant, values in group_keys(keys).items():
                for row in self._lookup.rows(connection, values, tenant=tenant):
                    found[tenant, row.group_key].append(self._read_row(row))
            return found

        return await self._database.look_up(work)


class RecordReader(Generic[R]):
    """Records of one kind by their id."""

    def __init__(self, database: Database, kind: RecordKind[R]) -> None:
        self._name = kind.table.name
        self._rows = GroupReader(
            database,
            columns=tuple(kind.table.c),
            key=kind.table.c[kind.key],
            read_row=kind.from_row,
        )

    async def get(self, tenant: str, record_id: str) -> R:
        """The record.

        Raises:
            NotFoundError: if the tenant has none of that id.
        """
        rows = await self._rows.get(tenant, record_id)
        if not rows:
            raise NotFoundError(f"nothing of that id among the {self._name}")
        return rows[0]


class VersionReader:
    """The present versions of subjects of any kind."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._lookups = [
            Lookup(
                database.dialect,
                (kind.table.c[kind.key].label("record_id"), kind.table.c.version),
                kind.table.c[kind.key],
            )
            for kind in RECORD_KINDS
        ]
        # What an agent is asked to roll back is found under the agent's own id.
        asked = ROLL_BACKS.c.state == literal_column(f"'{RollBackState.REQUESTED.value}'")
        columns = (ROLL_BACKS.c.agent_id.label("record_id"), ROLL_BACKS.c.version)
        self._lookups.append(Lookup(database.dialect, columns, ROLL_BACKS.c.agent_id, where=asked))
        # The tenant's record goes by the tenant's name; its version is its size.
        heads = (AUDIT_HEADS.c.tenant.label("record_id"), AUDIT_HEADS.c.size.label("version"))
        self._lookups.append(Lookup(database.dialect, heads, AUDIT_HEADS.c.tenant))

    async def read(self, keys: Collection[Key]) -> Mapping[Key, int]:
        """The versions of (tenant, id) pairs, unknown ones left out."""

        def work(connection: Connection) -> dict[Key, int]:
            versions: dict[Key, int] = {}
            for tenant, values in group_keys(keys).items():
                for lookup in self._lookups:
                    for row in lookup.rows(connection, values, tenant=tenant):
                        key = (tenant, row.record_id)
                        versions[key] = max(row.version, versions.get(key, 0))
            return versions

        return await self._database.read(work)


def group_keys(keys: Iterable[Key]) -> dict[str, list[str]]:
    """The keys of each tenant."""
    groups: defaultdict[str, list[str]] = defaultdict(list)
    for tenant, key in keys:
        groups[tenant].append(key)
    return groups
