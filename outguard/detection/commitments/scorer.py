"""What a sentence of a reply does, as probabilities: the contract that lexical, linear and neural scorers fulfil."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

BINDING_ACTS = ("claim", "promise", "guarantee", "admission", "advice")
LEAK_ACTS = ("internal", "instruction", "reasoning", "other_customer")
SOFT_ACTS = ("policy", "conditional", "refusal", "request", "quote", "third_party", "history")
ABSOLUTE_ACTS = ("guarantee", "admission", "advice")
DEED_ACTS = ("claim", "promise")
STATING_ACTS = ("policy", "conditional", "third_party")
DENYING_ACTS = ("refusal", "quote", "conditional", "history", "third_party", "request")
HONEST_ACTS = ("refusal", "request", "conditional")
GROUPS = (ABSOLUTE_ACTS, DEED_ACTS, STATING_ACTS, DENYING_ACTS, HONEST_ACTS, LEAK_ACTS)
"""The acts whose sums `Acts` carries, in the order of its fields."""
NO_TYPE = "NONE"


class Acts:
    """`acts` maps each act of the guide to its probability, `types` each commitment type to its; both sum to 1.

    The sums over groups of acts (`GROUPS`) are what most sentences are told apart by; `typeless` is the probability
    of no type at all. `heard` is what a language model said by itself, where one had a share in these probabilities.
    """

    __slots__ = ("_acts", "_types", "absolute", "deed", "denying", "heard", "honest", "leaking", "stating", "typeless")

    def __init__(
        self, acts: Mapping[str, float], types: Mapping[str, float] | None = None, heard: Acts | None = None
    ) -> None:
        self.heard = heard
        self._acts = acts
        self._types: Mapping[str, float] = types or {}
        sums = [sum([acts.get(act, 0.0) for act in group]) for group in GROUPS]
        self.absolute, self.deed, self.stating, self.denying, self.honest, self.leaking = sums
        self.typeless = (types or {}).get(NO_TYPE, 0.0)

    @property
    def acts(self) -> Mapping[str, float]:
        """The probability of each act."""
        return self._acts

    @property
    def types(self) -> Mapping[str, float]:
        """The probability of each type."""
        return self._types

    @property
    def shares(self) -> tuple[tuple[str, ...], Sequence[float]]:
        """The names of the acts and their probabilities in the same order."""
        return tuple(self._acts), list(self._acts.values())

    @property
    def top_type(self) -> float:
        """The highest probability of a type; 0 where none is known."""
        return max([share for kind, share in self.types.items() if kind != NO_TYPE], default=0.0)

    @property
    def best(self) -> str:
        """The likeliest act."""
        return max(self.acts, key=self.acts.__getitem__)

    @property
    def binding(self) -> float:
        """How likely the company is bound or a deed claimed."""
        return self.absolute + self.deed


class SentenceScorer(Protocol):
    """Judges a sentence by itself and the one before it. Pure, linear in their length."""

    def score(self, prev: str, text: str) -> Acts:
        """The acts and types of `text`, where `prev` is the sentence before it or empty."""
        ...

    def score_all(self, pairs: Sequence[tuple[str, str]]) -> list[Acts]:
        """`score` of each (prev, text), in one go."""
        ...
