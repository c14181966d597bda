"""What another policy would have said (R40): decision by decision, summed up by rule, with the work it would make."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

MAX_EXAMPLES = 3
MIN_HOURS = 0.5
"""Decisions of a shorter time say nothing about a working hour."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Compared:
    """One decision under both policies. `old` and `new` are decisions or verdicts, the ranks say how strict they are.

    `rule` is what decides under the new policy where it differs, else under the old one; the flags say whether either
    way puts an item before a person.
    """

    subject_id: str
    rule: str
    old: str
    new: str
    old_rank: int
    new_rank: int
    old_item: bool
    new_item: bool


@dataclass(kw_only=True, slots=True)
class RuleRow:
    """The decisions of one rule."""

    rule: str
    stricter: int = 0
    looser: int = 0
    unchanged: int = 0
    moves: Counter[str] = field(default_factory=Counter)
    examples: list[str] = field(default_factory=list)


@dataclass(frozen=True, kw_only=True, slots=True)
class Simulation:
    """All decisions looked at. `hours` is the time they span, 0 where that is not known; items are per those hours."""

    stricter: int
    looser: int
    unchanged: int
    rows: tuple[RuleRow, ...]
    old_items: int
    new_items: int
    hours: float = 0.0
    is_cut: bool = False

    def items_per_reviewer_hour(self, reviewers: int) -> tuple[float, float] | None:
        """The forecast under the old and the new policy; None where time is short or unknown, or reviewers are."""
        if self.hours < MIN_HOURS or reviewers <= 0:
            return None
        return self.old_items / self.hours / reviewers, self.new_items / self.hours / reviewers


def summed_up(compared: Iterable[Compared], *, hours: float = 0.0, is_cut: bool = False) -> Simulation:
    """The simulation of these decisions; rules with most changes first."""
    rows: dict[str, RuleRow] = {}
    totals: Counter[str] = Counter()
    for one in compared:
        row = rows.setdefault(one.rule, RuleRow(rule=one.rule))
        totals["old_items"] += one.old_item
        totals["new_items"] += one.new_item
        if one.old == one.new:
            row.unchanged += 1
            continue
        row.moves[f"{one.old} -> {one.new}"] += 1
        if len(row.examples) < MAX_EXAMPLES:
            row.examples.append(one.subject_id)
        if one.new_rank > one.old_rank:
            row.stricter += 1
        elif one.new_rank < one.old_rank:
            row.looser += 1
        else:
            row.unchanged += 1
    ordered = sorted(rows.values(), key=lambda row: (-(row.stricter + row.looser), row.rule))
    return Simulation(
        stricter=sum(row.stricter for row in ordered),
        looser=sum(row.looser for row in ordered),
        unchanged=sum(row.unchanged for row in ordered),
        rows=tuple(ordered),
        old_items=totals["old_items"],
        new_items=totals["new_items"],
        hours=hours,
        is_cut=is_cut,
    )


def plain_of(simulation: Simulation, *, reviewers: int = 0) -> Mapping[str, object]:
    """The simulation in JSON types."""
    forecast = simulation.items_per_reviewer_hour(reviewers)
    return {
        "stricter": simulation.stricter,
        "looser": simulation.looser,
        "unchanged": simulation.unchanged,
        "is_cut": simulation.is_cut,
        "items": {"old": simulation.old_items, "new": simulation.new_items, "hours": round(simulation.hours, 3)},
        "items_per_reviewer_hour": None
        if forecast is None
        else {"reviewers": reviewers, "old": round(forecast[0], 3), "new": round(forecast[1], 3)},
        "rules": [
            {
                "rule": row.rule,
                "stricter": row.stricter,
                "looser": row.looser,
                "unchanged": row.unchanged,
                "moves": dict(row.moves),
                "examples": list(row.examples),
            }
            for row in simulation.rows
        ],
    }
