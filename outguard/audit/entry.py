"""One audit entry as bytes: what is hashed, stored, exported and read back.

The bytes are canonical JSON with exactly the keys of schema version 1. Reading is strict: bytes that this
version would not have written are refused, so that a reader and the tree always mean the same thing.
"""

from __future__ import annotations

import json
import re
from datetime import datetime
from typing import Any

from outguard.audit.merkle import leaf_hash
from outguard.canonical import canonical_json
from outguard.domain.audit import Entry, EntryDraft, EntryKind
from outguard.errors import IntegrityError, InvalidInputError

SCHEMA_VERSION = 1
MAX_ENTRY_BYTES = 1024 * 1024
_TYPES: dict[str, type] = {
    "v": int,
    "tenant": str,
    "index": int,
    "kind": str,
    "principal": str,
    "time": str,
    "subject": str,
    "policy_snapshot": str,
    "agent_build": str,
    "details": dict,
}
_KIND = re.compile(r"[a-z_]{1,40}\.[a-z_]{1,40}\Z")
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z\Z", re.ASCII)


def entry_data(draft: EntryDraft, *, tenant: str, index: int) -> bytes:
    """The canonical bytes of the entry at `index` of the tenant's tree.

    Raises:
        InvalidInputError: if a detail has no canonical form, or the entry is larger than `MAX_ENTRY_BYTES`.
    """
    if index < 0:
        raise InvalidInputError("an entry's index cannot be negative", field="index")
    data = canonical_json(
        {
            "v": SCHEMA_VERSION,
            "tenant": tenant,
            "index": index,
            "kind": draft.kind,
            "principal": draft.principal_id,
            "time": draft.at,
            "subject": draft.subject_id,
            "policy_snapshot": draft.policy_snapshot,
            "agent_build": draft.agent_build,
            "details": draft.details,
        }
    )
    if len(data) > MAX_ENTRY_BYTES:
        raise InvalidInputError(f"an audit entry may have at most {MAX_ENTRY_BYTES} bytes", field="details")
    return data


def build_entry(draft: EntryDraft, tenant: str, index: int) -> Entry:
    """The draft at its place in the tenant's tree, with its bytes and leaf hash."""
    data = entry_data(draft, tenant=tenant, index=index)
    return Entry(
        tenant=tenant,
        index=index,
        kind=draft.kind,
        principal_id=draft.principal_id,
        at=draft.at,
        subject_id=draft.subject_id,
        data=data,
        leaf_hash=leaf_hash(data),
    )


def parse_entry(data: bytes) -> dict[str, Any]:
    """The fields of an entry's bytes; a kind this version does not know passes if it is shaped like one.

    Raises:
        IntegrityError: if the bytes are not exactly what `entry_data` writes.
    """
    if len(data) > MAX_ENTRY_BYTES:
        raise IntegrityError("an audit entry is larger than any this version writes")
    try:
        fields = json.loads(data.decode(), parse_constant=_refuse)
    except (ValueError, RecursionError) as error:
        raise IntegrityError("an audit entry is not JSON") from error
    if not isinstance(fields, dict) or fields.keys() != _TYPES.keys():
        raise IntegrityError("an audit entry does not have exactly the fields of schema version 1")
    for key, kind in _TYPES.items():
        if type(fields[key]) is not kind:
            raise IntegrityError(f"the field {key} of an audit entry has the wrong type")
    if fields["v"] != SCHEMA_VERSION:
        raise IntegrityError("an audit entry has a schema version that this release cannot read")
    if fields["index"] < 0 or not _KIND.match(fields["kind"]):
        raise IntegrityError("an audit entry has an impossible index or kind")
    entry_time(fields)
    try:
        is_canonical = canonical_json(fields) == data
    except InvalidInputError as error:
        raise IntegrityError("an audit entry holds a value that has no canonical form") from error
    if not is_canonical:
        raise IntegrityError("an audit entry is not in canonical form")
    return fields


def entry_time(fields: dict[str, Any]) -> datetime:
    """The time of parsed fields, aware, UTC.

    Raises:
        IntegrityError: if it is no RFC 3339 time in UTC with microseconds.
    """
    text = fields["time"]
    if not _TIME.match(text):
        raise IntegrityError("the time of an audit entry is not RFC 3339 UTC with microseconds")
    try:
        return datetime.fromisoformat(text)
    except ValueError as error:
        raise IntegrityError("the time of an audit entry does not exist") from error


def read_entry(data: bytes) -> Entry:
    """The entry that stored bytes stand for.

    Raises:
        IntegrityError: as `parse_entry`, and for a kind this version does not know.
    """
    fields = parse_entry(data)
    try:
        kind = EntryKind(fields["kind"])
    except ValueError as error:
        raise IntegrityError("an audit entry is of a kind that this release does not know") from error
    return Entry(
        tenant=fields["tenant"],
        index=fields["index"],
        kind=kind,
        principal_id=fields["principal"],
        at=entry_time(fields),
        subject_id=fields["subject"],
        data=data,
        leaf_hash=leaf_hash(data),
    )


def _refuse(_constant: str) -> None:
    raise ValueError("not a finite number")
