"""Decide what a clause does and is about, from the scorer's probabilities and the lexicon's cues."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property

from outguard.detection.commitments.extract import Reading, Tense
from outguard.detection.commitments.lexicon import ABSOLUTES, APPROVED, BINDS, RELEASES, Lexicon
from outguard.detection.commitments.scorer import BINDING_ACTS, Acts
from outguard.detection.commitments.tokens import words

ABSOLUTE_TYPES = {
    "guarantee": "GUARANTEE",
    "admission": "LIABILITY_ADMISSION",
    "advice": "LEGAL_MEDICAL_FINANCIAL_ADVICE",
}
_STATING = ("policy", "conditional", "third_party")
_NO_TYPE = "NONE"
_MAX_TYPES = 3
_HOPELESS = 0.08
_DENYING = ("refusal", "quote", "conditional", "history", "third_party", "request")
_DENIED = 0.4
_PERFECT = frozenset({"'ve", "have", "has", "been", "now", "i", "we", "is", "are"})
_UNMAKING = frozenset(
    (
        *("not", "n't", "no", "never", "nothing", "none", "neither", "without", "cannot"),
        *("if", "once", "when", "after", "until", "before", "unless", "whether", "waiting", "request", "requested"),
        *("may", "might", "could", "would", "should", "can", "usually", "normally", "need", "needs"),
    )
)


@dataclass(frozen=True)
class Folded:
    """A text with its folded words, which are found once and only when asked for."""

    text: str

    @cached_property
    def tokens(self) -> list[str]:
        """The folded words."""
        return words(self.text)

    @cached_property
    def joined(self) -> str:
        """The folded words with a space between and at each side."""
        return " " + " ".join(self.tokens) + " "


@dataclass(frozen=True, slots=True)
class Reader:
    """Reads clauses with a lexicon; the scorer's answer is handed in."""

    lexicon: Lexicon

    def binding(self, acts: Acts, text: Folded) -> float:
        """How likely words bind the company to something that has a type."""
        absolute = sum(acts.acts.get(act, 0.0) for act in ABSOLUTE_TYPES)
        deed = acts.acts.get("claim", 0.0) + acts.acts.get("promise", 0.0)
        score = absolute + deed * (1.0 - acts.types.get(_NO_TYPE, 0.0) ** 2)
        if score < _HOPELESS:
            return score
        tokens, joined = text.tokens, text.joined
        limits = self.lexicon.thresholds
        marks = self.lexicon.marks.hits(joined)
        if sum(acts.acts.get(act, 0.0) for act in _DENYING) < _DENIED:
            if marks[BINDS] or marks[ABSOLUTES]:
                score += limits["idiom"]
            if self._claims_deed(tokens):
                score += limits["deed"]
        score -= limits["release"] * min(marks[RELEASES], 2)
        return min(max(score, 0.0), 1.0)

    def read(self, acts: Acts, text: Folded, binding: float, *, quoted: bool = False) -> Reading | None:
        """The reading of a clause that binds so likely, None where it neither binds nor states terms."""
        limits = self.lexicon.thresholds
        asks = "?" in text.text[-3:]
        if not quoted and binding >= (limits["question"] if asks else limits["bind"]):
            return self._bound(acts, text, binding)
        stating = sum(acts.acts.get(act, 0.0) for act in _STATING)
        if stating >= limits["soft"] and not asks and acts.types.get(_NO_TYPE, 0.0) < limits["typeless"]:
            act = max(_STATING, key=lambda one: acts.acts.get(one, 0.0))
            types = self._types(act, acts, text.joined)
            return Reading(
                act=act, types=types, binding=False, score=stating, tense=Tense.OPEN, words=frozenset(text.tokens)
            )
        return None

    def _claims_deed(self, tokens: list[str]) -> bool:
        """Whether a deed's participle follows "I've", "has been" or "is now", and nothing unmakes it."""
        deeds = self.lexicon.deeds
        if not _UNMAKING.isdisjoint(tokens):
            return False
        return any(
            word in deeds and not _PERFECT.isdisjoint(tokens[max(0, at - 3) : at]) for at, word in enumerate(tokens)
        )

    def _bound(self, acts: Acts, text: Folded, binding: float) -> Reading:
        act = max(BINDING_ACTS, key=lambda one: acts.acts.get(one, 0.0))
        if act in {"claim", "promise"} and self.lexicon.marks.hits(text.joined)[ABSOLUTES]:
            act = "guarantee"
        types = self._types(act, acts, text.joined)
        return Reading(
            act=act,
            types=types,
            cued=self.lexicon.types.hits(text.joined)[types[0]] > 0,
            binding=True,
            score=binding,
            tense=self._tense(act, text.joined),
            words=frozenset(text.tokens),
        )

    def _types(self, act: str, acts: Acts, joined: str) -> tuple[str, ...]:
        if act in ABSOLUTE_TYPES:
            return (ABSOLUTE_TYPES[act],)
        cues, weight = self.lexicon.types.hits(joined), self.lexicon.thresholds["cue"]
        absolute = set(ABSOLUTE_TYPES.values()) if act in {"claim", "promise"} else set()
        scores: dict[str, float] = {}
        for name, probability in acts.types.items():
            if name == _NO_TYPE or name in absolute:
                continue
            scores[name] = math.log(probability + 1e-6) + weight * min(cues[name], 2)
        ranked = sorted(scores, key=scores.__getitem__, reverse=True)[:_MAX_TYPES]
        least = scores[ranked[0]] + math.log(self.lexicon.thresholds["runner_up"])
        return tuple(name for name in ranked if scores[name] >= least)

    def _tense(self, act: str, joined: str) -> Tense:
        if self.lexicon.marks.hits(joined)[APPROVED]:
            return Tense.ON_ITS_WAY
        return Tense.PROMISED if act == "promise" else Tense.DONE
