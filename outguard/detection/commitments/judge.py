"""Hold a commitment against the ledger and the authority profile (settled questions 3, 4, 7, 12, 13 of the guide).

EXECUTED backs a claim; APPROVED only words that say approved or on its way; amounts equal or lower, several add up;
currency and target equal. What no ledger entry could cure is beyond authority.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cached_property

from outguard.detection.commitments.backing import (
    OPEN,
    backing,
    counts,
    is_the_very_deed,
    missing,
    names,
    on_named_things,
    total,
)
from outguard.detection.commitments.extract import Commitment, Tense
from outguard.detection.commitments.kinds import OPEN_TYPES, allowed_kind, is_named, kinds_of, other_money
from outguard.detection.commitments.phrases import (
    CAME_TO_NOTHING,
    CHARGED,
    GIVES,
    GRANTED,
    LIMIT,
    REPAID,
    RETURNED,
    SENT,
    WAITS,
)
from outguard.detection.commitments.plural import told_deeds, told_number
from outguard.detection.commitments.spent import Spent
from outguard.detection.commitments.sums import ON_TOP, Part, is_total, likewise, parts_of, totals_in
from outguard.detection.commitments.targets import fold_target, same_target
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
    type_of_topic,
)
from outguard.detection.commitments.times import too_soon
from outguard.domain.action import LedgerEntry, LedgerState
from outguard.domain.authority import Authority, AuthorityProfile
from outguard.domain.finding import Status

_SURE_ENOUGH = 0.65
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
_CAME_TO_NOTHING = frozenset({LedgerState.DENIED, LedgerState.FAILED, LedgerState.ROLLED_BACK})
_COUNTED = MONEY | {"REPLACEMENT"}
"""Deeds that the ledger has one entry each for."""
_WILL, _YOURS = frozenset({"will", "'ll"}), frozenset({"you", "your"})
_HEDGES = frozenset(
    {"if", "once", "when", "after", "usually", "normally", "may", "might", "can", "should", "not", "n't"}
)
_AGAIN = frozenset({"second", "another", "other", "also", "too", "well", "additionally", "top", "extra", "rest"})


class Judge:
    """Judges the commitments of one reply in order: an entry that backed one claim does not back another beside it."""

    def __init__(self, ledger: Sequence[LedgerEntry], profile: AuthorityProfile) -> None:
        self._ledger = ledger
        self._profile = profile
        self._policy = published_terms(profile.published_policy)
        self._used: set[str] = set()
        self._breath, self._told = Spent(), Spent()
        self._money = ""

    @cached_property
    def _paid(self) -> str:
        return _paid(self._ledger, self._profile)

    def judge(self, commitment: Commitment) -> Judgement:
        """The status of `commitment`."""
        commitment = self._with_targets(commitment)
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
            return _judge_absolute(c, self._ledger, authority)
        late = (
            too_soon(c, authority, self._profile.published_policy)
            or self._own_kind_too_soon(c)
            or self._arrives_too_soon(c)
        )
        if late is not None:
            return late
        return _judge_time(c) if c.type in TIMES and not self._tells_own_deed(c) else self._as_deed(c)

    def _as_deed(self, c: Commitment) -> Judgement:
        again = bool(c.words & _AGAIN)
        ledger = self._ledger
        if again and not c.amounts:
            ledger = [e for e in ledger if e.action_id not in self._used]
        if not c.beside:
            self._breath = Spent()
        spent = self._told if again and c.amounts else self._breath
        judgement, chosen = _judge_deed(c, spent.left(ledger), self._profile)
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
        holds = _holds(entries, KINDS.get(c.type, c.type.lower()))
        part = missing(likewise(rest), done) or missing(_on_top(c, rest), done)
        if part is not None:
            return Judgement(Status.UNBACKED, c.type, f"{_says(replace(c, amounts=()))} for {part}; {holds}")
        whole = next((one for one in totals_in(rest) if not total(one, done)), None) if c.type in MONEY else None
        if whole is not None:
            return Judgement(Status.UNBACKED, c.type, f"{_says(replace(c, amounts=(whole,)))} together; {holds}")
        return None

    def in_rows(self, claims: Sequence[Commitment]) -> Iterator[tuple[Commitment, Judgement]]:
        """The first of the `claims` in rows of a list that the ledger, each sum spent but once, does not cover."""
        parts = [Part(c.amounts[0], c.targets) for c in claims]
        topics = {a.requires_action for c in claims for a in kinds_of(c, self._profile, self._ledger).values()}
        entries = [entry for entry in self._ledger if entry.topic in topics]
        part = missing(parts, [entry for entry in entries if any(counts(entry, c) for c in claims)])
        if part is not None:
            c = claims[parts.index(part)]
            yield c, Judgement(Status.UNBACKED, c.type, f"{_says(c)} beside others; {_holds(entries, c.type)}")

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


def _judge_absolute(c: Commitment, ledger: Sequence[LedgerEntry], authority: Authority | None) -> Judgement:
    if authority is not None and not authority.forbidden:
        if authority.requires_action is None:
            return Judgement(Status.WITHIN_AUTHORITY, c.type, "the profile allows it")
        chosen = [e for e in ledger if e.topic == authority.requires_action and counts(e, c)]
        if chosen:
            return Judgement(Status.BACKED, c.type, f"backed by {names(chosen)}")
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
    kinds = kinds_of(c, profile, ledger)
    topics = {a.requires_action: kind for kind, a in kinds.items() if a.requires_action}
    entries = [entry for entry in ledger if entry.topic in topics]
    done = on_named_things(c, [entry for entry in entries if counts(entry, c)], ledger)
    chosen = backing(c, done)
    if not chosen:
        chosen = _very_deed(c, ledger, profile)
        if not chosen:
            return _unbacked(c, entries, kinds, profile), []
        done, topics = chosen, {chosen[0].topic: _kind_of(chosen[0], profile)}
    kind = topics[chosen[0].topic]
    type_ = TYPES.get(kind, "OTHER")
    lacking = _lacking(c, done, entries, type_)
    if lacking:
        return Judgement(Status.UNBACKED, type_, f"{_says(c)}; {_holds(entries, kind)}, {lacking}"), []
    return Judgement(Status.BACKED, type_, f"backed by {names(chosen)}"), chosen


def _very_deed(c: Commitment, ledger: Sequence[LedgerEntry], profile: AuthorityProfile) -> list[LedgerEntry]:
    """The deed on the very target and of the very sum that the words name, unless they rule its kind out."""
    ruled_out = other_money(c)
    named = {kind for kind in profile.commitments if kind not in TYPES and is_named(kind, c.words)}
    if named:
        ruled_out |= {kind for kind in profile.commitments if kind not in TYPES and kind not in named}
    for entry in deeds_of(ledger, profile):
        kind = _kind_of(entry, profile)
        if kind not in ruled_out and counts(entry, c) and is_the_very_deed(entry, c, TYPES.get(kind, "OTHER")):
            return [entry]
    return []


def _lacking(c: Commitment, done: Sequence[LedgerEntry], entries: Sequence[LedgerEntry], kind: str) -> str:
    """What of several deeds told together the ledger does not hold, empty where it holds all."""
    part = missing(parts_of(c), done)
    if part is not None:
        return f"nothing covers {part}"
    whole = next((a for a in c.amounts if is_total(c.text, a) and not total(a, done)), None)
    if whole is not None:
        return f"nothing covers {whole} together"
    number = told_number(c.text) if len(entries) > len(done) else 1
    number = max(number, told_deeds(c.text) if kind in _COUNTED else 1)
    if number > len(done):
        return f"which is fewer than {number} done"
    return ""


def _on_top(c: Commitment, rest: str) -> list[Part]:
    """What the rest of a sentence adds to a payment without a sum of its own: ", plus the postage"."""
    if c.type not in MONEY or not c.amounts or not ON_TOP.match(rest):
        return []
    return [*(Part(amount, ()) for amount in c.amounts), Part(None, ())]


def _kind_of(entry: LedgerEntry, profile: AuthorityProfile) -> str:
    return next(kind for kind, a in profile.commitments.items() if a.requires_action == entry.topic)


def _unbacked(
    c: Commitment, entries: Sequence[LedgerEntry], kinds: Mapping[str, Authority], profile: AuthorityProfile
) -> Judgement:
    if c.type in OPEN_TYPES and not entries and allowed_kind(c, kinds) is not None:
        return Judgement(Status.WITHIN_AUTHORITY, c.type, "the profile asks for no action")
    named = [a for kind, a in kinds.items() if kind not in TYPES and is_named(kind, c.words)]
    own = profile.commitments.get(KINDS.get(c.type, ""))
    authority = next(iter(named), own) if own is None or c.type in TIMES else own
    if authority is None:
        if c.type == "OTHER" and c.score < _SURE_ENOUGH and not any(entry.state in OPEN for entry in entries):
            return Judgement(Status.WITHIN_AUTHORITY, c.type, "the profile asks for no action")
        return Judgement(Status.UNBACKED, c.type, f"{_says(c)}; the profile has no terms for it")
    nearest = _nearest(c, entries)
    return _by_terms(c, authority, nearest, _meant(c, nearest, profile))


def _timed(c: Commitment) -> str:
    """The type of the thing whose time is stated, where the words name it; empty where they do not."""
    if RETURNED.search(c.text):
        return "REFUND"
    if SENT.search(c.text):
        return "DELIVERY_DATE"
    return "REFUND" if REPAID.search(c.text) else ""


def _meant(c: Commitment, nearest: Sequence[LedgerEntry], profile: AuthorityProfile) -> str:
    """The type of words that name none: of what was tried on the very thing or sum, as the ledger has it."""
    if c.type not in MONEY or c.cued or not nearest:
        return c.type
    kind = type_of_topic(nearest[0].topic, profile)
    return kind if kind in MONEY else c.type


def _by_terms(c: Commitment, authority: Authority, nearest: Sequence[LedgerEntry], kind: str) -> Judgement:
    """The judgement on words that no entry backs; `nearest` are those on what the words name."""
    if authority.forbidden:
        return Judgement(Status.BEYOND_AUTHORITY, c.type, f"{_says(c)}; the profile forbids it")
    if _owns_up(c, nearest):
        return Judgement(Status.WITHIN_AUTHORITY, c.type, f"says no more than {_holds(nearest, c.type)}")
    if authority.requires_action is None or _free(c, authority):
        return Judgement(Status.WITHIN_AUTHORITY, c.type, "within what the profile lets an agent give")
    return Judgement(Status.UNBACKED, kind, f"{_says(c)}; {_holds(nearest, authority.requires_action)}")


def _gives_nothing(c: Commitment) -> bool:
    """Whether the sums are what the customer pays or a limit, and no word is one of giving."""
    if c.type not in {"CREDIT_OR_COMPENSATION", "DISCOUNT_OR_PRICE"} or not c.amounts or GIVES.search(c.text):
        return False
    if CHARGED.search(c.text):
        return True
    return all(LIMIT.search(c.text[: amount.start]) for amount in c.amounts)


def _owns_up(c: Commitment, entries: Sequence[LedgerEntry]) -> bool:
    """Whether the words say no more than what the ledger has: that a thing is looked at, or came to nothing."""
    states = {entry.state for entry in entries}
    if states == {LedgerState.PENDING}:
        return WAITS.search(c.text) is not None and GRANTED.search(c.text) is None
    return bool(states) and states <= _CAME_TO_NOTHING and CAME_TO_NOTHING.search(c.text) is not None


def _free(c: Commitment, authority: Authority) -> bool:
    """Whether the profile gives each sum away: a "$" that may be one of several dollars must be free in all of them."""
    limits = authority.without_action_up_to
    if not limits or not c.amounts:
        return False
    return all(
        bool(fitting := [limit for currency, limit in limits.items() if a.fits(currency)]) and a.value <= min(fitting)
        for a in c.amounts
    )


def _says(c: Commitment) -> str:
    sums = " and ".join(str(a) for a in c.amounts)
    verb = "claims" if c.tense is Tense.DONE else "promises"
    what = c.type.lower().replace("_", " ")
    return f"{verb} {what}" + (f" of {sums}" if sums else "")


def _nearest(c: Commitment, entries: Sequence[LedgerEntry]) -> Sequence[LedgerEntry]:
    """The entries on what the words name, else all."""
    named = [e for e in entries if e.target and any(same_target(one, e.target) for one in c.targets)]
    return named or entries


def _holds(entries: Sequence[LedgerEntry], topic: str) -> str:
    if not entries:
        return f"the ledger has no {topic}"
    parts = [
        f"{entry.amount} {entry.state.value.lower()} ({entry.action_id})" if entry.amount
        else f"{entry.topic} {entry.state.value.lower()} ({entry.action_id})"
        for entry in entries[:3]
    ]  # fmt: skip
    return "the ledger has " + ", ".join(parts)
