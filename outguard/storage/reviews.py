"""Reads of the review queue."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import ColumnElement, Connection, and_, or_, select

from outguard.domain.review import ItemKind, ItemState, ReviewItem
from outguard.errors import InvalidInputError
from outguard.storage.engine import Database
from outguard.storage.lookup import RecordReader
from outguard.storage.rows.records import ITEM
from outguard.storage.rows.reviews import item_of
from outguard.storage.schema import ITEMS

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
