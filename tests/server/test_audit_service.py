"""A page of the record fits into a message, whatever its entries hold."""

from __future__ import annotations

from datetime import UTC, datetime

from outguard.domain.audit import Entry, EntryKind
from outguard.server.audit_service import MAX_PAGE_BYTES, fitting


def entries(*sizes: int) -> list[Entry]:
    return [
        Entry(
            index=index,
            tenant="default",
            kind=EntryKind.REPLY_DECIDED,
            principal_id="a",
            at=datetime(2026, 1, 1, tzinfo=UTC),
            subject_id="s",
            data=b"x" * size,
            leaf_hash=b"h" * 32,
        )
        for index, size in enumerate(sizes)
    ]


def test_small_entries_all_fit() -> None:
    page = entries(*[100] * 50)
    assert fitting(page) == page
    assert not fitting([])


def test_a_page_ends_before_it_is_too_large() -> None:
    half = MAX_PAGE_BYTES // 2
    assert len(fitting(entries(half, half, 1))) == 2


def test_the_first_entry_always_fits() -> None:
    assert len(fitting(entries(MAX_PAGE_BYTES + 1, 1))) == 1
