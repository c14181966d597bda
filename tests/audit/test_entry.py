"""Entry bytes: one form, read back strictly."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from outguard.audit.entry import MAX_ENTRY_BYTES, build_entry, entry_data, parse_entry, read_entry
from outguard.audit.merkle import leaf_hash
from outguard.domain.audit import EntryDraft, EntryKind
from outguard.errors import IntegrityError, InvalidInputError

AT = datetime(2026, 3, 1, 12, 0, 0, 5, tzinfo=UTC)
DRAFT = EntryDraft(
    kind=EntryKind.REPLY_DECIDED,
    principal_id="agent-1",
    at=AT,
    subject_id="rep-1",
    policy_snapshot="v1:0123456789abcdef",
    agent_build="b7",
    details={"verdict": "ALLOW", "score": 0.5},
)


def test_bytes_are_fixed_for_ever() -> None:
    """A change here breaks every tree in the field: it needs a new schema version."""
    assert entry_data(DRAFT, tenant="default", index=3) == (
        b'{"agent_build":"b7","details":{"score":0.5,"verdict":"ALLOW"},"index":3,"kind":"reply.decided",'
        b'"policy_snapshot":"v1:0123456789abcdef","principal":"agent-1","subject":"rep-1","tenant":"default",'
        b'"time":"2026-03-01T12:00:00.000005Z","v":1}'
    )


def test_same_moment_in_another_zone_gives_the_same_bytes() -> None:
    elsewhere = EntryDraft(
        kind=DRAFT.kind, principal_id="a", at=AT.astimezone(timezone(timedelta(hours=9))), subject_id="s"
    )
    here = EntryDraft(kind=DRAFT.kind, principal_id="a", at=AT, subject_id="s")
    assert entry_data(elsewhere, tenant="t", index=0) == entry_data(here, tenant="t", index=0)


def test_built_entry_hashes_its_bytes() -> None:
    entry = build_entry(DRAFT, "default", 3)
    assert entry.leaf_hash == leaf_hash(entry.data)
    assert (entry.tenant, entry.index, entry.kind, entry.at) == ("default", 3, EntryKind.REPLY_DECIDED, AT)
    assert read_entry(entry.data) == entry


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
readable = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)


@given(st.dictionaries(readable, json_values, max_size=4), readable, st.integers(0, 2**60))
def test_what_is_written_can_be_read(details: dict[str, Any], tenant: str, index: int) -> None:
    draft = EntryDraft(kind=EntryKind.ITEM_RULED, principal_id="p", at=AT, subject_id="s", details=details)
    try:
        data = entry_data(draft, tenant=tenant, index=index)
    except InvalidInputError:
        return
    fields = parse_entry(data)
    assert (fields["tenant"], fields["index"], fields["subject"]) == (tenant, index, "s")


def changed(**fields: Any) -> bytes:
    whole = json.loads(entry_data(DRAFT, tenant="default", index=3)) | fields
    return json.dumps(whole, sort_keys=True, separators=(",", ":")).encode()


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\xff",
        b"[]",
        b"null",
        b'{"v":1}',
        b"[" * 100_000,
        b"9" * 5000,
        changed(extra=1),
        changed(v=2),
        changed(v=True),
        changed(index=-1),
        changed(index=1.0),
        changed(index="3"),
        changed(kind="reply decided"),
        changed(kind=""),
        changed(details=[]),
        changed(details={"a": 1.0}),
        changed(time="2026-03-01T12:00:00Z"),
        changed(time="2026-13-01T12:00:00.000000Z"),
        changed(time="2026-03-01T12:00:00.000000+00:00"),
        changed(tenant=None),
        changed(subject="\ud800"),
        changed(details={"a": "\u00e9"}),
        entry_data(DRAFT, tenant="default", index=3) + b"\n",
        entry_data(DRAFT, tenant="default", index=3).replace(b'"v":1', b'"v":1,"v":1'),
        entry_data(DRAFT, tenant="default", index=3).replace(b"0.5", b"NaN"),
        entry_data(DRAFT, tenant="default", index=3).replace(b"0.5", b"1e999"),
        b" " * (MAX_ENTRY_BYTES + 1),
    ],
)
def test_bytes_we_would_not_write_are_refused(data: bytes) -> None:
    with pytest.raises(IntegrityError):
        parse_entry(data)


def test_unknown_kind_is_parsed_but_makes_no_entry() -> None:
    data = changed(kind="later.invented")
    assert parse_entry(data)["kind"] == "later.invented"
    with pytest.raises(IntegrityError, match="kind"):
        read_entry(data)


@pytest.mark.parametrize(
    ("details", "index"),
    [
        ({"a": float("nan")}, 0),
        ({"a": object()}, 0),
        ({"a": "\ud800"}, 0),
        ({}, -1),
        ({"a": "x" * MAX_ENTRY_BYTES}, 0),
    ],
)
def test_entry_that_cannot_be_written_is_an_error(details: dict[str, Any], index: int) -> None:
    draft = EntryDraft(kind=EntryKind.ITEM_RULED, principal_id="p", at=AT, subject_id="s", details=details)
    with pytest.raises(InvalidInputError):
        entry_data(draft, tenant="t", index=index)


def test_refusal_never_repeats_content() -> None:
    with pytest.raises(IntegrityError) as caught:
        parse_entry(changed(details={"note": "jane@example.com"}, extra="jane@example.com"))
    assert "jane" not in str(caught.value)
