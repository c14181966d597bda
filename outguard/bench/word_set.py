"""Scores a span set word by word, whatever the type: is what is personal found, and nothing else? Pure.

The published figures of Presidio's benchmark are of this kind. A set may label the parts of an address one by one or as
a whole; words do not mind. A word is right where a label and a finding touch it, of whatever type within the group, and
wrong where a finding touches it and no label does.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from outguard.bench.corpus import Span
from outguard.bench.labels import OUR_TYPE, PATTERN_TYPES
from outguard.bench.score import Tally

_WORD = re.compile(r"\w+")
_GROUPS = {"pattern_types": PATTERN_TYPES, "all_types": frozenset(OUR_TYPE.values())}


@dataclass(slots=True)
class WordScorer:
    """Adds up texts one by one."""

    tallies: dict[str, Tally] = field(default_factory=lambda: defaultdict(Tally))

    def add(self, text: str, labelled: Sequence[Span], found: Iterable[Span]) -> None:
        """Score one text."""
        words = [match.span() for match in _WORD.finditer(text)]
        wanted = [span for span in labelled if span.type in OUR_TYPE]
        given = [span for span in found if span.type in OUR_TYPE and span.field is None]
        under_any = _touched(words, wanted)
        for name, kinds in _GROUPS.items():
            want = _touched(words, [span for span in wanted if OUR_TYPE[span.type] in kinds])
            got = _touched(words, [span for span in given if OUR_TYPE[span.type] in kinds])
            met = len(want & got)
            self.tallies[name].add(Tally(met=met, missed=len(want) - met, wrong=len(got - under_any)))

    def summary(self) -> dict[str, Any]:
        """Rates per group, in JSON types."""
        rows = {name: self.tallies[name].as_row() for name in _GROUPS}
        return {
            name: {key: value for key, value in row.items() if key != "status_accuracy"} for name, row in rows.items()
        }


def _touched(words: Sequence[tuple[int, int]], spans: Sequence[Span]) -> set[int]:
    places = [(span.start, span.end) for span in spans if span.start is not None and span.end is not None]
    return {
        index for index, (start, end) in enumerate(words) if any(first < end and start < last for first, last in places)
    }
