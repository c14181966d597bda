"""Roll-backs as rows of ROLL_BACKS, by the id of their action."""

from __future__ import annotations

from typing import Any

from outguard.domain.action import Tier
from outguard.domain.roll_back import RollBack, RollBackState
from outguard.storage.rows.values import Values, micros, micros_or_none, moment_of, moment_or_none


def roll_back_row(roll_back: RollBack) -> Values:
    """A roll-back in the order of ROLL_BACKS."""
    return (
        roll_back.tenant,
        roll_back.action_id,
        roll_back.version,
        roll_back.agent_id,
        roll_back.tier.value,
        roll_back.state.value,
        roll_back.requested_by,
        roll_back.reason,
        roll_back.confirmed_by,
        roll_back.item_id,
        roll_back.attempts,
        micros(roll_back.requested_at),
        micros(roll_back.due_at),
        micros_or_none(roll_back.ended_at),
    )


def roll_back_of(row: Any) -> RollBack:
    """The roll-back of a row of ROLL_BACKS."""
    return RollBack(
        action_id=row.action_id,
        tenant=row.tenant,
        agent_id=row.agent_id,
        tier=Tier(row.tier),
        state=RollBackState(row.state),
        requested_by=row.requested_by,
        reason=row.reason,
        requested_at=moment_of(row.requested_at),
        due_at=moment_of(row.due_at),
        confirmed_by=row.confirmed_by,
        item_id=row.item_id,
        attempts=row.attempts,
        ended_at=moment_or_none(row.ended_at),
        version=row.version,
    )
