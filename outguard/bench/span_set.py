"""Scores found spans against a set that marks every place of its labels. Pure.

Types are compared as `labels.OUR_TYPE` maps them, so that another engine's findings can be scored beside ours. A place
is met by a finding of its type that overlaps it by at least half of the longer of the two. A finding that meets
nothing is wrong if its type is labelled in the set; types the set does not label are told apart. What lies within a
place that another finding has met is part of it and counts neither way.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from outguard.bench.corpus import Span
from outguard.bench.labels import BROADER, FREE_TYPES, OUR_TYPE, PATTERN_TYPES, is_same
from outguard.bench.score import Tally


@dataclass(slots=True)
class SpanSetScorer:
    """Adds up texts one by one."""

    texts: int = 0
    left_out: Counter[str] = field(default_factory=Counter)
    _met: Counter[str] = field(default_factory=Counter)
    _missed: Counter[str] = field(default_factory=Counter)
    _wrong: Counter[str] = field(default_factory=Counter)

    def add(self, labelled: Sequence[Span], found: Iterable[Span]) -> None:
        """Score one text. `found` may carry our types or labels that map to them; others are ignored."""
        self.texts += 1
        wanted = [(OUR_TYPE[span.type], span) for span in labelled if span.type in OUR_TYPE]
        self.left_out.update(span.type for span in labelled if span.type not in OUR_TYPE)
        given = [(OUR_TYPE[span.type], span) for span in found if span.type in OUR_TYPE and span.field is None]
        met = pair(wanted, given)
        for index, (kind, _) in enumerate(wanted):
            (self._met if index in met else self._missed)[kind] += 1
        used = set(met.values())
        rightly = [wanted[index][1] for index in met]
        for index, (kind, span) in enumerate(given):
            if index not in used and not any(is_within(span, whole) for whole in rightly):
                self._wrong[kind] += 1

    def summary(self) -> dict[str, Any]:
        """Rates per type and in all, in JSON types."""
        labelled = set(self._met) | set(self._missed)
        tallies = {kind: Tally(met=self._met[kind], missed=self._missed[kind]) for kind in sorted(labelled)}
        extra: Counter[str] = Counter()
        for kind, count in self._wrong.items():
            counted = kind if kind in labelled else BROADER.get(kind, kind)
            if counted in labelled:
                tallies[counted].wrong += count
            else:
                extra[kind] += count
        return {
            "texts": self.texts,
            "types": {kind: _row(tally) for kind, tally in tallies.items()},
            "pattern_types": _row(_sum(tallies, PATTERN_TYPES)),
            "free_types": _row(_sum(tallies, FREE_TYPES)),
            "all_types": _row(_sum(tallies, labelled)),
            "left_out": dict(sorted(self.left_out.items())),
            "found_of_unlabelled_types": dict(sorted(extra.items())),
        }


def pair(wanted: Sequence[tuple[str, Span]], given: Sequence[tuple[str, Span]]) -> dict[int, int]:
    """Index of each met label to that of the finding which meets it, the closest pairs first."""
    pairs = sorted(
        (-closeness(want, got), i, j)
        for i, (want_kind, want) in enumerate(wanted)
        for j, (got_kind, got) in enumerate(given)
        if is_same(want_kind, got_kind) and closeness(want, got) > 0
    )
    met: dict[int, int] = {}
    used: set[int] = set()
    for _, i, j in pairs:
        if i not in met and j not in used:
            met[i] = j
            used.add(j)
    return met


def closeness(want: Span, got: Span) -> float:
    """The share of the longer span that both cover; 0 where it is less than half."""
    if want.start is None or want.end is None or got.start is None or got.end is None:
        return 0.0
    shared = min(want.end, got.end) - max(want.start, got.start)
    longer = max(want.end - want.start, got.end - got.start)
    return shared / longer if longer > 0 and shared * 2 >= longer else 0.0


def is_within(part: Span, whole: Span) -> bool:
    """Whether `part` lies inside `whole`."""
    if part.start is None or part.end is None or whole.start is None or whole.end is None:
        return False
    return whole.start <= part.start and part.end <= whole.end


def _sum(tallies: dict[str, Tally], kinds: Iterable[str]) -> Tally:
    total = Tally()
    for kind in kinds:
        if kind in tallies:
            total.add(tallies[kind])
    return total


def _row(tally: Tally) -> dict[str, Any]:
    row = tally.as_row()
    del row["status_accuracy"]
    return row
