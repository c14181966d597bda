"""Which entries of the ledger back a commitment: states, sums, currencies and targets."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from itertools import combinations

from outguard.detection.commitments.amounts import Amount
from outguard.detection.commitments.extract import Commitment, Tense
from outguard.detection.commitments.sums import Part
from outguard.detection.commitments.targets import same_target
from outguard.detection.commitments.terms import MONEY
from outguard.domain.action import LedgerEntry, LedgerState

_MAX_ENTRIES_TO_SUM = 12
_MAX_COMPARED = 500_000
OPEN = frozenset({LedgerState.PENDING, LedgerState.DENIED, LedgerState.FAILED, LedgerState.ROLLED_BACK})
"""States of an action that nothing has come of."""
_THINGS = frozenset({"CANCELLATION", "REPLACEMENT"})
"""What is done to an order, which no payment does."""
_ALIKE = frozenset({"ACCOUNT_CHANGE", "REPLACEMENT", "OTHER", "DISCOUNT_OR_PRICE"})


def counts(entry: LedgerEntry, c: Commitment) -> bool:
    """Whether the entry's state is what the words speak of."""
    if entry.state is LedgerState.EXECUTED:
        return True
    return entry.state is LedgerState.APPROVED and c.tense in {Tense.ON_ITS_WAY, Tense.PROMISED}


def backing(c: Commitment, entries: Sequence[LedgerEntry]) -> list[LedgerEntry]:
    """The entries that back `c`, none where they do not."""
    stated = [a for a in c.amounts if a.value > 0]
    fitting = sorted(
        [entry for entry in entries if _target_fits(entry, c.targets or c.about)],
        key=lambda entry: -_nearness(entry, c, stated),
    )
    if not fitting:
        return []
    if not stated or all(entry.amount is None for entry in fitting):
        return fitting[:1] if not stated or c.type not in MONEY else fitting
    for amount in stated:
        chosen = _covering(amount, fitting)
        if chosen:
            return chosen
    return []


def _nearness(entry: LedgerEntry, c: Commitment, stated: Sequence[Amount]) -> int:
    """How much of the entry the words name: of two that fit the nearer is meant."""
    named = entry.target is not None and any(same_target(one, entry.target) for one in c.targets)
    equal = entry.amount is not None and any(a.value == entry.amount.amount for a in stated)
    return named + 2 * equal


def is_the_very_deed(entry: LedgerEntry, c: Commitment, kind: str) -> bool:
    """Whether target and sum of the entry, of commitment type `kind`, are those of the words, whatever they call it.

    Without sums only deeds that move no money may stand for each other; without a target only the company's own kinds
    of deed may be what just that sum was paid for.
    """
    stated = [a for a in c.amounts if a.value > 0]
    is_own = kind == "OTHER" and bool(stated) and not c.targets
    if not is_own and not (entry.target and any(same_target(named, entry.target) for named in c.targets)):
        return False
    if stated:
        money = entry.amount
        if c.type in _THINGS and kind in MONEY - {"FEE_WAIVER"}:
            return False  # money paid for an order neither ends nor replaces it; a fine that is waived is gone
        return money is not None and any(a.value == money.amount and a.fits(money.currency) for a in stated)
    return c.type in _ALIKE and kind in _ALIKE


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


def missing(parts: Sequence[Part], entries: Sequence[LedgerEntry]) -> Part | None:
    """The first of several deeds told together that `entries` do not cover, each entry's sum spent but once.

    More of them than can be held against a ledger of that size are not covered: nobody has looked.
    """
    if len(parts) * len(entries) > _MAX_COMPARED:
        return parts[-1]
    left = {entry.action_id: entry.amount.amount for entry in entries if entry.amount is not None}
    for part in parts:
        fitting = [entry for entry in entries if _target_fits(entry, part.targets)]
        if not fitting or (part.amount is not None and not _spend(part.amount, fitting, left)):
            return part
        if part.amount is None and not part.targets and not _spare(fitting, left):
            return part
    return None


def _spare(entries: Sequence[LedgerEntry], left: dict[str, Decimal]) -> bool:
    """Whether something is left for a deed without a sum; it takes all that is left of one entry."""
    if all(entry.amount is None for entry in entries):
        return True
    spare = next((one for one, rest in left.items() if rest > 0), None)
    if spare is None:
        return False
    left[spare] = Decimal(0)
    return True


def _spend(amount: Amount, entries: Sequence[LedgerEntry], left: dict[str, Decimal]) -> bool:
    """Take `amount` from what is left of `entries`: of one that holds just that, of one that holds more, of several."""
    if all(entry.amount is None for entry in entries):
        return True
    able = [e.action_id for e in entries if e.amount is not None and amount.fits(e.amount.currency)]
    able.sort(key=lambda one: (left[one] != amount.value, left[one] < amount.value))
    wanted = amount.value
    for one in able:
        taken = min(wanted, left[one])
        left[one] -= taken
        wanted -= taken
    return wanted <= 0


def total(amount: Amount, entries: Sequence[LedgerEntry]) -> bool:
    """Whether `entries` hold `amount` together."""
    if any(entry.amount is None for entry in entries):
        return True
    held = [e.amount.amount for e in entries if e.amount is not None and amount.fits(e.amount.currency)]
    return sum(held, Decimal(0)) >= amount.value


def on_named_things(c: Commitment, entries: Sequence[LedgerEntry], ledger: Sequence[LedgerEntry]) -> list[LedgerEntry]:
    """Of `entries` those on what the words name, where the ledger knows it: what was done to another thing is no help.

    An entry without a target may be on anything.
    """
    known = {
        entry.target
        for entry in ledger
        if entry.target and any(same_target(named, entry.target) for named in c.targets)
    }
    return [entry for entry in entries if not known or not entry.target or entry.target in known]


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


def names(entries: Sequence[LedgerEntry]) -> str:
    """The entries by id."""
    return ", ".join(entry.action_id for entry in entries)
