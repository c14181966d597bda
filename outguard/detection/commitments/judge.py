"""Hold a commitment against the ledger and the authority profile (settled questions 3, 4, 7, 12, 13 of the guide).

EXECUTED backs a claim; APPROVED only words that say approved or on its way; amounts equal or lower, several add up;
currency and target equal. What no ledger entry could cure is beyond authority.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import combinations

from outguard.detection.commitments.amounts import Amount
from outguard.detection.commitments.extract import Commitment, Tense
from outguard.detection.commitments.targets import same_target
from outguard.domain.action import LedgerEntry, LedgerState
from outguard.domain.authority import Authority, AuthorityProfile
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
_MAX_ENTRIES_TO_SUM = 12


@dataclass(frozen=True, slots=True)
class Judgement:
    """A commitment's status, the type it was judged as, and why in words for a reviewer."""

    status: Status
    type: str
    reason: str


def judge(commitment: Commitment, ledger: Sequence[LedgerEntry], profile: AuthorityProfile) -> Judgement:
    """The status of `commitment`. Pure."""
    late = _too_soon(commitment, profile)
    if late is not None:
        return late
    if not commitment.binding:
        return Judgement(Status.WITHIN_AUTHORITY, commitment.type, f"{commitment.act.replace('_', ' ')}, nothing promised")
    authority = profile.commitments.get(KINDS.get(commitment.type, ""))
    if commitment.type in ABSOLUTE:
        return _judge_absolute(commitment, ledger, authority)
    if commitment.type in TIMES:
        return _judge_time(commitment)
    return _judge_deed(commitment, ledger, profile)


def _too_soon(commitment: Commitment, profile: AuthorityProfile) -> Judgement | None:
    if not commitment.deadlines:
        return None
    authority = profile.commitments.get(KINDS.get(commitment.type, ""))
    if authority is None:
        return None
    seconds, days = authority.min_seconds, authority.min_business_days
    if commitment.type in MONEY:
        seconds, days = None, authority.arrives_business_days_min
    if seconds is None and days is None:
        return None
    firm = commitment.binding or commitment.act == "policy"
    for deadline in commitment.deadlines:
        if not deadline.sooner_than(seconds=seconds, business_days=days):
            continue
        if not firm or (commitment.type in MONEY and commitment.tense is Tense.DONE):
            continue
        least = f"{days} business days" if days is not None else _readable(seconds or 0)
        return Judgement(
            Status.BEYOND_AUTHORITY,
            commitment.type,
            f"names {deadline}; the profile's shortest time is {least}",
        )
    return None


def _readable(seconds: int) -> str:
    for unit, size in (("hours", 3600), ("minutes", 60)):
        if seconds >= size and seconds % size == 0:
            return f"{seconds // size} {unit}"
    return f"{seconds} seconds"


def _judge_absolute(c: Commitment, ledger: Sequence[LedgerEntry], authority: Authority | None) -> Judgement:
    if authority is not None and not authority.forbidden:
        if authority.requires_action is None:
            return Judgement(Status.WITHIN_AUTHORITY, c.type, "the profile allows it")
        backing = [e for e in ledger if e.topic == authority.requires_action and _counts(e, c)]
        if backing:
            return Judgement(Status.BACKED, c.type, f"backed by {_names(backing)}")
        return Judgement(Status.UNBACKED, c.type, f"the ledger holds no {authority.requires_action}")
    words = {"GUARANTEE": "an absolute assurance", "LIABILITY_ADMISSION": "owns fault or liability"}
    return Judgement(Status.BEYOND_AUTHORITY, c.type, f"{words.get(c.type, 'advice')}; the profile forbids it")


def _judge_time(c: Commitment) -> Judgement:
    if c.deadlines:
        return Judgement(Status.WITHIN_AUTHORITY, c.type, f"names {c.deadlines[0]}, which the profile allows")
    return Judgement(Status.WITHIN_AUTHORITY, c.type, "names no time")


def _judge_deed(c: Commitment, ledger: Sequence[LedgerEntry], profile: AuthorityProfile) -> Judgement:
    kinds = _kinds(c, profile)
    topics = {a.requires_action: kind for kind, a in kinds.items() if a.requires_action}
    entries = [entry for entry in ledger if entry.topic in topics]
    backing = _backing(c, [entry for entry in entries if _counts(entry, c)])
    if backing:
        kind = topics[backing[0].topic]
        return Judgement(Status.BACKED, TYPES.get(kind, "OTHER"), f"backed by {_names(backing)}")
    authority = profile.commitments.get(KINDS.get(c.type, "")) or next(iter(kinds.values()), None)
    if authority is None:
        if c.type == "OTHER":
            return Judgement(Status.WITHIN_AUTHORITY, c.type, "the profile asks for no action")
        return Judgement(Status.UNBACKED, c.type, f"{_says(c)}; the profile has no terms for it")
    if authority.forbidden:
        return Judgement(Status.BEYOND_AUTHORITY, c.type, f"{_says(c)}; the profile forbids it")
    if authority.requires_action is None or _free(c, authority):
        return Judgement(Status.WITHIN_AUTHORITY, c.type, "within what the profile lets an agent give")
    return Judgement(Status.UNBACKED, c.type, f"{_says(c)}; {_holds(entries, authority.requires_action)}")


def _kinds(c: Commitment, profile: AuthorityProfile) -> dict[str, Authority]:
    """The profile's terms that can cover the commitment: its own kind, its money siblings, and kinds named in its words."""
    wanted = {KINDS[c.type]} if c.type in KINDS else set()
    if c.type in MONEY:
        wanted |= {KINDS[money] for money in MONEY}
    kinds = {kind: a for kind, a in profile.commitments.items() if kind in wanted}
    for kind, authority in profile.commitments.items():
        if kind not in TYPES and (c.type == "OTHER" or _named(kind, c.words)):
            kinds[kind] = authority
    return kinds


def _named(kind: str, words: frozenset[str]) -> bool:
    stems = [part.rstrip("s")[:6] for part in kind.split("_")]
    return all(any(word.startswith(stem) for word in words) for stem in stems)


def _counts(entry: LedgerEntry, c: Commitment) -> bool:
    if entry.state is LedgerState.EXECUTED:
        return True
    return entry.state is LedgerState.APPROVED and c.tense in {Tense.ON_ITS_WAY, Tense.PROMISED}


def _backing(c: Commitment, entries: Sequence[LedgerEntry]) -> list[LedgerEntry]:
    fitting = [entry for entry in entries if _target_fits(entry, c.targets)]
    if not fitting:
        return []
    stated = [a for a in c.amounts if a.value > 0]
    if not stated or all(entry.amount is None for entry in fitting):
        return fitting[:1] if not stated or c.type not in MONEY else fitting
    for amount in stated:
        chosen = _covering(amount, fitting)
        if chosen:
            return chosen
    return []


def _covering(amount: Amount, entries: Sequence[LedgerEntry]) -> list[LedgerEntry]:
    """Entries of one currency that hold at least `amount`: one alone, or the sum of several when it is equal."""
    sums = [e for e in entries if e.amount is not None and amount.fits(e.amount.currency)]
    for entry in sums:
        if entry.amount is not None and amount.value <= entry.amount.amount:
            return [entry]
    for size in range(2, min(len(sums), _MAX_ENTRIES_TO_SUM) + 1):
        for chosen in combinations(sums[:_MAX_ENTRIES_TO_SUM], size):
            total = sum((e.amount.amount for e in chosen if e.amount is not None), Decimal(0))
            if len({e.amount.currency for e in chosen if e.amount is not None}) == 1 and total >= amount.value:
                return list(chosen)
        if size >= 4:
            break
    return []


def _target_fits(entry: LedgerEntry, targets: Sequence[str]) -> bool:
    if not targets or not entry.target:
        return True
    if any(same_target(named, entry.target) for named in targets):
        return True
    return not any(_same_shape(named, entry.target) for named in targets)


def _same_shape(named: str, target: str) -> bool:
    """Whether two identifiers are of one kind, so that a difference means another thing."""
    if ("@" in named) != ("@" in target):
        return False
    head = named[:2]
    return named.isdigit() == target.isdigit() and (named.isdigit() or target.lower().startswith(head))


def _free(c: Commitment, authority: Authority) -> bool:
    if not authority.without_action_up_to or not c.amounts:
        return False
    return all(
        any(a.value <= limit for currency, limit in authority.without_action_up_to.items() if a.fits(currency))
        for a in c.amounts
    )


def _says(c: Commitment) -> str:
    sums = " and ".join(str(a) for a in c.amounts)
    verb = "claims" if c.tense is Tense.DONE else "promises"
    what = c.type.lower().replace("_", " ")
    return f"{verb} {what}" + (f" of {sums}" if sums else "")


def _holds(entries: Sequence[LedgerEntry], topic: str) -> str:
    if not entries:
        return f"the ledger has no {topic}"
    parts = [
        f"{entry.amount} {entry.state.value.lower()} ({entry.action_id})" if entry.amount
        else f"{entry.topic} {entry.state.value.lower()} ({entry.action_id})"
        for entry in entries[:3]
    ]  # fmt: skip
    return "the ledger has " + ", ".join(parts)


def _names(entries: Sequence[LedgerEntry]) -> str:
    return ", ".join(entry.action_id for entry in entries)
