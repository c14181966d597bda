"""Signs of what stands around a clause: what the sentences before and after it do, and what of its kind was done.

A sentence by itself often cannot tell. "It will be with you on Friday" after "your new card was sent" is no second
promise; the same words alone are one. These signs are searched for only where a clause may come to something.
"""

from __future__ import annotations

from collections.abc import Sequence

from outguard.detection.commitments.scorer import BINDING_ACTS, LEAK_ACTS, NO_TYPE, SOFT_ACTS, Acts
from outguard.detection.commitments.sentences import ScoredSentence
from outguard.detection.commitments.terms import KINDS, TYPES
from outguard.detection.commitments.weigh import Surroundings, log_odds

COURSE = (
    *("prev deed", "prev stating", "prev denying", "next deed", "next stating", "next denying"),
    *("most deed", "whole deed", "whole stating", "whole denying"),
)
"""The names of the signs of the sentences around, in their order."""
DONE_OF_KIND = ("done of type", "approved of type", "open of type", "own done", "own open")
"""The names of the signs of the ledger, in their order."""
IN_ROW = (*COURSE, *DONE_OF_KIND)
"""Both."""
HEARD = frozenset({
    *("heard act " + act for act in (*BINDING_ACTS, *SOFT_ACTS, *LEAK_ACTS, "none")),
    *("heard type " + kind for kind in (*KINDS, "OTHER", NO_TYPE)),
})  # fmt: skip
"""What a language model says by itself, where one heard the clause."""
BESIDE = frozenset({*COURSE, *DONE_OF_KIND, *HEARD})
"""All signs of this module."""
_NONE = log_odds(0.0)
_NO_ONE = _NONE, _NONE, _NONE
ALONE = dict.fromkeys(COURSE[:7], _NONE)
"""The signs of a sentence with none around it."""
_WHOLE = 0.0, 0.0, 0.0
_NO_LEDGER = 0.0, 0.0, 0.0, 0.0, 0.0


class Course:
    """What the sentences of one text do, in their order, and what the ledger has."""

    __slots__ = ("_around", "_odds", "_sentences", "_tops")

    def __init__(self, sentences: Sequence[ScoredSentence], around: Surroundings) -> None:
        self._sentences, self._around = sentences, around
        self._odds: list[tuple[float, float, float]] = []
        self._tops: tuple[float, ...] = ()

    def signs(self, at: int, acts: Acts, *, is_part: bool) -> dict[str, float]:
        """The signs of sentence number `at` or, `is_part`, of one of its clauses; `acts` are its own."""
        found = dict(zip(IN_ROW, self.row(at, acts, is_part=is_part), strict=True))
        if acts.heard is not None:
            found |= {"heard act " + act: share for act, share in acts.heard.acts.items()}
            found |= {"heard type " + kind: share for kind, share in acts.heard.types.items()}
        return found

    def row(self, at: int, acts: Acts, *, is_part: bool) -> tuple[float, ...]:
        """The signs of the sentences around and of the ledger (`IN_ROW`) without their names."""
        return *self._of_course(at, is_part=is_part), *_done_of_kind(acts, self._around)

    def before(self, at: int) -> Acts | None:
        """What the sentence before number `at` does."""
        return self._sentences[at - 1].acts if at else None

    def whole(self, at: int) -> Acts:
        """What sentence number `at` does."""
        return self._sentences[at].acts

    def _of_course(self, at: int, *, is_part: bool) -> tuple[float, ...]:
        odds = self._odds
        if not odds:
            for _, acts in self._sentences:
                odds.append((log_odds(acts.absolute + acts.deed), log_odds(acts.stating), log_odds(acts.denying)))
            self._tops = (*sorted((deed for deed, _, _ in odds), reverse=True)[:2], _NONE)
        count, (most, second, *_) = len(odds), self._tops
        return (
            *(odds[at - 1] if at else _NO_ONE),
            *(odds[at + 1] if at + 1 < count else _NO_ONE),
            second if odds[at][0] >= most else most,
            *(odds[at] if is_part else _WHOLE),
        )


def _done_of_kind(acts: Acts, around: Surroundings) -> tuple[float, ...]:
    """How likely a clause is of a type of which the ledger has an action, by its state; whether it has one's own."""
    if not around.ledger:
        return _NO_LEDGER
    topics = {state: {entry.topic for entry in entries} for state, entries in around.states.items()}
    done, approved, still_open = (topics.get(state, set()) for state in ("done", "approved", "open"))
    needs = {kind: terms.requires_action for kind, terms in around.terms.items() if terms.requires_action}
    backing = [(needs.get(KINDS.get(kind, "")), share) for kind, share in acts.types.items()]
    shares = [sum([share for topic, share in backing if topic in one]) for one in (done, approved, still_open)]
    own = {topic for kind, topic in needs.items() if kind not in TYPES}
    return *shares, not own.isdisjoint(done), not own.isdisjoint(still_open)
