"""Who calls: identity comes from credentials alone, never from a field of a request."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from fnmatch import fnmatchcase

from outguard.errors import InvalidInputError

_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._@:-]{0,127}\Z")
_TENANT = re.compile(r"[a-z0-9][a-z0-9-]{0,62}\Z")


OPERATOR_TENANT = "default"
"""The tenant of whoever runs the service: its people load and sign policy, which decides for all tenants."""


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

    `topics` are globs an agent may ask for (empty: none); `skills` are the review queues a reviewer works on: they
    route items, they give no right.
    """

    id: str
    role: Role
    tenant: str
    topics: tuple[str, ...] = ()
    skills: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not _ID.match(self.id):
            raise InvalidInputError("a principal id has 1 to 128 of letters, digits and . _ @ : -", field="id")
        if not _TENANT.match(self.tenant):
            raise InvalidInputError("a tenant has 1 to 63 of a-z, 0-9 and hyphen", field="tenant")

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
