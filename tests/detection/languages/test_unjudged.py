"""What has no glossary goes to a person where money is spoken of; English never does."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from outguard.detection.document import Document
from outguard.detection.languages.detector import LanguageDetector, Languages
from outguard.detection.languages.glossary import Lexicon
from outguard.detection.languages.identify import unread_language
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


UNJUDGED = LanguageDetector(Languages(Lexicon({}, frozenset()), ()))


def found(text: str) -> bool:
    return bool(UNJUDGED.detect(Document(text=text), CONTEXT))


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


def test_a_sum_that_was_paid_vouches_for_no_words_beside_it() -> None:
    ledger = (
        LedgerEntry(
            action_id="act-1",
            topic="shop.refund",
            state=LedgerState.EXECUTED,
            amount=Money.parse("45.00", "EUR"),
        ),
    )
    authority = Authority(kind="refund", requires_action="shop.refund")
    profile = replace(CONTEXT.profile, commitments={"refund": authority})
    text = "Hallo Maria, die 45,00 € sind erstattet, und das Porto erstatten wir Ihnen auch noch."
    assert UNJUDGED.detect(Document(text=text), replace(CONTEXT, ledger=ledger, profile=profile))
