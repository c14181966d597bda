"""Prose that was not meant for this reader: notes, instructions, thinking, another customer's case."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from outguard.detection.commitments.scorer import LEAK_ACTS
from outguard.detection.commitments.sentences import ScoredSentence
from outguard.detection.internal_parts.blocks import Span, overlaps
from outguard.domain.context import ReplyContext

_TYPES = {
    "internal": "INTERNAL_NOTE",
    "instruction": "SYSTEM_PROMPT",
    "reasoning": "REASONING",
    "other_customer": "OTHER_CUSTOMER",
}


def find_prose(
    scored: Sequence[ScoredSentence], covered: Sequence[Span], limits: Mapping[str, float], context: ReplyContext
) -> list[Span]:
    """Stretches of inside prose outside `covered`; neighbouring sentences of one kind make one span."""
    del context
    found: list[Span] = []
    for sentence in scored:
        clause = sentence.clause
        act = max(LEAK_ACTS, key=lambda one: sentence.acts.acts.get(one, 0.0))
        score = sentence.acts.leaking
        if score < limits[act] or overlaps(covered, clause.start, clause.end):
            continue
        kind = _TYPES[act]
        if found and found[-1].type == kind and clause.start - found[-1].end <= 2:
            found[-1] = Span(kind, "prose", found[-1].start, clause.end, max(found[-1].score, score))
        else:
            found.append(Span(kind, "prose", clause.start, clause.end, score))
    return found
