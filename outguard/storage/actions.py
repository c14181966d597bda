"""Reads of actions, the ledger and approvals."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, and_, or_, select

from outguard.domain.action import ActionRecord, LedgerEntry
from outguard.domain.review import Approval, ApprovalState
from outguard.storage.engine import Database
from outguard.storage.lookup import GroupReader, RecordReader
from outguard.storage.rows.actions import ledger_entry_of
from outguard.storage.rows.records import ACTION, APPROVAL
from outguard.storage.rows.reviews import approval_of
from outguard.storage.rows.values import micros
from outguard.storage.schema import ACTIONS, APPROVALS

_LIVE = (ApprovalState.PENDING.value, ApprovalState.APPROVED.value)
_COLUMNS = ACTIONS.c
_LEDGER = (
    _COLUMNS.action_id,
    _COLUMNS.topic,
    _COLUMNS.state,
    _COLUMNS.amount,
    _COLUMNS.currency,
    _COLUMNS.target,
    _COLUMNS.updated_at,
)


class SqlActionStore:
    """As `ports.ActionStore`."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._actions = RecordReader(database, ACTION)
        self._approvals = RecordReader(database, APPROVAL)
        self._ledgers: GroupReader[LedgerEntry] = GroupReader(
            database,
            columns=_LEDGER,
            key=_COLUMNS.conversation_id,
            read_row=ledger_entry_of,
            order_by=(_COLUMNS.created_at, _COLUMNS.action_id),
        )

    async def get_action(self, tenant: str, action_id: str) -> ActionRecord:
        """As the port says."""
        return await self._actions.get(tenant, action_id)

    async def list_ledger(self, tenant: str, conversation_id: str) -> tuple[LedgerEntry, ...]:
        """As the port says."""
        return tuple(await self._ledgers.get(tenant, conversation_id))

    async def get_approval(self, tenant: str, approval_id: str) -> Approval:
        """As the port says."""
        return await self._approvals.get(tenant, approval_id)

    async def list_live_approvals(self, tenant: str, agent_id: str, limit: int) -> tuple[Approval, ...]:
        """As the port says."""
        columns = APPROVALS.c
        query = (
            select(APPROVALS)
            .where(columns.tenant == tenant, columns.requested_by == agent_id, columns.state.in_(_LIVE))
            .order_by(columns.created_at, columns.approval_id)
            .limit(limit)
        )

        def work(connection: Connection) -> tuple[Approval, ...]:
            return tuple(map(approval_of, connection.execute(query).all()))

        return await self._database.read(work)

    async def list_due_approvals(self, before: datetime, limit: int) -> tuple[Approval, ...]:
        """As the port says."""
        columns = APPROVALS.c
        query = (
            select(APPROVALS)
            .where(
                or_(
                    and_(columns.state.in_(_LIVE), columns.expires_at <= micros(before)),
                    and_(
                        columns.state == ApprovalState.PENDING.value,
                        columns.escalates_at <= micros(before),
                    ),
                )
            )
            .order_by(columns.expires_at, columns.tenant, columns.approval_id)
            .limit(limit)
        )

        def work(connection: Connection) -> tuple[Approval, ...]:
            return tuple(map(approval_of, connection.execute(query).all()))

        return await self._database.read(work)
