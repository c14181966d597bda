"""Which type a commitment is likeliest of, from its words, the sentences around, and what the company's terms name.

The scorer's probabilities are signs among others: a kind that the profile names, or of which the ledger has an action
that has not run, is what is likelier meant. An action that has run is no sign here: it must not make a claim the very
type that it backs.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence

from outguard.detection.commitments.kinds import is_named
from outguard.detection.commitments.scorer import NO_TYPE, Acts
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
    top = max((share for kind, share in types.items() if kind != NO_TYPE), default=0.0)
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
    return math.log(share + _LEAST)


class TypeRank:
    """Puts the likeliest type first."""

    def __init__(self, weights: Mapping[str, float]) -> None:
        self._weights = weights

    def likeliest(self, signs: Iterable[tuple[str, Mapping[str, float]]]) -> str:
        """The type whose signs weigh most."""
        weights = self._weights
        scores = {
            kind: sum([weights.get(name, 0.0) * value for name, value in found.items() if value])
            for kind, found in signs
        }
        return max(scores, key=scores.__getitem__)
