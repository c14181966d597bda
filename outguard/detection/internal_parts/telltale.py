"""What gives a sentence away by its words alone: colleagues' talk, orders to the agent, thinking aloud.

Thinking aloud has no end that can be told, so the whole paragraph is taken as such, up to where an answer begins. Words
in quotation marks give nothing away: they may be the customer's own.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence

from outguard.detection.commitments.quotes import is_quoted, quoted_spans
from outguard.detection.commitments.sentences import ScoredSentence
from outguard.detection.internal_parts.blocks import MAX_SPANS, Span
from outguard.detection.internal_parts.patterns import InternalPatterns

TOLD_SCORE = 0.85
_LEAST_THOUGHTS = 2
_LEAST_SHARE = 0.3
_SHORT_LEAD = 24
"""Characters before the first thought that go with it: "Okay. The user wants"."""
_NO_THOUGHT = re.compile(
    r"(?i)\b(?:you|your|you're|you've|you'll|yours)\b"
    r"|\b(?:if|when) (?:the )?(?:user|customer|guest|member|caller|client)\b"
)
_PARAGRAPH = re.compile(r"\n[ \t]*\n")
_ANSWER = re.compile(
    r"(?i)(?:(?<=[.!?\n] )|(?<=\n)|^)(?:hi|hello|hey|dear|good (?:morning|afternoon|evening)|hola|bonjour|hallo)\b[ ,]"
    r"|\b(?:draft|final)(?: (?:answer|reply|response))?:|\b(?:reply|response|answer to (?:the )?customer):"
)
"""Where somebody who thinks aloud begins to answer."""


def told_sentences(
    text: str, scored: Sequence[ScoredSentence], hints: Collection[int], patterns: InternalPatterns
) -> dict[int, str]:
    """The numbers of sentences that such words give away, with the type of leak."""
    told: dict[int, str] = {}
    kinds = [kind for number, kind in zip(patterns.telltale_hints, patterns.telltales, strict=True) if number in hints]
    if not kinds:
        return told
    quotes = quoted_spans(text)
    for kind in kinds:
        for start in _places(text, patterns.telltales[kind]):
            number = _sentence_at(scored, start)
            if number is not None and not is_quoted(start, start + 1, quotes):
                told.setdefault(number, kind)
    return told


def thoughts(
    text: str, scored: Sequence[ScoredSentence], hints: Collection[int], patterns: InternalPatterns
) -> list[Span]:
    """The paragraphs in which the agent thinks aloud."""
    if patterns.thinking_hint not in hints:
        return []
    thinking = _marked(text, scored, patterns.thinking)
    if not thinking:
        return []
    marked = thinking | _marked(text, scored, patterns.tools)
    if len(thinking) < _LEAST_THOUGHTS and len(marked) <= _LEAST_THOUGHTS:
        return []
    found: list[Span] = []
    begin = 0
    for end in [*(gap.start() for gap in _PARAGRAPH.finditer(text)), len(text)]:
        inside = [number for number, one in enumerate(scored) if begin <= one.clause.start < end]
        heard = [number for number in inside if number in marked]
        if len(heard) >= _LEAST_THOUGHTS and len(heard) >= _LEAST_SHARE * len(inside):
            start = scored[heard[0]].clause.start
            if start - begin <= _SHORT_LEAD:
                start = begin + len(text[begin:start]) - len(text[begin:start].lstrip())
            answer = _ANSWER.search(text, scored[heard[-1]].clause.start, end)
            stop = end if answer is None else answer.end() if text[answer.end() - 1] == ":" else answer.start()
            found.append(Span("REASONING", "thoughts", start, start + len(text[start:stop].rstrip()), TOLD_SCORE))
        begin = end
    return found


def _marked(text: str, scored: Sequence[ScoredSentence], pattern: re.Pattern[str]) -> set[int]:
    """The sentences with such words that neither speak to the reader nor say what to do if."""
    found = {number for start in _places(text, pattern) if (number := _sentence_at(scored, start)) is not None}
    return {number for number in found if _NO_THOUGHT.search(scored[number].clause.text) is None}


def _places(text: str, pattern: re.Pattern[str]) -> list[int]:
    found: list[int] = []
    for match in pattern.finditer(text):
        piece = match.group()
        found.append(match.start() + len(piece) - len(piece.lstrip(" .!?;(\n\t")))
        if len(found) >= MAX_SPANS:
            break
    return found


def _sentence_at(scored: Sequence[ScoredSentence], place: int) -> int | None:
    return next((n for n, one in enumerate(scored) if one.clause.start <= place < one.clause.end), None)
