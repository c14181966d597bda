"""Which entries of the ledger back a commitment: states, sums, currencies and targets."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from itertools import combinations

from outguard.detection.commitments.amounts import Amount
from outguard.detection.commitments.extract import Commitment, Tense
from outguard.detection.commitments.targets import same_target
from outguard.detection.commitments.terms import MONEY
from outguard.domain.action import LedgerEntry, LedgerState
from outguard.domain.authority import Authority

_MAX_ENTRIES_TO_SUM = 12
OPEN = frozenset({LedgerState.PENDING, LedgerState.DENIED, LedgerState.FAILED, LedgerState.ROLLED_BACK})
"""States of an action that nothing has come of."""
_TOTAL = frozenset({"altogether", "total", "totalling", "totals"})
_ALIKE = frozenset({"ACCOUNT_CHANGE", "REPLACEMENT", "OTHER", "DISCOUNT_OR_PRICE"})


def is_about(authority: Authority, c: Commitment, ledger: Sequence[LedgerEntry]) -> bool:
    """Whether the ledger holds a deed under these terms on the very thing that the words name."""
    return any(
        entry.topic == authority.requires_action
        and entry.target is not None
        and any(same_target(named, entry.target) for named in c.targets)
        for entry in ledger
    )


def counts(entry: LedgerEntry, c: Commitment) -> bool:
    """Whether the entry's state is what the words speak of."""
    if entry.state is LedgerState.EXECUTED:
        return True
    return entry.state is LedgerState.APPROVED and c.tense in {Tense.ON_ITS_WAY, Tense.PROMISED}


def backing(c: Commitment, entries: Sequence[LedgerEntry]) -> list[LedgerEntry]:
    """The entries that back `c`, none where they do not."""
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


def is_half_told(c: Commitment, ledger: Sequence[LedgerEntry]) -> bool:
    """Whether one of several sums is that of an action which came to nothing, or their total is more than was done."""
    stated = [a for a in c.amounts if a.value > 0]
    if len(stated) < 2:
        return False
    if c.words & _TOTAL and not _covering(max(stated, key=lambda a: a.value), _done_sums(c, ledger)):
        return True
    done = {e.amount.amount for e in _done_sums(c, ledger) if e.amount is not None}
    undone = {e.amount.amount for e in ledger if e.amount is not None and e.state in OPEN} - done
    return any(a.value in undone for a in stated)


def _done_sums(c: Commitment, ledger: Sequence[LedgerEntry]) -> list[LedgerEntry]:
    return [entry for entry in ledger if entry.amount is not None and counts(entry, c)]


def is_the_very_deed(entry: LedgerEntry, c: Commitment, kind: str) -> bool:
    """Whether target and sum of the entry, of commitment type `kind`, are those of the words, whatever they call it.

    Without sums only deeds that move no money may stand for each other.
    """
    if not (entry.target and any(same_target(named, entry.target) for named in c.targets)):
        return False
    stated = [a for a in c.amounts if a.value > 0]
    if stated:
        money = entry.amount
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
