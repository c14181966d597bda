"""R6: what the customer's last words say to an action."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from policy_files import an_action, shipped_policy

from outguard.domain.money import Money
from outguard.domain.signal import Consent, SignalPolicy
from outguard.policy.words import (
    MAX_CHARS,
    consent_of,
    contradicted_amount,
    contradicted_target,
    fold,
    groups_heard,
    read_words,
)


@pytest.mark.parametrize(
    ("words", "consent"),
    [
        (None, Consent.UNKNOWN),
        ("  ", Consent.UNKNOWN),
        ("Yes, please.", Consent.GIVEN),
        ("YES", Consent.GIVEN),
        ("That\u2019s correct \u2014 go ahead", Consent.GIVEN),
        ("No, wait. Yes, all right, do it.", Consent.GIVEN),
        ("My number is 555-123", Consent.MISSING),
        ("My phone shows no signal", Consent.MISSING),
        ("yesterday it worked", Consent.MISSING),
        ("No, not that one", Consent.REFUSED),
        ("I changed my mind", Consent.REFUSED),
        ("please   don't", Consent.REFUSED),
    ],
)
def test_a_yes_and_a_no_are_told_apart(words: str | None, consent: Consent) -> None:
    assert consent_of(shipped_policy().signals, words) is consent


@pytest.mark.parametrize(
    ("words", "groups"),
    [
        ("I lost my phone and can't access my account", ("account_access",)),
        ("I can\u2019t access my account", ("account_access",)),
        ("Please change my payout", ("payout_change",)),
        ("My lawyer will write to you", ("legal_threat",)),
        ("lawyers", ()),
        ("Where is my order?", ()),
        (None, ()),
    ],
)
def test_risky_phrases_are_heard_as_whole_words(words: str | None, groups: tuple[str, ...]) -> None:
    assert groups_heard(shipped_policy().signals, words) == groups


@pytest.mark.parametrize(
    ("words", "target", "contradicts"),
    [
        ("Cancel order #W1234567", "#W1234567", False),
        ("cancel w1234567 please", "#W1234567", False),
        ("Cancel order #W7654321", "#W1234567", True),
        ("Cancel #W7654321, keep #W1234567", "#W1234567", False),
        ("Cancel it", "#W1234567", False),
        ("My phone is 555-123-2002", "L1002", False),
        ("Order W12 please", "#W1234567", False),
        ("Order W1234567", None, False),
        ("for maria", "maria", False),
    ],
)
def test_another_reference_of_the_same_shape_contradicts(words: str, target: str | None, *, contradicts: bool) -> None:
    assert contradicted_target(words, target) is contradicts


@pytest.mark.parametrize(
    ("words", "amount", "contradicts"),
    [
        ("refund me $20", "20.00", False),
        ("refund me $20", "20.01", True),
        ("$10 for this and $15.50 for that", "25.50", False),
        ("the $1,910 difference", "1910", False),
        ("refund me", "5000", False),
    ],
)
def test_more_than_the_customer_spoke_of_contradicts(words: str, amount: str, *, contradicts: bool) -> None:
    assert contradicted_amount(words, Money(amount=Decimal(amount), currency="USD")) is contradicts
    assert not contradicted_amount(words, None)


def test_nothing_given_contradicts_nothing() -> None:
    assert read_words(shipped_policy().signals, an_action("a.b", "5", target="W1234567")) == {
        "consent": Consent.UNKNOWN,
        "risky_words": (),
        "contradictions": (),
    }


def test_a_long_message_is_read_from_its_end() -> None:
    terms = shipped_policy().signals
    assert consent_of(terms, "yes " + "x" * MAX_CHARS) is Consent.MISSING
    assert consent_of(terms, "x" * MAX_CHARS + " yes") is Consent.GIVEN


@given(st.text(max_size=300))
def test_no_words_break_it_and_without_phrases_nothing_is_heard(words: str) -> None:
    assert len(fold(words)) <= MAX_CHARS
    assert groups_heard(SignalPolicy(), words) == ()
    assert consent_of(SignalPolicy(), words) in {Consent.MISSING, Consent.UNKNOWN}
    contradicted_target(words, words[:20])
