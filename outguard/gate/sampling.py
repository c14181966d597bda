"""Drawing and estimating (R13). Pure: the draw itself is handed in, a number from 0 to below 1 that nobody can foresee.

An action is drawn where its number is below its stratum's probability. The estimate weighs each case by one over its
probability, so that what is drawn rarely counts for all it stands for.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from decimal import Decimal

from outguard.domain.autonomy import ActionClass
from outguard.domain.sampling import Case, Estimate, SamplingPolicy, Stratum

Z_95 = 1.959964
ALL = "all"


def stratum_of(
    policy: SamplingPolicy,
    classes: frozenset[ActionClass],
    *,
    amount_usd: Decimal | None,
    affected_users: int,
    is_first: bool,
) -> Stratum:
    """The stratum of an action that ran; an amount that is not known in dollars is infinite."""
    is_large = policy.amount_usd_above is not None and amount_usd is not None and amount_usd > policy.amount_usd_above
    is_wide = policy.affected_users_above is not None and affected_users > policy.affected_users_above
    if is_large or is_wide or (policy.first_time_action and is_first):
        return Stratum.MANDATORY
    if classes & {ActionClass.PROD, ActionClass.DELETE, ActionClass.SECRETS}:
        return Stratum.PROD
    return Stratum.READ if ActionClass.READ in classes else Stratum.WRITE


def is_drawn(policy: SamplingPolicy, stratum: Stratum, number: float) -> bool:
    """Whether an action of the stratum with this number is looked at."""
    return number < policy.probability_of(stratum)


def estimate(cases: Sequence[Case]) -> tuple[Estimate, ...]:
    """The share that is wrong, overall and by stratum, with 95% intervals; nothing for no cases.

    The rate is Hajek's ratio (sum of y/p over sum of 1/p); the interval is Wilson's on Kish's effective number of
    cases, which also holds where nothing wrong was found.
    """
    if not cases:
        return ()
    strata = sorted({case.stratum for case in cases})
    by_stratum = (_estimate(name, (case for case in cases if case.stratum == name)) for name in strata)
    return (_estimate(ALL, cases), *by_stratum)


def _estimate(name: str, cases: Iterable[Case]) -> Estimate:
    weighed = [(1.0 / case.probability, case.is_wrong) for case in cases]
    population = sum(weight for weight, _ in weighed)
    rate = sum(weight for weight, is_wrong in weighed if is_wrong) / population
    effective = population**2 / sum(weight**2 for weight, _ in weighed)
    low, high = _wilson(rate, effective)
    return Estimate(
        stratum=name,
        cases=len(weighed),
        wrong=sum(is_wrong for _, is_wrong in weighed),
        population=population,
        rate=rate,
        low=low,
        high=high,
    )


def _wilson(rate: float, number: float) -> tuple[float, float]:
    spread = Z_95**2 / number
    middle = (rate + spread / 2) / (1 + spread)
    half = Z_95 / (1 + spread) * math.sqrt(rate * (1 - rate) / number + spread / (4 * number))
    return max(0.0, middle - half), min(1.0, middle + half)
