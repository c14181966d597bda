from __future__ import annotations

from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path

import pytest

from outguard.detection.document import Document
from outguard.detection.identity import IdentityDetector
from outguard.domain.authority import AuthorityProfile
from outguard.domain.context import ReplyContext
from outguard.domain.finding import Category, Status
from outguard.domain.reply import Customer, Recipient

RULES = Path(__file__).parents[2] / "rules"


@lru_cache
def detector() -> IdentityDetector:
    path = RULES / "detectors" / "identity.yaml"
    return IdentityDetector({"detectors/identity.yaml": path.read_text(encoding="utf-8")})


def names(text: str, name: str) -> list[str]:
    context = ReplyContext(
        recipient=Recipient(display_name=name),
        customer=Customer(id="c-1", name=name) if name else None,
        profile=AuthorityProfile(name="shop", company="Shop"),
        ledger=(),
        now=datetime(2026, 1, 5, tzinfo=UTC),
    )
    findings = detector().detect(Document(text=text), context)
    assert all(f.status is (Status.OTHER if f.category is Category.PII else None) for f in findings), (
        "a wrong name is also another person's name"
    )
    return [text[f.start : f.end] for f in findings if f.category is Category.IDENTITY]


@pytest.mark.parametrize(
    ("text", "name", "wrong"),
    [
        ("Hi Brandon, thanks for waiting.", "Sunita Raghavan", "Brandon"),
        ("Dear Mr. Thornbury,\n\nThank you.", "Lucía Benavides", "Mr. Thornbury"),
        ("Once you've had a look, Rodrigo, tell me more.", "Mei Tanaka", "Rodrigo"),
        ("Have a lovely spring, Deborah, and greetings to the twins!", "Shabnam Karimi", "Deborah"),
    ],
)
def test_somebody_elses_name_is_found(text: str, name: str, wrong: str) -> None:
    assert names(text, name) == [wrong]


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Hi Bob, thanks.", "Robert Miles"),
        ("Dear Mr. Miles,", "Robert Miles"),
        ("Hi Lucia,", "Lucía Benavides"),
        ("Hi Jean,", "Jean-Baptiste Roux"),
        ("Hi J.R.,", "Jon Reed"),
        ("Hi there, thanks for waiting.", "Robert Miles"),
        ("Hello team,", "Robert Miles"),
        ("Dear customer,", "Robert Miles"),
        ("It is done.\n\nThanks,\nErrol", "Robert Miles"),
        ("Your installer, Rodrigo, will call before you leave.", "Robert Miles"),
        ("Hi Anyone,", ""),
    ],
)
def test_forms_of_the_own_name_and_group_greetings_are_left(text: str, name: str) -> None:
    assert names(text, name) == []
