"""A later reversal of what a reviewer did (R29): who, whom, rule, new decision, reason."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from outguard.domain.review import RulingKind


class OverrideKind(StrEnum):
    """What was wrong with the ruling."""

    WRONGLY_APPROVED = "wrongly_approved"
    """Clawed back; the reviewer joins the calibration set."""
    WRONGLY_REJECTED = "wrongly_rejected"
    """Reopened, for other people to grant."""
    REROUTED = "rerouted"
    """The reviewer is not there, or drifts: the item goes to others."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Override:
    """One reversal, written once. `by` is who, `whom` the reviewer it reverses, `rule_id` what should have decided."""

    override_id: str
    tenant: str
    item_id: str
    ruling_id: str
    by: str
    whom: str
    rule_id: str
    new_decision: RulingKind
    reason: str
    kind: OverrideKind
    at: datetime
    version: int = 1
