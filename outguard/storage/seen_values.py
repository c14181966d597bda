"""Keyed hashes of customers' values: written with decisions, looked up before a reply leaves, forgotten in time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import Connection, Dialect, delete, select, tuple_
from sqlalchemy.dialects import postgresql, sqlite

from outguard.domain.seen_value import SeenValue
from outguard.storage.engine import Database
from outguard.storage.faults import translate
from outguard.storage.rows.values import Values, micros, moment_of
from outguard.storage.schema import SEEN_VALUES
from outguard.storage.statements import Lookup, run_many

_COLUMNS = SEEN_VALUES.c
_KEY = (_COLUMNS.tenant, _COLUMNS.value, _COLUMNS.owner)
PRUNED_AT_ONCE = 1_000


def seen_value_row(tenant: str, seen: SeenValue) -> Values:
    """A value in the order of SEEN_VALUES."""
    return (tenant, seen.value, seen.owner, micros(seen.seen_at))


class SeenValueWrites:
    """Writes values for one kind of database."""

    def __init__(self, dialect: Dialect) -> None:
        maker = postgresql.insert if dialect.name == "postgresql" else sqlite.insert
        insert = maker(SEEN_VALUES)
        again = insert.on_conflict_do_update(index_elements=list(_KEY), set_={"seen_at": insert.excluded.seen_at})
        self._form = str(again.compile(dialect=dialect))

    def write(self, connection: Connection, rows: Sequence[Values]) -> None:
        """Add rows, or move the time of those that are there."""
        if rows:
            run_many(connection, self._form, rows)


class SqlValueStore:
    """As `ports.ValueStore`."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._lookup = Lookup(database.dialect, (_COLUMNS.value, _COLUMNS.owner, _COLUMNS.seen_at), _COLUMNS.value)

    async def find_values(self, tenant: str, values: Sequence[bytes]) -> tuple[SeenValue, ...]:
        """As the port says."""

        def work(connection: Connection) -> tuple[SeenValue, ...]:
            return tuple(
                SeenValue(value=bytes(row.value), owner=bytes(row.owner), seen_at=moment_of(row.seen_at))
                for row in self._lookup.rows(connection, values, tenant=tenant)
            )

        return await self._database.look_up(work)

    async def prune_values(self, *, before: datetime, by_tenant: Mapping[str, datetime], keep: int) -> int:
        """As the port says."""
        edges = await self._database.read(lambda connection: _edges(connection, before, by_tenant, keep))
        if not edges:
            return 0

        def work(connection: Connection) -> int:
            return sum(_delete(connection, tenant, edge) for tenant, edge in edges.items())

        try:
            return await self._database.write(work)
        except Exception as error:  # noqa: BLE001 - every driver error becomes one of ours
            raise translate(error) from None


def _edges(connection: Connection, before: datetime, by_tenant: Mapping[str, datetime], keep: int) -> dict[str, int]:
    """By tenant, the time up to which values go; tenants that keep all of theirs are left out.

    This looks at many rows, so it is read apart: nobody waits for it with the write lock in hand.
    """
    edges: dict[str, int] = {}
    for tenant in connection.execute(select(_COLUMNS.tenant).distinct()).scalars().all():
        times = select(_COLUMNS.seen_at).where(_COLUMNS.tenant == tenant)
        oldest = connection.execute(times.order_by(_COLUMNS.seen_at).limit(1)).scalar()
        over = connection.execute(times.order_by(_COLUMNS.seen_at.desc()).offset(keep).limit(1)).scalar()
        edge = max(micros(by_tenant.get(tenant, before)) - 1, -1 if over is None else over)
        if oldest is not None and oldest <= edge:
            edges[tenant] = edge
    return edges


def _delete(connection: Connection, tenant: str, edge: int) -> int:
    some = (
        select(*_KEY)
        .where(_COLUMNS.tenant == tenant, _COLUMNS.seen_at <= edge)
        .order_by(_COLUMNS.seen_at)
        .limit(PRUNED_AT_ONCE)
    )
    return connection.execute(delete(SEEN_VALUES).where(tuple_(*_KEY).in_(some))).rowcount
