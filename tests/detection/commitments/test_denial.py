from __future__ import annotations

import pytest

from outguard.detection.commitments.denial import find_denial
from outguard.domain.action import LedgerEntry, LedgerState
from outguard.domain.authority import Authority, AuthorityProfile
from outguard.domain.finding import Status
from outguard.domain.money import Money

PROFILE = AuthorityProfile(
    name="shop",
    company="Shop",
    commitments={"refund": Authority(kind="refund", requires_action="support.refund")},
)


def refund(state: LedgerState) -> LedgerEntry:
    return LedgerEntry(
        action_id="act-1",
        topic="support.refund",
        state=state,
        amount=Money.parse("45.00", "USD"),
        target="ORD-1001",
    )


@pytest.mark.parametrize(
    "text", ["No refund has been issued.", "The order hasn't been refunded.", "ORD-1001 was not refunded."]
)
def test_denying_an_executed_refund_is_a_finding(text: str) -> None:
    denial = find_denial(text, [refund(LedgerState.EXECUTED)], PROFILE)
    assert denial is not None
    assert denial.status is Status.UNBACKED
    assert denial.reason == "denies refund; the ledger has 45.00 USD executed (act-1)"


@pytest.mark.parametrize("state", [LedgerState.DENIED, LedgerState.PENDING, LedgerState.FAILED])
def test_a_true_denial_is_none(state: LedgerState) -> None:
    assert find_denial("No refund has been issued.", [refund(state)], PROFILE) is None


@pytest.mark.parametrize(
    "text",
    [
        "ORD-2002 was not refunded.",
        "No second refund has been issued.",
        "Was it not refunded?",
        "$99 was not refunded.",
    ],
)
def test_another_thing_may_be_denied(text: str) -> None:
    assert find_denial(text, [refund(LedgerState.EXECUTED)], PROFILE) is None


def test_that_nothing_was_done_denies_it_too() -> None:
    for text in (
        "Nothing has been refunded yet.",
        "None of the money was refunded.",
        "No money has so far been credited.",
    ):
        is_refund = "refunded" in text
        assert (find_denial(text, [refund(LedgerState.EXECUTED)], PROFILE) is not None) is is_refund
        assert find_denial(text, [refund(LedgerState.FAILED)], PROFILE) is None
    assert find_denial("Nothing else has been refunded.", [refund(LedgerState.EXECUTED)], PROFILE) is None
