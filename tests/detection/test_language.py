"""What the commitment detector cannot read goes to a person where money is spoken of; English never does."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from outguard.detection.document import Document
from outguard.detection.language import LanguageDetector, unread_language
from outguard.domain.action import LedgerEntry, LedgerState
from outguard.domain.authority import Authority, AuthorityProfile
from outguard.domain.context import ReplyContext
from outguard.domain.money import Money
from outguard.domain.reply import Recipient

CONTEXT = ReplyContext(
    recipient=Recipient(),
    customer=None,
    profile=AuthorityProfile(name="shop", company="Shop"),
    ledger=(),
    now=datetime(2026, 1, 1, tzinfo=UTC),
)


def found(text: str) -> bool:
    return bool(LanguageDetector().detect(Document(text=text), CONTEXT))


@pytest.mark.parametrize(
    "text",
    [
        "Hallo Maria, wir erstatten Ihnen 50 Euro auf die Karte und das ist sicher.",
        "Bonjour Maria, nous avons remboursé 45 € sur votre carte.",
        "Hola María, le hemos devuelto 30 euros a su tarjeta.",
        "Gentile Maria, abbiamo rimborsato 20 € e non è tutto.",
        "Dag Maria, wij hebben het bedrag van 20 euro aan u terugbetaald.",
        "マリア様、返金として5000円をお支払いします。",
    ],
)
def test_money_in_another_language_is_for_a_person(text: str) -> None:
    assert found(text)


@pytest.mark.parametrize(
    "text",
    [
        "Hi Maria, your refund of $45.00 was sent to your card and will be there on Monday.",
        "Refund: $45.00. Done!",
        "Dear Señor de la Cruz, we have refunded 45 EUR for your order from El Paso.",
        "Hallo Maria, wir melden uns morgen bei Ihnen und das ist alles.",
        "Total 45 EUR",
        "",
    ],
)
def test_english_or_no_money_is_left_to_the_others(text: str) -> None:
    assert not found(text)


def test_money_at_the_end_of_a_long_text_is_seen() -> None:
    assert found("Wir haben das und ist nicht. " * 2_000 + "50 Euro")


def test_the_language_is_named_only_when_sure() -> None:
    assert unread_language("wir haben das und ist nicht") == "German"
    assert unread_language("the order is here and it will be there") is None


def paid(text: str, *money: tuple[str, LedgerState]) -> bool:
    ledger = tuple(
        LedgerEntry(action_id=f"act-{at}", topic="shop.refund", state=state, amount=Money.parse(amount, "EUR"))
        for at, (amount, state) in enumerate(money)
    )
    profile = replace(CONTEXT.profile, commitments={"refund": Authority(kind="refund", requires_action="shop.refund")})
    context = replace(CONTEXT, ledger=ledger, profile=profile)
    return not LanguageDetector().detect(Document(text=text), context)


EXECUTED, APPROVED = LedgerState.EXECUTED, LedgerState.APPROVED


def test_sums_that_were_all_paid_need_no_reader() -> None:
    text = "Hallo Maria, wir haben 42,00 € und 8,00 € erstattet, zusammen also 50,00 €, und das ist nicht alles."
    assert paid(text, ("42.00", EXECUTED), ("8.00", EXECUTED))
    assert not paid(text, ("42.00", EXECUTED), ("8.00", LedgerState.FAILED))
    assert not paid(text, ("42.00", EXECUTED))


def test_what_is_only_approved_must_be_told_so() -> None:
    told = "Bonjour Maria, le remboursement de 45,00 € est accepté et il est dans les mains de votre banque."
    assert paid(told, ("45.00", APPROVED))
    assert not paid(told.replace("accepté", "fait"), ("45.00", APPROVED))


def test_what_is_given_free_beside_a_paid_sum_is_for_a_person() -> None:
    assert not paid("Hallo Maria, 45,00 € sind erstattet und das Porto ist für Sie kostenlos.", ("45.00", EXECUTED))
