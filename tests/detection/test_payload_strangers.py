"""Another customer's record in a payload."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from outguard.detection.payload_strangers import stranger_findings
from outguard.domain.authority import AuthorityProfile
from outguard.domain.context import ReplyContext
from outguard.domain.reply import Customer, Recipient


def told(payload: dict[str, Any], *known: str, customer: bool = True) -> list[str | None]:
    context = ReplyContext(
        recipient=Recipient(display_name="Ann Lee", address="ann@example.com"),
        customer=Customer(id="c-1", name="Ann Lee", emails=("ann@example.com",), known_values=known)
        if customer
        else None,
        profile=AuthorityProfile(name="shop", company="Shop", public_values=("help@shop.example",)),
        ledger=(),
        now=datetime(2026, 1, 5, tzinfo=UTC),
    )
    return [finding.field for finding in stranger_findings(payload, context)]


RECORDS = [
    ({"orders": [{"no": "SHP-1"}, {"no": "SHP-2", "to": {"name": "Tom Bexley"}}]}, "SHP-1", "payload.orders[1]"),
    ({"rows": [{"org": "org-lee"}, {"org": "org-pike", "admin": "it@pike.example"}]}, "org-lee", "payload.rows[1]"),
    ({"seat": {"pnr": "QX7PL2", "passenger": "Tom Bexley"}}, "QZ9AB4", "payload.seat"),
    ({"similar": [{"claim": "CLM-9", "holder": "T. Bexley", "paid": 3}]}, "CLM-1", "payload.similar[0]"),
]


@pytest.mark.parametrize(("payload", "known", "field"), RECORDS)
def test_the_smallest_object_with_anothers_id_and_name_is_told(payload: dict[str, Any], known: str, field: str) -> None:
    assert told(payload, known) == [field]


@pytest.mark.parametrize(
    "payload",
    [
        {"orders": [{"no": "SHP-1", "to": {"name": "Ann Lee"}}]},
        {"order": {"no": "SHP-1", "replaced_by": "SHP-2", "customer": "Ann Lee"}},
        {"order": {"no": "SHP-2", "carrier": "Hermes", "contact": "help@shop.example"}},
        {"item": {"sku": "LMP-44", "name": "Desk lamp"}},
        {"name": "Ann Lee", "next": {"no": "SHP-2"}},
    ],
)
def test_the_recipients_own_and_things_without_a_person_are_left(payload: dict[str, Any]) -> None:
    assert told(payload, "SHP-1") == []


def test_nothing_is_told_where_the_recipient_is_not_known() -> None:
    assert told({"order": {"no": "SHP-2", "name": "Tom Bexley"}}, "SHP-1", customer=False) == []
    assert told({"order": {"no": "SHP-2", "name": "Tom Bexley"}}) == []


def test_deep_payloads_end() -> None:
    payload: dict[str, Any] = {"no": "SHP-2", "name": "Tom Bexley"}
    for _ in range(500):
        payload = {"a": payload}
    assert told(payload, "SHP-1") == []
