"""What deeds told in one breath leave of the ledger: money that one of them stands for does not stand for the next."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

from outguard.detection.commitments.extract import Commitment
from outguard.domain.action import LedgerEntry


class Spent:
    """The sums of entries that claims have taken up; the same sum told again is taken to be the same deed."""

    def __init__(self) -> None:
        self._sums: dict[str, dict[Decimal, Decimal]] = {}

    def take(self, c: Commitment, entries: Sequence[LedgerEntry], *, is_another: bool) -> None:
        """Note that `c` stands on `entries`: with the sums that it names, else with all they hold."""
        stated = sum((a.value for a in c.amounts), Decimal(0))
        for entry in entries:
            if entry.amount is None:
                continue
            taken = min(stated, entry.amount.amount) if c.amounts else entry.amount.amount
            stated -= taken
            sums = self._sums.setdefault(entry.action_id, {})
            sums[taken] = sums.get(taken, Decimal(0)) + taken if is_another else taken

    def left(self, entries: Sequence[LedgerEntry]) -> list[LedgerEntry]:
        """What of `entries` is still there: those without a sum, and the others with what is left of theirs."""
        return [one for entry in entries if (one := self._rest(entry)) is not None]

    def _rest(self, entry: LedgerEntry) -> LedgerEntry | None:
        taken = self._sums.get(entry.action_id)
        if entry.amount is None or taken is None:
            return entry
        rest = entry.amount.amount - sum(taken.values())
        return replace(entry, amount=replace(entry.amount, amount=rest)) if rest > 0 else None
