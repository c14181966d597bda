"""Which type a commitment is likeliest of, from its words, the sentences around, and what the company's terms name.

The scorer's probabilities are signs among others: a kind that the profile names, or of which the ledger has an action
that has not run, is what is likelier meant. An action that has run is no sign here: it must not make a claim the very
type that it backs.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from math import inf, log

from outguard.detection.commitments.kinds import is_named
from outguard.detection.commitments.scorer import Acts
from outguard.detection.commitments.terms import ABSOLUTE, DEEDS, KINDS, MONEY, TIMES, TYPES
from outguard.detection.commitments.weigh import Surroundings

CANDIDATES = tuple(sorted([*KINDS, "OTHER"]))
_GROUP = {
    **dict.fromkeys(DEEDS, "deed"),
    **dict.fromkeys(MONEY, "money"),
    **dict.fromkeys(TIMES, "times"),
    **dict.fromkeys(ABSOLUTE, "absolute"),
    "OTHER": "other",
}
_MAX_CUES = 2
_LEAST = 1e-4
_HARDLY = 0.003
"""A type that the scorer gives less is only considered for a cue word, or an action in the ledger that has not run."""


def type_signs(
    acts: Acts,
    cues: Mapping[str, int],
    facts: Mapping[str, float],
    around: Surroundings,
    *,
    words: frozenset[str],
    beside: Sequence[Acts | None],
    among: Iterable[str] = CANDIDATES,
) -> Iterator[tuple[str, dict[str, float]]]:
    """Each type of `among` with its signs.

    `facts` says whether the words name a `sum` or a `time`; `beside` is the sentence that the clause is a part of, and
    the one before it, None where there is none.
    """
    types = acts.types
    top = acts.top_type
    has_sum, has_time = float(bool(facts.get("sum"))), float(bool(facts.get("time")))
    topics = _open_topics(around)
    for kind in among:
        share, cued = types.get(kind, 0.0), cues.get(kind, 0)
        found = {
            "odds": _log(share),
            "likeliest": float(share == top),
            "cues": float(min(cued, _MAX_CUES)),
            "cued": float(cued > 0),
            f"sum {_GROUP[kind]}": has_sum,
            f"time {_GROUP[kind]}": has_time,
        }
        found |= {
            name: _log(one.types.get(kind, 0.0)) for name, one in zip(("whole", "before"), beside, strict=True) if one
        }
        if acts.heard is not None:
            found["heard"] = _log(acts.heard.types.get(kind, 0.0))
        found |= _of_others(words, topics, around) if kind == "OTHER" else _of_kind(KINDS[kind], topics, around)
        yield kind, found


def worth_ranking(acts: Acts, cues: Mapping[str, int], around: Surroundings, allowed: frozenset[str]) -> list[str]:
    """The types among `allowed` that could come first."""
    topics, types, terms = _open_topics(around), acts.types, around.terms
    needed = {kind for kind, one in terms.items() if one.requires_action in topics} if topics else frozenset()
    return [
        kind
        for kind in CANDIDATES
        if kind in allowed
        and (types.get(kind, 0.0) >= _HARDLY or cues.get(kind) or kind == "OTHER" or KINDS[kind] in needed)
    ]


def _open_topics(around: Surroundings) -> set[str]:
    return {entry.topic for entry in around.states.get("open", ())}


def _of_kind(kind: str, topics: set[str], around: Surroundings) -> dict[str, float]:
    terms = around.terms.get(kind)
    if terms is None:
        return {}
    need = terms.requires_action
    return {"named": 1.0, "needs": float(need is not None), "forbidden": terms.forbidden, "open": float(need in topics)}


def _of_others(words: frozenset[str], topics: set[str], around: Surroundings) -> dict[str, float]:
    own = {kind: terms.requires_action for kind, terms in around.terms.items() if kind not in TYPES}
    return {
        "own": float(bool(own)),
        "own named": float(any(is_named(kind, words) for kind in own)),
        "own open": float(any(need in topics for need in own.values())),
    }


def _log(share: float) -> float:
    return log(share + _LEAST)


class TypeRank:
    """Puts the likeliest type first."""

    def __init__(self, weights: Mapping[str, float]) -> None:
        self._weights = weights
        one = weights.get
        self._odds, self._likeliest, self._cues, self._cued = (
            one(name, 0.0) for name in ("odds", "likeliest", "cues", "cued")
        )
        self._sum = {kind: one(f"sum {group}", 0.0) for kind, group in _GROUP.items()}
        self._time = {kind: one(f"time {group}", 0.0) for kind, group in _GROUP.items()}
        self._beside = one("whole", 0.0), one("before", 0.0)
        self._heard = one("heard", 0.0)
        self._of_kind = tuple(one(name, 0.0) for name in ("named", "needs", "forbidden", "open"))

    def likeliest(self, signs: Iterable[tuple[str, Mapping[str, float]]]) -> str:
        """The type whose signs weigh most."""
        weights = self._weights
        scores = {
            kind: sum([weights.get(name, 0.0) * value for name, value in found.items() if value])
            for kind, found in signs
        }
        return max(scores, key=scores.__getitem__)

    def first(
        self,
        acts: Acts,
        cues: Mapping[str, int],
        facts: Mapping[str, float],
        around: Surroundings,
        *,
        words: frozenset[str],
        beside: Sequence[Acts | None],
        among: Iterable[str],
    ) -> str:
        """`likeliest` of `type_signs`, weighed as they are told: most of them are 0 or the same for many types."""
        shares, topics = acts.types, _open_topics(around)
        top = acts.top_type
        has_sum, has_time = bool(facts.get("sum")), bool(facts.get("time"))
        others = [(weight, one.types) for weight, one in zip(self._beside, beside, strict=True) if one]
        if acts.heard is not None:
            others.append((self._heard, acts.heard.types))
        best, most = "", -inf
        for kind in among:
            share = shares.get(kind, 0.0)
            score = self._odds * log(share + _LEAST)
            if share == top:
                score += self._likeliest
            cued = cues.get(kind, 0)
            if cued > 0:
                score += self._cues * min(cued, _MAX_CUES)
                score += self._cued
            if has_sum:
                score += self._sum[kind]
            if has_time:
                score += self._time[kind]
            for weight, types in others:
                score += weight * log(types.get(kind, 0.0) + _LEAST)
            score += self._of_profile(kind, words, topics, around)
            if score > most:
                best, most = kind, score
        return best

    def _of_profile(self, kind: str, words: frozenset[str], topics: set[str], around: Surroundings) -> float:
        if kind == "OTHER":
            weights = self._weights
            return sum([weights.get(name, 0.0) * value for name, value in _of_others(words, topics, around).items()])
        terms = around.terms.get(KINDS[kind])
        if terms is None:
            return 0.0
        named, needs, forbidden, is_open = self._of_kind
        if terms.requires_action is not None:
            named += needs
            if terms.requires_action in topics:
                named += is_open
        return named + forbidden if terms.forbidden else named
