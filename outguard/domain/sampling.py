"""Which of what ran unseen is looked at afterwards (R13), with what probability, so that rates can be estimated."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum

SECOND_REPLY = "second_review.reply"
SECOND_ACTION = "second_review.action"
SECOND_REVIEWS = frozenset({SECOND_REPLY, SECOND_ACTION})
"""Strata of blind second looks at what one reviewer let go (R30)."""


class Stratum(StrEnum):
    """Kinds of actions that are drawn with a probability of their own; the gravest one counts."""

    PROD = "prod"
    WRITE = "write"
    READ = "read"
    MANDATORY = "mandatory"
    """Always looked at."""


@dataclass(frozen=True, kw_only=True, slots=True)
class SamplingPolicy:
    """`sampling` of the policy; `weights` multiply the rate of a stratum, and are empty where the draw is uniform."""

    rate: float = 0.0
    weights: Mapping[Stratum, float] = field(default_factory=dict)
    amount_usd_above: Decimal | None = None
    affected_users_above: int | None = None
    first_time_action: bool = False
    review_target_s: float = 86_400.0

    def probability_of(self, stratum: Stratum) -> float:
        """The probability with which an action of the stratum is drawn."""
        if stratum is Stratum.MANDATORY:
            return 1.0
        return min(1.0, self.rate * self.weights.get(stratum, 1.0))


@dataclass(frozen=True, kw_only=True, slots=True)
class Case:
    """A sampled case that was ruled on."""

    probability: float
    stratum: str
    is_wrong: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class Estimate:
    """A rate with its 95% interval; `population` is how many actions the cases stand for."""

    stratum: str
    cases: int
    wrong: int
    population: float
    rate: float
    low: float
    high: float
