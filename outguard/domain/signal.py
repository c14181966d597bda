"""Signals (R6): what the service knows by itself of the moment an action is asked for.

They come from the record and from the customer's words, never from what an agent says of itself, and can only make a
decision stricter. A signal that cannot be told stands at its stricter value where the policy asks for it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, NamedTuple

from outguard.domain.topic import TopicIndex


class Consent(StrEnum):
    """What the customer's last words say to the action: UNKNOWN where none were given."""

    GIVEN = "given"
    MISSING = "missing"
    REFUSED = "refused"
    UNKNOWN = "unknown"


class PastAction(NamedTuple):
    """An earlier action on record, as signals look at it; light, for a decision looks at many.

    `at` is microseconds since 1970 UTC; `decision` and `state` are the values of their enums, `amount` is a decimal.
    """

    action_id: str
    topic: str
    decision: str
    state: str
    at: int
    target: str | None = None
    amount: str | None = None
    currency: str | None = None
    device_hash: str | None = None
    name_hash: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class History:
    """What the record holds around an action, newest first, within the policy's windows and `MAX_RECALLED` each.

    `customer` holds what was asked for the customer in other conversations. `topic_amounts` are the latest executed
    amounts of the same topic in the tenant, as decimal and currency; `did_before` is whether the agent has executed the
    topic before; `known_since` when the record first names the customer, in microseconds since 1970 UTC.
    """

    conversation: tuple[PastAction, ...] = ()
    customer: tuple[PastAction, ...] = ()
    topic_amounts: tuple[tuple[str, str], ...] = ()
    did_before: bool = False
    known_since: int | None = None


MAX_RECALLED = 200
"""At most so many earlier actions of a conversation, of a customer, and amounts of a topic are looked at."""


@dataclass(frozen=True, kw_only=True, slots=True)
class AnomalyPart:
    """One signal's share in the anomaly score: `weight` is the policy's, `strength` (0 to 1) how far it is out."""

    signal: str
    strength: float
    weight: float

    @property
    def share(self) -> float:
        """How much this part alone would make the score."""
        return self.weight * self.strength


@dataclass(frozen=True, kw_only=True, slots=True)
class Signals:
    """The signals of one action. Every field is a variable of conditions, but for `parts`.

    `retries`: earlier asks of the same topic on the same target in the conversation. `writes_on_target`: earlier asks
    of any kind but reads on it, `earlier_on_target` their topics. `target_unread`: the target was never read in the
    conversation. `amount_jump`: the amount over the highest that the customer had before (1 where there is none).
    `amount_ratio`: the amount over the usual (median) amount of the topic. `contradictions`: what of the action the
    customer's last words speak against (`consent`, `target`, `amount`). `risky_words`: groups of phrases heard.
    """

    retries: int = 0
    writes_on_target: int = 0
    earlier_on_target: tuple[str, ...] = ()
    target_unread: bool = False
    writes_in_session: int = 0
    denied_before: int = 0
    failed_before: int = 0
    first_time: bool = False
    new_account: bool = False
    contact_changed: bool = False
    identity_mismatch: bool = False
    prior_refunds: int = 0
    amount_jump: float = 1.0
    amount_ratio: float = 1.0
    risky_words: tuple[str, ...] = ()
    consent: Consent = Consent.UNKNOWN
    contradictions: tuple[str, ...] = ()
    anomaly: float = 0.0
    parts: tuple[AnomalyPart, ...] = ()

    def noticed(self) -> dict[str, Any]:
        """The signals that differ from nothing noticed, as JSON values: for the record and for explanations."""
        found: dict[str, Any] = {}
        for name in SIGNAL_NAMES:
            value = getattr(self, name)
            if value != getattr(NO_SIGNALS, name):
                found[name] = list(value) if isinstance(value, tuple) else value
        return found


SIGNAL_NAMES = tuple(name for name in Signals.__dataclass_fields__ if name != "parts")
NO_SIGNALS = Signals()


@dataclass(frozen=True, kw_only=True, slots=True)
class SignalPolicy:
    """How signals are computed. Windows are seconds; `weights` are the parts of the anomaly score, 0 to 1 each.

    `phrases` are groups of phrases in the customer's words by name; `assent` and `refusal` tell a yes from a no.
    """

    session_window_s: float = 86_400.0
    customer_window_s: float = 2_592_000.0
    new_account_s: float = 0.0
    contact_window_s: float = 259_200.0
    amount_jump_from: float = 3.0
    min_amounts: int = 5
    read_topics: TopicIndex[bool] = field(default_factory=lambda: TopicIndex([("*.read.*", True)]))
    refund_topics: TopicIndex[bool] = field(default_factory=TopicIndex)
    contact_topics: TopicIndex[bool] = field(default_factory=TopicIndex)
    phrases: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    assent: tuple[str, ...] = ()
    refusal: tuple[str, ...] = ()
    weights: Mapping[str, float] = field(default_factory=dict)
