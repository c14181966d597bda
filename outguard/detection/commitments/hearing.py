"""Read one clause: first by its words alone, then with what is searched for in it, at last with what is around it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

from outguard.detection.commitments.clauses import Clause
from outguard.detection.commitments.closer import Closer
from outguard.detection.commitments.course import Course
from outguard.detection.commitments.denial import denies
from outguard.detection.commitments.extract import Reading
from outguard.detection.commitments.lexicon import ABSOLUTES, BINDS
from outguard.detection.commitments.named import may_name
from outguard.detection.commitments.phrases import (
    DEED_BESIDE,
    DENIED,
    DEPENDS,
    HANDLED,
    OURS,
    OWN_DEVICE,
    PAID_FROM,
    THEIR_DEED,
    TOGETHER,
    WISH,
)
from outguard.detection.commitments.rank import CANDIDATES, TypeRank, worth_ranking
from outguard.detection.commitments.read import ABSOLUTE_TYPES, Folded, Reader
from outguard.detection.commitments.row import RowNet
from outguard.detection.commitments.scorer import Acts
from outguard.detection.commitments.screen import Screen
from outguard.detection.commitments.sentences import ScoredSentence
from outguard.detection.commitments.terms import ABSOLUTE
from outguard.detection.commitments.weigh import (
    BINDING,
    SHAPE,
    Pair,
    Surroundings,
    Weigher,
    fact_signs,
    heard_signs,
    said_signs,
    shape_signs,
)

_CERTAIN = 0.95
_BINDS, _ABSOLUTES = SHAPE.index("mark " + BINDS), SHAPE.index("mark " + ABSOLUTES)
_ALL = frozenset(CANDIDATES)
_RANKED = _ALL - ABSOLUTE
"""The types of a claim or promise."""


class Heard(NamedTuple):
    """A clause with what its words may name and what they weigh."""

    clause: Clause
    acts: Acts
    folded: Folded
    kinds: int
    by_rule: float
    weighed: Pair
    weigher: Weigher
    shape: Sequence[float]


class Place(NamedTuple):
    """Where a clause stands: the sentence's number, and whether it is but a part of that."""

    course: Course
    number: int
    is_part: bool


class Hearing:
    """Reads clauses with the lexicon's reader and the weights for clauses that a language model did not or did hear."""

    def __init__(self, reader: Reader, weighers: Sequence[Weigher], limits: Mapping[str, float]) -> None:
        self._reader = reader
        self._screens = [Screen(weigher) for weigher in weighers]
        self._closer = [Closer(weigher) for weigher in weighers]
        self._ranks = [TypeRank(one.types) if one.types else None for one in weighers]
        self._nets = [RowNet(one.net) if one.net else None for one in weighers]
        self._rule, self._plain_rule = limits["rule"], limits["plain_rule"]
        self._least, self._soft = limits["sentence"], limits["soft"]
        self._denied_from = min(limits["sentence"], limits["bind"])
        """Below this, words come to nothing as they stand."""

    def hear(self, scored: ScoredSentence, around: Surroundings, *, is_part: bool, is_last: bool) -> Heard | None:
        """A clause by its words alone; None where it comes to nothing whatever else is found in it."""
        clause, acts = scored
        folded, reader, screen = Folded(clause.text), self._reader, self._screens[acts.heard is not None]
        shape = shape_signs(acts, folded, reader, around, is_part=is_part, is_last=is_last)
        weighed = screen.weigher.weigh_words(acts, folded.tokens, shape)
        if acts.heard is not None:
            weighed = screen.weigher.add(heard_signs(acts.heard), weighed)
        kinds = may_name(folded.tokens)
        within, bound = screen.likeliest(weighed, kinds, has_ledger=bool(around.ledger))
        is_idiom = shape[_BINDS] or shape[_ABSOLUTES]
        by_rule = (self._rule if is_idiom else self._plain_rule) * shape[BINDING]
        bound = max(bound, by_rule)
        if bound < self._least and not reader.may_read(acts, folded, within, bound, requests=around.requests):
            return None
        return Heard(clause, acts, folded, kinds, by_rule, weighed, screen.weigher, shape)

    def read(self, heard: Heard, around: Surroundings, place: Place, *, is_only: bool) -> tuple[Reading | None, float]:
        """The reading of a clause and how likely it binds."""
        clause, acts, folded, kinds, by_rule, weighed, weigher, _ = heard
        found = fact_signs(clause, acts, folded, self._reader, around, kinds=kinds, is_only=is_only)
        _, within, bound = weigher.weigh(found, weighed)
        net = self._nets[acts.heard is not None]
        if net is not None and (bound >= self._least or within >= self._soft):
            _, within, bound = _by_net(net, heard, found, place)
        bound = max(bound, by_rule)
        if self._denied_from <= bound < _CERTAIN and (denies(clause.text) or _binds_nobody(clause.text, acts)):
            bound = 0.0
        reading = self._reader.read(acts, folded, within, bound, requests=around.requests)
        return reading and self._ranked(reading, heard, found, around, place), bound

    def _ranked(
        self, reading: Reading, heard: Heard, facts: Mapping[str, float], around: Surroundings, place: Place
    ) -> Reading:
        """The reading with its likeliest type first."""
        rank = self._ranks[heard.acts.heard is not None]
        if rank is None or reading.act in ABSOLUTE_TYPES:
            return reading
        course, at = place.course, place.number
        beside = course.whole(at) if place.is_part else None, course.before(at)
        cues = self._reader.cues(heard.folded)
        among = worth_ranking(heard.acts, cues, around, _RANKED if reading.binding else _ALL)
        first = rank.first(heard.acts, cues, facts, around, words=reading.words, beside=beside, among=among)
        if first == reading.types[0]:
            return reading
        types = (first, *(kind for kind in reading.types if kind != first))
        return replace(reading, types=types, cued=cues.get(first, 0) > 0)

    def comes_to_nothing(self, heard: Heard, around: Surroundings) -> bool:
        """Whether a clause has no reading and is unlikely to bind, whatever is still searched for in it."""
        _, acts, folded, kinds, by_rule, weighed, *_ = heard
        closer = self._closer[acts.heard is not None]
        most = closer.likeliest(weighed, folded.tokens, kinds, has_ledger=bool(around.ledger))
        if most is None:
            return False
        within, bound = most[0], max(most[1], by_rule)
        may_read = self._reader.may_read
        return bound < self._least and not may_read(acts, folded, within, bound, requests=around.requests)


def _by_net(net: RowNet, heard: Heard, facts: dict[str, float], place: Place) -> tuple[float, float, float]:
    """The probabilities of the three outcomes, with what stands around."""
    acts, folded, shape = heard.acts, heard.folded, heard.shape
    if acts.heard is not None:
        beside = place.course.signs(place.number, acts, is_part=place.is_part)
        return net.by_name.weigh(said_signs(acts, folded, shape) | facts | beside)
    course = place.course.row(place.number, acts, is_part=place.is_part)
    return net.weigh(acts, folded.tokens, shape, facts, course)


def _binds_nobody(text: str, acts: Acts) -> bool:
    """Whether the words refuse, wait for something, or tell what the customer wants, pays with or does."""
    if DENIED.search(text) or TOGETHER.match(text) or (HANDLED.search(text) and not DEED_BESIDE.search(text)):
        return True
    if OURS.search(text) is not None:
        return False
    waits = acts.absolute < acts.deed and DEPENDS.search(text) is not None
    return bool(
        waits or WISH.match(text) or THEIR_DEED.match(text) or OWN_DEVICE.search(text) or PAID_FROM.search(text)
    )
