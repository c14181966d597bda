"""What a company lets its agents say and promise: the authority profile."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal


@dataclass(frozen=True, kw_only=True, slots=True)
class Authority:
    """The terms for one kind of commitment.

    `requires_action` is the ledger topic that must back it. `without_action_up_to` maps a currency code to what may be
    given without one. `min_seconds` is the shortest time that may be promised (calendar), `min_business_days` the same
    in business days; `arrives_business_days_min` the shortest time for money to arrive.
    """

    kind: str
    forbidden: bool = False
    requires_action: str | None = None
    without_action_up_to: Mapping[str, Decimal] = field(default_factory=dict)
    min_seconds: int | None = None
    min_business_days: int | None = None
    arrives_business_days_min: int | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class AuthorityProfile:
    """A company's profile: contacts it publishes, terms by kind of commitment, policy as sentences."""

    name: str
    company: str
    public_values: tuple[str, ...] = ()
    commitments: Mapping[str, Authority] = field(default_factory=dict)
    published_policy: tuple[str, ...] = ()
    own_id_patterns: tuple[str, ...] = ()
    internal_hosts: tuple[str, ...] = ()
    internal_patterns: tuple[str, ...] = ()
