"""Tokens, calls and audit entries as rows, and the kinds of records that carry a version."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from sqlalchemy import Table

from outguard.domain.audit import Entry, EntryKind
from outguard.domain.principal import Principal, Role, Token
from outguard.ports import Call
from outguard.storage.rows.actions import action_of, action_row
from outguard.storage.rows.autonomy import incident_of, incident_row, standing_of, standing_row
from outguard.storage.rows.overrides import override_of, override_row
from outguard.storage.rows.pauses import pause_board_of, pause_board_row
from outguard.storage.rows.policies import policy_version_of, policy_version_row
from outguard.storage.rows.pseudonyms import pseudonym_of, pseudonym_row
from outguard.storage.rows.replies import reply_of, reply_row
from outguard.storage.rows.reviews import approval_of, approval_row, given_of, given_row, item_of, item_row
from outguard.storage.rows.roll_backs import roll_back_of, roll_back_row
from outguard.storage.rows.sources import source_of, source_row
from outguard.storage.rows.values import Values, dump, micros, micros_or_none, moment_of, moment_or_none
from outguard.storage.schema import (
    ACTIONS,
    APPROVALS,
    INCIDENTS,
    ITEMS,
    OVERRIDES,
    PAUSE_BOARDS,
    POLICY_VERSIONS,
    PSEUDONYMS,
    REPLIES,
    REVIEWER_RULINGS,
    ROLL_BACKS,
    SOURCES,
    STANDINGS,
    TOKENS,
)

R = TypeVar("R")


def token_row(token: Token) -> Values:
    """A token in the order of TOKENS."""
    principal = token.principal
    return (
        principal.tenant,
        token.token_id,
        token.version,
        principal.id,
        principal.role.value,
        dump(principal.topics),
        dump(principal.skills),
        token.secret_hash,
        micros(token.created_at),
        micros(token.expires_at),
        micros_or_none(token.revoked_at),
    )


def token_of(row: Any) -> Token:
    """The token of a row of TOKENS."""
    return Token(
        token_id=row.token_id,
        principal=Principal(
            id=row.principal_id,
            role=Role(row.role),
            tenant=row.tenant,
            topics=tuple(json.loads(row.topics)),
            skills=tuple(json.loads(row.skills)),
        ),
        secret_hash=row.secret_hash,
        created_at=moment_of(row.created_at),
        expires_at=moment_of(row.expires_at),
        revoked_at=moment_or_none(row.revoked_at),
        version=row.version,
    )


def call_row(tenant: str, call: Call) -> Values:
    """A call in the order of CALLS."""
    return (
        tenant,
        call.request_id,
        call.principal_id,
        call.method,
        call.request_digest,
        call.subject_id,
        micros(call.at),
    )


def call_of(row: Any) -> Call:
    """The call of a row of CALLS."""
    return Call(
        principal_id=row.principal_id,
        method=row.method,
        request_id=row.request_id,
        request_digest=row.request_digest,
        subject_id=row.subject_id,
        at=moment_of(row.at),
    )


def entry_row(entry: Entry) -> Values:
    """An entry in the order of AUDIT_ENTRIES."""
    return (
        entry.tenant,
        entry.index,
        entry.kind.value,
        entry.principal_id,
        micros(entry.at),
        entry.subject_id,
        entry.data,
        entry.leaf_hash,
    )


def entry_of(row: Any) -> Entry:
    """The entry of a row of AUDIT_ENTRIES."""
    return Entry(
        tenant=row.tenant,
        index=row.leaf_index,
        kind=EntryKind(row.kind),
        principal_id=row.principal_id,
        at=moment_of(row.at),
        subject_id=row.subject_id,
        data=row.data,
        leaf_hash=row.leaf_hash,
    )


@dataclass(frozen=True, slots=True)
class RecordKind(Generic[R]):
    """How one kind of record lies in its table; `key` is the column of its id."""

    table: Table
    key: str
    to_row: Callable[[R], Values]
    from_row: Callable[[Any], R]


ACTION = RecordKind(table=ACTIONS, key="action_id", to_row=action_row, from_row=action_of)
APPROVAL = RecordKind(table=APPROVALS, key="approval_id", to_row=approval_row, from_row=approval_of)
REPLY = RecordKind(table=REPLIES, key="reply_id", to_row=reply_row, from_row=reply_of)
ITEM = RecordKind(table=ITEMS, key="item_id", to_row=item_row, from_row=item_of)
TOKEN = RecordKind(table=TOKENS, key="token_id", to_row=token_row, from_row=token_of)
PAUSE_BOARD = RecordKind(table=PAUSE_BOARDS, key="board_id", to_row=pause_board_row, from_row=pause_board_of)
ROLL_BACK = RecordKind(table=ROLL_BACKS, key="action_id", to_row=roll_back_row, from_row=roll_back_of)
PSEUDONYM = RecordKind(table=PSEUDONYMS, key="word", to_row=pseudonym_row, from_row=pseudonym_of)
SOURCE = RecordKind(table=SOURCES, key="name", to_row=source_row, from_row=source_of)
STANDING = RecordKind(table=STANDINGS, key="standing_id", to_row=standing_row, from_row=standing_of)
INCIDENT = RecordKind(table=INCIDENTS, key="incident_id", to_row=incident_row, from_row=incident_of)
GIVEN = RecordKind(table=REVIEWER_RULINGS, key="ruling_id", to_row=given_row, from_row=given_of)
POLICY_VERSION = RecordKind(
    table=POLICY_VERSIONS, key="snapshot", to_row=policy_version_row, from_row=policy_version_of
)
OVERRIDE = RecordKind(table=OVERRIDES, key="override_id", to_row=override_row, from_row=override_of)
RECORD_KINDS: tuple[RecordKind[Any], ...] = (
    ACTION,
    APPROVAL,
    REPLY,
    ITEM,
    TOKEN,
    PAUSE_BOARD,
    ROLL_BACK,
    PSEUDONYM,
    SOURCE,
    STANDING,
    INCIDENT,
    GIVEN,
    OVERRIDE,
    POLICY_VERSION,
)
