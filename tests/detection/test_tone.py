"""Ways of speaking that a company may not want: found in replies, left in plain texts, nothing done by default."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from outguard.bootstrap import rules_of
from outguard.detection.document import Document
from outguard.detection.engine import build_scanner
from outguard.domain.authority import AuthorityProfile
from outguard.domain.context import ReplyContext
from outguard.domain.finding import Category
from outguard.domain.reply import Customer, Recipient

SCANNER = build_scanner({name: text for name, text in rules_of(None).items() if name.startswith("detectors/")})


def tones(text: str, *, customer: Customer | None) -> list[tuple[str, str]]:
    context = ReplyContext(
        recipient=Recipient(),
        customer=customer,
        profile=AuthorityProfile(name="p", company="P"),
        ledger=(),
        now=datetime(2026, 1, 5, tzinfo=UTC),
    )
    found = SCANNER.scan([Document(text=text)], context)
    return [(one.type, text[one.start : one.end]) for one in found if one.category is Category.TONE]


@pytest.mark.parametrize(
    ("text", "kind", "words"),
    [
        ("Rest assured, the parcel is safe.", "OVERCONFIDENT", "Rest assured"),
        ("I am one hundred percent sure of it.", "OVERCONFIDENT", "one hundred percent sure"),
        ("Sorry, but that's not our problem.", "DISMISSIVE", "that's not our problem"),
        ("You\u2019re overreacting a little here.", "DISMISSIVE", "You\u2019re overreacting"),
        ("Kindly do the needful and reply.", "ROBOTIC", "Kindly do the needful"),
        ("It was your own mistake, I fear.", "BLAMING", "It was your own mistake"),
    ],
)
def test_a_phrase_is_found_where_it_stands(text: str, kind: str, words: str) -> None:
    assert tones(text, customer=Customer(id="c-1")) == [(kind, words)]
    assert tones(text, customer=None) == []


@pytest.mark.parametrize(
    "text",
    [
        "I am sorry that this went wrong; the new one ships on Monday.",
        "I understand, and I would be upset too. Let me look into it.",
        "Please check the address before you confirm.",
        "That was our mistake and we have fixed it.",
    ],
)
def test_plain_good_manners_are_left(text: str) -> None:
    assert tones(text, customer=Customer(id="c-1")) == []
