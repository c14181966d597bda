"""Scores positives and negatives: texts that hold the thing asked for, and texts that only look as if. Pure.

Entity cases: a case speaks for its own entity only. Recall is over the labelled places of the positives (met by a
finding of that type, overlapping by half of the longer; anywhere where none is labelled); a negative is left alone when
nothing of that type is found.
Our types are coarser than the entities: any NATIONAL_ID found in a negative of one country's id counts against us.

Credentials: a positive is caught when a credential is reported live on one of its labelled places, or anywhere where
none is labelled; a negative is left alone when none is reported live. A placeholder finding (`YOUR_API_KEY`) stays in
the reply under the default policy, so it catches nothing and harms nothing. The second pair of rates, "with
placeholders", counts every reported credential, live or not: sets made of invented keys ask for that. Sets that ask one
plug-in at a time hold the same value as positive of one and negative of another: such negatives are told apart, and the
third rate leaves them out.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from outguard.bench.corpus import Span
from outguard.bench.labels import OUR_TYPE
from outguard.bench.span_set import pair

_LIVE, _PLACEHOLDER = "live", "placeholder"


@dataclass(slots=True)
class EntityCaseScorer:
    """Adds up cases one by one."""

    left_out: Counter[str] = field(default_factory=Counter)
    _met: Counter[str] = field(default_factory=Counter)
    _labelled: Counter[str] = field(default_factory=Counter)
    _alone: Counter[str] = field(default_factory=Counter)
    _negatives: Counter[str] = field(default_factory=Counter)

    def add(self, entity: str, labelled: Sequence[Span], found: Iterable[Span], *, is_positive: bool) -> None:
        """Score one case; an entity without a type of ours is left out."""
        kind = OUR_TYPE.get(entity)
        if kind is None:
            self.left_out[entity] += 1
            return
        given = [(OUR_TYPE[span.type], span) for span in found if span.type in OUR_TYPE and span.field is None]
        if is_positive and not labelled:
            self._labelled[entity] += 1
            self._met[entity] += any(found_kind == kind for found_kind, _ in given)
        elif is_positive:
            self._labelled[entity] += len(labelled)
            self._met[entity] += len(pair([(kind, span) for span in labelled], given))
        else:
            self._negatives[entity] += 1
            self._alone[entity] += all(found_kind != kind for found_kind, _ in given)

    def summary(self) -> dict[str, Any]:
        """Rates per entity and in all, in JSON types."""
        names = sorted(set(self._labelled) | set(self._negatives))
        return {
            "entities": {name: self._row([name]) for name in names},
            "all": self._row(names),
            "left_out": dict(sorted(self.left_out.items())),
        }

    def _row(self, names: Sequence[str]) -> dict[str, Any]:
        met, labelled = (sum(part[name] for name in names) for part in (self._met, self._labelled))
        alone, negatives = (sum(part[name] for name in names) for part in (self._alone, self._negatives))
        return {
            "type": OUR_TYPE[names[0]] if len(names) == 1 else None,
            "labelled": labelled,
            "met": met,
            "recall": share(met, labelled),
            "negatives": negatives,
            "left_alone": alone,
            "specificity": share(alone, negatives),
        }


@dataclass(slots=True)
class CredentialScorer:
    """Adds up positives and negatives of a secrets set."""

    counts: Counter[str] = field(default_factory=Counter)
    _labelled: set[str] = field(default_factory=set)
    _flagged: list[frozenset[str]] = field(default_factory=list)

    def add(self, labelled: Sequence[Span], found: Iterable[Span], *, is_positive: bool, text: str = "") -> None:
        """Score one line; `text` is what the places are places of."""
        secrets = [span for span in found if span.category == "secret"]
        live = [span for span in secrets if span.status == _LIVE]
        if labelled:
            live = [span for span in live if any(overlaps(span, place) for place in labelled)]
            secrets = [span for span in secrets if any(overlaps(span, place) for place in labelled)]
        group = "positive" if is_positive else "negative"
        self.counts[group] += 1
        self.counts[f"{group}_live"] += bool(live)
        if is_positive:
            self._labelled.update(text[place.start : place.end] for place in labelled or [_whole(text)])
        elif live:
            self._flagged.append(frozenset(text[span.start : span.end] for span in live))
        self.counts[f"{group}_placeholder"] += not live and any(span.status == _PLACEHOLDER for span in secrets)

    def summary(self) -> dict[str, Any]:
        """Recall and specificity, in JSON types."""
        positives, negatives = self.counts["positive"], self.counts["negative"]
        alone = negatives - self.counts["negative_live"]
        contradicted = sum(values <= self._labelled for values in self._flagged)
        return {
            "positives": positives,
            "caught": self.counts["positive_live"],
            "recall": share(self.counts["positive_live"], positives),
            "positives_called_placeholder": self.counts["positive_placeholder"],
            "recall_with_placeholders": share(
                self.counts["positive_live"] + self.counts["positive_placeholder"], positives
            ),
            "negatives": negatives,
            "left_alone": alone,
            "specificity": share(alone, negatives),
            "negatives_labelled_elsewhere": contradicted,
            "specificity_of_the_others": share(alone, negatives - contradicted),
            "negatives_called_placeholder": self.counts["negative_placeholder"],
            "specificity_with_placeholders": share(alone - self.counts["negative_placeholder"], negatives),
        }


def _whole(text: str) -> Span:
    """All of a text but the spaces around it."""
    start = len(text) - len(text.lstrip())
    return Span(category="secret", type="", start=start, end=max(start, len(text.rstrip())))


def overlaps(one: Span, other: Span) -> bool:
    """Whether two places share a character."""
    if one.start is None or one.end is None or other.start is None or other.end is None:
        return False
    return one.start < other.end and other.start < one.end


def share(part: int, whole: int) -> float | None:
    """A rate, None without cases."""
    return round(part / whole, 4) if whole else None
