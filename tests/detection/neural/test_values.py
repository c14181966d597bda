"""What was heard as a code, a health fact or a credential is cut whole, and only where it can be one."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from outguard.detection.neural.edges import beside_numbers
from outguard.detection.neural.reading import Entity
from outguard.detection.neural.values import CREDENTIAL, LEAST, told_value
from outguard.detection.wholes import whole_conditions
from outguard.domain.authority import AuthorityProfile
from outguard.domain.context import ReplyContext
from outguard.domain.finding import Category, Finding, Status
from outguard.domain.reply import Customer, Recipient

CONTEXT = ReplyContext(
    recipient=Recipient(display_name="Maria Lopez"),
    customer=Customer(id="c-1", name="Maria Lopez", known_values=("WL-50921",)),
    profile=AuthorityProfile(name="shop", company="Shop", public_values=("0800 555 0100",)),
    ledger=(),
    now=datetime(2026, 1, 5, tzinfo=UTC),
)
KEY = "rvk" + "-live_" + "9f2c41d7"


def told(text: str, words: str, kind: str, score: float = 0.95) -> str | None:
    """What is cut of `text` where `words` were heard."""
    start = text.index(words)
    entity = told_value(text, Entity(kind, start, start + len(words), score), CONTEXT)
    return None if entity is None else text[entity.start : entity.end]


@pytest.mark.parametrize(
    ("text", "heard", "kind", "cut"),
    [
        ("The word you set was marmalade-otter.", "marmalade", "PASSWORD_OR_PIN", "marmalade-otter"),
        ("The word you chose is marmalade.", "marmalade", "PASSWORD_OR_PIN", "marmalade"),
        ("Ihr Passwort lautet Beagle.", "Beagle", "PASSWORD_OR_PIN", "Beagle"),
        ("Su contraseña es perrito.", "perrito", "PASSWORD_OR_PIN", "perrito"),
        ("The safe opens with the code beagle.", "beagle", "PASSWORD_OR_PIN", "beagle"),
        ("Tap in #40!92, then the green key.", "40", "PASSWORD_OR_PIN", "#40!92"),
        ("Tap in 5550, then hash.", "5550", "PASSWORD_OR_PIN", "5550"),  # stands in the shop's phone number by chance
        (f"use key={KEY}, please", "live", CREDENTIAL, KEY),
        ("We noted your allergy to penicillin.", "allergy to penicillin", "HEALTH", "allergy to penicillin"),
    ],
)
def test_a_value_is_cut_whole(text: str, heard: str, kind: str, cut: str) -> None:
    assert told(text, heard, kind) == cut


@pytest.mark.parametrize(
    ("text", "heard", "kind"),
    [
        ("Your order WL-50921 is packed.", "50921", "PASSWORD_OR_PIN"),
        ("That is W-L, then 5-0-9-2-1.", "5-0-9-2-1", "PASSWORD_OR_PIN"),
        ("Ring 0800 555 0100 any time.", "0800 555 0100", "PASSWORD_OR_PIN"),
        ("Put YOUR_API_KEY into the header.", "YOUR_API_KEY", CREDENTIAL),
        ("Paste the token there.", "token", CREDENTIAL),
        ("Row 7 of the list.", "7", "HEALTH"),
        ("Take seat 4 please.", "4", "PASSWORD_OR_PIN"),
        ("We put the dog down as Oscar (beagle).", "beagle", "PASSWORD_OR_PIN"),
        ("Scratch it off and type five and five letters.", "five", "PASSWORD_OR_PIN"),
        ("Walk past the door to Internal Medicine.", "Internal Medicine", "HEALTH"),
        ("The code is elsewhere (login name: beagle).", "beagle", "PASSWORD_OR_PIN"),
        ("Ask at the dermatology desk.", "dermatology desk", "HEALTH"),
        ("Choose a mode that allows 4G/5G.", "4G/5G", "PASSWORD_OR_PIN"),
        ("I found your account (user ID: mei_lind_8020).", "mei_lind_8020", CREDENTIAL),
    ],
)
def test_known_values_placeholders_and_scraps_are_left(text: str, heard: str, kind: str) -> None:
    assert told(text, heard, kind) is None


@pytest.mark.parametrize("kind", sorted(LEAST))
def test_a_doubtful_value_is_left(kind: str) -> None:
    assert told("It is marmalade-otter77 now.", "marmalade-otter77", kind, LEAST[kind] - 0.01) is None


def finding(text: str, words: str, rule: str, kind: str, status: Status) -> Finding:
    start = text.index(words)
    return Finding(
        category=Category.PII, type=kind, status=status, start=start, end=start + len(words), score=0.9, rule=rule
    )


def test_what_a_rule_names_is_not_renamed_by_what_was_heard() -> None:
    text = "Your booking QF7-229 is ready, the gate takes 5093."
    order = finding(text, "QF7-229", "pii.account_id", "ACCOUNT_ID", Status.OWN)
    twice = replace(order, rule="neural.password_or_pin", type="PASSWORD_OR_PIN", status=Status.OWN_SENSITIVE)
    gate = finding(text, "5093", "neural.password_or_pin", "PASSWORD_OR_PIN", Status.OWN_SENSITIVE)
    assert beside_numbers([order, twice, gate], text) == [order, gate]


def test_what_was_heard_of_a_condition_goes_with_what_a_rule_found_of_it() -> None:
    """Cutting the one word that a rule knows would leave the rest of the fact."""
    text = "I see photosensitive epilepsy, tablets twice a day on the card."
    rule = finding(text, "epilepsy", "pii.health.near", "HEALTH", Status.OWN_SENSITIVE)
    heard = finding(
        text, "photosensitive epilepsy, tablets twice a day", "neural.health", "HEALTH", Status.OWN_SENSITIVE
    )
    (whole,) = whole_conditions(beside_numbers([rule, heard], text), text)
    assert (whole.start, whole.end) == (heard.start, heard.end)
