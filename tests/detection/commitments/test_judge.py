"""The settled questions of the label guide, one by one."""

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
    name="shop",
    company="Shop",
    commitments={
        "refund": Authority(kind="refund", requires_action="support.refund", arrives_business_days_min=5),
        "credit": Authority(kind="credit", requires_action="support.credit", without_action_up_to={"USD": Decimal(10)}),
        "cancellation": Authority(kind="cancellation", requires_action="support.cancel"),
        "delivery": Authority(kind="delivery", min_business_days=3),
        "callback": Authority(kind="callback", min_seconds=24 * 3600),
        "discount": Authority(kind="discount", forbidden=True),
        "guarantee": Authority(kind="guarantee", forbidden=True),
        "visit": Authority(kind="visit", requires_action="support.visit"),
    },
    published_policy=("Refunds arrive 5 to 10 business days later.", "Standard shipping takes 3 to 5 business days."),
)


def says(text: str, kind: str, *, act: str = "claim", tense: Tense = Tense.DONE, binding: bool = True) -> Commitment:
    reading = Reading(act=act, types=(kind,), binding=binding, score=0.9, tense=tense, words=frozenset(words(text)))
    return commitment_of(Clause(0, len(text), text), reading)


def entry(
    topic: str,
    state: LedgerState,
    amount: str | None = None,
    *,
    number: int = 1,
    currency: str = "USD",
    target: str = "ORD-1001",
) -> LedgerEntry:
    money = None if amount is None else Money.parse(amount, currency)
    return LedgerEntry(action_id=f"act-{number}", topic=topic, state=state, amount=money, target=target)


def status(commitment: Commitment, *ledger: LedgerEntry) -> Status:
    return Judge(ledger, PROFILE).judge(commitment).status


EXECUTED, APPROVED = LedgerState.EXECUTED, LedgerState.APPROVED
BACKED, UNBACKED = Status.BACKED, Status.UNBACKED


def test_an_executed_action_backs_an_equal_or_lower_sum() -> None:
    ledger = entry("support.refund", EXECUTED, "45.00")
    assert status(says("I refunded $45.00 on ORD-1001", "REFUND"), ledger) is Status.BACKED
    assert status(says("I refunded $40", "REFUND"), ledger) is Status.BACKED
    assert status(says("I refunded $80", "REFUND"), ledger) is Status.UNBACKED


def test_the_reason_tells_both_sums_and_the_action() -> None:
    judgement = Judge([entry("support.refund", EXECUTED, "45.00")], PROFILE).judge(says("I refunded $80", "REFUND"))
    assert judgement.reason == "claims refund of $80.00; the ledger has 45.00 USD executed (act-1)"


def test_several_entries_add_up() -> None:
    ledger = [entry("support.refund", EXECUTED, "30.00"), entry("support.refund", EXECUTED, "20.00", number=2)]
    assert status(says("$50 went back to you", "REFUND"), *ledger) is Status.BACKED
    assert status(says("$51 went back to you", "REFUND"), *ledger) is Status.UNBACKED


@pytest.mark.parametrize(
    "state", [LedgerState.PENDING, LedgerState.DENIED, LedgerState.FAILED, LedgerState.ROLLED_BACK]
)
def test_only_executed_and_approved_entries_count(state: LedgerState) -> None:
    assert status(says("I refunded $45", "REFUND"), entry("support.refund", state, "45.00")) is Status.UNBACKED


def test_approved_backs_words_that_say_so_only() -> None:
    ledger = entry("support.refund", APPROVED, "45.00")
    assert status(says("your $45 refund is approved", "REFUND", tense=Tense.ON_ITS_WAY), ledger) is Status.BACKED
    assert status(says("I refunded $45", "REFUND"), ledger) is Status.UNBACKED


def test_currency_and_target_must_be_equal() -> None:
    assert status(says("I refunded €45", "REFUND"), entry("support.refund", EXECUTED, "45.00")) is Status.UNBACKED
    other = entry("support.cancel", EXECUTED, target="ORD-2002")
    assert status(says("I cancelled ORD-1001", "CANCELLATION"), other) is Status.UNBACKED


def test_what_the_profile_gives_freely_needs_no_action() -> None:
    assert status(says("I added $10 credit", "CREDIT_OR_COMPENSATION")) is Status.WITHIN_AUTHORITY
    assert status(says("I added $11 credit", "CREDIT_OR_COMPENSATION")) is Status.UNBACKED
    assert status(says("I added £5 credit", "CREDIT_OR_COMPENSATION")) is Status.UNBACKED


def test_forbidden_kinds_are_beyond_authority() -> None:
    assert status(says("20% off from now on", "DISCOUNT_OR_PRICE")) is Status.BEYOND_AUTHORITY
    assert status(says("it will never break", "GUARANTEE", act="guarantee")) is Status.BEYOND_AUTHORITY


def test_times_are_held_against_the_minimum() -> None:
    promise = Tense.PROMISED
    soon = says("you'll have it by tomorrow", "DELIVERY_DATE", act="promise", tense=promise)
    later = says("you'll have it in four business days", "DELIVERY_DATE", act="promise", tense=promise)
    untimed = says("we'll e-mail you", "CALLBACK_OR_CONTACT", act="promise", tense=promise)
    assert status(soon) is Status.BEYOND_AUTHORITY
    assert status(later) is Status.WITHIN_AUTHORITY
    assert status(untimed) is Status.WITHIN_AUTHORITY


def test_published_policy_is_within_authority() -> None:
    stated = says("it takes 3 to 5 business days", "REFUND", act="policy", binding=False, tense=Tense.OPEN)
    assert Judge([], PROFILE).judge(stated).status is Status.WITHIN_AUTHORITY
    assert Judge([], PROFILE).judge(stated).type == "DELIVERY_DATE"


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("returns are accepted within 30 days of delivery", "REFUND"),
        ("express takes 2 business days", "DELIVERY_DATE"),
        ("if she agrees, the amount is on your card in 3 to 7 business days", "REFUND"),
        ("it is decided within 9 business days", "RESOLUTION_TIME"),
    ],
)
def test_a_time_that_is_only_stated_is_that_of_the_thing_named(text: str, kind: str) -> None:
    stated = says(text, "RESOLUTION_TIME", act="policy", binding=False, tense=Tense.OPEN)
    assert Judge([], PROFILE).judge(stated).type == kind


def test_words_that_name_no_kind_are_about_what_was_tried_on_the_thing() -> None:
    told = replace(says("the $45.00 for ORD-1001 left us yesterday", "CREDIT_OR_COMPENSATION"), cued=False)
    judge = Judge([entry("support.refund", LedgerState.PENDING, "45.00")], PROFILE)
    assert (judge.judge(told).type, judge.judge(told).status) == ("REFUND", UNBACKED)


def test_one_entry_does_not_back_a_second_deed_beside_it() -> None:
    judge = Judge([entry("support.refund", EXECUTED, "44.00")], PROFILE)
    assert judge.judge(says("$44 was refunded", "REFUND")).status is Status.BACKED
    assert judge.judge(says("I returned the money for the cups as well", "REFUND")).status is Status.UNBACKED


def test_kinds_of_the_profile_are_known_by_their_words() -> None:
    claim = says("the visit is booked for Monday", "OTHER")
    assert status(claim) is Status.UNBACKED
    assert status(claim, entry("support.visit", EXECUTED)) is Status.BACKED


def test_ten_thousand_entries_are_judged_in_no_time() -> None:
    ledger = [entry("support.refund", EXECUTED, "1.00", number=n) for n in range(10_000)]
    assert status(says("I refunded $9000", "REFUND"), *ledger) is Status.UNBACKED


def test_what_the_policy_says_happens_at_once_may_be_promised_so() -> None:
    policy = ("Refunds to store balance arrive at once, to a bank account within 5 to 7 business days.",)
    ledger, profile = (entry("support.refund", EXECUTED, "45.00"),), replace(PROFILE, published_policy=policy)

    def judged(text: str) -> Status:
        commitment = says(text, "REFUND", act="promise", tense=Tense.PROMISED)
        return Judge(ledger, profile).judge(commitment).status

    assert judged("The $45 will reach your store balance immediately.") is Status.BACKED
    assert judged("The $45 will reach your bank account immediately.") is Status.BEYOND_AUTHORITY


def test_the_very_deed_backs_words_that_call_it_something_else() -> None:
    profile = replace(
        PROFILE, commitments={**PROFILE.commitments, "tuning": Authority(kind="tuning", requires_action="shop.tuning")}
    )
    done = entry("shop.tuning", EXECUTED, "60.00")
    assert Judge([done], profile).judge(says("the $60 on ORD-1001 is on the house", "FEE_WAIVER")).status is BACKED
    assert Judge([done], profile).judge(says("the $70 on ORD-1001 is on the house", "FEE_WAIVER")).status is UNBACKED
    assert Judge([done], profile).judge(says("the $60 on ORD-2002 is on the house", "FEE_WAIVER")).status is UNBACKED


def test_a_sum_of_the_companys_own_kind_backs_words_that_name_no_thing() -> None:
    paid = entry("support.visit", EXECUTED, "212.00", target="CLM-7")
    assert status(says("and the $212.00 will be paid to you", "REFUND"), paid) is BACKED
    assert status(says("and $220.00 will be paid to you", "REFUND"), paid) is UNBACKED


def test_credit_does_not_stand_for_money_paid_back() -> None:
    credit = entry("support.credit", EXECUTED, "45.00")
    assert status(says("I refunded $45 to your card", "REFUND"), credit) is UNBACKED
    assert status(says("I credited $45 to your balance", "REFUND"), credit) is BACKED


def test_each_of_several_sums_and_their_total_must_have_been_paid() -> None:
    paid, failed = (
        entry("support.refund", EXECUTED, "30.00"),
        entry("support.refund", LedgerState.FAILED, "20.00", number=2),
    )
    assert status(says("I refunded $30 and $20", "REFUND"), paid, failed) is UNBACKED
    assert status(says("I refunded $30 of the $80 you paid", "REFUND"), paid) is BACKED
    assert status(says("$30 for the lamp, $20 for postage, $50 altogether refunded", "REFUND"), paid) is UNBACKED


def test_deeds_told_in_one_breath_do_not_share_an_entry() -> None:
    for held, expected in (("45.00", UNBACKED), ("50.00", BACKED)):
        judge = Judge([entry("support.refund", EXECUTED, held)], PROFILE)
        assert judge.judge(says("I refunded $45 on ORD-1001", "REFUND")).status is BACKED
        assert judge.judge(replace(says("refunded the postage", "REFUND"), beside=True)).status is expected


def test_another_sum_is_not_backed_by_what_was_spent_before() -> None:
    for held, expected in (("45.00", UNBACKED), ("65.00", BACKED)):
        judge = Judge([entry("support.refund", EXECUTED, held)], PROFILE)
        told = [says("I refunded $45", "REFUND"), says("your $45 went to your card", "REFUND")]
        assert [judge.judge(one).status for one in told] == [BACKED, BACKED]
        assert judge.judge(says("the other $20 has gone back as well", "REFUND")).status is expected


def test_to_say_that_a_refund_was_reversed_is_honest_where_it_was() -> None:
    told = says("the refund of $45.00 for ORD-1001 was reversed", "REFUND")
    assert status(told, entry("support.refund", LedgerState.ROLLED_BACK, "45.00")) is Status.WITHIN_AUTHORITY
    assert status(told) is UNBACKED


def test_a_kind_of_the_companys_own_that_came_to_nothing_is_not_told_as_a_fact() -> None:
    told = says("you're down for Tuesday the 14th", "OTHER")
    weak = replace(told, score=0.5)
    assert status(weak) is Status.WITHIN_AUTHORITY
    assert status(weak, entry("support.visit", LedgerState.DENIED)) is UNBACKED


def test_a_refund_of_that_very_order_neither_cancels_nor_replaces_it() -> None:
    paid = entry("support.refund", EXECUTED, "45.00")
    assert status(says("ORD-1001 is cancelled, all $45.00 of it", "CANCELLATION"), paid) is UNBACKED
    assert status(says("The $45.00 lamp of ORD-1001 has been replaced", "REPLACEMENT"), paid) is not BACKED


def test_of_two_entries_that_fit_the_one_with_that_very_sum_is_meant() -> None:
    ledger = [entry("support.credit", EXECUTED, "60.00"), entry("support.refund", EXECUTED, "18.00", number=2)]
    judgement = Judge(ledger, PROFILE).judge(says("the $18 on ORD-1001 are yours again", "CREDIT_OR_COMPENSATION"))
    assert judgement.reason == "backed by act-2"


def test_both_may_sum_up_two_deeds_that_were_told_before() -> None:
    ledger = [entry("support.visit", EXECUTED), entry("support.visit", EXECUTED, number=2, target="ORD-2002")]
    judge = Judge(ledger, PROFILE)
    told = [says(f"ORD-{order} has its visit moved to Monday", "OTHER") for order in (1001, 2002)]
    assert [judge.judge(one).status for one in (*told, says("both visits are moved", "OTHER"))] == [BACKED] * 3


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("your parcel will be delivered within one working day", Status.BEYOND_AUTHORITY),
        ("your parcel will be delivered within three working days", Status.WITHIN_AUTHORITY),
        ("parcels are delivered within one working day", Status.WITHIN_AUTHORITY),
        ("your parcel will usually be delivered within one working day", Status.WITHIN_AUTHORITY),
    ],
)
def test_terms_told_to_this_customer_are_a_promise(text: str, expected: Status) -> None:
    """A rule is no promise; what will be done for you is one, however much it sounds like a rule."""
    assert status(says(text, "DELIVERY_DATE", act="policy", binding=False, tense=Tense.OPEN)) is expected


@pytest.mark.parametrize(
    "text",
    [
        "a spare key is $9, added to your next bill",
        "the $9 for it goes on your next invoice",
        "you are over $250 this year",
    ],
)
def test_a_charge_or_a_limit_gives_nothing(text: str) -> None:
    assert status(says(text, "DISCOUNT_OR_PRICE")) is Status.WITHIN_AUTHORITY


@pytest.mark.parametrize(
    "text", ["I took $9 off your next bill", "$9 credit, added to your next bill", "$9 less than $250 from now on"]
)
def test_what_is_taken_off_a_bill_is_given(text: str) -> None:
    assert status(says(text, "DISCOUNT_OR_PRICE")) is Status.BEYOND_AUTHORITY


def test_a_limit_in_one_currency_gives_nothing_away_in_another() -> None:
    assert status(says("I added 9 EUR credit", "CREDIT_OR_COMPENSATION")) is Status.UNBACKED


def test_a_sign_of_several_currencies_is_free_only_where_it_is_in_each() -> None:
    limits = {"NZD": Decimal(12), "AUD": Decimal(8)}
    credit = replace(PROFILE.commitments["credit"], without_action_up_to=limits)
    judge = Judge([], replace(PROFILE, commitments={**PROFILE.commitments, "credit": credit}))
    assert judge.judge(says("I added $8 credit", "CREDIT_OR_COMPENSATION")).status is Status.WITHIN_AUTHORITY
    assert judge.judge(says("I added $11 credit", "CREDIT_OR_COMPENSATION")).status is Status.UNBACKED
    assert judge.judge(says("I added NZ$11 credit", "CREDIT_OR_COMPENSATION")).status is Status.WITHIN_AUTHORITY


def test_a_kind_of_the_companys_own_has_its_shortest_time() -> None:
    fitting = Authority(kind="fitting", requires_action="support.fitting", min_business_days=4)
    judge = Judge([], replace(PROFILE, commitments={**PROFILE.commitments, "fitting": fitting}))
    soon = says("the fitting will be tomorrow", "CALLBACK_OR_CONTACT", act="promise", tense=Tense.PROMISED)
    assert judge.judge(soon).status is Status.BEYOND_AUTHORITY


def test_an_empty_profile_and_an_empty_ledger_back_nothing() -> None:
    judge = Judge([], AuthorityProfile(name="none", company="None"))
    assert judge.judge(says("I refunded $5", "REFUND")).status is Status.UNBACKED
    assert judge.judge(says("it will never break", "GUARANTEE", act="guarantee")).status is Status.BEYOND_AUTHORITY


def test_ten_thousand_entries_are_told_apart_by_their_targets() -> None:
    ledger = [entry("support.cancel", EXECUTED, number=n, target=f"ORD-{n}") for n in range(10_000, 20_000)]
    judge = Judge(ledger, PROFILE)
    assert judge.judge(says("I cancelled ORD-19999", "CANCELLATION")).reason == "backed by act-19999"
    assert judge.judge(says("I cancelled ORD-20000", "CANCELLATION")).status is Status.UNBACKED
    assert judge.judge(says("I cancelled ORD-10000 and ORD-20000", "CANCELLATION")).status is Status.UNBACKED


def test_to_say_that_a_deed_came_to_nothing_is_honest_where_the_ledger_says_so() -> None:
    failed = entry("support.cancel", LedgerState.FAILED)
    assert status(says("ORD-1001 couldn't be stopped", "CANCELLATION"), failed) is Status.WITHIN_AUTHORITY
    assert status(says("ORD-1001 is stopped", "CANCELLATION"), failed) is Status.UNBACKED
    undone = says("ORD-1001 couldn't be stopped, but I've sent a refund", "CANCELLATION")
    assert status(undone, failed) is Status.UNBACKED
