"""Scores findings and verdicts against labels. Pure: no files, no clock.

A found span counts for a labelled one when category and type are equal and they overlap by at least half of
the longer, or when they name the same payload field. One labelled span is met by one found span at most; what
is found twice in one payload field counts once, since labels there have field granularity. Findings in the
subject line and faults of the evaluation itself are not scored as spans: the labels do not mark them.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from outguard.bench.corpus import Expected, Span

VERDICTS = ("ALLOW", "REDACT", "QUARANTINE")
_BETA_SQUARED = 4.0
_UNLABELLED_CATEGORIES = frozenset({"system", "tone", "trigger", "grounding"})


@dataclass(slots=True)
class Tally:
    """Counts of one category and type. `status_right` counts met spans whose status is the labelled one."""

    met: int = 0
    missed: int = 0
    wrong: int = 0
    status_right: int = 0

    def add(self, other: Tally) -> None:
        """Add another tally's counts to this one."""
        self.met += other.met
        self.missed += other.missed
        self.wrong += other.wrong
        self.status_right += other.status_right

    def as_row(self) -> dict[str, Any]:
        """Counts and rates; a rate without a case is None."""
        precision = _rate(self.met, self.met + self.wrong)
        recall = _rate(self.met, self.met + self.missed)
        return {
            "labelled": self.met + self.missed,
            "found": self.met + self.wrong,
            "met": self.met,
            "precision": precision,
            "recall": recall,
            "f2": _rate(
                (1 + _BETA_SQUARED) * self.met,
                (1 + _BETA_SQUARED) * self.met + _BETA_SQUARED * self.missed + self.wrong,
            ),
            "status_accuracy": _rate(self.status_right, self.met),
        }


@dataclass(slots=True)
class Scorer:
    """Collects answers one by one and sums them up."""

    tallies: dict[tuple[str, str], Tally] = field(default_factory=lambda: defaultdict(Tally))
    confusion: Counter[tuple[str, str]] = field(default_factory=Counter)
    latencies_ms: list[float] = field(default_factory=list)
    answered: int = 0
    failed: int = 0

    def add(self, expected: Expected, verdict: str, found: Sequence[Span], elapsed_ms: float) -> None:
        """Score one answered line."""
        self.answered += 1
        self.latencies_ms.append(elapsed_ms)
        if expected.decision is not None:
            self.confusion[expected.decision, verdict] += 1
        for key, tally in match_spans(expected.spans, found).items():
            self.tallies[key].add(tally)

    def add_failure(self) -> None:
        """Count a line that got no answer."""
        self.failed += 1

    def summary(self) -> dict[str, Any]:
        """Everything, in JSON types."""
        categories: dict[str, Tally] = defaultdict(Tally)
        for (category, _), tally in self.tallies.items():
            categories[category].add(tally)
        return {
            "answered": self.answered,
            "failed": self.failed,
            "verdict": verdict_summary(self.confusion),
            "categories": {name: categories[name].as_row() for name in sorted(categories)},
            "types": {
                f"{category}/{kind}": self.tallies[category, kind].as_row() for category, kind in sorted(self.tallies)
            },
            "latency_ms": percentiles(self.latencies_ms),
        }


def match_spans(labelled: Sequence[Span], found: Sequence[Span]) -> dict[tuple[str, str], Tally]:
    """Tally one reply's found spans against its labelled ones, the closest pairs first."""
    tallies: dict[tuple[str, str], Tally] = defaultdict(Tally)
    scored = [span for span in found if _is_scored(span)]
    pairs = sorted(
        (
            (-_closeness(want, got), i, j)
            for i, want in enumerate(labelled)
            for j, got in enumerate(scored)
            if _closeness(want, got) > 0
        ),
        key=lambda pair: (pair[0], labelled[pair[1]].status != scored[pair[2]].status, pair[1], pair[2]),
    )
    met: dict[int, int] = {}
    used: set[int] = set()
    for _, i, j in pairs:
        if i not in met and j not in used:
            met[i] = j
            used.add(j)
    for i, want in enumerate(labelled):
        tally = tallies[want.category, want.type]
        if i in met:
            tally.met += 1
            tally.status_right += want.status == scored[met[i]].status
        else:
            tally.missed += 1
    fields_seen = {_field_key(span) for span in labelled if span.field is not None}
    for j, got in enumerate(scored):
        if j in used or (got.field is not None and _field_key(got) in fields_seen):
            continue
        tallies[got.category, got.type].wrong += 1
        if got.field is not None:
            fields_seen.add(_field_key(got))
    return dict(tallies)


def verdict_summary(confusion: Mapping[tuple[str, str], int]) -> dict[str, Any]:
    """The confusion matrix (labelled, then given) and its rates, each per labelled verdict."""

    def row_rate(verdict: str) -> float | None:
        total = sum(confusion.get((verdict, given), 0) for given in VERDICTS)
        return _rate(confusion.get((verdict, verdict), 0), total)

    total = sum(confusion.values())
    return {
        "confusion": {want: {got: confusion.get((want, got), 0) for got in VERDICTS} for want in VERDICTS},
        "accuracy": _rate(sum(confusion.get((verdict, verdict), 0) for verdict in VERDICTS), total),
        "allow_kept": row_rate("ALLOW"),
        "redact_recall": row_rate("REDACT"),
        "quarantine_recall": row_rate("QUARANTINE"),
    }


def percentiles(values: Iterable[float]) -> dict[str, float | None]:
    """p50, p95, p99 and the largest, by nearest rank; None without values."""
    ordered = sorted(values)

    def rank(share: float) -> float | None:
        return round(ordered[max(0, -int(-share * len(ordered) // 1) - 1)], 3) if ordered else None

    return {"p50": rank(0.50), "p95": rank(0.95), "p99": rank(0.99), "max": rank(1.0)}


def _closeness(want: Span, got: Span) -> float:
    """0 for no match, else the share of the longer span that both cover (1 for the same field)."""
    if (want.category, want.type) != (got.category, got.type) or want.field != got.field:
        return 0.0
    if want.field is not None:
        return 1.0
    if want.start is None or want.end is None or got.start is None or got.end is None:
        return 0.0
    shared = min(want.end, got.end) - max(want.start, got.start)
    longer = max(want.end - want.start, got.end - got.start)
    return shared / longer if longer > 0 and shared * 2 >= longer else 0.0


def _is_scored(span: Span) -> bool:
    return span.category not in _UNLABELLED_CATEGORIES and span.field != "subject"


def _field_key(span: Span) -> tuple[str, str, str | None]:
    return (span.category, span.type, span.field)


def _rate(part: float, whole: float) -> float | None:
    return round(part / whole, 4) if whole else None
