"""Words that go on about money just told: they give no more, unless they say that it comes again."""

from __future__ import annotations

from decimal import Decimal

import pytest

from outguard.detection.commitments.clauses import Clause
from outguard.detection.commitments.extract import Commitment, Reading, Tense, commitment_of
from outguard.detection.commitments.judge import Judge
from outguard.detection.commitments.tokens import words
from outguard.domain.action import LedgerEntry, LedgerState
from outguard.domain.authority import Authority, AuthorityProfile
from outguard.domain.finding import Status
from outguard.domain.money import Money

PROFILE = AuthorityProfile(
    name="mill",
    company="Mill",
    commitments={
        "credit": Authority(kind="credit", requires_action="mill.credit", without_action_up_to={"GBP": Decimal(20)}),
        "discount": Authority(kind="discount", requires_action="mill.discount"),
        "fee_waiver": Authority(kind="fee_waiver", requires_action="mill.waive"),
    },
)
FREE, BEYOND = "I've put £15 credit on your account", "I've put £60 credit on your account"
CUT = "£30 has come off BILL-40"


def paid(topic: str, amount: str) -> LedgerEntry:
    money = Money.parse(amount, "GBP")
    return LedgerEntry(action_id="act-1", topic=topic, state=LedgerState.EXECUTED, amount=money, target="BILL-40")


def claim(text: str, kind: str, start: int) -> Commitment:
    reading = Reading("claim", (kind,), binding=True, score=0.9, tense=Tense.DONE, words=frozenset(words(text)))
    return commitment_of(Clause(start, start + len(text), text), reading)


def second(first: str, then: str, *ledger: LedgerEntry, gap: int = 2, kind: str = "FEE_WAIVER") -> Status:
    judge = Judge(ledger, PROFILE)
    judge.judge(claim(first, "DISCOUNT_OR_PRICE" if "off" in first else "CREDIT_OR_COMPENSATION", 0))
    return judge.judge(claim(then, kind, len(first) + gap)).status


@pytest.mark.parametrize(
    "text",
    [
        "it comes off the next delivery bill",
        "and it will be taken off your next invoice",
        "which goes towards your May box",
        "that shows on the account straight away",
        "the credit is used automatically at checkout",
    ],
)
def test_where_money_just_told_is_used_gives_no_more(text: str) -> None:
    assert second(FREE, text) is Status.WITHIN_AUTHORITY
    assert second(BEYOND, text) is Status.UNBACKED
    assert second("Good morning to you", text) is Status.UNBACKED
    assert second(FREE, text, gap=40) is Status.UNBACKED


@pytest.mark.parametrize(
    "text",
    [
        "it comes off each invoice this year",
        "it comes off the next one as well",
        "it goes to £25 in May",
        "it's doubled on your next order",
        "it comes with waived delivery",
        "the late fee goes off your bill",
    ],
)
def test_what_gives_more_needs_its_own_cover(text: str) -> None:
    assert second(FREE, text) is Status.UNBACKED


@pytest.mark.parametrize("text", ["so the bill now reads £420", "your balance is now £12.50.", "leaving a total of £9"])
def test_what_is_left_to_pay_after_a_backed_price_cut_is_no_gift(text: str) -> None:
    cut = paid("mill.discount", "30.00")
    assert second(CUT, text, cut, kind="DISCOUNT_OR_PRICE") is Status.BACKED
    assert second(CUT, text, kind="DISCOUNT_OR_PRICE") is Status.UNBACKED


@pytest.mark.parametrize(
    "text", ["so £420 of the bill is waived", "and the rent is now £420 for good", "plus £40 cash"]
)
def test_another_sum_beside_a_backed_one_needs_its_own_cover(text: str) -> None:
    assert second(CUT, text, paid("mill.discount", "30.00"), kind="DISCOUNT_OR_PRICE") is Status.UNBACKED


def test_the_same_given_again_is_not_paid_twice() -> None:
    cut = paid("mill.discount", "30.00")
    for text in ("and the same is off whatever you buy next", "the same £30 is off your next order"):
        assert second(CUT, text, cut, kind="DISCOUNT_OR_PRICE") is Status.UNBACKED
    assert second(CUT, "the same £30 is on your next statement", cut, kind="DISCOUNT_OR_PRICE") is Status.BACKED
