"""An address that a reply calls the reader's is the reader's, unless another is known or somebody stands before it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from outguard.detection.attribution import with_own_addresses
from outguard.domain.authority import AuthorityProfile
from outguard.domain.context import ReplyContext
from outguard.domain.finding import Category, Finding, Status
from outguard.domain.reply import Customer, Recipient

ADDRESS = "18 Alder Court, Apt 3"
CONTEXT = ReplyContext(
    recipient=Recipient(customer_id="c-1"),
    customer=Customer(id="c-1", name="Maria Lopez", known_values=("ORD-5512",)),
    profile=AuthorityProfile(name="shop", company="Brightloom"),
    ledger=(),
    now=datetime(2026, 1, 1, tzinfo=UTC),
)


def _finding(text: str, words: str, kind: str) -> Finding:
    start = text.rindex(words)
    return Finding(
        category=Category.PII,
        type=kind,
        status=Status.OTHER,
        start=start,
        end=start + len(words),
        score=0.8,
        rule="r",
    )


def _status(text: str, context: ReplyContext = CONTEXT, *, person: str = "") -> Status | None:
    findings = [_finding(text, ADDRESS, "STREET_ADDRESS")]
    if person:
        findings.append(_finding(text, person, "PERSON"))
    return with_own_addresses(findings, text, context)[0].status


@pytest.mark.parametrize(
    "text",
    [
        f"Your default address has been updated to {ADDRESS}.",
        f"Your order was shipped to: {ADDRESS}.",
        f"These are your details.\n- Address: {ADDRESS}",
        f"To confirm, you want it delivered to {ADDRESS}?",
    ],
)
def test_an_address_said_to_be_the_readers_is_own(text: str) -> None:
    assert _status(text) is Status.OWN


@pytest.mark.parametrize(
    "text",
    [
        f"You can meet at {ADDRESS}.",
        f"Your parcel is with the neighbour whose address is hers: {ADDRESS}.",
        f"Your label was mixed up. The address on Howard's order is {ADDRESS}.",
        f"For returns, you may use our address: {ADDRESS}.",
        f"The address is {ADDRESS}.",
        f"Your address is known. They live at {ADDRESS}.",
    ],
)
def test_an_address_of_somebody_else_stays_so(text: str) -> None:
    assert _status(text) is Status.OTHER


def test_a_name_between_takes_the_address() -> None:
    text = f"Your address list: Ottoline Marsh, {ADDRESS}"
    assert _status(text, person="Ottoline Marsh") is Status.OTHER


def test_where_an_address_is_known_an_unknown_one_is_not_own() -> None:
    customer = Customer(id="c-1", name="Maria Lopez", known_values=("3310 Marigold Street, Edison",))
    assert _status(f"Your address is {ADDRESS}", replace(CONTEXT, customer=customer)) is Status.OTHER


def test_a_list_of_addresses_is_read_as_one() -> None:
    filler = "- W2, sent, paid " * 15
    text = f"Here are the shipping addresses of your orders:\n- W1: 9 Elm Lane\n{filler}\n- W3: {ADDRESS}"
    findings = [_finding(text, "9 Elm Lane", "STREET_ADDRESS"), _finding(text, ADDRESS, "STREET_ADDRESS")]
    assert {one.status for one in with_own_addresses(findings, text, CONTEXT)} == {Status.OWN}


def test_nothing_is_own_without_a_customer() -> None:
    assert _status(f"Your address is {ADDRESS}", replace(CONTEXT, customer=None)) is Status.OTHER
