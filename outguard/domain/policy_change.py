"""What differs between two policies, who must put their name to it, and the policies on record (R40, R41)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class Effect(StrEnum):
    """What a change does to decisions. What cannot be proved either way is UNCLEAR, and treated as looser."""

    STRICTER = "stricter"
    LOOSER = "looser"
    UNCLEAR = "unclear"
    NEUTRAL = "neutral"

    @property
    def may_loosen(self) -> bool:
        """Whether something could now pass that did not before."""
        return self in {Effect.LOOSER, Effect.UNCLEAR}


class Area(StrEnum):
    """Whose business a change is: what leaks, what costs, everything else."""

    SECURITY = "security"
    FINANCE = "finance"
    COMPLIANCE = "compliance"


@dataclass(frozen=True, kw_only=True, slots=True)
class PolicyChange:
    """One difference; `where` names the part, such as `tiers.T3.decision` or `rules.refund-over-cap`."""

    where: str
    effect: Effect
    area: Area
    what: str


@dataclass(frozen=True, kw_only=True, slots=True)
class SignOff:
    """One person's name under a policy, for one area."""

    area: Area
    principal_id: str
    reason: str
    at: datetime


class PolicyState(StrEnum):
    """Whether a policy on record ever decided."""

    PROPOSED = "PROPOSED"
    LOADED = "LOADED"


@dataclass(frozen=True, kw_only=True, slots=True)
class PolicyVersion:
    """A policy on record with the files that make it, so that what it decided can be reconstructed (R37).

    `loaded_at` is when it last came into force. `rules` and `profiles` are names, for listings.
    """

    tenant: str
    snapshot: str
    label: str
    profile: str
    state: PolicyState
    proposed_by: str
    created_at: datetime
    files: Mapping[str, str] = field(repr=False)
    rules: tuple[str, ...] = ()
    profiles: tuple[str, ...] = ()
    default_profile: str = ""
    sign_offs: tuple[SignOff, ...] = ()
    loaded_at: datetime | None = None
    version: int = 1


def missing_areas(
    changes: Iterable[PolicyChange],
    signers: Mapping[Area, frozenset[str]],
    sign_offs: Iterable[SignOff],
    *,
    proposed_by: str,
) -> tuple[Area, ...]:
    """The areas in which something may loosen and nobody named for them has signed.

    `signers` is the sign-off table of the policy in force, so that a new policy cannot excuse itself. Whoever proposed
    the change does not count as its signer.
    """
    signed = {
        one.area
        for one in sign_offs
        if one.principal_id != proposed_by and one.principal_id in signers.get(one.area, frozenset())
    }
    wanted = {change.area for change in changes if change.effect.may_loosen and change.area in signers}
    return tuple(area for area in Area if area in wanted - signed)
