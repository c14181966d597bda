"""SQL that handles many rows at once, compiled by SQLAlchemy once per table, size and database.

One statement with many rows is one step of the database and (on SQLite) one release of the interpreter lock, where
executing per row costs one each. Sizes are powers of two, so that a few compiled forms serve every batch and the
drivers' statement caches hold them all.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from typing import Any, TypeVar

from sqlalchemy import Column, ColumnElement, Connection, Dialect, Row, Table, literal_column, select
from sqlalchemy.dialects import postgresql, sqlite

from outguard.storage.rows.values import Values

T = TypeVar("T")
MAX_ROWS = 64
"""Rows of one statement: 26 columns times 64 stay far below the 32,766 variables that both databases take."""


class Statements:
    """The compiled forms for one database."""

    def __init__(self, dialect: Dialect) -> None:
        self._dialect = dialect
        self._inserts: dict[tuple[Table, int, bool], str] = {}
        self._lookups: dict[tuple[Any, ...], str] = {}

    def insert(self, connection: Connection, table: Table, rows: Sequence[Values]) -> None:
        """Add rows; an existing key is the database's integrity error."""
        for part in _powers(rows):
            connection.exec_driver_sql(self._insert(table, len(part)), _flat(part))

    def insert_new(self, connection: Connection, table: Table, rows: Sequence[Values]) -> None:
        """Add those rows whose key is new."""
        for part in _powers(rows):
            connection.exec_driver_sql(self._insert(table, len(part), skip=True), _flat(part))

    def put(self, connection: Connection, table: Table, rows: Sequence[Values]) -> int:
        """Add rows of version 1, replace rows of the version before; return how many took effect."""
        count = 0
        for part in _powers(rows):
            count += connection.exec_driver_sql(self._insert(table, len(part)), _flat(part)).rowcount
        return count

    def lookup(
        self,
        connection: Connection,
        columns: Sequence[ColumnElement[Any]],
        key: Column[Any],
        values: Iterable[str],
        *,
        tenant: str | None = None,
        order_by: Sequence[ColumnElement[Any]] = (),
        for_update: bool = False,
    ) -> list[Row[Any]]:
        """The rows whose `key` is one of `values`, within `tenant` where one is given."""
        wanted = list(dict.fromkeys(values))
        found: list[Row[Any]] = []
        for at in range(0, len(wanted), MAX_ROWS):
            part = wanted[at : at + MAX_ROWS]
            part += part[-1:] * (_ceiling(len(part)) - len(part))
            form = (tuple(columns), key, tenant is None, tuple(order_by), for_update, len(part))
            sql = self._lookups.get(form)
            if sql is None:
                sql = self._lookups[form] = self._compile_lookup(*form)
            parameters = tuple(part) if tenant is None else (tenant, *part)
            found += connection.exec_driver_sql(sql, parameters).all()
        return found

    def _compile_lookup(  # noqa: PLR0917 - the parts of one key
        self,
        columns: tuple[ColumnElement[Any], ...],
        key: Column[Any],
        all_tenants: bool,  # noqa: FBT001
        order_by: tuple[ColumnElement[Any], ...],
        for_update: bool,  # noqa: FBT001
        size: int,
    ) -> str:
        query = select(*columns).order_by(*order_by)
        if not all_tenants:
            query = query.where(key.table.c.tenant == "")
        query = query.where(key.in_([""] * size))
        if for_update:
            query = query.with_for_update()
        return str(query.compile(dialect=self._dialect, compile_kwargs={"render_postcompile": True}))

    def _insert(self, table: Table, size: int, *, skip: bool = False) -> str:
        sql = self._inserts.get((table, size, skip))
        if sql is None:
            sql = self._inserts[table, size, skip] = self._compile_insert(table, size, skip=skip)
        return sql

    def _compile_insert(self, table: Table, size: int, *, skip: bool) -> str:
        maker = postgresql.insert if self._dialect.name == "postgresql" else sqlite.insert
        statement = maker(table).values([dict.fromkeys(table.c.keys())] * size)
        if skip:
            statement = statement.on_conflict_do_nothing()
        elif "version" in table.c:
            keys = [column.name for column in table.primary_key]
            statement = statement.on_conflict_do_update(
                index_elements=keys,
                set_={name: statement.excluded[name] for name in table.c.keys() if name not in keys},  # noqa: SIM118
                where=table.c.version == statement.excluded.version - literal_column("1"),
            )
        return str(statement.compile(dialect=self._dialect))


def _powers(rows: Sequence[T]) -> Iterator[Sequence[T]]:
    """Parts of `rows`, in order, whose sizes are powers of two."""
    start = 0
    while start < len(rows):
        size = min(MAX_ROWS, 1 << (len(rows) - start).bit_length() - 1)
        yield rows[start : start + size]
        start += size


def _ceiling(count: int) -> int:
    """The smallest power of two that is at least `count`."""
    return 1 << (count - 1).bit_length()


def _flat(rows: Sequence[Values]) -> Values:
    return rows[0] if len(rows) == 1 else tuple(chain.from_iterable(rows))
