"""Decide what a clause does and is about, from the scorer's probabilities and the lexicon's cues."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from outguard.detection.commitments.extract import Reading, Tense
from outguard.detection.commitments.lexicon import Lexicon
from outguard.detection.commitments.scorer import BINDING_ACTS, Acts

_ABSOLUTE_TYPES = {
    "guarantee": "GUARANTEE",
    "admission": "LIABILITY_ADMISSION",
    "advice": "LEGAL_MEDICAL_FINANCIAL_ADVICE",
}
_STATING = ("policy", "conditional", "third_party")
_CUE_WEIGHT = 1.2


@dataclass(frozen=True, slots=True)
class Reader:
    """Reads clauses with a lexicon; the scorer's answer is handed in."""

    lexicon: Lexicon

    def read(self, acts: Acts, tokens: Sequence[str]) -> Reading | None:
        """The reading of a clause, None where it neither binds nor states terms."""
        limits = self.lexicon.thresholds
        joined = " " + " ".join(tokens) + " "
        asks = "?" in tokens[-2:]
        binding = acts.binding
        if binding >= (limits["question"] if asks else limits["bind"]):
            act = max(BINDING_ACTS, key=lambda one: acts.acts.get(one, 0.0))
            return Reading(act, self._type(act, acts, joined), True, binding, self._tense(act, joined))  # noqa: FBT003
        stating = sum(acts.acts.get(act, 0.0) for act in _STATING)
        if stating >= limits["soft"] and not asks:
            act = max(_STATING, key=lambda one: acts.acts.get(one, 0.0))
            return Reading(act, self._type(act, acts, joined), False, stating, Tense.OPEN)  # noqa: FBT003
        return None

    def _type(self, act: str, acts: Acts, joined: str) -> str:
        if act in _ABSOLUTE_TYPES:
            return _ABSOLUTE_TYPES[act]
        cues = self.lexicon.types

        def weight(name: str) -> float:
            hits = cues[name].hits(joined) if name in cues else 0
            return math.log(acts.types[name] + 1e-6) + _CUE_WEIGHT * min(hits, 2)

        absolute = set(_ABSOLUTE_TYPES.values())
        names = [name for name in acts.types if name not in absolute] if act in {"claim", "promise"} else list(acts.types)
        return max(names, key=weight, default="OTHER")

    def _tense(self, act: str, joined: str) -> Tense:
        if self.lexicon.approved.hits(joined):
            return Tense.ON_ITS_WAY
        return Tense.PROMISED if act == "promise" else Tense.DONE
