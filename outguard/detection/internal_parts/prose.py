"""Prose that was not meant for this reader: notes, instructions, thinking, another customer's case."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence

from outguard.detection.commitments.scorer import LEAK_ACTS
from outguard.detection.commitments.sentences import ScoredSentence
from outguard.detection.internal_parts.blocks import Span, overlaps
from outguard.detection.internal_parts.patterns import InternalPatterns
from outguard.detection.internal_parts.strangers import Strangers
from outguard.domain.context import ReplyContext

_TYPES = {
    "internal": "INTERNAL_NOTE",
    "instruction": "SYSTEM_PROMPT",
    "reasoning": "REASONING",
    "other_customer": "OTHER_CUSTOMER",
}
_AFTER_MARKER = 3.0
_STRANGER_SCORE = 0.8


def find_prose(  # noqa: PLR0917 - what was found so far and what may be
    text: str,
    scored: Sequence[ScoredSentence],
    hints: Collection[int],
    covered: Sequence[Span],
    patterns: InternalPatterns,
    context: ReplyContext,
) -> list[Span]:
    """Stretches of inside prose outside `covered`; neighbouring sentences of one kind make one span."""
    marker = patterns.markers.search(text) if patterns.marker_hint in hints else None
    begin = marker.start() if marker is not None else len(text)
    strangers = Strangers.of(context) if patterns.id_hint in hints else None
    least = min(patterns.thresholds[act] for act in LEAK_ACTS)
    found: list[Span] = []
    for sentence in scored:
        clause, score = sentence.clause, sentence.acts.leaking
        is_after = clause.end > begin
        if is_after:
            score = min(0.95, _AFTER_MARKER * score)
        is_told = strangers is not None and strangers.told_in(clause.text)
        if (score < least and not is_told) or overlaps(covered, clause.start, clause.end):
            continue
        likely = sentence.acts.acts
        act = max(LEAK_ACTS, key=lambda one, likely=likely: likely.get(one, 0.0))  # type: ignore[misc]
        if is_after and act == "other_customer":
            act = "internal"
        if is_told:
            act, score = "other_customer", max(score, _STRANGER_SCORE)
        if score >= patterns.thresholds[act]:
            _add(found, Span(_TYPES[act], "prose", clause.start, clause.end, score), text)
    return found


def _add(found: list[Span], span: Span, text: str) -> None:
    last = found[-1] if found else None
    if last is not None and last.type == span.type and _NOTHING.fullmatch(text[last.end : span.start]):
        found[-1] = Span(span.type, "prose", last.start, span.end, max(last.score, span.score))
    else:
        found.append(span)


_NOTHING = re.compile(r"[\s\"'()*_-]{0,4}")
