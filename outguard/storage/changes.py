"""What every backend demands of a `Change` before it looks at its database.

A change says so on the record (at least one entry), stays within its tenant, and names each record once.
"""

from __future__ import annotations

from collections.abc import Iterator
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
    )


def touched(change: Change) -> Iterator[Touched]:
    """Every record that `change` writes."""
    for action in change.actions:
        yield Touched("actions", action.action_id, action.version, action.tenant)
    for approval in change.approvals:
        yield Touched("approvals", approval.approval_id, approval.version, approval.tenant)
    for reply in change.replies:
        yield Touched("replies", reply.reply_id, reply.version, reply.tenant)
    for item in change.items:
        yield Touched("items", item.item_id, item.version, item.tenant)
    for token in change.tokens:
        yield Touched("tokens", token.token_id, token.version, token.principal.tenant)
    for board in change.pause_boards:
        yield Touched("pause_boards", board.tenant, board.version, board.tenant)
    for roll_back in change.roll_backs:
        yield Touched("roll_backs", roll_back.action_id, roll_back.version, roll_back.tenant)
    for pseudonym in change.pseudonyms:
        yield Touched("pseudonyms", pseudonym.word, pseudonym.version, pseudonym.tenant)
    for source in change.sources:
        yield Touched("sources", source.name, source.version, source.tenant)


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
