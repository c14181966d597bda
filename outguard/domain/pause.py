"""The switch that stops automation at once (R15): what is paused, by whom, and why."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from fnmatch import fnmatchcase


class PauseScope(StrEnum):
    """What a pause stops."""

    TENANT = "tenant"
    AGENT = "agent"
    TOPIC = "topic"


@dataclass(frozen=True, kw_only=True, slots=True)
class Pause:
    """One throw of the switch. `value` is an agent's id or a topic glob, empty for the whole tenant."""

    pause_id: str
    scope: PauseScope
    value: str
    reason: str
    paused_by: str
    paused_at: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class PauseBoard:
    """All pauses in force in a tenant; version 0 says that none was ever made."""

    tenant: str
    pauses: tuple[Pause, ...] = ()
    version: int = 0

    def stopping(self, agents: Iterable[str], topic: str | None) -> Pause | None:
        """The widest pause that stops any of `agents` at `topic`; None where all may go on.

        A reply has no topic: only a pause of the tenant or of its agent stops it.
        """
        names = frozenset(agents)
        found = [
            pause
            for pause in self.pauses
            if pause.scope is PauseScope.TENANT
            or (pause.scope is PauseScope.AGENT and pause.value in names)
            or (pause.scope is PauseScope.TOPIC and topic is not None and fnmatchcase(topic, pause.value))
        ]
        return min(found, key=lambda pause: _WIDEST_FIRST.index(pause.scope), default=None)


_WIDEST_FIRST = (PauseScope.TENANT, PauseScope.AGENT, PauseScope.TOPIC)
