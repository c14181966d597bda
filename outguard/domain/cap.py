"""Caps (R7): how much may happen in a sliding window without a person. Pure values and the arithmetic of one window.

A use is counted when leave is given, whether the action then runs or not. Times after `now` (a clock that was set back)
count too: in doubt a window is fuller, never emptier.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import ROUND_UP, Decimal
from enum import StrEnum

from outguard.domain.action import GateDecision
from outguard.domain.topic import TopicIndex

MICRO = Decimal("0.000001")


class CapScope(StrEnum):
    """Whose window it is: one for each agent, customer, conversation, topic, or one for the whole tenant."""

    AGENT = "agent"
    TENANT = "tenant"
    CUSTOMER = "customer"
    CONVERSATION = "conversation"
    TOPIC = "topic"


class Measure(StrEnum):
    """What is added up: dollars, actions, or different accounts (customers, else targets)."""

    AMOUNT_USD = "amount_usd"
    COUNT = "count"
    ACCOUNTS = "accounts"


@dataclass(frozen=True, kw_only=True, slots=True)
class Cap:
    """One cap of the policy: `limit` is inclusive, `decision` what a surplus gets (DENY or REQUIRE_APPROVAL).

    `units` is the limit as claims count it: micro-dollars, actions or accounts.
    """

    id: str
    topics: tuple[str, ...]
    but_topics: TopicIndex[bool]
    risk_tags: frozenset[str] = frozenset()
    per: tuple[CapScope, ...]
    measure: Measure
    limit: Decimal
    units: int
    window_s: float
    reason: str
    decision: GateDecision = GateDecision.DENY


@dataclass(frozen=True, kw_only=True, slots=True)
class CapClaim:
    """One use asked for: `weight` is micro-dollars for sums, 1 for counts; `account` a hash, for different accounts.

    A claim that is not `enforced` is counted and refused by nobody: a person has allowed the surplus.
    """

    cap_id: str
    key: str
    measure: Measure
    limit: int
    window_s: float
    weight: int = 1
    account: str = ""
    enforced: bool = True


@dataclass(frozen=True, kw_only=True, slots=True)
class CapUse:
    """One use on record."""

    at: datetime
    weight: int
    account: str = ""


def micros_of(usd: Decimal) -> int:
    """Dollars as whole micro-dollars, rounded up."""
    return int(usd.quantize(MICRO, rounding=ROUND_UP) / MICRO)


def total(measure: Measure, uses: Iterable[CapUse]) -> int:
    """What a window's uses add up to."""
    if measure is Measure.ACCOUNTS:
        return len({use.account for use in uses})
    return sum(use.weight for use in uses)


def added(claim: CapClaim, uses: Sequence[CapUse]) -> int:
    """How much the claim would add to a window that holds `uses`."""
    if claim.measure is Measure.ACCOUNTS:
        return 0 if any(use.account == claim.account for use in uses) else 1
    return claim.weight


def in_window(uses: Iterable[CapUse], claim: CapClaim, now: datetime) -> list[CapUse]:
    """The uses that count at `now`, oldest first."""
    since = now - timedelta(seconds=claim.window_s)
    return sorted((use for use in uses if use.at > since), key=lambda use: use.at)


def wait_s(claim: CapClaim, uses: Sequence[CapUse], now: datetime) -> int | None:
    """Whole seconds until the claim would fit if nothing else came: 0 if it fits now, None if it never will.

    `uses` are those in the window, oldest first.
    """
    latest: dict[str, datetime] = {use.account: use.at for use in uses}
    if claim.measure is Measure.ACCOUNTS:
        latest.pop(claim.account, None)
        leaving = [(at, 1) for at in sorted(latest.values())]
        held = len(leaving) + 1
    else:
        leaving = [(use.at, use.weight) for use in uses]
        held = sum(weight for _, weight in leaving) + claim.weight
    if held <= claim.limit:
        return 0
    for at, weight in leaving:
        held -= weight
        if held <= claim.limit:
            return max(1, math.ceil((at - now).total_seconds() + claim.window_s))
    return None
