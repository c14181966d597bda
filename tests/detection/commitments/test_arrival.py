"""When money that was paid back will be there, said beside the payment."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from outguard.detection.commitments.arrival import arrives_too_soon, money_back
from outguard.detection.commitments.clauses import Clause
from outguard.domain.authority import Authority, AuthorityProfile
from outguard.domain.context import ReplyContext
from outguard.domain.finding import Status
from outguard.domain.reply import Customer, Recipient

REFUND = Authority(kind="refund", requires_action="till.refund", arrives_business_days_min=5)
CONTEXT = ReplyContext(
    recipient=Recipient(customer_id="c-1", display_name="Ines Brandt", address="ines@example.com"),
    customer=Customer(id="c-1", name="Ines Brandt", emails=(), phones=(), known_values=()),
    profile=AuthorityProfile(name="till", company="Till", commitments={"refund": REFUND}),
    ledger=(),
    now=datetime(2026, 1, 7, 12, tzinfo=UTC),
    channel="email",
)


@pytest.mark.parametrize(
    "text",
    [
        "It lands overnight.",
        "The money is with you in two days",
        "and it should be on your card tomorrow",
        "Open your banking app tonight and you'll find it.",
        "You'll see it by Friday.",
        "That will be in your account within 2 working days.",
    ],
)
def test_money_told_to_be_there_sooner_than_the_minimum_is_beyond_authority(text: str) -> None:
    judgement = arrives_too_soon(text, "REFUND", CONTEXT)
    assert judgement is not None
    assert judgement.status is Status.BEYOND_AUTHORITY


@pytest.mark.parametrize(
    "text",
    [
        "It lands in 5 to 10 business days.",
        "You'll see it within two weeks.",
        "Some banks show it on the card within a day or two.",
        "If it isn't on your card by Friday, write to me.",
        "It was on your card two days later last time.",
        "I'll phone you tomorrow about it.",
        "Your parcel arrives tomorrow.",
    ],
)
def test_hedges_later_times_and_other_things_are_not(text: str) -> None:
    assert arrives_too_soon(text, "REFUND", CONTEXT) is None


def test_money_back_is_promised_in_plain_words_unless_it_waits_for_something() -> None:
    def promise(text: str) -> bool:
        return money_back(Clause(0, len(text), text), CONTEXT) is not None

    assert promise("You will get your money back in 5 to 10 business days.")
    assert promise("You'll receive your full refund within two weeks.")
    assert not promise("Once it is back with us you will get your money back.")
    assert not promise("You will usually see your refund within two weeks.")
    assert not promise("You will get your parcel back in 5 days.")
