"""SQL compiled once by SQLAlchemy, run on the driver's own cursor.

On the decision path the cost of a statement is mostly that of the layers above the driver, so these few statements skip
them; errors still come out as SQLAlchemy's. Lookups of many keys come in sizes of powers of two, so that few forms
exist and the drivers' statement caches hold them all.
"""

from __future__ import annotations

from collections import namedtuple
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from sqlalchemy import Column, ColumnElement, Connection, Dialect, Table, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import DBAPIError

from outguard.storage.rows.values import Values

MAX_KEYS = 64
KEY_COLUMNS = 3
"""A table of versioned records begins with tenant, id and version."""


class Lookup:
    """Rows of one table by one key column, within one tenant or all."""

    def __init__(
        self,
        dialect: Dialect,
        columns: Sequence[ColumnElement[Any]],
        key: Column[Any],
        *,
        order_by: Sequence[ColumnElement[Any]] = (),
        all_tenants: bool = False,
        for_update: bool = False,
        where: ColumnElement[bool] | None = None,
    ) -> None:
        query = select(*columns).order_by(*order_by)
        if where is not None:
            query = query.where(where)
        if not all_tenants:
            query = query.where(key.table.c.tenant == "")
        self._query = query.with_for_update() if for_update else query
        self._dialect = dialect
        self._key = key
        self._forms: dict[int, str] = {}
        names = [column.name for column in columns]
        self._make: Callable[[Iterable[Any]], Any] = _row_type(names)

    def rows(self, connection: Connection, values: Iterable[str | bytes], *, tenant: str | None = None) -> list[Any]:
        """The rows whose key is one of `values`, as named tuples; give `tenant` unless made for all."""
        wanted = list(dict.fromkeys(values))
        if len(wanted) == 1:
            key = tuple(wanted) if tenant is None else (tenant, *wanted)
            return [self._make(row) for row in run(connection, self._form(1), key)]
        found: list[Any] = []
        for at in range(0, len(wanted), MAX_KEYS):
            part = wanted[at : at + MAX_KEYS]
            size = 1 << (len(part) - 1).bit_length()
            part += part[-1:] * (size - len(part))
            parameters = tuple(part) if tenant is None else (tenant, *part)
            found += map(self._make, run(connection, self._form(size), parameters))
        return found

    def _form(self, size: int) -> str:
        form = self._forms.get(size)
        if form is None:
            query = self._query.where(self._key.in_([""] * size))
            form = str(query.compile(dialect=self._dialect, compile_kwargs={"render_postcompile": True}))
            self._forms[size] = form
        return form


def _row_type(names: Sequence[str]) -> Callable[[Iterable[Any]], Any]:
    make: Callable[[Iterable[Any]], Any] = namedtuple("Row", names)._make  # type: ignore[attr-defined]  # noqa: PYI024
    return make


class Writes:
    """Inserts and versioned replacements of whole rows, for one database."""

    def __init__(self, dialect: Dialect) -> None:
        self._dialect = dialect
        self._forms: dict[tuple[str, Table], str] = {}

    def insert(self, connection: Connection, table: Table, rows: Sequence[Values]) -> None:
        """Add rows; an existing key is an `IntegrityError`."""
        if rows:
            run_many(connection, self._form("insert", table, _insert), rows)

    def insert_new(self, connection: Connection, table: Table, rows: Sequence[Values]) -> None:
        """Add those rows whose key is new."""
        maker = _insert_new_postgresql if self._dialect.name == "postgresql" else _insert_new_sqlite
        run_many(connection, self._form("insert_new", table, maker), rows)

    def replace(self, connection: Connection, table: Table, row: Values) -> bool:
        """Replace the row of the version before; False if there is none."""
        tenant, record_id, version = row[:KEY_COLUMNS]
        parameters = (*row[KEY_COLUMNS - 1 :], tenant, record_id, version - 1)
        return run_count(connection, self._form("replace", table, _replace), parameters) == 1

    def _form(self, name: str, table: Table, maker: Callable[[Table], Any]) -> str:
        form = self._forms.get((name, table))
        if form is None:
            form = self._forms[name, table] = str(maker(table).compile(dialect=self._dialect))
        return form


def _insert(table: Table) -> Any:
    return insert(table)


def _insert_new_postgresql(table: Table) -> Any:
    return postgresql.insert(table).on_conflict_do_nothing()


def _insert_new_sqlite(table: Table) -> Any:
    return sqlite.insert(table).on_conflict_do_nothing()


def _replace(table: Table) -> Any:
    tenant, record_id, version = list(table.c)[:KEY_COLUMNS]
    return (
        update(table)
        .where(tenant == "", record_id == "", version == 0)
        .values(dict.fromkeys(table.c.keys()[KEY_COLUMNS - 1 :]))
    )


def run(connection: Connection, sql: str, parameters: Values) -> list[Any]:
    """The rows of a query."""
    cursor = connection.connection.cursor()
    try:
        cursor.execute(sql, parameters)
        return list(cursor.fetchall())
    except Exception as error:  # noqa: BLE001 - raised again in SQLAlchemy's terms
        raise _wrapped(connection, sql, error) from None
    finally:
        cursor.close()


def run_count(connection: Connection, sql: str, parameters: Values) -> int:
    """How many rows a statement changed."""
    cursor = connection.connection.cursor()
    try:
        cursor.execute(sql, parameters)
        return int(cursor.rowcount)
    except Exception as error:  # noqa: BLE001 - raised again in SQLAlchemy's terms
        raise _wrapped(connection, sql, error) from None
    finally:
        cursor.close()


def run_many(connection: Connection, sql: str, rows: Sequence[Values]) -> None:
    """A statement once for every row."""
    cursor = connection.connection.cursor()
    try:
        cursor.executemany(sql, rows)
    except Exception as error:  # noqa: BLE001 - raised again in SQLAlchemy's terms
        raise _wrapped(connection, sql, error) from None
    finally:
        cursor.close()


def _wrapped(connection: Connection, sql: str, error: Exception) -> BaseException:
    """A driver's error as SQLAlchemy would raise it; the connection is given up if it is lost."""
    driver = connection.dialect.loaded_dbapi
    if not isinstance(error, driver.Error):
        return error
    is_lost = connection.dialect.is_disconnect(error, connection.connection.dbapi_connection, None)
    if is_lost:
        connection.invalidate(error)
    return DBAPIError.instance(
        sql,
        None,
        error,
        driver.Error,
        hide_parameters=True,
        connection_invalidated=is_lost,
        dialect=connection.dialect,
    )
