"""Identifiers of the company's own formats are the recipient's or somebody else's."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from outguard.bootstrap import build_judge, rules_of
from outguard.detection.document import Document
from outguard.detection.recognizers.company_ids import CompanyIdDetector
from outguard.domain.action import LedgerEntry, LedgerState
from outguard.domain.authority import AuthorityProfile
from outguard.domain.context import ReplyContext
from outguard.domain.finding import Status
from outguard.domain.reply import Customer, Recipient

PROFILE = AuthorityProfile(
    name="acme", company="Acme", public_values=("AC-000000",), own_id_patterns=("AC-[0-9]{6}", "[0-9]{4}/[A-Z]{2}")
)
CONTEXT = ReplyContext(
    recipient=Recipient(),
    customer=Customer(id="c-1", known_values=("AC-482913",)),
    profile=PROFILE,
    ledger=(LedgerEntry(action_id="act-1", topic="t", state=LedgerState.EXECUTED, target="AC-777777"),),
    now=datetime(2026, 1, 5, tzinfo=UTC),
    last_user="and my friend's AC-123123?",
)


def found_in(text: str, context: ReplyContext = CONTEXT) -> list[str]:
    return [text[one.start : one.end] for one in CompanyIdDetector().detect(Document(text=text), context)]


@pytest.mark.parametrize(
    ("text", "others"),
    [
        ("Order AC-482913 and order AC-999111 left today.", ["AC-999111"]),
        ("ac-482913, AC 482913", []),
        ("AC-000000 is our hotline, AC-777777 was refunded, AC-123123 is not yours.", []),
        ("XAC-9991112 and AC-9991112 are something else.", []),
        ("It is AC-99\u200b9111.", ["AC-99\u200b9111"]),
        ("Shelf 1234/AB is of a format nobody told us the customer's of.", []),
    ],
)
def test_what_is_not_the_recipients_is_anothers(text: str, others: list[str]) -> None:
    assert found_in(text) == others


@pytest.mark.parametrize(
    "context",
    [
        replace(CONTEXT, customer=None),
        replace(CONTEXT, customer=Customer(id="c-1")),
        replace(CONTEXT, profile=AuthorityProfile(name="a", company="A")),
    ],
    ids=["unknown recipient", "no known identifiers", "no formats"],
)
def test_where_nobody_knows_whose_it_is_nothing_is_said(context: ReplyContext) -> None:
    assert found_in("Order AC-999111 left today.", context) == []


def test_the_shipped_scanner_prefers_it_to_a_guess() -> None:
    scanner = build_judge(rules_of(None))._scanner
    text = "Your order AC-482913 is on its way, and order AC-999111 is too."
    found = scanner.scan([Document(text=text)], CONTEXT)
    assert {text[one.start : one.end]: one.status for one in found if one.type == "ACCOUNT_ID"} == {
        "AC-482913": Status.OWN,
        "AC-999111": Status.OTHER,
    }
