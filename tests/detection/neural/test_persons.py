"""Whose name was heard: the recipient's in any form, a public one, or another private person's."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from outguard.bootstrap import rules_of
from outguard.detection.neural.persons import PersonJudge, load_public_names
from outguard.detection.ownership import OwnershipJudge
from outguard.domain.authority import AuthorityProfile
from outguard.domain.context import ReplyContext
from outguard.domain.finding import Status
from outguard.domain.reply import Customer, Recipient
from outguard.errors import InvalidInputError

JUDGE = PersonJudge(rules_of(None), OwnershipJudge())
CONTEXT = ReplyContext(
    recipient=Recipient(display_name="Elizabeth Okafor", address="liz.okafor@example.com"),
    customer=Customer(id="c-1", name="Elizabeth Okafor", emails=("liz.okafor@example.com",)),
    profile=AuthorityProfile(name="shop", company="Shop"),
    ledger=(),
    now=datetime(2026, 1, 5, tzinfo=UTC),
)


def status(text: str, name: str) -> Status | None:
    start = text.index(name)
    return JUDGE.status(text, start, start + len(name), CONTEXT)


@pytest.mark.parametrize(
    "name", ["Elizabeth", "Okafor", "Lizzie", "E. Okafor", "Okafor, Elizabeth", "ELIZABETH OKAFOR", "Ms Okafor", "liz"]
)
def test_the_recipients_name_in_any_form_is_own(name: str) -> None:
    assert status(f"It is booked for {name} on Monday.", name) is Status.OWN


def test_a_foreign_greeting_before_the_own_name_is_no_surname() -> None:
    assert status("Sawubona Lizzie,\n\nall done.", "Sawubona Lizzie") is Status.OWN


@pytest.mark.parametrize("name", ["Elizabeth Chen", "Chen Okafor-Smith", "Ann"])
def test_a_name_that_shares_a_part_only_is_anothers(name: str) -> None:
    assert status(f"We told {name} about it.", name) is Status.OTHER


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("The print shows a tower by Frank Lloyd Wright.", "Frank Lloyd Wright"),
        ("Our vases are named after composers: the tall one is Zora Pelt.", "Zora Pelt"),
        ("The Harper has metal legs.", "Harper"),
        ("Collect it at the Pelham Street branch.", "Pelham"),
        ("All set.\n\nKind regards,\nSiobhan", "Siobhan"),
        ("My colleague Oksana is away.", "Oksana"),
        ("Basil from our Toronto desk has it now.", "Basil"),
    ],
)
def test_what_everybody_may_name_is_public(text: str, name: str) -> None:
    assert status(text, name) is Status.PUBLIC


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Your neighbour Siobhan Murphy took it in.", "Siobhan Murphy"),
        ("It went to Harper Lind by mistake.", "Harper Lind"),
    ],
)
def test_private_people_stay_private(text: str, name: str) -> None:
    assert status(text, name) is Status.OTHER


@pytest.mark.parametrize(("text", "name"), [("Namaste, all is done.", "Namaste"), ("ORD-5512 left.", "ORD")])
def test_greetings_and_codes_are_no_names(text: str, name: str) -> None:
    start = text.index(name)
    assert not JUDGE.is_name(text, start, start + len(name))


@pytest.mark.parametrize(
    ("heard", "name"),
    [
        ("Merci Tariq", "Tariq"),
        ("Hola Hallo Ngozi Bell", "Ngozi Bell"),
        ("Tariq ur driver", "Tariq"),
        ("Pieter van der Meer", "Pieter van der Meer"),
        ("Pieter van der Meer who called", "Pieter van der Meer"),
        ("tariq bell", "tariq bell"),
        ("Anne-marie O'Dell", "Anne-marie O'Dell"),
        ("Merci", "Merci"),
    ],
)
def test_a_name_begins_behind_the_greeting_and_ends_before_small_words(heard: str, name: str) -> None:
    text = f"So: {heard}, all done."
    start, end = JUDGE.narrowed(text, 4, 4 + len(heard))
    assert text[start:end] == name


def test_a_rule_folder_may_have_no_list_but_no_broken_one() -> None:
    assert not load_public_names({}).names
    with pytest.raises(InvalidInputError):
        load_public_names({"detectors/public_names.yaml": "public_names: 3"})
