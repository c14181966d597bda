"""Texts to statements: a stretch of words with at most one quantity, what it speaks of, and if it says yes or no."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from outguard.detection.grounding.quantities import Quantity, quantities_in
from outguard.detection.grounding.words import stem, topic_of

_SENTENCE = re.compile(r"[^\n.!?;]+(?:[.](?=[\w])[^\n.!?;]*)*[.!?;]?")
_HEADING = re.compile(r"#{1,6} |[^.!?]{1,80}:$")
_NEGATION = re.compile(
    r"\b(?:not|cannot|can't|cant|never|no longer|isn't|aren't|won't|don't|doesn't|didn't|wouldn't|shouldn't|couldn't"
    r"|nor|unable|ineligible|excluded|prohibited|forbidden|unavailable|without exception"
    r"|non-?(?:refundable|returnable|transferable|exchangeable|cancell?able|changeable|eligible|negotiable))\b"
    r"|\bno (?!later|more than)"
)
_CONDITION = re.compile(
    r"\b(?:unless|except|excluding|only|if|provided|depending|depends|subject to|otherwise|however|until|before|after"
    r"|when|where|some|certain|most|may|might|usually|normally|generally|already|yet|but|other than|once|as long as"
    r"|in case)\b"
)
_CASE = re.compile(
    r"\b(?:i|we)(?:'ve| have| had| am|'m| was| just| see| can see| found| checked| issued| refunded| applied| credited"
    r"| charged| waived| added| sent| placed| updated)\b"
    r"|\b(?:has|have|had) been\b|\b(?:was|were|is being|ago|since)\b"
    r"|\byou(?:'ve| have| had) (?:already |just |now |recently )?(?:been|had|got|paid|bought|spent|sent|[a-z]+ed)\b"
    r"|\byou(?: had| were| paid| ordered| bought| purchased| placed| used| spent| requested)\b"
    r"|\byour (?:[a-z]+ ){0,2}(?:total|balance|bill|invoice|amount|difference|savings|refund of|credit of|payment of)\b"
    r"|\b(?:total|subtotal|difference|balance (?:is|of|due)|amount due|you owe|comes to)\b|[#]?\b[a-z]{1,5}-?\d{4,}\b"
)
"""What happened to this customer, or what theirs comes to: no policy."""

_YOURS = re.compile(r"\byou(?:'ve| have)\b")
"""Before a time it is what a policy grants ("you have 30 days"), before anything else what the customer has."""
_TIMES = frozenset({"day", "business day", "minute"})

_PREDICATE = re.compile(
    r"\b(?:refundable|refund(?:ed|s)?|return(?:ed|s|able)?|exchang(?:e|ed|es|eable)|cancel(?:l?ed|s|lation|lable)?"
    r"|chang(?:e|ed|es|eable)|modif(?:y|ied|iable)|cover(?:ed|s)?|eligible|qualif(?:y|ies)|allow(?:ed|s)?|permitted"
    r"|includ(?:e|ed|es)|ship(?:s|ped)?|deliver(?:ed|s)?|transfer(?:red|able|s)?|free|available|extend(?:ed|s|able)?"
    r"|combin(?:e|ed)|stack(?:ed)?|accept(?:ed|s)?|waive[ds]?|upgrad(?:e|ed|able)|charge[ds]?|insured|required"
    r"|renew(?:s|ed)?)\b"
)


@dataclass(frozen=True, slots=True)
class Statement:
    """One clause. `is_plain` says that nothing limits it, `is_case` that it tells what happened, not what holds."""

    topic: frozenset[str]
    quantity: Quantity | None
    is_negative: bool
    predicates: frozenset[str]
    is_plain: bool
    is_case: bool
    is_question: bool
    start: int
    end: int


def statements_in(text: str, *, has_headings: bool = False) -> Iterator[Statement]:
    """The statements of a text, with offsets into it; a heading, where they are read, counts for what is below it."""
    lowered = text.lower() if len(text.lower()) == len(text) else text
    heading: frozenset[str] = frozenset()
    before: frozenset[str] = frozenset()
    for match in _SENTENCE.finditer(lowered.replace("\u2019", "'").replace("\u2013", "-")):
        sentence = match[0]
        if not sentence.strip():
            continue
        if has_headings and _HEADING.match(sentence.strip("*- \t")):
            heading = topic_of(sentence)
            continue
        for statement in _clauses(sentence):
            topic = statement.topic if len(statement.topic) > 1 else statement.topic | before
            yield replace(
                statement,
                topic=topic | heading,
                start=match.start() + statement.start,
                end=match.start() + statement.end,
                quantity=_moved(statement.quantity, match.start()),
            )
            before = statement.topic or before


def _moved(quantity: Quantity | None, by: int) -> Quantity | None:
    return None if quantity is None else replace(quantity, start=quantity.start + by, end=quantity.end + by)


def _clauses(sentence: str) -> Iterator[Statement]:
    """One statement for each quantity, of the words between its neighbours; one without where there is none."""
    quantities = quantities_in(sentence)
    if not quantities:
        yield _statement(sentence, 0, len(sentence), None, sentence)
        return
    whole = topic_of(_without(sentence, quantities))
    for place, quantity in enumerate(quantities):
        start = quantities[place - 1].end if place else 0
        end = quantities[place + 1].start if place + 1 < len(quantities) else len(sentence)
        own = _statement(sentence, start, end, quantity, sentence)
        topic = topic_of(sentence[start : quantity.start] + " " + sentence[quantity.end : end])
        yield replace(own, topic=topic or whole)


def _without(sentence: str, quantities: list[Quantity]) -> str:
    parts, position = [], 0
    for quantity in quantities:
        parts.append(sentence[position : quantity.start])
        if quantity.kind.startswith("count:"):  # the thing counted is what it is about
            parts.append(sentence[quantity.start : quantity.end])
        position = quantity.end
    return " ".join((*parts, sentence[position:]))


def _statement(sentence: str, start: int, end: int, quantity: Quantity | None, whole: str) -> Statement:
    words = sentence[start:end]
    return Statement(
        topic=topic_of(words),
        quantity=quantity,
        is_negative=_NEGATION.search(words) is not None,
        predicates=frozenset(map(stem, _PREDICATE.findall(words))),
        is_plain=_CONDITION.search(whole) is None,
        is_case=_CASE.search(whole) is not None
        or (quantity is not None and quantity.kind not in _TIMES and _YOURS.search(whole) is not None),
        is_question=whole.rstrip().endswith("?"),
        start=start,
        end=end,
    )
