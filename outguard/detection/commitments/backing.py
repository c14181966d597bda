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
