"""The words of a judgement: commitment types and the profile's kinds, and what the published policy says."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from outguard.detection.commitments.deadlines import find_deadlines
from outguard.detection.commitments.tokens import words
from outguard.domain.action import LedgerEntry
from outguard.domain.authority import AuthorityProfile
from outguard.domain.finding import Status

KINDS = {
    "REFUND": "refund",
    "CREDIT_OR_COMPENSATION": "credit",
    "DISCOUNT_OR_PRICE": "discount",
    "FEE_WAIVER": "fee_waiver",
    "CANCELLATION": "cancellation",
    "ACCOUNT_CHANGE": "account_change",
    "REPLACEMENT": "replacement",
    "DELIVERY_DATE": "delivery",
    "CALLBACK_OR_CONTACT": "callback",
    "RESOLUTION_TIME": "resolution",
    "GUARANTEE": "guarantee",
    "POLICY_EXCEPTION": "policy_exception",
    "LIABILITY_ADMISSION": "liability_admission",
    "LEGAL_MEDICAL_FINANCIAL_ADVICE": "advice",
}
TYPES = {kind: type_ for type_, kind in KINDS.items()}
MONEY = frozenset({"REFUND", "CREDIT_OR_COMPENSATION", "DISCOUNT_OR_PRICE", "FEE_WAIVER"})
DEEDS = MONEY | {"CANCELLATION", "ACCOUNT_CHANGE", "REPLACEMENT", "POLICY_EXCEPTION", "OTHER"}
TIMES = frozenset({"DELIVERY_DATE", "CALLBACK_OR_CONTACT", "RESOLUTION_TIME"})
ABSOLUTE = frozenset({"GUARANTEE", "LIABILITY_ADMISSION", "LEGAL_MEDICAL_FINANCIAL_ADVICE"})
_PIECES = re.compile(r"[.,;]\s|\b(?:and|but|or|otherwise)\b")
_OF_ANY_PAYMENT = frozenset(
    (
        *("refund", "refunds", "refunded", "payment", "payments", "money", "credit", "arrive", "arrives", "reach"),
        *(
            "reaches",
            "come",
            "comes",
            "goes",
            "paid",
            "once",
            "immediately",
            "instantly",
            "issued",
            "approved",
            "amounts",
        ),
    )
)
_POLICY_CUES = (
    ("REFUND", ("refund", "returned payment", "premium goes back", "booked back")),
    ("RESOLUTION_TIME", ("decided", "review", "answer", "response", "check", "result", "report")),
    ("CALLBACK_OR_CONTACT", ("call", "nurse line")),
    ("DELIVERY_DATE", ("ship", "deliver", "post", "arrive", "card", "order")),
)


@dataclass(frozen=True, slots=True)
class Judgement:
    """A commitment's status, the type it was judged as, and why in words for a reviewer."""

    status: Status
    type: str
    reason: str


def type_of_topic(topic: str, profile: AuthorityProfile) -> str:
    """The commitment type that an action of `topic` backs."""
    kinds = [kind for kind, authority in profile.commitments.items() if authority.requires_action == topic]
    return next((TYPES[kind] for kind in kinds if kind in TYPES), "OTHER")


def deeds_of(ledger: Sequence[LedgerEntry], profile: AuthorityProfile) -> Sequence[LedgerEntry]:
    """The entries that the profile's terms ask for: what was only looked up is no deed."""
    topics = {authority.requires_action for authority in profile.commitments.values()}
    return [entry for entry in ledger if entry.topic in topics]


@lru_cache(maxsize=256)
def _at_once(policy: tuple[str, ...]) -> tuple[frozenset[str], ...]:
    """What the published policy says happens at once: the words of each such clause that tell it from others."""
    pieces = (piece for sentence in policy for piece in _PIECES.split(sentence.lower()))
    told = (piece for piece in pieces if any(one.vague and not one.most for one in find_deadlines(piece)))
    named = (frozenset(word for word in words(piece) if len(word) > 3) - _OF_ANY_PAYMENT for piece in told)
    return tuple(one for one in named if one)


def is_published_at_once(text_words: frozenset[str], policy: tuple[str, ...]) -> bool:
    """Whether the policy says of just what the words name that it happens at once."""
    return any(named <= text_words for named in _at_once(policy))


def requests_of(profile: AuthorityProfile) -> tuple[tuple[str, ...], ...]:
    """The words of each kind that is itself a request, such as `payment_request`: there asking is the deed."""
    return tuple(tuple(kind.split("_")) for kind in profile.commitments if kind.endswith("_request"))


@lru_cache(maxsize=256)
def published_terms(policy: tuple[str, ...]) -> dict[tuple[float, float, bool], str]:
    """The ranges of time that the published policy names, and the type each sentence is about (empty: not told)."""
    terms: dict[tuple[float, float, bool], str] = {}
    for sentence in policy:
        for piece in sentence.split(". "):
            lowered = piece.lower()
            kind = next((name for name, cues in _POLICY_CUES if any(cue in lowered for cue in cues)), "")
            for deadline in find_deadlines(piece):
                if not deadline.vague and deadline.least < deadline.most:
                    terms.setdefault((deadline.least, deadline.most, deadline.business), kind)
    return terms
