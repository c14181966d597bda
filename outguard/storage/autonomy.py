"""Reads of what agents may do by themselves, and of what they did."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ColumnElement, Connection, and_, func, select

from outguard.domain.action import LedgerState
from outguard.domain.autonomy import IncidentKind, Standing, Track
from outguard.errors import NotFoundError
from outguard.storage.engine import Database
from outguard.storage.lookup import RecordReader
from outguard.storage.rows.autonomy import standing_of
from outguard.storage.rows.records import STANDING
from outguard.storage.rows.values import micros
from outguard.storage.schema import ACTIONS, INCIDENTS, STANDINGS

_ENDED = tuple(state.value for state in (LedgerState.EXECUTED, LedgerState.FAILED, LedgerState.ROLLED_BACK))
_ERRORS = tuple(kind.value for kind in IncidentKind if kind.is_error)


class SqlAutonomyStore:
    """As `ports.AutonomyStore`."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._standings = RecordReader(database, STANDING)

    async def find_standing(self, tenant: str, standing_id: str) -> Standing | None:
        """As the port says."""
        try:
            return await self._standings.get(tenant, standing_id)
        except NotFoundError:
            return None

    async def list_standings(self, tenant: str, *, after: str = "", limit: int = 100) -> tuple[Standing, ...]:
        """As the port says."""
        columns = STANDINGS.c
        query = (
            select(STANDINGS)
            .where(columns.tenant == tenant, columns.standing_id > after)
            .order_by(columns.standing_id)
            .limit(limit)
        )

        def work(connection: Connection) -> tuple[Standing, ...]:
            return tuple(map(standing_of, connection.execute(query).all()))

        return await self._database.read(work)

    async def track(
        self, tenant: str, agent_id: str, topic: str, *, since: datetime, without: str | None = None
    ) -> Track:
        """As the port says."""
        actions, incidents = ACTIONS.c, INCIDENTS.c
        ended: list[ColumnElement[bool]] = [
            actions.tenant == tenant,
            actions.agent_id == agent_id,
            actions.topic == topic,
            actions.state.in_(_ENDED),
            actions.updated_at >= micros(since),
        ]
        errors: list[ColumnElement[bool]] = [
            incidents.tenant == tenant,
            incidents.agent_id == agent_id,
            incidents.topic == topic,
            incidents.kind.in_(_ERRORS),
            incidents.at >= micros(since),
        ]
        if without is not None:
            ended.append(actions.action_id != without)
            errors.append(incidents.action_id != without)
        count_ended = select(func.count()).select_from(ACTIONS).where(and_(*ended))
        count_errors = select(func.count(incidents.action_id.distinct())).where(and_(*errors))

        def work(connection: Connection) -> Track:
            return Track(
                ended=connection.execute(count_ended).scalar_one(),
                errors=connection.execute(count_errors).scalar_one(),
            )

        return await self._database.read(work)
