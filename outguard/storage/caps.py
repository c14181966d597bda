"""Uses of caps, read and added under the tenant's lock.

So no two writers, on whatever replica, both fit a window that holds one of them.
"""

from __future__ import annotations

import zlib
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Dialect, delete, func, or_, select
from sqlalchemy.sql.elements import ColumnElement

from outguard.domain.cap import CapClaim, CapUse, Measure, wait_s
from outguard.errors import CapExceededError
from outguard.ports import Change
from outguard.storage.rows.values import Values, micros, moment_of
from outguard.storage.schema import CAP_USES
from outguard.storage.statements import Writes, run, run_count

_COLUMNS = CAP_USES.c
_MAX_LISTED = 10_000
_MAX_PAIRS = 32
_SECOND = 1_000_000
_KEPT_BEYOND = 86_400 * _SECOND
_PRUNE_ONE_IN = 32
Key = tuple[str, str]


def use_id_of(change: Change) -> str:
    """What a use is filed under: the record that it allows."""
    return change.actions[0].action_id if change.actions else change.replies[0].reply_id


@dataclass(slots=True)
class _Window:
    """What a window holds, with what this transaction adds."""

    used: int = 0
    accounts: set[str] = field(default_factory=set)
    added: list[CapUse] = field(default_factory=list)


class Windows:
    """The windows that the changes of one transaction use; made anew for each."""

    def __init__(self, statements: CapStatements, connection: Connection, changes: Iterable[Change]) -> None:
        self._statements = statements
        self._connection = connection
        self._windows: defaultdict[Key, _Window] = defaultdict(_Window)
        self._rows: list[Values] = []
        since: dict[Measure, dict[Key, int]] = {Measure.COUNT: {}, Measure.ACCOUNTS: {}}
        for change in changes:
            for claim in change.claims:
                kind = Measure.ACCOUNTS if claim.measure is Measure.ACCOUNTS else Measure.COUNT
                key = (change.tenant, claim.key)
                start = _since(change.claims_at, claim)
                since[kind][key] = min(start, since[kind].get(key, start))
        for key, used in statements.totals(connection, since[Measure.COUNT]):
            self._windows[key].used = used
        for key, account in statements.accounts(connection, since[Measure.ACCOUNTS]):
            self._windows[key].accounts.add(account)

    def admit(self, change: Change) -> None:
        """Count the change's claims.

        Raises:
            CapExceededError: if one that is enforced does not fit; then none is counted.
        """
        if not change.claims or change.claims_at is None:
            return
        exceeded = tuple(
            (claim.cap_id, self._wait_s(change, claim)) for claim in change.claims if not self._fits(change, claim)
        )
        if exceeded:
            raise CapExceededError("a cap of the policy is used up", exceeded=exceeded)
        at, use_id = micros(change.claims_at), use_id_of(change)
        for claim in change.claims:
            window = self._windows[change.tenant, claim.key]
            window.used += claim.weight
            window.accounts.add(claim.account)
            window.added.append(CapUse(at=change.claims_at, weight=claim.weight, account=claim.account))
            self._rows.append((change.tenant, claim.key, at, use_id, claim.weight, claim.account))
            if zlib.crc32(use_id.encode()) % _PRUNE_ONE_IN == 0:
                before = _since(change.claims_at, claim) - _KEPT_BEYOND
                self._statements.prune(self._connection, (change.tenant, claim.key), before)

    def write(self, writes: Writes) -> None:
        """Put the uses on record."""
        writes.insert(self._connection, CAP_USES, self._rows)

    def _fits(self, change: Change, claim: CapClaim) -> bool:
        if not claim.enforced:
            return True
        window = self._windows[change.tenant, claim.key]
        if claim.measure is Measure.ACCOUNTS:
            return len(window.accounts | {claim.account}) <= claim.limit
        return window.used + claim.weight <= claim.limit

    def _wait_s(self, change: Change, claim: CapClaim) -> int | None:
        now = change.claims_at
        if now is None:
            return None
        listed = self._statements.uses(self._connection, (change.tenant, claim.key), _since(now, claim))
        uses = sorted((*listed, *self._windows[change.tenant, claim.key].added), key=lambda use: use.at)
        return wait_s(claim, uses, now)


def _since(now: datetime | None, claim: CapClaim) -> int:
    return 0 if now is None else micros(now) - int(claim.window_s * _SECOND)


class CapStatements:
    """The statements on uses, compiled once."""

    def __init__(self, dialect: Dialect) -> None:
        self._dialect = dialect
        self._forms: dict[tuple[str, int], str] = {}
        self._uses = self._compile(
            select(_COLUMNS.at, _COLUMNS.weight, _COLUMNS.account)
            .where(_COLUMNS.tenant == "", _COLUMNS.use_key == "", _COLUMNS.at > 0)
            .order_by(_COLUMNS.at)
        )
        self._prune = self._compile(
            delete(CAP_USES).where(_COLUMNS.tenant == "", _COLUMNS.use_key == "", _COLUMNS.at < 0)
        )

    def totals(self, connection: Connection, since: dict[Key, int]) -> Iterable[tuple[Key, int]]:
        """What the weights of each window add up to."""
        for row in self._grouped(connection, "totals", since):
            yield (row[0], row[1]), int(row[2])

    def accounts(self, connection: Connection, since: dict[Key, int]) -> Iterable[tuple[Key, str]]:
        """The different accounts of each window."""
        for row in self._grouped(connection, "accounts", since):
            yield (row[0], row[1]), row[2]

    def uses(self, connection: Connection, key: Key, since: int) -> list[CapUse]:
        """The uses of one window, oldest first."""
        rows = run(connection, self._uses, (*key, since))
        return [CapUse(at=moment_of(at), weight=weight, account=account) for at, weight, account in rows[:_MAX_LISTED]]

    def prune(self, connection: Connection, key: Key, before: int) -> None:
        """Forget the uses that no window will look at again."""
        run_count(connection, self._prune, (*key, before))

    def _grouped(self, connection: Connection, name: str, since: dict[Key, int]) -> Iterable[tuple[str, str, Any]]:
        wanted = [(*key, start) for key, start in since.items()]
        for at in range(0, len(wanted), _MAX_PAIRS):
            part = wanted[at : at + _MAX_PAIRS]
            size = 1 << (len(part) - 1).bit_length()
            part += part[-1:] * (size - len(part))
            yield from run(connection, self._form(name, size), tuple(value for pair in part for value in pair))

    def _form(self, name: str, size: int) -> str:
        form = self._forms.get((name, size))
        if form is None:
            told: ColumnElement[object] = func.sum(_COLUMNS.weight) if name == "totals" else _COLUMNS.account
            keys = (_COLUMNS.tenant, _COLUMNS.use_key)
            pairs = [(_COLUMNS.tenant == "") & (_COLUMNS.use_key == "") & (_COLUMNS.at > 0) for _ in range(size)]
            groups = keys if name == "totals" else (*keys, _COLUMNS.account)
            form = self._forms[name, size] = self._compile(select(*keys, told).where(or_(*pairs)).group_by(*groups))
        return form

    def _compile(self, statement: object) -> str:
        return str(statement.compile(dialect=self._dialect))  # type: ignore[attr-defined]
