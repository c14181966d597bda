"""What every backend demands of a `Change` before it looks at its database.

A change says so on the record (at least one entry), stays within its tenant, and names each record once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from outguard.errors import InvalidInputError
from outguard.ports import Change


class Touched(NamedTuple):
    """A record that a change writes: which table, which id, which version it will have."""

    table: str
    record_id: str
    version: int
    tenant: str


def groups_of(change: Change) -> tuple[tuple[Any, ...], ...]:
    """The records of a change by kind, in the order of `rows.records.RECORD_KINDS` and of `touched`."""
    return (
        change.actions,
        change.approvals,
        change.replies,
        change.items,
        change.tokens,
        change.pause_boards,
        change.roll_backs,
        change.pseudonyms,
        change.sources,
        change.standings,
        change.incidents,
        change.given,
        change.overrides,
        change.policy_versions,
    )


_IDS: tuple[tuple[str, Callable[[Any], str]], ...] = (
    ("actions", lambda record: record.action_id),
    ("approvals", lambda record: record.approval_id),
    ("replies", lambda record: record.reply_id),
    ("items", lambda record: record.item_id),
    ("tokens", lambda record: record.token_id),
    ("pause_boards", lambda record: record.tenant),
    ("roll_backs", lambda record: record.action_id),
    ("pseudonyms", lambda record: record.word),
    ("sources", lambda record: record.name),
    ("standings", lambda record: record.standing_id),
    ("incidents", lambda record: record.incident_id),
    ("reviewer_rulings", lambda record: record.ruling_id),
    ("overrides", lambda record: record.override_id),
    ("policy_versions", lambda record: record.snapshot),
)
"""Of each group of `groups_of`, its table and how its records are called."""


def touched(change: Change) -> Iterator[Touched]:
    """Every record that `change` writes."""
    for (table, id_of), group in zip(_IDS, groups_of(change), strict=True):
        for record in group:
            tenant = record.principal.tenant if table == "tokens" else record.tenant
            yield Touched(table, id_of(record), record.version, tenant)


def verify_change(change: Change) -> tuple[Touched, ...]:
    """The records of a well-formed change.

    Raises:
        InvalidInputError: if nothing goes on the record, or a record is of another tenant, named twice or below
            version 1.
    """
    if not change.entries:
        raise InvalidInputError("a change needs at least one audit entry", field="entries")
    records = tuple(touched(change))
    if any(record.tenant != change.tenant for record in records):
        raise InvalidInputError("a record belongs to another tenant than its change", field="tenant")
    if any(record.version < 1 for record in records):
        raise InvalidInputError("a record's version starts at 1", field="version")
    if change.claims and (change.claims_at is None or not (change.actions or change.replies)):
        raise InvalidInputError("a use of a cap needs its time, and the record that it allows", field="claims")
    if len({record[:2] for record in records}) != len(records):
        raise InvalidInputError("a change names the same record twice")
    return records
