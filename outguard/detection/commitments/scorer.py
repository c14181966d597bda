"""What a sentence of a reply does, as probabilities: the contract that lexical, linear and neural scorers fulfil."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

BINDING_ACTS = ("claim", "promise", "guarantee", "admission", "advice")
LEAK_ACTS = ("internal", "instruction", "reasoning", "other_customer")
SOFT_ACTS = ("policy", "conditional", "refusal", "request", "quote", "third_party", "history")


@dataclass(frozen=True, slots=True)
class Acts:
    """`acts` maps each act of the guide to its probability, `types` each commitment type to its; both sum to 1."""

    acts: Mapping[str, float]
    types: Mapping[str, float] = field(default_factory=dict)

    @property
    def best(self) -> str:
        """The likeliest act."""
        return max(self.acts, key=self.acts.__getitem__)

    @property
    def binding(self) -> float:
        """How likely the company is bound or a deed claimed."""
        return sum(self.acts.get(act, 0.0) for act in BINDING_ACTS)

    @property
    def leaking(self) -> float:
        """How likely the words are for inside readers only."""
        return sum(self.acts.get(act, 0.0) for act in LEAK_ACTS)


class SentenceScorer(Protocol):
    """Judges a sentence by itself and the one before it. Pure, linear in their length."""

    def score(self, prev: str, text: str) -> Acts:
        """The acts and types of `text`, where `prev` is the sentence before it or empty."""
        ...

    def score_all(self, pairs: Sequence[tuple[str, str]]) -> list[Acts]:
        """`score` of each (prev, text), in one go."""
        ...
