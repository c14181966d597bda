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

from sqlalchemy import Connection, Dialect, update

from outguard.audit.entry import build_entry
from outguard.audit.merkle import Frontier
from outguard.domain.audit import Entry
from outguard.errors import DuplicateCallError, InvalidInputError, OutguardError, VersionConflictError
from outguard.ports import Change
from outguard.storage.caps import CapStatements, Windows
from outguard.storage.changes import Touched, groups_of, verify_change
from outguard.storage.rows.records import RECORD_KINDS, RecordKind, call_row, entry_row
from outguard.storage.rows.values import Values
from outguard.storage.schema import AUDIT_ENTRIES, AUDIT_HEADS, CALLS, TOKENS
from outguard.storage.seen_values import SeenValueWrites, seen_value_row
from outguard.storage.statements import Lookup, Writes, run_count

Outcome: TypeAlias = tuple[Entry, ...] | OutguardError
Versions: TypeAlias = defaultdict[tuple[str, str], list[tuple[str, int]]]
"""By table and id, the (tenant, version) of what is stored; for tokens, of any tenant's."""
_TABLES = {kind.table.name: kind.table for kind in RECORD_KINDS}


class MovedError(Exception):
    """Fewer rows took effect than were written: the changes must be looked at one by one."""


@dataclass(frozen=True, slots=True)
class Prepared:
    """A change as rows. `keys` are what no other change of the same batch may touch."""

    change: Change
    records: tuple[Touched, ...]
    rows: tuple[Values, ...]
    call: Values | None
    seen_values: tuple[Values, ...]
    keys: frozenset[tuple[str, ...]]


def prepare(change: Change) -> Prepared:
    """Turn a change into rows, outside the lock.

    Raises:
        InvalidInputError: if the change is malformed or a value has no stored form.
    """
    records = verify_change(change)
    try:
        pairs = zip(RECORD_KINDS, groups_of(change), strict=True)
        rows = tuple(kind.to_row(value) for kind, group in pairs for value in group)
        call = None if change.call is None else call_row(change.tenant, change.call)
        seen_values = tuple(seen_value_row(change.tenant, one) for one in change.seen_values)
    except (ValueError, TypeError, AttributeError):
        raise InvalidInputError("a value of a record has no stored form") from None
    keys: list[tuple[str, ...]] = [record[:2] for record in records]
    if call is not None:
        keys.append(call[:4])
    return Prepared(change, records, rows, call, seen_values, frozenset(keys))


class BatchWriter:
    """Applies batches to one database."""

    def __init__(self, dialect: Dialect) -> None:
        self._writes = Writes(dialect)
        self._caps = CapStatements(dialect)
        self._seen_values = SeenValueWrites(dialect)
        self._heads = Lookup(
            dialect,
            (AUDIT_HEADS.c.tenant, AUDIT_HEADS.c.frontier),
            AUDIT_HEADS.c.tenant,
            order_by=(AUDIT_HEADS.c.tenant,),
            all_tenants=True,
            for_update=True,
        )
        self._calls = Lookup(dialect, tuple(CALLS.primary_key), CALLS.c.request_id)
        self._versions = {kind.table.name: _version_lookup(dialect, kind) for kind in RECORD_KINDS}
        self._move_head = str(
            update(AUDIT_HEADS)
            .where(AUDIT_HEADS.c.tenant == "", AUDIT_HEADS.c.size == 0)
            .values(size=0, frontier=b"")
            .compile(dialect=dialect)
        )

    def apply(self, connection: Connection, batch: Sequence[Prepared], *, careful: bool = False) -> list[Outcome]:
        """Write every change of `batch` that holds; answer each with its entries or why it was left out.

        No two changes of a batch share a key. `careful` also looks up ids that should be new, which are otherwise
        trusted.

        Raises:
            MovedError, or the driver's error: nothing of the batch may be committed.
        """
        frontiers = self._lock_heads(connection, sorted({one.change.tenant for one in batch}))
        known = self._known_calls(connection, batch)
        versions = self._stored_versions(connection, batch, careful=careful)
        windows = Windows(self._caps, connection, [one.change for one in batch if one.change.claims])
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
                windows.admit(one.change)
            except OutguardError as error:
                outcomes.append(error)
                continue
            sizes[tenant] += len(mine)
            entries[tenant].extend(mine)
            outcomes.append(mine)
            written.append(one)
        self._write_records(connection, written)
        windows.write(self._writes)
        self._seen_values.write(connection, [row for one in written for row in one.seen_values])
        for tenant, leaves in entries.items():
            self._append(connection, tenant, frontiers[tenant], leaves)
        return outcomes

    def _lock_heads(self, connection: Connection, tenants: Sequence[str]) -> dict[str, Frontier]:
        """The tenants' trees, locked in one order by every replica."""
        rows = self._heads.rows(connection, tenants)
        if len(rows) < len(tenants):
            missing = set(tenants) - {row.tenant for row in rows}
            empty = Frontier().to_bytes()
            self._writes.insert_new(connection, AUDIT_HEADS, [(tenant, 0, empty) for tenant in sorted(missing)])
            rows = self._heads.rows(connection, tenants)
        return {row.tenant: Frontier.from_bytes(row.frontier) for row in rows}

    def _known_calls(self, connection: Connection, batch: Iterable[Prepared]) -> set[tuple[str, ...]]:
        """The keys of those of the batch's calls that are on record."""
        request_ids: defaultdict[str, list[str]] = defaultdict(list)
        for one in batch:
            if one.call is not None:
                request_ids[one.change.tenant].append(one.call[1])
        return {
            tuple(row)
            for tenant, ids in request_ids.items()
            for row in self._calls.rows(connection, ids, tenant=tenant)
        }

    def _stored_versions(self, connection: Connection, batch: Iterable[Prepared], *, careful: bool) -> Versions:
        wanted: defaultdict[tuple[str, str | None], list[str]] = defaultdict(list)
        for one in batch:
            for record in one.records:
                if careful or record.version > 1:
                    tenant = None if record.table == TOKENS.name else record.tenant
                    wanted[record.table, tenant].append(record.record_id)
            for seen in one.change.seen:
                wanted[seen.kind, one.change.tenant].append(seen.record_id)
        found: Versions = defaultdict(list)
        for (table, tenant), ids in wanted.items():
            for row in self._versions[table].rows(connection, ids, tenant=tenant):
                found[table, row.record_id].append((row.tenant, row.version))
        return found

    def _write_records(self, connection: Connection, written: Iterable[Prepared]) -> None:
        fresh: dict[str, list[Values]] = {kind.table.name: [] for kind in RECORD_KINDS}
        calls: list[Values] = []
        for one in written:
            for record, row in zip(one.records, one.rows, strict=True):
                if record.version == 1:
                    fresh[record.table].append(row)
                elif not self._writes.replace(connection, _TABLES[record.table], row):
                    raise MovedError
            if one.call is not None:
                calls.append(one.call)
        for table, rows in fresh.items():
            self._writes.insert(connection, _TABLES[table], rows)
        self._writes.insert(connection, CALLS, calls)

    def _append(self, connection: Connection, tenant: str, old: Frontier, entries: Sequence[Entry]) -> None:
        self._writes.insert(connection, AUDIT_ENTRIES, [entry_row(entry) for entry in entries])
        new = old.extend(entry.leaf_hash for entry in entries)
        parameters = (new.size, new.to_bytes(), tenant, old.size)
        if run_count(connection, self._move_head, parameters) != 1:
            raise MovedError


def _version_lookup(dialect: Dialect, kind: RecordKind[Any]) -> Lookup:
    columns = kind.table.c
    return Lookup(
        dialect,
        (columns.tenant, columns[kind.key].label("record_id"), columns.version),
        columns[kind.key],
        all_tenants=kind.table is TOKENS,
    )


def _check(one: Prepared, known: set[tuple[str, ...]], versions: Versions, *, careful: bool) -> None:
    """Raises DuplicateCallError or VersionConflictError."""
    if one.call is not None and one.call[:4] in known:
        raise DuplicateCallError("a call with this request_id is on record")
    for record in one.records:
        if careful or record.version > 1:
            stored = _stored(versions, record.table, record.record_id, record.tenant)
            if stored != [(record.tenant, record.version - 1)]:
                raise VersionConflictError("a record moved since it was read; read it again")
    for seen in one.change.seen:
        tenant = one.change.tenant
        if _stored(versions, seen.kind, seen.record_id, tenant) != [(tenant, seen.version)]:
            raise VersionConflictError("what the decision rests on has moved; decide anew")


def _stored(versions: Versions, table: str, record_id: str, tenant: str) -> list[tuple[str, int]]:
    """What is stored of that id: of the tenant, but a token's id is unique over all of them."""
    found = versions.get((table, record_id), ())
    return [one for one in found if table == TOKENS.name or one[0] == tenant] or [(tenant, 0)]
