"""How much an agent may do by itself on a topic, earned by what it did and lost by what went wrong (R12)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import IntEnum, StrEnum
from typing import Any

from outguard.domain.topic import TopicIndex


class Level(IntEnum):
    """What an agent may do without a person."""

    SUPERVISED = 0
    """Nothing."""
    ASSISTED = 1
    """Read."""
    SEMI_AUTONOMOUS = 2
    """All but production, deletions and secrets, within constraints."""
    AUTONOMOUS = 3
    """All but deletions and secrets."""


class ActionClass(StrEnum):
    """What kind of deed an action is, as far as autonomy and sampling care; whatever is none of these is a write."""

    READ = "read"
    PROD = "prod"
    DELETE = "delete"
    SECRETS = "secrets"


class IncidentKind(StrEnum):
    """What went wrong."""

    POLICY_VIOLATION = "policy_violation"
    """Something ran, or was undone, that was not allowed."""
    SAFETY_INCIDENT = "safety_incident"
    """Reported by a person."""
    FAILED = "failed"
    ROLLED_BACK = "rolled_back"
    FOUND_WRONG = "found_wrong"
    """A reviewer denied the ticket or the sampled case."""

    @property
    def is_error(self) -> bool:
        """Whether it counts into the error rate; the others demote by themselves."""
        return self not in {IncidentKind.POLICY_VIOLATION, IncidentKind.SAFETY_INCIDENT}


@dataclass(frozen=True, kw_only=True, slots=True)
class ClassMatch:
    """Which actions are of a class: by topic, or by a risk tag (which the agent gives: it can only add a class)."""

    topics: TopicIndex[bool] = field(default_factory=TopicIndex)
    risk_tags: frozenset[str] = frozenset()


def _default_classes() -> dict[ActionClass, ClassMatch]:
    def match(tag: str, *globs: str) -> ClassMatch:
        return ClassMatch(topics=TopicIndex((glob, True) for glob in globs), risk_tags=frozenset({tag} - {"read"}))

    return {
        ActionClass.READ: match("read", "*.read", "*.read.*"),
        ActionClass.PROD: match("prod"),
        ActionClass.DELETE: match("delete", "*.delete", "*.delete.*"),
        ActionClass.SECRETS: match("secrets", "secrets.*", "credentials.*"),
    }


@dataclass(frozen=True, kw_only=True, slots=True)
class AutonomyPolicy:
    """`autonomy` of the policy. Levels down are how far an incident demotes at once; `constraints` are level 2's."""

    initial_level: Level = Level.AUTONOMOUS
    min_successful_actions: int = 50
    max_error_rate: float = 0.02
    review_period_s: float = 7 * 86_400.0
    error_rate_above: float = 0.05
    min_actions: int = 20
    levels_down: Mapping[IncidentKind, int] = field(
        default_factory=lambda: {IncidentKind.POLICY_VIOLATION: 1, IncidentKind.SAFETY_INCIDENT: 3}
    )
    constraints: Mapping[str, Any] = field(default_factory=dict)
    classes: Mapping[ActionClass, ClassMatch] = field(default_factory=_default_classes)

    def classes_of(self, topic: str, risk_tags: tuple[str, ...]) -> frozenset[ActionClass]:
        """The classes of an action; empty for a plain write."""
        tags = frozenset(risk_tags)
        return frozenset(
            each for each, match in self.classes.items() if match.risk_tags & tags or match.topics.find(topic)
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class Standing:
    """An agent's level on a topic; version 0 says that nothing has moved it from the policy's initial one."""

    tenant: str
    agent_id: str
    topic: str
    level: Level
    since: datetime | None = None
    changed_by: str = ""
    cause: str = ""
    proposal_item_id: str | None = None
    version: int = 0

    @property
    def standing_id(self) -> str:
        """Its key in the tenant: neither part can hold a slash."""
        return f"{self.agent_id}/{self.topic}"


@dataclass(frozen=True, kw_only=True, slots=True)
class Incident:
    """One thing that went wrong, written once. `reason` is a person's, empty where the service saw it by itself."""

    incident_id: str
    tenant: str
    agent_id: str
    topic: str
    kind: IncidentKind
    at: datetime
    reported_by: str
    action_id: str | None = None
    reason: str = ""
    version: int = 1


@dataclass(frozen=True, kw_only=True, slots=True)
class Track:
    """What an agent did on a topic in a window: actions that ended, and those of them that went wrong."""

    ended: int
    errors: int

    @property
    def successful(self) -> int:
        """Actions that ended well."""
        return max(0, self.ended - self.errors)

    @property
    def error_rate(self) -> float:
        """Errors among what ended; 0 where nothing did."""
        return min(1.0, self.errors / self.ended) if self.ended else 0.0
