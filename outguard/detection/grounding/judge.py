"""A statement of a reply against the sources: supported, contradicted, or in none of them.

Careful on purpose: numbers are compared only where both speak of the same thing, a yes with a no only where neither has
a condition. What cannot be told is left alone.
"""

from __future__ import annotations

from dataclasses import dataclass

from outguard.detection.grounding.quantities import Quantity
from outguard.detection.grounding.sources import Sources
from outguard.detection.grounding.statements import Statement
from outguard.detection.grounding.words import stem, words_of

CONTRADICTS, ABSENT = "CONTRADICTS_SOURCE", "NOT_IN_SOURCES"
_ALIKE = 0.6
_NEAR_BEST = 0.8
_RELATED = 0.35
_YES_OR_NO = 0.75


_FAMILIES = (frozenset({"day", "business day"}), frozenset({"USD", "EUR", "GBP", "JPY"}))
"""Kinds that are about the same thing and never the same: days that are and are not worked, money of two countries."""


@dataclass(frozen=True, slots=True)
class Doubt:
    """What is wrong with a statement; `reason` names numbers and units only."""

    type: str
    score: float
    reason: str


def doubt_of(statement: Statement, sources: Sources) -> Doubt | None:
    """What the sources say against `statement`, if anything."""
    if statement.is_question:
        return None
    if statement.quantity is not None:
        return _number(statement, statement.quantity, sources)
    return _yes_or_no(statement, sources)


def _number(statement: Statement, quantity: Quantity, sources: Sources) -> Doubt | None:
    if statement.is_case:
        return None
    rivals = [
        (sources.likeness(statement.topic, one.topic), one.quantity)
        for one in sources.about(statement.topic)
        if one.quantity is not None and _comparable(quantity.kind, one.quantity.kind)
    ]
    best = max((likeness for likeness, _ in rivals), default=0.0)
    if best >= _ALIKE:
        alike = [other for likeness, other in rivals if likeness >= max(_ALIKE, _NEAR_BEST * best)]
        if any(_agrees(quantity, other) for other in alike):
            return None
        said = ", ".join(dict.fromkeys(str(other) for other in alike[:3]))
        return Doubt(CONTRADICTS, round(0.5 + best * 0.4, 3), f"says {quantity}; the sources say {said}")
    if not _is_policy(statement, quantity):
        return None
    if any(_agrees(quantity, other) and likeness > 0 for likeness, other in rivals):
        return None
    return Doubt(ABSENT, 0.6, f"says {quantity}; no source says so")


_TIMES = frozenset({"day", "business day", "percent"})
_MONEY = frozenset({"USD", "EUR", "GBP", "JPY"})
_RULED = frozenset(
    map(
        stem,
        words_of("""
            return refund exchange cancel warranty trial discount late deposit eligible fee ship penalty interest
            deductible request claim notice renew subscription money-back grace rebate loyalty member student senior
            restocking handling service installation overdraft withdrawal transfer limit cashback reward points term
        """),
    )
)
_CHARGED = frozenset(
    map(
        stem,
        words_of("""
            fee late deposit penalty deductible restocking handling installation overdraft surcharge ship discount
            cancel minimum interest
        """),
    )
)


def _is_policy(statement: Statement, quantity: Quantity) -> bool:
    """Whether a number that no source has is one that only a policy can give: not a price, a size or an hour."""
    if quantity.kind in _MONEY:
        return bool(statement.topic & _CHARGED) and "pric" not in statement.topic
    return quantity.kind in _TIMES and bool(statement.topic & _RULED)


def _comparable(kind: str, other: str) -> bool:
    return kind == other or any({kind, other} <= family for family in _FAMILIES)


def _agrees(quantity: Quantity, other: Quantity) -> bool:
    return quantity.kind == other.kind and quantity.is_within(other)


def _yes_or_no(statement: Statement, sources: Sources) -> Doubt | None:
    if not statement.predicates or not statement.is_plain or statement.is_case or len(statement.topic) < 2:
        return None
    alike = [
        one
        for one in sources.about(statement.topic)
        if one.quantity is None
        and one.is_plain
        and statement.predicates & one.predicates
        and len(statement.topic & one.topic) > 1
        and sources.likeness(statement.topic, one.topic) >= _YES_OR_NO
    ]
    if not alike or any(one.is_negative is statement.is_negative for one in alike):
        return None
    said = "no" if statement.is_negative else "yes"
    return Doubt(CONTRADICTS, 0.8, f"says {said} where the sources say {'yes' if statement.is_negative else 'no'}")
