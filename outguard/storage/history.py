"""What the record holds around an action: a handful of index look-ups, at most `MAX_RECALLED` rows each."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Dialect, Select, func, select

from outguard.domain.action import GateDecision, LedgerState
from outguard.domain.money import Money
from outguard.domain.signal import MAX_RECALLED, History, PastAction
from outguard.ports import Recall
from outguard.storage.engine import Database
from outguard.storage.rows.values import micros, moment_of, money_of
from outguard.storage.schema import ACTIONS
from outguard.storage.statements import run

_COLUMNS = ACTIONS.c
_PAST = (
    _COLUMNS.action_id,
    _COLUMNS.agent_id,
    _COLUMNS.conversation_id,
    _COLUMNS.customer_id,
    _COLUMNS.topic,
    _COLUMNS.decision,
    _COLUMNS.state,
    _COLUMNS.created_at,
    _COLUMNS.digest,
    _COLUMNS.target,
    _COLUMNS.amount,
    _COLUMNS.currency,
    _COLUMNS.device_hash,
    _COLUMNS.name_hash,
)
_MAX_REMEMBERED = 10_000


class HistoryReader:
    """As `ports.ActionStore.recall`."""

    def __init__(self, database: Database) -> None:
        self._database = database
        dialect = database.dialect
        past = select(*_PAST).where(_COLUMNS.tenant == "")
        newest = (_COLUMNS.created_at.desc(), _COLUMNS.action_id.desc())
        self._conversation = _compile(past.where(_COLUMNS.conversation_id == "").order_by(*newest), dialect)
        self._customer = _compile(
            past.where(_COLUMNS.customer_id == "", _COLUMNS.created_at >= 0).order_by(*newest), dialect
        )
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
        self._done: set[tuple[str, str, str]] = set()

    async def recall(self, tenant: str, recall: Recall) -> History:
        """As the port says."""

        def work(connection: Connection) -> History:
            return self._recall(connection, tenant, recall)

        return await self._database.look_up(work)

    def _recall(self, connection: Connection, tenant: str, recall: Recall) -> History:
        executed = LedgerState.EXECUTED.value
        conversation = run(connection, self._conversation, (tenant, recall.conversation_id))
        customer: list[Any] = []
        known_since = None
        if recall.customer_id is not None:
            customer = run(connection, self._customer, (tenant, recall.customer_id, micros(recall.since)))
            known_since = run(connection, self._known_since, (tenant, recall.customer_id))[0][0]
        amounts: list[Money] = []
        if recall.with_amounts:
            rows = run(connection, self._amounts, (tenant, recall.topic, executed))
            amounts = [money for money in (money_of(*row) for row in rows) if money is not None]
        return History(
            conversation=tuple(map(_past, conversation)),
            customer=tuple(map(_past, customer)),
            topic_amounts=tuple(amounts),
            did_before=self._has_done(connection, tenant, recall),
            known_since=None if known_since is None else moment_of(known_since),
        )

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


def _past(row: Any) -> PastAction:
    return PastAction(
        action_id=row[0],
        agent_id=row[1],
        conversation_id=row[2],
        customer_id=row[3],
        topic=row[4],
        decision=GateDecision(row[5]),
        state=LedgerState(row[6]),
        created_at=moment_of(row[7]),
        digest=row[8],
        target=row[9],
        amount=money_of(row[10], row[11]),
        device_hash=row[12],
        name_hash=row[13],
    )
