"""Prose that was not meant for this reader: notes, instructions, thinking, another customer's case.

A sentence's score weighs what the scorer says of it and of its neighbours, to whom it speaks, of whom, and where it
stands. Sentences beside one that is surely inside need less: who thinks aloud seldom does so in one sentence.
"""

from __future__ import annotations

import math
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from outguard.detection.commitments.scorer import LEAK_ACTS
from outguard.detection.commitments.sentences import ScoredSentence
from outguard.detection.hints import Hints
from outguard.detection.internal_parts.blocks import Span, overlaps
from outguard.detection.internal_parts.patterns import InternalPatterns
from outguard.detection.internal_parts.strangers import Strangers
from outguard.detection.internal_parts.telltale import TOLD_SCORE, thoughts, told_sentences
from outguard.domain.context import ReplyContext

_TYPES = {
    "internal": "INTERNAL_NOTE",
    "instruction": "SYSTEM_PROMPT",
    "reasoning": "REASONING",
    "other_customer": "OTHER_CUSTOMER",
}
_LEAST_LEAK = 0.015
_LEAST_NEIGHBOUR = 0.3
_STRANGER_SCORE = 0.8
_SURE_LEAK = 0.6
"""A scorer this sure that a sentence leaks another customer's case needs no name in it to be believed."""
_LEAST_REASONING = 0.8
"""A single sentence of thinking aloud needs to be this sure: "One second, let me look" is said to customers too."""
_LONG_ENOUGH = 4
_TO_YOU = re.compile(r"(?i)\b(?:you|your|you're|you've|you'll|yours|u|ur)\b")
_OF_THEM = re.compile(r"(?i)\b(?:she|he|her|his|him|they|them|their|theirs|hers)\b")
_OF_ONE = re.compile(r"(?i)\b(?:she|he|her|his|him)\b")
_OF_CUSTOMER = re.compile(
    r"(?i)\b(?:(?:the|this) (?:customer|client|guest|user|member|caller|player|patient|tenant|passenger|account holder)"
    r"|cust|cx|this (?:one|guy|lady|man|woman|person))\b"
)
_OF_SELF = re.compile(r"(?i)\b(?:let me|i should|i need to|i'll|i will|i could|hmm|okay so|first,? i)\b")
_TELLS = re.compile(
    r"(?i)(?:^|[.:;] )(?:do not|don't|never|always|avoid|offer|keep|if asked|tell|say|refuse|use|only)\b"
)
_DIRECT = re.compile(r"[\"“]")
_WORD_SIGNS = (
    ("to you", _TO_YOU),
    ("of them", _OF_THEM),
    ("of customer", _OF_CUSTOMER),
    ("of self", _OF_SELF),
    ("tells", _TELLS),
)
_HINTS = Hints([pattern.pattern for _, pattern in _WORD_SIGNS])
"""For a text in ASCII, where RE2 and `re` find the same: one pass tells which need to be searched at all."""
_ALL_HINTS = range(len(_WORD_SIGNS))
_ACT_SIGNS = tuple((act, "act " + act) for act in LEAK_ACTS)
_MARGIN = 1e-6
"""More than adding in another order changes."""


@dataclass(frozen=True, slots=True)
class _Place:
    """What surrounds the sentences of one reply."""

    text: str
    begin: int
    strangers: Strangers
    knows_ids: bool
    is_private: bool


def leak_signs(scored: Sequence[ScoredSentence], number: int, place: _Place) -> dict[str, float]:
    """The signs that the sentence of that number is inside-only, by name."""
    return _scored_signs(scored, number, place) | _said_signs(scored[number], place)


def _scored_signs(scored: Sequence[ScoredSentence], number: int, place: _Place) -> dict[str, float]:
    """What the scorer says of a sentence and of its neighbours, and where it stands."""
    (clause, acts), likely = scored[number], scored[number].acts.acts
    beside = [scored[at].acts.leaking for at in (number - 1, number + 1) if 0 <= at < len(scored)]
    found: dict[str, float] = {name: likely.get(act, 0.0) for act, name in _ACT_SIGNS}
    if acts.heard is not None:
        found["heard odds"] = _log_odds(acts.heard.leaking)
        found["heard binding"] = acts.heard.binding
    found["odds"] = _log_odds(acts.leaking)
    found["best neighbour"] = _log_odds(max(beside, default=0.0))
    found["after marker"] = float(clause.end > place.begin)
    found["asks"] = float("?" in clause.text[-3:])
    found["length"] = math.log(len(clause.text))
    found["binding"] = acts.binding
    return found


def _said_signs(sentence: ScoredSentence, place: _Place) -> dict[str, float]:
    """What the words of a sentence say; `_most_said` knows the most that it can be."""
    text = sentence.clause.text
    hints = _hints_of(text)
    found = {
        name: float(at in hints and pattern.search(text) is not None) for at, (name, pattern) in enumerate(_WORD_SIGNS)
    }
    named = float(place.strangers.named_in(text))
    return found | {
        "quotes": float(_DIRECT.search(text) is not None),
        "short": float(len(text.split()) < _LONG_ENOUGH),
        "stranger": named,
        "stranger told of": named * sentence.acts.acts.get("other_customer", 0.0),
    }


def _most_said(sentence: ScoredSentence, weights: Mapping[str, float]) -> float:
    """The most that `_said_signs` can weigh."""
    hints = _hints_of(sentence.clause.text)
    names = [name for at, (name, _) in enumerate(_WORD_SIGNS) if at in hints]
    most = sum([max(weights.get(name, 0.0), 0.0) for name in (*names, "quotes", "short", "stranger")])
    return most + max(weights.get("stranger told of", 0.0), 0.0) * sentence.acts.acts.get("other_customer", 0.0)


def _hints_of(text: str) -> Collection[int]:
    return _HINTS.of(text) if text.isascii() else _ALL_HINTS


def _log_odds(probability: float) -> float:
    return math.log((probability + 0.01) / (1.01 - probability))


def weighed(found: Mapping[str, float], weights: Mapping[str, float]) -> float:
    """The probability that the signs `found` give, with `weights` and their `bias`."""
    return _probability(_total(found, weights))


def _total(found: Mapping[str, float], weights: Mapping[str, float]) -> float:
    return weights["bias"] + sum([weights.get(name, 0.0) * value for name, value in found.items()])


def _probability(log_odds: float) -> float:
    return 1.0 / (1.0 + math.exp(-max(min(log_odds, 50.0), -50.0)))


def _leak_score(
    scored: Sequence[ScoredSentence], number: int, place: _Place, weights: Mapping[str, float], floor: float
) -> float:
    """How likely a sentence is inside-only; 0 where that is surely below `floor`."""
    signs = _scored_signs(scored, number, place)
    if _probability(_total(signs, weights) + _most_said(scored[number], weights) + _MARGIN) < floor:
        return 0.0
    return weighed(signs | _said_signs(scored[number], place), weights)


def find_prose(  # noqa: PLR0917 - what was found so far and what may be
    text: str,
    scored: Sequence[ScoredSentence],
    hints: Collection[int],
    covered: Sequence[Span],
    patterns: InternalPatterns,
    context: ReplyContext,
) -> list[Span]:
    """Stretches of inside prose outside `covered`; neighbouring sentences of one kind make one span."""
    place = place_of(text, scored, hints, patterns, context)
    told = told_sentences(text, scored, hints, patterns)
    thinking = [one for one in thoughts(text, scored, hints, patterns) if not overlaps(covered, one.start, one.end)]
    covered = [*covered, *thinking]
    floor = min(_LEAST_NEIGHBOUR, *(patterns.thresholds[act] for act in LEAK_ACTS))
    scores: list[float] = []
    for number, sentence in enumerate(scored):
        clause = sentence.clause
        score = 0.0
        if sentence.acts.leaking >= _LEAST_LEAK or clause.end > place.begin:
            weights = patterns.weights if sentence.acts.heard is None else patterns.heard_weights
            score = _leak_score(scored, number, place, weights, floor)
        score = _with_strangers(score, sentence, place)
        if number in told:
            score = max(score, TOLD_SCORE)
        scores.append(0.0 if overlaps(covered, clause.start, clause.end) else score)
    found: list[Span] = []
    for number, sentence in enumerate(scored):
        if scores[number] < floor:
            continue
        beside = max((scores[at] for at in (number - 1, number + 1) if 0 <= at < len(scored)), default=0.0)
        act = _act(sentence, place)
        kind, least = told.get(number, _TYPES[act]), patterns.thresholds[act]
        clause = sentence.clause
        if act == "reasoning" and number not in told and _is_plain_talk(clause.text, scores[number]):
            continue
        if scores[number] >= least or (beside >= least and scores[number] >= _LEAST_NEIGHBOUR):
            found.append(Span(kind, "prose", clause.start, clause.end, scores[number]))
    return [*found, *thinking]


def _with_strangers(score: float, sentence: ScoredSentence, place: _Place) -> float:
    """`score`, but what it must be where another customer's case is told, and 0 where only a contact is given."""
    text, leaking = sentence.clause.text, sentence.acts.leaking
    if _tells_of_stranger(text, place):
        return max(score, _STRANGER_SCORE)
    if max(score, leaking) < _LEAST_NEIGHBOUR or _act(sentence, place) != "other_customer":
        return score
    if place.strangers.gives_contact(text):
        return 0.0
    is_sure = leaking >= _SURE_LEAK and not place.strangers.knows_who(text)
    return max(score, leaking) if is_sure else score


def place_of(
    text: str,
    scored: Sequence[ScoredSentence],
    hints: Collection[int],
    patterns: InternalPatterns,
    context: ReplyContext,
) -> _Place:
    """What surrounds the sentences of `text`."""
    marker = patterns.markers.search(text) if scored and patterns.marker_hint in hints else None
    return _Place(
        text=text,
        begin=marker.start() if marker is not None else len(text),
        strangers=Strangers.of(context, patterns.given),
        knows_ids=patterns.id_hint in hints,
        is_private=patterns.private_hint in hints,
    )


def _tells_of_stranger(sentence: str, place: _Place) -> bool:
    return (place.knows_ids and place.strangers.told_in(sentence)) or (
        place.is_private and place.strangers.tells_of(sentence)
    )


def _act(sentence: ScoredSentence, place: _Place) -> str:
    likely = sentence.acts.acts
    act = max(LEAK_ACTS, key=lambda one: likely.get(one, 0.0))
    if _tells_of_stranger(sentence.clause.text, place):
        return "other_customer"
    if sentence.clause.end > place.begin and act in {"other_customer", "instruction"}:
        return "internal"
    if act == "instruction" and _OF_ONE.search(sentence.clause.text) is not None:
        return "internal"  # orders about one person are a colleague's; a prompt speaks of whoever may write
    return act


def _is_plain_talk(sentence: str, score: float) -> bool:
    """Whether what sounds like thinking aloud may as well be said to the reader."""
    return score < _LEAST_REASONING or _TO_YOU.search(sentence) is not None


def joined(spans: Sequence[Span], text: str) -> list[Span]:
    """`spans` by place, with stretches of prose that stand side by side in one: one find for one note.

    A sentence or two between two stretches of one type belongs to them where it does not speak to the reader.
    """
    out: list[Span] = []
    for span in sorted(spans, key=lambda one: one.start):
        last = out[-1] if out else None
        if last is not None and {last.rule, span.rule} <= _SAID and _is_one(last, span, text[last.end : span.start]):
            kind = span.type if span.end - span.start > last.end - last.start else last.type
            out[-1] = Span(kind, last.rule, last.start, span.end, max(last.score, span.score))
        else:
            out.append(span)
    return out


def _is_one(last: Span, span: Span, gap: str) -> bool:
    if _NOTHING.fullmatch(gap):
        return last.type == span.type or "OTHER_CUSTOMER" not in {last.type, span.type}
    is_bridged = last.type == span.type and len(gap) <= _LONGEST_BRIDGE and _PARAGRAPH.search(gap) is None
    return is_bridged and _TO_YOU.search(_IDIOM.sub("", gap)) is None and "?" not in gap


_SAID = frozenset({"prose", "telltale"})
_LONGEST_BRIDGE = 160
_PARAGRAPH = re.compile(r"\n[ \t]*\n")
_IDIOM = re.compile(r"(?i)\b(?:if you ask me|mind you|you know|you see|if you will|thank you|you name it)\b")
_NOTHING = re.compile(r"[\s\"'()*_-]{0,4}")
