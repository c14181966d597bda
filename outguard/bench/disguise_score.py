"""Recall on disguised positives. Pure.

A disguised value is found as its plain form would be: a finding of its type that overlaps it by half of the longer, or
a live credential on it. Values that are not found undisguised count as missed too; the share of those found plainly
that stay found is told beside.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from outguard.bench.case_set import overlaps, share
from outguard.bench.corpus import Span
from outguard.bench.disguise import DISGUISES, ENCODINGS, SECRET, Disguised, disguises_of
from outguard.bench.labels import OUR_TYPE, PATTERN_TYPES
from outguard.bench.sample import Sample, SampleKind
from outguard.bench.span_set import pair
from outguard.bench.whole_address import joined_addresses


@dataclass(frozen=True, kw_only=True, slots=True)
class Positive:
    """A labelled value: our type (`SECRET` for a credential) and where it is."""

    kind: str
    span: Span

    def is_found(self, found: Iterable[Span]) -> bool:
        """Whether one of the findings answers it."""
        if self.kind == SECRET:
            return any(
                span.category == "secret" and span.status == "live" and overlaps(span, self.span) for span in found
            )
        given = [(OUR_TYPE[span.type], span) for span in found if span.type in OUR_TYPE and span.field is None]
        return bool(pair([(self.kind, self.span)], given))


def positives_of(sample: Sample) -> Iterator[Positive]:
    """The values of a sample that patterns can find; scenarios, names and places are left out, addresses are whole."""
    if sample.kind is SampleKind.SCENARIO or not sample.is_positive:
        return
    if sample.kind is SampleKind.CREDENTIAL:
        yield from (Positive(kind=SECRET, span=span) for span in _widest(sample))
        return
    for span in joined_addresses(sample.text, sample.spans):
        kind = OUR_TYPE.get(sample.entity or span.type)
        if kind in PATTERN_TYPES:
            yield Positive(kind=kind, span=span)


def disguised(positive: Positive, text: str) -> Iterator[tuple[Disguised, Positive]]:
    """Every disguise of a positive in its text, with the positive as it then is."""
    span = positive.span
    for made in disguises_of(positive.kind, text, span.start or 0, span.end or 0):
        chosen = made
        if positive.kind == SECRET and made.disguise in ENCODINGS:
            whole = (item for item in disguises_of(SECRET, text, 0, len(text)) if item.disguise == made.disguise)
            chosen = next(whole, made)
        place = Span(category=span.category, type=span.type, start=chosen.start, end=chosen.end)
        yield chosen, Positive(kind=positive.kind, span=place)


@dataclass(slots=True)
class DisguiseScorer:
    """Counts what is found under each disguise."""

    counts: Counter[tuple[str, str]] = field(default_factory=Counter)
    by_type: Counter[tuple[str, str]] = field(default_factory=Counter)

    def add(self, disguise: str, kind: str, *, is_found: bool, is_found_plain: bool) -> None:
        """Count one disguised value."""
        for counts, name in ((self.counts, disguise), (self.by_type, kind)):
            counts[name, "made"] += 1
            counts[name, "found"] += is_found
            counts[name, "plain"] += is_found_plain
            counts[name, "kept"] += is_found and is_found_plain

    def summary(self) -> dict[str, Any]:
        """Recall per disguise, per type and in all, in JSON types."""
        made = {name for name, _ in self.counts}
        names = [disguise.name for disguise in DISGUISES if disguise.name in made]
        return {
            "disguises": {name: _row(self.counts, [name]) for name in names},
            "types": {name: _row(self.by_type, [name]) for name in sorted({name for name, _ in self.by_type})},
            "all": _row(self.counts, names),
        }


def _row(counts: Counter[tuple[str, str]], names: Sequence[str]) -> dict[str, Any]:
    made, found, plain, kept = (
        sum(counts[name, part] for name in names) for part in ("made", "found", "plain", "kept")
    )
    return {
        "values": made,
        "found": found,
        "recall": share(found, made),
        "found_plain": plain,
        "recall_of_found_plain": share(kept, plain),
    }


def _widest(sample: Sample) -> list[Span]:
    """The labelled places of a credential without those inside another; the whole text where none is labelled."""
    if not sample.spans:
        return [Span(category="secret", type=SECRET, start=0, end=len(sample.text))]
    widest: list[Span] = []
    for span in sorted(sample.spans, key=lambda item: (item.start or 0, -(item.end or 0))):
        if not widest or (span.start or 0) >= (widest[-1].end or 0):
            widest.append(span)
    return widest
