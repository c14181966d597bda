"""Point reads, coalesced: one query answers all keys of one kind that are asked for at the same time."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import Any, Generic, TypeVar

from sqlalchemy import Column, ColumnElement, Connection, Row

from outguard.errors import NotFoundError
from outguard.storage.coalesce import Coalescer
from outguard.storage.engine import Database
from outguard.storage.rows.records import RECORD_KINDS, RecordKind
from outguard.storage.statements import Statements

R = TypeVar("R")
Key = tuple[str, str]


class GroupReader(Generic[R]):
    """The rows of (tenant, key) pairs, in `order_by`."""

    def __init__(
        self,
        database: Database,
        statements: Statements,
        *,
        columns: Sequence[ColumnElement[Any]],
        key: Column[Any],
        read_row: Callable[[Row[Any]], R],
        order_by: Sequence[ColumnElement[Any]] = (),
    ) -> None:
        self._database = database
        self._statements = statements
        self._columns = (key.label("group_key"), *columns)
        self._key = key
        self._read_row = read_row
        self._order_by = order_by
        self._coalescer: Coalescer[Key, list[R]] = Coalescer(self._fetch)

    async def get(self, tenant: str, key: str) -> Sequence[R]:
        """What the rows hold; empty if there are none."""
        return await self._coalescer.get((tenant, key)) or ()

    async def _fetch(self, keys: Sequence[Key]) -> Mapping[Key, list[R]]:
        by_tenant = group_keys(keys)

        def work(connection: Connection) -> dict[Key, list[R]]:
            found: defaultdict[Key, list[R]] = defaultdict(list)
            for tenant, values in by_tenant.items():
                for row in self._statements.lookup(
                    connection, self._columns, self._key, values, tenant=tenant, order_by=self._order_by
                ):
                    found[tenant, row.group_key].append(self._read_row(row))
            return found

        return await self._database.read(work)


class RecordReader(Generic[R]):
    """Records of one kind by their id."""

    def __init__(self, database: Database, statements: Statements, kind: RecordKind[R]) -> None:
        self._name = kind.table.name
        self._rows = GroupReader(
            database,
            statements,
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


def group_keys(keys: Iterable[Key]) -> dict[str, list[str]]:
    """The keys of each tenant."""
    groups: defaultdict[str, list[str]] = defaultdict(list)
    for tenant, key in keys:
        groups[tenant].append(key)
    return groups


async def read_versions(database: Database, statements: Statements, keys: Collection[Key]) -> Mapping[Key, int]:
    """The present versions of subjects of any kind."""
    by_tenant = group_keys(keys)

    def work(connection: Connection) -> dict[Key, int]:
        found: dict[Key, int] = {}
        for kind in RECORD_KINDS:
            key = kind.table.c[kind.key]
            columns = (key.label("record_id"), kind.table.c.version)
            for tenant, values in by_tenant.items():
                for row in statements.lookup(connection, columns, key, values, tenant=tenant):
                    found[tenant, row.record_id] = row.version
        return found

    return await database.read(work)
