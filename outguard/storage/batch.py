"""One transaction for many changes: those that hold are written whole, those that conflict leave nothing.

Every writer first locks the audit heads of the tenants it writes for (SQLite: the whole file), so that all writing for
one tenant happens one after the other, on every replica: what is checked under the lock stays true until the commit,
and indexes of entries have no gaps.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from sqlalchemy import Connection, update

from outguard.audit.entry import build_entry
from outguard.audit.merkle import Frontier
from outguard.domain.audit import Entry
from outguard.errors import DuplicateCallError, InvalidInputError, OutguardError, VersionConflictError
from outguard.ports import Change
from outguard.storage.changes import Touched, verify_change
from outguard.storage.rows.records import RECORD_KINDS, RecordKind, call_row, entry_row
from outguard.storage.rows.values import Values
from outguard.storage.schema import AUDIT_ENTRIES, AUDIT_HEADS, CALLS, TOKENS
from outguard.storage.statements import Statements

Outcome: TypeAlias = tuple[Entry, ...] | OutguardError
_CALL_COLUMNS = (CALLS.c.tenant, CALLS.c.principal_id, CALLS.c.method, CALLS.c.request_id)
_HEAD_COLUMNS = (AUDIT_HEADS.c.tenant, AUDIT_HEADS.c.frontier)
_KINDS: dict[str, RecordKind[Any]] = {kind.table.name: kind for kind in RECORD_KINDS}


class MovedError(Exception):
    """Fewer rows took effect than were written: the changes must be looked at one by one."""


@dataclass(frozen=True, slots=True)
class Prepared:
    """A change as rows. `keys` are what no other change of the same batch may touch."""

    change: Change
    records: tuple[Touched, ...]
    rows: tuple[Values, ...]
    call: Values | None
    keys: frozenset[tuple[str, ...]]


def prepare(change: Change) -> Prepared:
    """Turn a change into rows, outside the lock.

    Raises:
        InvalidInputError: if the change is malformed or a value has no stored form.
    """
    records = verify_change(change)
    try:
        groups = (change.actions, change.approvals, change.replies, change.items, change.tokens)
        rows = tuple(kind.to_row(value) for kind, group in zip(RECORD_KINDS, groups, strict=True) for value in group)
        call = None if change.call is None else call_row(change.tenant, change.call)
    except (ValueError, TypeError, AttributeError):
        raise InvalidInputError("a value of a record has no stored form") from None
    keys: list[tuple[str, ...]] = [record[:2] for record in records]
    if call is not None:
        keys.append(call[:4])
    return Prepared(change, records, rows, call, frozenset(keys))


def apply_batch(
    statements: Statements, connection: Connection, batch: Sequence[Prepared], *, careful: bool = False
) -> list[Outcome]:
    """Write every change of `batch` that holds; answer each with its entries or the reason why it was left out.

    No two changes of a batch share a key. `careful` also looks up ids that should be new, which are otherwise trusted.

    Raises:
        MovedError, or the driver's error: nothing of the batch may be committed.
    """
    frontiers = _lock_heads(statements, connection, sorted({one.change.tenant for one in batch}))
    known = _known_calls(statements, connection, batch)
    versions = _versions(statements, connection, batch, careful=careful)
    sizes = {tenant: frontier.size for tenant, frontier in frontiers.items()}
    outcomes: list[Outcome] = []
    written: list[Prepared] = []
    entries: defaultdict[str, list[Entry]] = defaultdict(list)
    for one in batch:
        tenant = one.change.tenant
        try:
            _check(one, known, versions, careful=careful)
            mine = tuple(
                build_entry(draft, tenant, index) for index, draft in enumerate(one.change.entries, sizes[tenant])
            )
        except OutguardError as error:
            outcomes.append(error)
            continue
        sizes[tenant] += len(mine)
        entries[tenant].extend(mine)
        outcomes.append(mine)
        written.append(one)
    _write_rows(statements, connection, written)
    for tenant, leaves in entries.items():
        _append(statements, connection, tenant, frontiers[tenant], leaves)
    return outcomes


def _lock_heads(statements: Statements, connection: Connection, tenants: Sequence[str]) -> dict[str, Frontier]:
    """The tenants' trees, locked in one order by every replica."""
    found = _read_heads(statements, connection, tenants)
    missing = [tenant for tenant in tenants if tenant not in found]
    if missing:
        statements.insert_new(connection, AUDIT_HEADS, [(one, 0, Frontier().to_bytes()) for one in missing])
        found = _read_heads(statements, connection, tenants)
    return found


def _read_heads(statements: Statements, connection: Connection, tenants: Sequence[str]) -> dict[str, Frontier]:
    rows = statements.lookup(
        connection,
        _HEAD_COLUMNS,
        AUDIT_HEADS.c.tenant,
        tenants,
        order_by=(AUDIT_HEADS.c.tenant,),
        for_update=True,
    )
    return {row.tenant: Frontier.from_bytes(row.frontier) for row in rows}


def _known_calls(statements: Statements, connection: Connection, batch: Iterable[Prepared]) -> set[tuple[str, ...]]:
    """Which of the batch's calls are on record, as in the order of CALLS' key."""
    request_ids: defaultdict[str, list[str]] = defaultdict(list)
    for one in batch:
        if one.call is not None:
            request_ids[one.change.tenant].append(one.call[1])
    return {
        (row.tenant, row.request_id, row.principal_id, row.method)
        for tenant, ids in request_ids.items()
        for row in statements.lookup(connection, _CALL_COLUMNS, CALLS.c.request_id, ids, tenant=tenant)
    }


def _versions(
    statements: Statements, connection: Connection, batch: Iterable[Prepared], *, careful: bool
) -> dict[tuple[str, str], list[tuple[str, int]]]:
    """The (tenant, version) of every stored record that the batch replaces."""
    wanted: defaultdict[tuple[str, str | None], list[str]] = defaultdict(list)
    for one in batch:
        for record in one.records:
            if careful or record.version > 1:
                is_global = record.table == TOKENS.name
                wanted[record.table, None if is_global else record.tenant].append(record.record_id)
    found: defaultdict[tuple[str, str], list[tuple[str, int]]] = defaultdict(list)
    for (name, tenant), ids in wanted.items():
        table, key = _KINDS[name].table, _KINDS[name].table.c[_KINDS[name].key]
        columns = (table.c.tenant, key.label("record_id"), table.c.version)
        for row in statements.lookup(connection, columns, key, ids, tenant=tenant):
            found[name, row.record_id].append((row.tenant, row.version))
    return found


def _check(
    one: Prepared,
    known: set[tuple[str, ...]],
    versions: dict[tuple[str, str], list[tuple[str, int]]],
    *,
    careful: bool,
) -> None:
    if one.call is not None and one.call[:4] in known:
        raise DuplicateCallError("a call with this request_id is on record")
    for record in one.records:
        if careful or record.version > 1:
            stored = [
                version if tenant == record.tenant else -1
                for tenant, version in versions.get((record.table, record.record_id), ())
                if tenant == record.tenant or record.table == TOKENS.name
            ]
            if (stored or [0]) != [record.version - 1]:
                raise VersionConflictError("a record moved since it was read; read it again")


def _write_rows(statements: Statements, connection: Connection, written: Iterable[Prepared]) -> None:
    rows: dict[str, list[Values]] = {kind.table.name: [] for kind in RECORD_KINDS}
    calls: list[Values] = []
    for one in written:
        for record, row in zip(one.records, one.rows, strict=True):
            rows[record.table].append(row)
        if one.call is not None:
            calls.append(one.call)
    for kind in RECORD_KINDS:
        values = rows[kind.table.name]
        if values and statements.put(connection, kind.table, values) != len(values):
            raise MovedError
    statements.insert(connection, CALLS, calls)


def _append(
    statements: Statements, connection: Connection, tenant: str, old: Frontier, entries: Sequence[Entry]
) -> None:
    statements.insert(connection, AUDIT_ENTRIES, [entry_row(entry) for entry in entries])
    new = old.extend(entry.leaf_hash for entry in entries)
    moved = connection.execute(
        update(AUDIT_HEADS)
        .where(AUDIT_HEADS.c.tenant == tenant, AUDIT_HEADS.c.size == old.size)
        .values(size=new.size, frontier=new.to_bytes())
    )
    if moved.rowcount != 1:
        raise MovedError
