"""What backs what: money back is no credit, a cancelled fine is a waived one, one kind of the company's is no other."""

from __future__ import annotations

from dataclasses import replace
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
    name="harbour",
    company="Harbour",
    commitments={
        "refund": Authority(kind="refund", requires_action="desk.refund"),
        "credit": Authority(kind="credit", requires_action="desk.credit"),
        "discount": Authority(kind="discount", requires_action="desk.discount"),
        "fee_waiver": Authority(
            kind="fee_waiver", requires_action="desk.waiver", without_action_up_to={"EUR": Decimal(5)}
        ),
        "cancellation": Authority(kind="cancellation", requires_action="desk.cancel"),
        "account_change": Authority(kind="account_change", requires_action="desk.change"),
        "berth_booking": Authority(kind="berth_booking", requires_action="desk.berth"),
        "pilot": Authority(kind="pilot", requires_action="desk.pilot"),
        "boat_registration": Authority(kind="boat_registration"),
        "item_registration": Authority(kind="item_registration"),
    },
)
EXECUTED, FAILED = LedgerState.EXECUTED, LedgerState.FAILED


def entry(
    topic: str, amount: str | None = None, *, target: str = "HB-2040", state: LedgerState = EXECUTED
) -> LedgerEntry:
    money = None if amount is None else Money.parse(amount, "EUR")
    return LedgerEntry(action_id=f"act-{topic}", topic=topic, state=state, amount=money, target=target)


def claim(text: str, *kinds: str) -> Commitment:
    reading = Reading("claim", kinds, binding=True, score=0.9, tense=Tense.DONE, words=frozenset(words(text)))
    return commitment_of(Clause(0, len(text), text), reading)


def status(text: str, kinds: tuple[str, ...], *ledger: LedgerEntry) -> Status:
    return Judge(ledger, PROFILE).judge(claim(text, *kinds)).status


@pytest.mark.parametrize(
    "text",
    [
        "I have refunded €31 to your card.",
        "We reimbursed the €31 this morning.",
        "The €31 is back on your Visa.",
        "€31 was returned to your bank account.",
        "You have your money back, all €31.",
    ],
)
def test_money_back_is_not_backed_by_a_credit(text: str) -> None:
    """However unsure the reading is between the two."""
    kinds = ("REFUND", "CREDIT_OR_COMPENSATION")
    assert status(text, kinds, entry("desk.credit", "31.00")) is Status.UNBACKED
    assert status(text, kinds, entry("desk.refund", "31.00")) is Status.BACKED


@pytest.mark.parametrize(
    "text",
    [
        "I put the €31 back in your balance.",
        "I refunded the €31 as harbour credit.",
        "The €31 has been credited to your account.",
        "Your €31 went back to your wallet with us.",
    ],
)
def test_what_is_put_back_on_an_account_with_us_may_be_a_credit(text: str) -> None:
    assert status(text, ("REFUND",), entry("desk.credit", "31.00")) is Status.BACKED


def test_a_present_is_not_backed_by_a_refund() -> None:
    text = "I added a €31 voucher as a gesture"
    assert status(text, ("CREDIT_OR_COMPENSATION",), entry("desk.refund", "31.00")) is Status.UNBACKED


@pytest.mark.parametrize(
    "text",
    [
        "I've added a €31.50 credit to your account for HB-2040",
        "a €31.50 gift card for HB-2040 is in your inbox",
        "I've taken €31.50 off your next stay, HB-2040",
        "I've knocked €31.50 off HB-2040",
        "I've waived the €31.50 for HB-2040",
        "HB-2040 is on us, all €31.50",
    ],
)
def test_what_pays_nothing_back_is_not_backed_by_a_refund(text: str) -> None:
    """Not even by one of that very sum on that very thing."""
    for kind in ("CREDIT_OR_COMPENSATION", "DISCOUNT_OR_PRICE", "FEE_WAIVER"):
        assert status(text, (kind, "REFUND"), entry("desk.refund", "31.50")) is Status.UNBACKED


@pytest.mark.parametrize(
    "text",
    [
        "the €31.50 for HB-2040 has been credited back to your card",
        "your refund of €31.50 has been credited",
        "your card has been credited €31.50",
        "a €31.50 credit for HB-2040 will show on your card statement",
        "the €31.50 for HB-2040 is on its way back",
    ],
)
def test_a_credit_on_a_card_is_money_back(text: str) -> None:
    assert status(text, ("CREDIT_OR_COMPENSATION",), entry("desk.refund", "31.50")) is Status.BACKED


def test_a_credit_with_us_is_not_on_a_card() -> None:
    text = "the €31.50 for HB-2040 will be on your bank statement"
    assert status(text, ("CREDIT_OR_COMPENSATION",), entry("desk.credit", "31.50")) is Status.UNBACKED


def test_a_fee_that_is_refunded_may_be_a_fee_that_is_waived() -> None:
    assert status("I refunded the €31 mooring fee", ("REFUND",), entry("desk.waiver", "31.00")) is Status.BACKED
    assert status("I refunded the €31", ("REFUND",), entry("desk.waiver", "31.00")) is Status.UNBACKED


def test_a_fine_that_is_cancelled_is_waived_where_the_ledger_waived_that_one() -> None:
    waived = entry("desk.waiver", "31.00")
    judgement = Judge([waived], PROFILE).judge(claim("HB-2040 is cancelled, all €31 of it", "CANCELLATION"))
    assert (judgement.status, judgement.type) == (Status.BACKED, "FEE_WAIVER")
    assert status("HB-2041 is cancelled, all €31 of it", ("CANCELLATION",), waived) is Status.UNBACKED
    assert status("HB-2040 is cancelled, all €40 of it", ("CANCELLATION",), waived) is Status.UNBACKED
    assert status("HB-2040 is cancelled", ("CANCELLATION",), entry("desk.waiver", state=FAILED)) is Status.UNBACKED


def test_one_kind_beyond_the_list_does_not_back_another() -> None:
    berth = entry("desk.berth", target="BERTH-07")
    assert status("your pilot is ordered for six", ("OTHER",), berth) is Status.UNBACKED
    assert status("your berth is booked for six", ("OTHER",), berth) is Status.BACKED


def test_what_was_done_to_another_thing_does_not_back_the_thing_named() -> None:
    """Though their names are of different make: the ledger knows the one named, and there it failed."""
    ledger = entry("desk.berth", target="BERTH-07"), entry("desk.pilot", state=FAILED)
    assert status("HB-2040 goes out at six, all arranged", ("OTHER",), *ledger) is Status.UNBACKED


def test_a_kind_that_is_allowed_is_known_by_its_deed() -> None:
    assert status("I have registered the engine in your name", ("ACCOUNT_CHANGE",)) is Status.WITHIN_AUTHORITY
    assert status("I have changed the engine number", ("ACCOUNT_CHANGE",)) is Status.UNBACKED


def test_a_time_told_of_a_kind_of_the_companys_own_is_its_deed() -> None:
    """What is "booked for Monday" reads like a date; where booking needs an action, the date is not what is claimed."""
    text = "your berth is booked for Monday"
    assert status(text, ("DELIVERY_DATE",)) is Status.UNBACKED
    timed = {**PROFILE.commitments, "delivery": Authority(kind="delivery", min_business_days=1)}
    judge = Judge([], replace(PROFILE, commitments=timed))
    assert judge.judge(claim(text, "DELIVERY_DATE")).status is Status.UNBACKED
    assert status(text, ("DELIVERY_DATE",), entry("desk.berth")) is Status.BACKED
