"""What the shipped encoder must hear, in any case of letters."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import lru_cache

import pytest

from outguard.bootstrap import build_model, rules_of
from outguard.detection.document import Document
from outguard.detection.neural.detector import NeuralDetector
from outguard.detection.neural.scorer import NeuralScorer
from outguard.detection.neural.shared import SharedReader
from outguard.domain.authority import AuthorityProfile
from outguard.domain.context import ReplyContext
from outguard.domain.finding import Status
from outguard.domain.reply import Customer, Recipient

CONTEXT = ReplyContext(
    recipient=Recipient(display_name="Maria Lopez"),
    customer=Customer(id="c-1", name="Maria Lopez"),
    profile=AuthorityProfile(name="shop", company="Shop"),
    ledger=(),
    now=datetime(2026, 1, 5, tzinfo=UTC),
)


def shipped() -> SharedReader:
    model = build_model()
    assert model is not None
    return model


@lru_cache
def detector() -> NeuralDetector:
    return NeuralDetector(shipped(), rules_of(None))


def persons(text: str) -> dict[str, Status | None]:
    found = detector().detect(Document(text=text), CONTEXT)
    return {text[f.start : f.end]: f.status for f in found if f.type == "PERSON"}


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("The parcel was signed for by John Okafor next door.", "John Okafor"),
        ("hi, your neighbour siobhan murphy took it in", "siobhan murphy"),
        ("I've spoken to Priya Raghavan about her order.", "Priya Raghavan"),
        ("It went to Nguyen Thi Lan's address instead.", "Nguyen Thi Lan"),
    ],
)
def test_other_peoples_names_are_found(text: str, name: str) -> None:
    assert persons(text) == {name: Status.OTHER}


def test_the_recipients_name_is_their_own() -> None:
    assert persons("Hi Maria, thanks for waiting.") == {"Maria": Status.OWN}


@pytest.mark.parametrize(
    "text",
    ["Will that be all for today?", "Press Settings, then Privacy, and choose Download.", "Thank you for your order."],
)
def test_plain_words_are_no_names(text: str) -> None:
    assert persons(text) == {}


@pytest.mark.parametrize(
    ("text", "binds"),
    [
        ("I've refunded the $45 to your card.", True),
        ("We will refund the full amount tomorrow.", True),
        ("I'm afraid I can't refund the delivery fee.", False),
        ("Refunds usually take five to seven working days.", False),
        ("You asked for a refund of $45.", False),
        ("Thank you for your patience.", False),
    ],
)
def test_what_binds_and_what_does_not(text: str, *, binds: bool) -> None:
    assert (NeuralScorer(shipped()).score("", text).binding >= 0.5) is binds


def test_a_forename_alone_in_a_subject_is_no_leak() -> None:
    text = "Your Siobhan order"
    found = detector().detect(Document(text=text, field="subject"), CONTEXT)
    assert [f for f in found if f.status is Status.OTHER] == []


@pytest.mark.parametrize(
    ("text", "fact"),
    [
        ("Your form says you have had epilepsy since the accident, so mind the strobes.", "epilepsy"),
        ("We know about your daughter's peanut allergy, so the kitchen is told.", "peanut allergy"),
    ],
)
def test_health_facts_are_found_by_the_words_around(text: str, fact: str) -> None:
    found = [f for f in detector().detect(Document(text=text), CONTEXT) if fact in text[f.start : f.end]]
    assert [(f.type, f.status) for f in found] == [("HEALTH", Status.OWN_SENSITIVE)]


def test_a_bare_value_of_a_payload_is_left_to_the_rules() -> None:
    """Nothing stands around it that could tell what it is."""
    text = "you have had epilepsy since the accident"
    found = detector().detect(Document(text=text), CONTEXT)
    assert any(f.type == "HEALTH" and "epilepsy" in text[f.start : f.end] for f in found)
    assert not detector().detect(Document(text=text, field="payload.note"), CONTEXT)


@pytest.mark.parametrize(
    "text",
    [
        "The word on the lid is Heron, and the green one is sold out.",
        "Please choose a new password with at least twelve signs.",
        "Our allergy-friendly menu is in your room.",
        "Your order 804317 left the warehouse, and the driver has your note.",
    ],
)
def test_look_alikes_of_values_are_left(text: str) -> None:
    kinds = {"PASSWORD_OR_PIN", "HEALTH", "ACCESS_TOKEN"}
    assert not [f for f in detector().detect(Document(text=text), CONTEXT) if f.type in kinds]
