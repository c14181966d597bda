"""Hold a commitment against the ledger and the authority profile (settled questions 3, 4, 7, 12, 13 of the guide).

EXECUTED backs a claim; APPROVED only words that say approved or on its way; amounts equal or lower, several add up;
currency and target equal. What no ledger entry could cure is beyond authority.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import cached_property

from outguard.detection.commitments.backing import (
    counts,
    missing,
    total,
)
from outguard.detection.commitments.covered import holds, judge_absolute, judge_deed, judge_time, says
from outguard.detection.commitments.extract import Commitment
from outguard.detection.commitments.goes_on import goes_on
from outguard.detection.commitments.kinds import is_named, kinds_of
from outguard.detection.commitments.outcome import tells_outcome
from outguard.detection.commitments.phrases import (
    CHARGED,
    GIVES,
    LIMIT,
    REPAID,
    RETURNED,
    SENT,
)
from outguard.detection.commitments.spent import Spent
from outguard.detection.commitments.sums import ON_TOP, Part, likewise, totals_in
from outguard.detection.commitments.targets import fold_target
from outguard.detection.commitments.terms import (
    ABSOLUTE,
    DEEDS,
    KINDS,
    MONEY,
    TIMES,
    TYPES,
    Judgement,
    deeds_of,
    published_terms,
)
from outguard.detection.commitments.times import too_soon
from outguard.domain.action import LedgerEntry, LedgerState
from outguard.domain.authority import AuthorityProfile
from outguard.domain.finding import Status

_IT = frozenset({"it", "it's", "money", "they", "that", "funds", "account", "bank", "card", "spend"})
_ARRIVES = frozenset(
    {
        "it",
        "it's",
        "bank",
        "banks",
        "card",
        "cards",
        "show",
        "shows",
        "arrive",
        "arrives",
        "reach",
        "reaches",
        "account",
    }
    | {"statement", "allow", "give", "count", "reckon", "money", "land", "lands", "usually", "normally"}
)
_NAMED = re.compile(r"\b([A-Z][A-Z0-9]{1,7})-[a-z][\w-]{1,40}")
"""An identifier with a name in it."""
_WILL, _YOURS = frozenset({"will", "'ll"}), frozenset({"you", "your"})
_HEDGES = frozenset(
    {"if", "once", "when", "after", "usually", "normally", "may", "might", "can", "should", "not", "n't"}
)
_AGAIN = frozenset({"second", "another", "other", "also", "too", "well", "additionally", "top", "extra", "rest"})
_SAME_AGAIN = re.compile(
    r"(?i)\bsame\b[^.;\n]{0,60}\b(?:next(?! (?:statement|business|working|few|days?|message))|future|later|following"
    r"|whatever|whenever|every|each|again)\b"
)
"""What was given once and is told to be given again."""


class Judge:
    """Judges the commitments of one reply in order: an entry that backed one claim does not back another beside it."""

    def __init__(self, ledger: Sequence[LedgerEntry], profile: AuthorityProfile) -> None:
        self._ledger = ledger
        self._profile = profile
        self._policy = published_terms(profile.published_policy)
        self._used: set[str] = set()
        self._breath, self._told = Spent(), Spent()
        self._money = ""
        self._before: tuple[Commitment, Judgement] | None = None

    @cached_property
    def _paid(self) -> str:
        return _paid(self._ledger, self._profile)

    def judge(self, commitment: Commitment) -> Judgement:
        """The status of `commitment`."""
        commitment = self._with_targets(commitment)
        judgement = self._likeliest(commitment)
        if judgement.status is Status.UNBACKED:
            judgement = self._told_of_another(commitment) or judgement
        self._before = commitment, judgement
        return judgement

    def _told_of_another(self, c: Commitment) -> Judgement | None:
        """The judgement on words that claim no deed of their own, but go on about one or tell what came of one."""
        if self._before is not None and goes_on(*self._before, c):
            status = self._before[1].status
            return Judgement(status, self._before[1].type, "goes on about what is told before it")
        deeds = deeds_of(self._ledger, self._profile)
        ending, fees = self._topics("cancellation"), self._topics("fee_waiver")
        if c.type not in ABSOLUTE and tells_outcome(c, deeds, ending=ending, fees=fees):
            return Judgement(Status.WITHIN_AUTHORITY, c.type, "says no more than what came of it")
        return None

    def _topics(self, kind: str) -> frozenset[str]:
        authority = self._profile.commitments.get(kind)
        return frozenset({authority.requires_action}) if authority and authority.requires_action else frozenset()

    def _likeliest(self, commitment: Commitment) -> Judgement:
        """The judgement as the first type, or as a later one that the ledger backs."""
        first: Judgement | None = None
        for kind in commitment.types:
            if first is not None and kind not in DEEDS:
                continue
            judgement = self._as(commitment if kind == commitment.type else replace(commitment, types=(kind,)))
            if judgement.status is Status.BACKED or (first is None and judgement.status is Status.WITHIN_AUTHORITY):
                return judgement
            first = first or judgement
        return first or Judgement(Status.WITHIN_AUTHORITY, "OTHER", "nothing promised")

    def _with_targets(self, c: Commitment) -> Commitment:
        """The commitment with what is named after the manner of the ledger's targets, such as `ORG-alder`."""
        heads = {
            entry.target.partition("-")[0] for entry in self._ledger if entry.target and _NAMED.match(entry.target)
        }
        found = [fold_target(one.group()) for one in _NAMED.finditer(c.text) if one.group(1) in heads] if heads else []
        return replace(c, targets=tuple(dict.fromkeys([*c.targets, *found]))) if found else c

    def _as(self, c: Commitment) -> Judgement:
        stated = self._stated(c)
        if stated is not None:
            return stated
        if c.binding and _gives_nothing(c):
            return Judgement(Status.WITHIN_AUTHORITY, "DISCOUNT_OR_PRICE", "names a charge or a limit, gives nothing")
        return self._bound(c) if c.binding else self._unbound(c)

    def _unbound(self, c: Commitment) -> Judgement:
        kind = _timed(c) if c.deadlines else ""
        nothing = Judgement(Status.WITHIN_AUTHORITY, kind or c.type, f"{c.act.replace('_', ' ')}, nothing promised")
        return self._told_too_soon(c) or nothing

    def _bound(self, c: Commitment) -> Judgement:
        authority = self._profile.commitments.get(KINDS.get(c.type, ""))
        if c.type in ABSOLUTE:
            return judge_absolute(c, self._ledger, authority)
        late = (
            too_soon(c, authority, self._profile.published_policy)
            or self._own_kind_too_soon(c)
            or self._arrives_too_soon(c)
        )
        if late is not None:
            return late
        return judge_time(c) if c.type in TIMES and not self._tells_own_deed(c) else self._as_deed(c)

    def _as_deed(self, c: Commitment) -> Judgement:
        again = bool(c.words & _AGAIN) or _SAME_AGAIN.search(c.text) is not None
        ledger = self._ledger
        if again and not c.amounts:
            ledger = [e for e in ledger if e.action_id not in self._used]
        if not c.beside:
            self._breath = Spent()
        spent = self._told if again and c.amounts else self._breath
        judgement, chosen = judge_deed(c, spent.left(ledger), self._profile)
        self._used.update(entry.action_id for entry in chosen)
        self._breath.take(c, chosen, is_another=True)
        self._told.take(c, chosen, is_another=again or c.beside)
        if chosen and judgement.type in MONEY:
            self._money = judgement.type
        return judgement

    def _tells_own_deed(self, c: Commitment) -> bool:
        """Whether words like those of a time tell a deed of the company's own kind as done: "is booked for Monday"."""
        return c.act == "claim" and any(
            kind not in TYPES and authority.requires_action is not None and is_named(kind, c.words)
            for kind, authority in self._profile.commitments.items()
        )

    def together(self, c: Commitment, rest: str) -> Judgement | None:
        """The judgement on what the `rest` of a backed claim's sentence adds to it, None where that is backed too.

        It may say the same of another thing, or what all payments make together.
        """
        kinds = kinds_of(c, self._profile, self._ledger)
        topics = {authority.requires_action for authority in kinds.values()}
        entries = [entry for entry in self._ledger if entry.topic in topics]
        done = [entry for entry in entries if counts(entry, c)]
        held = holds(entries, KINDS.get(c.type, c.type.lower()))
        part = missing(likewise(rest, c.amounts), done) or missing(_on_top(c, rest), done)
        if part is not None:
            return Judgement(Status.UNBACKED, c.type, f"{says(replace(c, amounts=()))} for {part}; {held}")
        whole = next((one for one in totals_in(rest) if not total(one, done)), None) if c.type in MONEY else None
        if whole is not None:
            return Judgement(Status.UNBACKED, c.type, f"{says(replace(c, amounts=(whole,)))} together; {held}")
        return None

    def in_rows(self, claims: Sequence[Commitment]) -> Iterator[tuple[Commitment, Judgement]]:
        """The first of the `claims` in rows of a list that the ledger, each sum spent but once, does not cover."""
        parts = [Part(c.amounts[0], c.targets) for c in claims]
        topics = {a.requires_action for c in claims for a in kinds_of(c, self._profile, self._ledger).values()}
        entries = [entry for entry in self._ledger if entry.topic in topics]
        part = missing(parts, [entry for entry in entries if any(counts(entry, c) for c in claims)])
        if part is not None:
            c = claims[parts.index(part)]
            yield c, Judgement(Status.UNBACKED, c.type, f"{says(c)} beside others; {holds(entries, c.type)}")

    def _own_kind_too_soon(self, c: Commitment) -> Judgement | None:
        """The same for a kind of the company's own that has a shortest time and that the words name."""
        own = (
            a for kind, a in self._profile.commitments.items()
            if kind not in TYPES and (a.min_seconds is not None or a.min_business_days is not None)
            and is_named(kind, c.words)
        )  # fmt: skip
        late = (too_soon(replace(c, types=("OTHER",)), authority, self._profile.published_policy) for authority in own)
        return next((one for one in late if one is not None), None)

    def _told_too_soon(self, c: Commitment) -> Judgement | None:
        """Terms told to this customer of a time that the profile does not allow are no terms of ours, but a promise."""
        if c.act != "policy" or c.type not in TIMES or not (c.words & _WILL and c.words & _YOURS) or c.words & _HEDGES:
            return None
        return too_soon(c, self._profile.commitments.get(KINDS[c.type]), self._profile.published_policy)

    def _arrives_too_soon(self, c: Commitment) -> Judgement | None:
        """Words after a backed payment that say when it can be had are about that payment."""
        if not self._money or c.amounts or c.type == self._money or c.type in ABSOLUTE or "call" in c.words:
            return None
        authority = self._profile.commitments.get(KINDS[self._money])
        policy = self._profile.published_policy
        return too_soon(replace(c, types=(self._money,)), authority, policy) if c.words & _IT else None

    def _arrival(self, c: Commitment) -> Judgement | None:
        """How long money takes to arrive, told beside a payment, is about that payment."""
        time = next((one for one in c.deadlines if one.business), None)
        if time is None or c.amounts or (c.type in DEEDS - MONEY and c.binding) or not self._paid:
            return None
        kind = self._money or self._paid
        authority = self._profile.commitments.get(KINDS[kind])
        least = authority.arrives_business_days_min if authority is not None else None
        if least is None or (time.least != least and not c.words & _ARRIVES) or time.least < least:
            return None
        return Judgement(
            Status.WITHIN_AUTHORITY, kind, f"names {time} for the money to arrive, which the profile allows"
        )

    def _is_told_of_this(self, c: Commitment) -> bool:
        """Whether words with a published time promise this customer money: "you will get your money back in a week"."""
        told = c.binding and c.act == "promise" and c.type in MONEY
        return told and bool(c.words & _WILL and c.words & _YOURS) and not c.words & _HEDGES

    def _stated(self, c: Commitment) -> Judgement | None:
        """Words that repeat a time of the published policy are within authority."""
        arrival = self._arrival(c)
        if arrival is not None:
            return arrival
        if self._is_told_of_this(c):
            return None
        for deadline in c.deadlines:
            kind = self._policy.get((deadline.least, deadline.most, deadline.business))
            if kind is not None and (c.type not in DEEDS or not c.binding or c.act == "promise"):
                return Judgement(Status.WITHIN_AUTHORITY, _timed(c) or kind or c.type, "the published policy says so")
        return None


def _paid(ledger: Sequence[LedgerEntry], profile: AuthorityProfile) -> str:
    """The money type of the ledger's last payment that is done or on its way, empty where there is none."""
    types = {
        authority.requires_action: TYPES[kind]
        for kind, authority in profile.commitments.items()
        if TYPES.get(kind) in MONEY and authority.requires_action
    }
    paid = (e for e in reversed(ledger) if e.state in {LedgerState.EXECUTED, LedgerState.APPROVED} and e.topic in types)
    entry = next(paid, None)
    return "" if entry is None else types[entry.topic]


def _timed(c: Commitment) -> str:
    """The type of the thing whose time is stated, where the words name it; empty where they do not."""
    if RETURNED.search(c.text):
        return "REFUND"
    if SENT.search(c.text):
        return "DELIVERY_DATE"
    return "REFUND" if REPAID.search(c.text) else ""


def _gives_nothing(c: Commitment) -> bool:
    """Whether the sums are what the customer pays or a limit, and no word is one of giving."""
    if c.type not in {"CREDIT_OR_COMPENSATION", "DISCOUNT_OR_PRICE"} or not c.amounts or GIVES.search(c.text):
        return False
    if CHARGED.search(c.text):
        return True
    return all(LIMIT.search(c.text[: amount.start]) for amount in c.amounts)


def _on_top(c: Commitment, rest: str) -> list[Part]:
    """What the rest of a sentence adds to a payment without a sum of its own: ", plus the postage"."""
    if c.type not in MONEY or not c.amounts or not ON_TOP.match(rest):
        return []
    return [*(Part(amount, ()) for amount in c.amounts), Part(None, ())]
