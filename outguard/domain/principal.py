"""Who calls: identity comes from credentials alone, never from a field of a request."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from fnmatch import fnmatchcase


class Role(StrEnum):
    """What a principal is; every method names the roles that may call it."""

    AGENT = "agent"
    REVIEWER = "reviewer"
    SENIOR_REVIEWER = "senior_reviewer"
    AUDITOR = "auditor"
    ADMIN = "admin"


@dataclass(frozen=True, kw_only=True, slots=True)
class Principal:
    """An authenticated caller.

    `topics` are globs an agent may ask for (empty: none); `skills` are the review queues a reviewer serves (empty: the
    default queue only).
    """

    id: str
    role: Role
    tenant: str
    topics: tuple[str, ...] = ()
    skills: tuple[str, ...] = ()

    def may_ask_for(self, topic: str) -> bool:
        """Whether this principal's credential covers `topic`."""
        return any(fnmatchcase(topic, pattern) for pattern in self.topics)

    @property
    def is_reviewer(self) -> bool:
        """Whether this is a person who may rule on items."""
        return self.role in {Role.REVIEWER, Role.SENIOR_REVIEWER}


@dataclass(frozen=True, kw_only=True, slots=True)
class Token:
    """A bearer credential as stored: only the SHA-256 of its secret (256 random bits) is kept."""

    token_id: str
    principal: Principal
    secret_hash: str
    created_at: datetime
    expires_at: datetime
    revoked_at: datetime | None = None
    version: int = 1
