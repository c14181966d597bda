"""Hold a commitment against the ledger and the authority profile (settled questions 3, 4, 7, 12, 13 of the guide).

EXECUTED backs a claim; APPROVED only words that say approved or on its way; amounts equal or lower, several add up;
currency and target equal. What no ledger entry could cure is beyond authority.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import lru_cache
from itertools import combinations

from outguard.detection.commitments.amounts import Amount
from outguard.detection.commitments.deadlines import find_deadlines
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
_OPEN_TYPES = frozenset({"OTHER", "ACCOUNT_CHANGE"})
"""Types wide enough that any kind of the company's own may be what is meant."""
_MAX_ENTRIES_TO_SUM = 12
_SURE_ENOUGH = 0.65


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


class Judge:
    """Judges the commitments of one reply in order: an entry that backed one claim does not back another beside it."""

    def __init__(self, ledger: Sequence[LedgerEntry], profile: AuthorityProfile) -> None:
        self._ledger = ledger
        self._profile = profile
        self._policy = _published_terms(profile.published_policy)
        self._used: set[str] = set()
        self._money = ""

    def judge(self, commitment: Commitment) -> Judgement:
        """The status of `commitment`."""
        first: Judgement | None = None
        for kind in commitment.types:
            if first is not None and kind not in DEEDS:
                continue
            judgement = self._as(replace(commitment, types=(kind,)))
            if judgement.status is Status.BACKED or (first is None and judgement.status is Status.WITHIN_AUTHORITY):
                return judgement
            first = first or judgement
        return first or Judgement(Status.WITHIN_AUTHORITY, "OTHER", "nothing promised")

    def _as(self, c: Commitment) -> Judgement:
        stated = self._stated(c)
        if stated is not None:
            return stated
        if not c.binding:
            return Judgement(Status.WITHIN_AUTHORITY, c.type, f"{c.act.replace('_', ' ')}, nothing promised")
        authority = self._profile.commitments.get(KINDS.get(c.type, ""))
        if c.type in ABSOLUTE:
            return _judge_absolute(c, self._ledger, authority)
        late = _too_soon(c, authority) or self._arrives_too_soon(c)
        if late is not None:
            return late
        if c.type in TIMES:
            return _judge_time(c)
        again = bool(c.words & _AGAIN) and not c.amounts
        ledger = [e for e in self._ledger if e.action_id not in self._used] if again else self._ledger
        judgement, backing = _judge_deed(c, ledger, self._profile)
        self._used.update(entry.action_id for entry in backing)
        if backing and judgement.type in MONEY:
            self._money = judgement.type
        return judgement

    def _arrives_too_soon(self, c: Commitment) -> Judgement | None:
        """Words after a backed payment that say when it can be had are about that payment."""
        if not self._money or c.amounts or c.type == self._money or c.type in ABSOLUTE or "call" in c.words:
            return None
        authority = self._profile.commitments.get(KINDS[self._money])
        return _too_soon(replace(c, types=(self._money,)), authority) if c.words & _IT else None

    def _stated(self, c: Commitment) -> Judgement | None:
        """Words that repeat a time of the published policy are within authority."""
        for deadline in c.deadlines:
            kind = self._policy.get((deadline.least, deadline.most, deadline.business))
            if kind is not None and (c.type not in DEEDS or not c.binding or c.act == "promise"):
                return Judgement(Status.WITHIN_AUTHORITY, kind or c.type, "the published policy says so")
        return None


@lru_cache(maxsize=256)
def _published_terms(policy: tuple[str, ...]) -> dict[tuple[float, float, bool], str]:
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


_AHEAD = frozenset({"will", "'ll", "can", "going", "tomorrow", "tmrw"})
_SOON = frozenset({"overnight", "tonight", "before", "within", "morning"})
_IT = frozenset({"it", "it's", "money", "they", "that", "funds", "account", "bank", "card", "spend"})
_AGAIN = frozenset({"second", "another", "also", "too", "well", "additionally", "top", "extra", "both", "rest"})
_POLICY_CUES = (
    ("REFUND", ("refund", "returned payment", "premium goes back", "booked back")),
    ("RESOLUTION_TIME", ("decided", "review", "answer", "response", "check", "result", "report")),
    ("CALLBACK_OR_CONTACT", ("call", "nurse line")),
    ("DELIVERY_DATE", ("ship", "deliver", "post", "arrive", "card", "order")),
)


def _too_soon(commitment: Commitment, authority: Authority | None) -> Judgement | None:
    ahead = _AHEAD | _SOON if commitment.type in TIMES else _AHEAD
    if authority is None or (commitment.act == "claim" and not commitment.words & ahead):
        return None
    seconds, days = authority.min_seconds, authority.min_business_days
    if commitment.type in MONEY:
        seconds, days = None, authority.arrives_business_days_min
    if seconds is None and days is None:
        return None
    for deadline in commitment.deadlines:
        if deadline.sooner_than(seconds=seconds, business_days=days):
            least = f"{days} business days" if days is not None else _readable(seconds or 0)
            reason = f"names {deadline}; the profile's shortest time is {least}"
            return Judgement(Status.BEYOND_AUTHORITY, commitment.type, reason)
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


def _judge_deed(
    c: Commitment, ledger: Sequence[LedgerEntry], profile: AuthorityProfile
) -> tuple[Judgement, list[LedgerEntry]]:
    kinds = _kinds(c, profile)
    if c.targets and not c.cued:
        kinds |= {k: a for k, a in profile.commitments.items() if _is_about(a, c, ledger)}
    topics = {a.requires_action: kind for kind, a in kinds.items() if a.requires_action}
    entries = [entry for entry in ledger if entry.topic in topics]
    backing = _backing(c, [entry for entry in entries if _counts(entry, c)])
    if backing:
        kind = topics[backing[0].topic]
        return Judgement(Status.BACKED, TYPES.get(kind, "OTHER"), f"backed by {_names(backing)}"), backing
    return _unbacked(c, entries, kinds, profile), []


def _unbacked(
    c: Commitment, entries: Sequence[LedgerEntry], kinds: Mapping[str, Authority], profile: AuthorityProfile
) -> Judgement:
    named = [a for kind, a in kinds.items() if kind not in TYPES and _named(kind, c.words)]
    authority = profile.commitments.get(KINDS.get(c.type, "")) or next(iter(named), None)
    if authority is None:
        if c.type == "OTHER" and c.score < _SURE_ENOUGH:
            return Judgement(Status.WITHIN_AUTHORITY, c.type, "the profile asks for no action")
        return Judgement(Status.UNBACKED, c.type, f"{_says(c)}; the profile has no terms for it")
    if authority.forbidden:
        return Judgement(Status.BEYOND_AUTHORITY, c.type, f"{_says(c)}; the profile forbids it")
    if authority.requires_action is None or _free(c, authority):
        return Judgement(Status.WITHIN_AUTHORITY, c.type, "within what the profile lets an agent give")
    return Judgement(Status.UNBACKED, c.type, f"{_says(c)}; {_holds(entries, authority.requires_action)}")


def _kinds(c: Commitment, profile: AuthorityProfile) -> dict[str, Authority]:
    """The terms that can cover the commitment: its own kind, its money siblings, kinds named in its words."""
    wanted = {KINDS[c.type]} if c.type in KINDS else set()
    if c.type in MONEY:
        wanted |= {KINDS[money] for money in MONEY}
    own = {kind: a for kind, a in profile.commitments.items() if kind in wanted}
    others = {
        kind: authority
        for kind, authority in profile.commitments.items()
        if kind not in TYPES and (c.type in _OPEN_TYPES or wanted & set(kind.split("_")) or _named(kind, c.words))
    }
    return own | others


def _is_about(authority: Authority, c: Commitment, ledger: Sequence[LedgerEntry]) -> bool:
    """Whether the ledger holds a deed under these terms on the very thing that the words name."""
    return any(
        entry.topic == authority.requires_action
        and entry.target is not None
        and any(same_target(named, entry.target) for named in c.targets)
        for entry in ledger
    )


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
