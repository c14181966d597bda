"""Undoing what ran (R2): who asked for it, who must agree, and what the agent's runtime made of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from outguard.domain.action import Tier

HIGHEST_PRIORITY = 100
"""Of an item that nothing in the queue may come before."""


class RollBackState(StrEnum):
    """How far a roll-back is."""

    WAITING = "WAITING"
    """A second person must agree (T4)."""
    REQUESTED = "REQUESTED"
    """The agent's runtime must undo the action and say so."""
    DONE = "DONE"
    FAILED = "FAILED"
    REFUSED = "REFUSED"
    """The second person said no."""
    EXPIRED = "EXPIRED"
    """No second person said anything in time."""

    @property
    def is_live(self) -> bool:
        """Whether it still goes on."""
        return self in {RollBackState.WAITING, RollBackState.REQUESTED}


@dataclass(frozen=True, kw_only=True, slots=True)
class RollBack:
    """The roll-back of one action. Asked for again after a failure it is the same record, `attempts` one higher.

    `due_at` is when the second person, or the agent's runtime, must have answered.
    """

    action_id: str
    tenant: str
    agent_id: str
    tier: Tier
    state: RollBackState
    requested_by: str
    reason: str
    requested_at: datetime
    due_at: datetime
    confirmed_by: str | None = None
    item_id: str | None = None
    attempts: int = 1
    ended_at: datetime | None = None
    version: int = 1
