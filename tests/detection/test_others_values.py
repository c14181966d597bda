"""What may be somebody's value is told by its form, the same way in replies and in customers' data."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from outguard.detection.document import Document
from outguard.detection.others_values import (
    OthersValueDetector,
    keys_in,
    keys_of_documents,
    keys_of_phone,
    keys_of_value,
)
from outguard.domain.authority import AuthorityProfile
from outguard.domain.context import ReplyContext
from outguard.domain.finding import Category, Status
from outguard.domain.reply import Customer, Recipient


@pytest.mark.parametrize(
    ("value", "keys"),
    [
        ("ORD-5512", ("i:ord5512",)),
        ("#ORD-5512", ("i:ord5512",)),
        ("ord_5512", ("i:ord5512",)),
        ("Maria.Lopez@Example.com", ("e:maria.lopez@example.com",)),
        ("00340434161094042557", ("n:0434161094042557", "p:094042557")),
        ("+1 415 555 0132", ("n:14155550132", "p:155550132")),
        ("734021", ("n:734021",)),
    ],
)
def test_identifiers_mails_and_numbers_have_keys(value: str, keys: tuple[str, ...]) -> None:
    assert keys_of_value(value) == keys


@pytest.mark.parametrize(
    "value",
    [
        *("", "Maria Lopez", "12 Oak Street", "next-day", "x@y"),
        *("4421", "$1200.00", "45.00", "2026-03-04", "03/04/2026", "4.5.2026", "2025-2026"),
        *("SKU-20441", "v2.13", "ISBN-978-3-16"),
    ],
)
def test_other_things_have_none(value: str) -> None:
    assert keys_of_value(value) == ()


@pytest.mark.parametrize(
    "written", ["+1 415 555 0132", "(415) 555-0132", "415-555-0132", "4155550132", "001 415 5550132"]
)
def test_a_phone_number_has_one_key_however_it_is_written(written: str) -> None:
    assert keys_of_phone("+14155550132")[0] in {key for key, _, _ in keys_in(f"Call {written}, please.")}


@given(
    st.from_regex(r"[A-Z]{2,4}-[0-9]{4,8}", fullmatch=True),
    st.sampled_from(["{}", "({})", "order {}.", "{}, {}", "#{}"]),
)
def test_what_a_customer_has_is_found_in_a_reply(value: str, form: str) -> None:
    text = form.replace("{}", value)
    assert set(keys_of_value(value)) == {key for key, _, _ in keys_in(text)}


@given(st.text(max_size=300))
def test_places_lie_in_the_text(text: str) -> None:
    assert all(0 <= start < end <= len(text) for _, start, end in keys_in(text))


def test_disguises_are_undone_first() -> None:
    text = "It is O\u200bRD-55\u200b12 or maria (at) example (dot) com"
    assert keys_of_documents([Document(text=text)]) >= {"i:ord5512", "e:maria@example.com"}


def test_hostile_text_costs_linear_time() -> None:
    for piece in ("a", "a-", "1 ", "a.", "1-", "(1", "a@", "_/"):
        assert list(keys_in(piece * 100_000 + "x")) is not None


def context_of(*others: str) -> ReplyContext:
    return ReplyContext(
        recipient=Recipient(),
        customer=Customer(id="c-1"),
        profile=AuthorityProfile(name="p", company="P"),
        ledger=(),
        now=datetime(2026, 1, 5, tzinfo=UTC),
        others_values=frozenset(others),
    )


def test_anothers_identifier_is_another_customers_case() -> None:
    text = "Your order ORD-7788 and ORD-5512 are on their way."
    found = OthersValueDetector().detect(Document(text=text), context_of("i:ord5512"))
    assert [(one.category, one.type, one.status, text[one.start : one.end]) for one in found] == [
        (Category.INTERNAL, "OTHER_CUSTOMER", None, "ORD-5512")
    ]


def test_anothers_contact_is_another_persons() -> None:
    text = "Write to ana@example.com or call +1 415 555 0132."
    found = OthersValueDetector().detect(Document(text=text), context_of("e:ana@example.com", "p:155550132"))
    assert [(one.category, one.type, one.status) for one in found] == [
        (Category.PII, "EMAIL_ADDRESS", Status.OTHER),
        (Category.PII, "PHONE_NUMBER", Status.OTHER),
    ]


def test_without_others_values_nothing_is_looked_at() -> None:
    assert OthersValueDetector().detect(Document(text="ORD-5512"), context_of()) == []
