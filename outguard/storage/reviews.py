"""Reads of the review queue."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, and_, func, or_, select

from outguard.domain.override import Override
from outguard.domain.review import GivenRuling, ItemKind, ItemState, ReviewItem
from outguard.errors import InvalidInputError
from outguard.storage.engine import Database
from outguard.storage.lookup import RecordReader
from outguard.storage.rows.overrides import override_of
from outguard.storage.rows.records import ITEM
from outguard.storage.rows.reviews import given_of, item_of
from outguard.storage.rows.values import micros
from outguard.storage.schema import ITEMS, OVERRIDES, REVIEWER_RULINGS

_COLUMNS = ITEMS.c


class SqlReviewStore:
    """As `ports.ReviewStore`."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._items = RecordReader(database, ITEM)

    async def get_item(self, tenant: str, item_id: str) -> ReviewItem:
        """As the port says."""
        return await self._items.get(tenant, item_id)

    async def list_items(
        self,
        tenant: str,
        *,
        states: Sequence[ItemState] = (),
        kinds: Sequence[ItemKind] = (),
        queues: Sequence[str] = (),
        after: str = "",
        limit: int = 50,
    ) -> tuple[ReviewItem, ...]:
        """As the port says.

        Raises:
            InvalidInputError: if `after` is no item of the tenant.
        """
        query = select(ITEMS).where(_COLUMNS.tenant == tenant)
        if states:
            query = query.where(_COLUMNS.state.in_([state.value for state in states]))
        if kinds:
            query = query.where(_COLUMNS.kind.in_([kind.value for kind in kinds]))
        if queues:
            query = query.where(_COLUMNS.queue.in_(list(queues)))
        query = query.order_by(_COLUMNS.priority.desc(), _COLUMNS.due_at, _COLUMNS.item_id).limit(limit)

        def work(connection: Connection) -> tuple[ReviewItem, ...]:
            page = query
            if after:
                page = query.where(_comes_after(connection, tenant, after))
            return tuple(map(item_of, connection.execute(page).all()))

        return await self._database.read(work)

    async def count_claims(self, tenant: str, reviewer_id: str, *, now: datetime) -> int:
        """As the port says."""
        query = (
            select(func.count())
            .select_from(ITEMS)
            .where(
                _COLUMNS.tenant == tenant,
                _COLUMNS.claimed_by == reviewer_id,
                _COLUMNS.state == ItemState.CLAIMED.value,
                _COLUMNS.claim_expires_at > micros(now),
            )
        )
        return await self._database.read(lambda connection: int(connection.execute(query).scalar_one()))

    async def list_given(self, tenant: str, reviewer_id: str, limit: int) -> tuple[GivenRuling, ...]:
        """As the port says."""
        columns = REVIEWER_RULINGS.c
        query = (
            select(REVIEWER_RULINGS)
            .where(columns.tenant == tenant, columns.reviewer_id == reviewer_id)
            .order_by(columns.at.desc(), columns.ruling_id.desc())
            .limit(limit)
        )

        def work(connection: Connection) -> tuple[GivenRuling, ...]:
            return tuple(map(given_of, connection.execute(query).all()))

        return await self._database.read(work)

    async def list_overrides(self, tenant: str, item_id: str) -> tuple[Override, ...]:
        """As the port says."""
        columns = OVERRIDES.c
        query = (
            select(OVERRIDES)
            .where(columns.tenant == tenant, columns.item_id == item_id)
            .order_by(columns.at, columns.override_id)
        )

        def work(connection: Connection) -> tuple[Override, ...]:
            return tuple(map(override_of, connection.execute(query).all()))

        return await self._database.read(work)


def _comes_after(connection: Connection, tenant: str, item_id: str) -> ColumnElement[bool]:
    last = connection.execute(
        select(_COLUMNS.priority, _COLUMNS.due_at).where(_COLUMNS.tenant == tenant, _COLUMNS.item_id == item_id)
    ).one_or_none()
    if last is None:
        raise InvalidInputError("no such item to go on after", field="after")
    same_priority = _COLUMNS.priority == last.priority
    return or_(
        _COLUMNS.priority < last.priority,
        and_(same_priority, _COLUMNS.due_at > last.due_at),
        and_(same_priority, _COLUMNS.due_at == last.due_at, _COLUMNS.item_id > item_id),
    )
