"""What the record holds around an action: a handful of index look-ups, at most `MAX_RECALLED` rows each."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Dialect, Select, func, select

from outguard.domain.action import LedgerState
from outguard.domain.signal import MAX_RECALLED, History, PastAction
from outguard.ports import Recall
from outguard.storage.engine import Database
from outguard.storage.rows.values import micros
from outguard.storage.schema import ACTIONS
from outguard.storage.statements import run

_COLUMNS = ACTIONS.c
_PAST = (
    _COLUMNS.action_id,
    _COLUMNS.topic,
    _COLUMNS.decision,
    _COLUMNS.state,
    _COLUMNS.created_at,
    _COLUMNS.target,
    _COLUMNS.amount,
    _COLUMNS.currency,
)
_IDENTITY = (_COLUMNS.device_hash, _COLUMNS.name_hash)
"""They stand behind the sealed content in a row, which costs to step over: read only where there is what to compare."""
_MAX_REMEMBERED = 10_000
_USUAL_S = 30.0


class HistoryReader:
    """As `ports.ActionStore.recall`."""

    def __init__(self, database: Database) -> None:
        self._database = database
        dialect = database.dialect
        newest = (_COLUMNS.created_at.desc(), _COLUMNS.action_id.desc())
        self._conversation = _compile(
            select(*_PAST).where(_COLUMNS.tenant == "", _COLUMNS.conversation_id == "").order_by(*newest), dialect
        )
        self._customer = {
            with_identity: _compile(
                select(*_PAST, *(_IDENTITY if with_identity else ()))
                .where(
                    _COLUMNS.tenant == "",
                    _COLUMNS.customer_id == "",
                    _COLUMNS.created_at >= 0,
                    _COLUMNS.conversation_id != "",
                )
                .order_by(*newest),
                dialect,
            )
            for with_identity in (False, True)
        }
        self._known_since = _compile(
            select(func.min(_COLUMNS.created_at)).where(_COLUMNS.tenant == "", _COLUMNS.customer_id == ""), dialect
        )
        self._did_before = _compile(
            select(_COLUMNS.action_id).where(
                _COLUMNS.tenant == "", _COLUMNS.agent_id == "", _COLUMNS.topic == "", _COLUMNS.state == ""
            ),
            dialect,
            limit=1,
        )
        self._amounts = _compile(
            select(_COLUMNS.amount, _COLUMNS.currency)
            .where(
                _COLUMNS.tenant == "",
                _COLUMNS.topic == "",
                _COLUMNS.state == "",
                _COLUMNS.amount.is_not(None),
            )
            .order_by(_COLUMNS.created_at.desc()),
            dialect,
        )
        self._usual: dict[tuple[str, str], tuple[float, Sequence[tuple[str, str]]]] = {}
        self._done: set[tuple[str, str, str]] = set()

    async def recall(self, tenant: str, recall: Recall) -> History:
        """As the port says."""

        def work(connection: Connection) -> History:
            return self._recall(connection, tenant, recall)

        return await self._database.look_up(work)

    def _recall(self, connection: Connection, tenant: str, recall: Recall) -> History:
        conversation = run(connection, self._conversation, (tenant, recall.conversation_id))
        customer: list[Any] = []
        known_since = None
        if recall.customer_id is not None:
            customer = run(
                connection,
                self._customer[recall.with_identity],
                (tenant, recall.customer_id, micros(recall.since), recall.conversation_id),
            )
            known_since = run(connection, self._known_since, (tenant, recall.customer_id))[0][0]
        amounts: Sequence[tuple[str, str]] = ()
        if recall.with_amounts:
            amounts = self._topic_amounts(connection, tenant, recall.topic)
        return History(
            conversation=tuple(PastAction(*row) for row in conversation),
            customer=tuple(PastAction(*row) for row in customer),
            topic_amounts=tuple(amounts),
            did_before=self._has_done(connection, tenant, recall),
            known_since=known_since,
        )

    def _topic_amounts(self, connection: Connection, tenant: str, topic: str) -> Sequence[tuple[str, str]]:
        """What is usual moves slowly: looked up once in `_USUAL_S`, however many ask."""
        now = time.monotonic()
        known = self._usual.get((tenant, topic))
        if known is not None and known[0] > now:
            return known[1]
        rows = run(connection, self._amounts, (tenant, topic, LedgerState.EXECUTED.value))
        amounts = tuple((row[0], row[1]) for row in rows)
        if len(self._usual) >= _MAX_REMEMBERED:
            self._usual.clear()
        self._usual[tenant, topic] = (now + _USUAL_S, amounts)
        return amounts

    def _has_done(self, connection: Connection, tenant: str, recall: Recall) -> bool:
        """What was done once stays done: remembered without asking again."""
        key = (tenant, recall.agent_id, recall.topic)
        if key in self._done:
            return True
        if not run(connection, self._did_before, (*key, LedgerState.EXECUTED.value)):
            return False
        if len(self._done) >= _MAX_REMEMBERED:
            self._done.clear()
        self._done.add(key)
        return True


def _compile(query: Select[Any], dialect: Dialect, *, limit: int = MAX_RECALLED) -> str:
    """SQL with the driver's placeholders for the constants above; the limit stands in the text."""
    return f"{query.compile(dialect=dialect)} LIMIT {limit}"
