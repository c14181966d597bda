"""A value is own, public or another's by comparing what it says, not how it is written."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from outguard.detection.ownership import NEVER_IN_CLEAR, OwnershipJudge
from outguard.domain.authority import AuthorityProfile
from outguard.domain.context import ReplyContext
from outguard.domain.finding import Status
from outguard.domain.reply import Customer, Recipient

CONTEXT = ReplyContext(
    recipient=Recipient(customer_id="c-1", display_name="Maria Lopez", address="maria.lopez@example.com"),
    customer=Customer(
        id="c-1",
        name="Maria Lopez",
        emails=("maria.lopez@example.com",),
        phones=("+1 415 555 0132",),
        known_values=("ORD-5512", "3310 Marigold Street, Edison, NJ 08820"),
    ),
    profile=AuthorityProfile(
        name="shop",
        company="Brightloom",
        public_values=("help@brightloom.example", "brightloom.example", "+1 800 555 0100"),
    ),
    ledger=(),
    now=datetime(2026, 1, 1, tzinfo=UTC),
)


@pytest.mark.parametrize(
    ("kind", "value", "status"),
    [
        ("EMAIL_ADDRESS", "MARIA.LOPEZ@example.com", Status.OWN),
        ("EMAIL_ADDRESS", "other@example.com", Status.OTHER),
        ("EMAIL_ADDRESS", "returns@brightloom.example", Status.PUBLIC),
        ("PHONE_NUMBER", "(415) 555-0132", Status.OWN),
        ("PHONE_NUMBER", "4155550132", Status.OWN),
        ("PHONE_NUMBER", "+1 (800) 555-0100", Status.PUBLIC),
        ("PHONE_NUMBER", "415 555 0199", Status.OTHER),
        ("STREET_ADDRESS", "3310 Marigold Street", Status.OWN),
        ("STREET_ADDRESS", "12 Other Street", Status.OTHER),
        ("ACCOUNT_ID", "ord 5512", Status.OWN),
        ("CREDIT_CARD", "4242", Status.OWN),
        ("CREDIT_CARD", "4242 4242 4242 4242", Status.OWN_SENSITIVE),
        ("BANK_ACCOUNT", "4470", Status.OWN),
        ("PERSON", "Maria", Status.OWN),
        ("PERSON", "María López", Status.OWN),
        ("PERSON", "Maria Gomez", Status.OTHER),
        ("PERSON", "Brightloom", Status.PUBLIC),
        ("VEHICLE_ID", "AB12 CDE", Status.OTHER),
    ],
)
def test_status_by_context(kind: str, value: str, status: Status) -> None:
    assert OwnershipJudge().status(kind, value, CONTEXT) is status


@pytest.mark.parametrize("kind", sorted(NEVER_IN_CLEAR))
def test_sensitive_kinds_are_never_plainly_own(kind: str) -> None:
    customer = replace(CONTEXT.customer or Customer(), known_values=("123456789",))
    assert OwnershipJudge().status(kind, "123456789", replace(CONTEXT, customer=customer)) is Status.OWN_SENSITIVE


def test_without_a_recipient_nothing_has_a_status() -> None:
    assert OwnershipJudge().status("EMAIL_ADDRESS", "a@b.co", replace(CONTEXT, customer=None)) is None


@pytest.mark.parametrize(
    ("kind", "value", "status"),
    [
        ("PHONE_NUMBER", "+1 503 555 0144", Status.OWN),
        ("EMAIL_ADDRESS", "sam@example.net", Status.OWN),
        ("PHONE_NUMBER", "+1 503 555 0145", Status.OTHER),
        ("CREDIT_CARD", "4111 1111 1111 1111", Status.OWN_SENSITIVE),
    ],
)
def test_what_the_recipient_wrote_tells_them_nothing_new(kind: str, value: str, status: Status) -> None:
    said = replace(CONTEXT, last_user="Call me on 1-503-555-0144 or SAM@example.net, card 4111 1111 1111 1111")
    assert OwnershipJudge().status(kind, value, said) is status


@pytest.mark.parametrize(
    ("value", "status"),
    [("Ana", Status.OWN), ("Ana Lima", Status.OWN), ("Ana Gomez", Status.OTHER), ("Example", Status.OTHER)],
)
def test_a_name_that_the_recipients_ids_are_made_of_is_own(value: str, status: Status) -> None:
    customer = Customer(id="c-1", name="", emails=("ana@example.com",), known_values=("ana_lima_7557",))
    context = replace(CONTEXT, recipient=Recipient(customer_id="c-1"), customer=customer)
    assert OwnershipJudge().status("PERSON", value, context) is status


def test_a_full_name_that_the_recipient_told_is_no_news_to_them() -> None:
    context = replace(CONTEXT, last_user="Please add Kevin Smith to the booking")
    assert OwnershipJudge().status("PERSON", "Kevin Smith", context) is Status.OWN
    assert OwnershipJudge().status("PERSON", "Kevin", context) is Status.OTHER


def test_an_address_told_in_other_words_is_no_news_to_the_recipient() -> None:
    context = replace(CONTEXT, last_user="I moved: Suite 641 now, still 123 Elm Street, in Austin")
    assert OwnershipJudge().status("STREET_ADDRESS", "123 Elm Street, Suite 641, Austin", context) is Status.OWN
    assert OwnershipJudge().status("STREET_ADDRESS", "124 Elm Street, Suite 641, Austin", context) is Status.OTHER
