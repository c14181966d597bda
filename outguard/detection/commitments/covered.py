"""Whether the ledger covers a deed that words claim or promise, and what the profile's terms say where it does not."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

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
from outguard.detection.commitments.outcome import NOTHING_CAME
from outguard.detection.commitments.phrases import (
    CAME_TO_NOTHING,
    GRANTED,
    WAITS,
)
from outguard.detection.commitments.plural import told_deeds, told_number
from outguard.detection.commitments.sums import is_total, parts_of
from outguard.detection.commitments.targets import same_target
from outguard.detection.commitments.terms import (
    KINDS,
    MONEY,
    TIMES,
    TYPES,
    Judgement,
    deeds_of,
    type_of_topic,
)
from outguard.domain.action import LedgerEntry, LedgerState
from outguard.domain.authority import Authority, AuthorityProfile
from outguard.domain.finding import Status

_SURE_ENOUGH = 0.65
_COUNTED = MONEY | {"REPLACEMENT"}
"""Deeds that the ledger has one entry each for."""


def judge_absolute(c: Commitment, ledger: Sequence[LedgerEntry], authority: Authority | None) -> Judgement:
    """The judgement on an assurance, an admission or advice."""
    if authority is not None and not authority.forbidden:
        if authority.requires_action is None:
            return Judgement(Status.WITHIN_AUTHORITY, c.type, "the profile allows it")
        chosen = [e for e in ledger if e.topic == authority.requires_action and counts(e, c)]
        if chosen:
            return Judgement(Status.BACKED, c.type, f"backed by {names(chosen)}")
        return Judgement(Status.UNBACKED, c.type, f"the ledger holds no {authority.requires_action}")
    words = {"GUARANTEE": "an absolute assurance", "LIABILITY_ADMISSION": "owns fault or liability"}
    return Judgement(Status.BEYOND_AUTHORITY, c.type, f"{words.get(c.type, 'advice')}; the profile forbids it")


def judge_time(c: Commitment) -> Judgement:
    """The judgement on a time that is not too soon."""
    if c.deadlines:
        return Judgement(Status.WITHIN_AUTHORITY, c.type, f"names {c.deadlines[0]}, which the profile allows")
    return Judgement(Status.WITHIN_AUTHORITY, c.type, "names no time")


def judge_deed(
    c: Commitment, ledger: Sequence[LedgerEntry], profile: AuthorityProfile
) -> tuple[Judgement, list[LedgerEntry]]:
    """The judgement on a deed, and the entries that back it."""
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
        return Judgement(Status.UNBACKED, type_, f"{says(c)}; {holds(entries, kind)}, {lacking}"), []
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
        return Judgement(Status.UNBACKED, c.type, f"{says(c)}; the profile has no terms for it")
    nearest = _nearest(c, entries)
    return _by_terms(c, authority, nearest, _meant(c, nearest, profile))


def _meant(c: Commitment, nearest: Sequence[LedgerEntry], profile: AuthorityProfile) -> str:
    """The type of words that name none: of what was tried on the very thing or sum, as the ledger has it."""
    if c.type not in MONEY or c.cued or not nearest:
        return c.type
    kind = type_of_topic(nearest[0].topic, profile)
    return kind if kind in MONEY else c.type


def _by_terms(c: Commitment, authority: Authority, nearest: Sequence[LedgerEntry], kind: str) -> Judgement:
    """The judgement on words that no entry backs; `nearest` are those on what the words name."""
    if authority.forbidden:
        return Judgement(Status.BEYOND_AUTHORITY, c.type, f"{says(c)}; the profile forbids it")
    if _owns_up(c, nearest):
        return Judgement(Status.WITHIN_AUTHORITY, c.type, f"says no more than {holds(nearest, c.type)}")
    if authority.requires_action is None or _free(c, authority):
        return Judgement(Status.WITHIN_AUTHORITY, c.type, "within what the profile lets an agent give")
    return Judgement(Status.UNBACKED, kind, f"{says(c)}; {holds(nearest, authority.requires_action)}")


def _owns_up(c: Commitment, entries: Sequence[LedgerEntry]) -> bool:
    """Whether the words say no more than what the ledger has: that a thing is looked at, or came to nothing."""
    states = {entry.state for entry in entries}
    if states == {LedgerState.PENDING}:
        return WAITS.search(c.text) is not None and GRANTED.search(c.text) is None
    return bool(states) and states <= NOTHING_CAME and CAME_TO_NOTHING.search(c.text) is not None


def _free(c: Commitment, authority: Authority) -> bool:
    """Whether the profile gives each sum away: a "$" that may be one of several dollars must be free in all of them."""
    limits = authority.without_action_up_to
    if not limits or not c.amounts:
        return False
    return all(
        bool(fitting := [limit for currency, limit in limits.items() if a.fits(currency)]) and a.value <= min(fitting)
        for a in c.amounts
    )


def says(c: Commitment) -> str:
    """What the words claim or promise, for a reviewer."""
    sums = " and ".join(str(a) for a in c.amounts)
    verb = "claims" if c.tense is Tense.DONE else "promises"
    what = c.type.lower().replace("_", " ")
    return f"{verb} {what}" + (f" of {sums}" if sums else "")


def _nearest(c: Commitment, entries: Sequence[LedgerEntry]) -> Sequence[LedgerEntry]:
    """The entries on what the words name, else all."""
    named = [e for e in entries if e.target and any(same_target(one, e.target) for one in c.targets)]
    return named or entries


def holds(entries: Sequence[LedgerEntry], topic: str) -> str:
    """What of `topic` the ledger has, for a reviewer."""
    if not entries:
        return f"the ledger has no {topic}"
    parts = [
        f"{entry.amount} {entry.state.value.lower()} ({entry.action_id})" if entry.amount
        else f"{entry.topic} {entry.state.value.lower()} ({entry.action_id})"
        for entry in entries[:3]
    ]  # fmt: skip
    return "the ledger has " + ", ".join(parts)
