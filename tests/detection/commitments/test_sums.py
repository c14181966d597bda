"""Several deeds in one claim: each must be covered, and so must what they make together."""

from __future__ import annotations

import pytest

from outguard.detection.commitments.clauses import Clause
from outguard.detection.commitments.extract import Commitment, Reading, Tense, commitment_of
from outguard.detection.commitments.judge import Judge
from outguard.detection.commitments.sums import likewise, parts_of, totals_in
from outguard.detection.commitments.tokens import words
from outguard.domain.action import LedgerEntry, LedgerState
from outguard.domain.authority import Authority, AuthorityProfile
from outguard.domain.finding import Status
from outguard.domain.money import Money

PROFILE = AuthorityProfile(
    name="press",
    company="Press",
    commitments={
        "refund": Authority(kind="refund", requires_action="press.refund"),
        "cancellation": Authority(kind="cancellation", requires_action="press.cancel"),
    },
)
EXECUTED = LedgerState.EXECUTED


def claim(text: str, kind: str = "REFUND") -> Commitment:
    reading = Reading("claim", (kind,), binding=True, score=0.9, tense=Tense.DONE, words=frozenset(words(text)))
    return commitment_of(Clause(0, len(text), text), reading)


def paid(
    amount: str, target: str | None = None, currency: str = "GBP", *, state: LedgerState = EXECUTED
) -> LedgerEntry:
    money = Money.parse(amount, currency)
    return LedgerEntry(
        action_id=f"act-{amount}-{target}", topic="press.refund", state=state, amount=money, target=target
    )


def ended(target: str, state: LedgerState = EXECUTED) -> LedgerEntry:
    return LedgerEntry(action_id=f"act-{target}", topic="press.cancel", state=state, amount=None, target=target)


def is_backed(commitment: Commitment, *ledger: LedgerEntry) -> bool:
    return Judge(ledger, PROFILE).judge(commitment).status is Status.BACKED


def test_sums_one_after_another_must_each_be_covered() -> None:
    text = "I refunded £7.10 for INV-301 and £4.20 for INV-302"
    assert is_backed(claim(text), paid("7.10", "INV-301"), paid("4.20", "INV-302"))
    assert not is_backed(claim(text), paid("7.10", "INV-301"))
    assert not is_backed(claim(text), paid("11.30", "INV-301"))


def test_equal_sums_do_not_share_one_entry() -> None:
    text = "£9.00 and another £9.00 have gone back"
    assert not is_backed(claim(text), paid("9.00"))
    assert is_backed(claim(text), paid("9.00", "a"), paid("9.00", "b"))


def test_what_one_payment_is_made_of_may_be_told() -> None:
    assert is_backed(claim("I refunded £6 for the cover and £2 for the post"), paid("8.00"))
    assert is_backed(claim("we paid back £8, £6 for the cover and £2 for the post"), paid("6.00"), paid("2.00"))
    assert not is_backed(claim("I refunded £6 for the cover and £3 for the post"), paid("8.00"))


@pytest.mark.parametrize(
    "text",
    [
        "I refunded £5 of the £40 that you paid",
        "I refunded £5, the order was £40",
        "the price was £40 and it is £35 now, so I refunded £5",
        "I refunded £5 instead of £4",
        "you paid £40 in total and £5 of it was refunded",
    ],
)
def test_other_sums_beside_a_payment_are_no_payments(text: str) -> None:
    assert is_backed(claim(text), paid("5.00"))


def test_the_reason_names_the_part_that_is_missing() -> None:
    judgement = Judge([paid("7.10", "INV-301")], PROFILE).judge(
        claim("£7.10 for INV-301 and £4.20 for INV-302 are back")
    )
    assert judgement.reason.endswith("nothing covers 4.20 GBP for INV302")


def test_things_one_after_another_must_each_be_done() -> None:
    text = "I cancelled SUB-11, SUB-12 and SUB-13"
    done = ended("SUB-11"), ended("SUB-12")
    assert is_backed(claim(text, "CANCELLATION"), *done, ended("SUB-13"))
    assert not is_backed(claim(text, "CANCELLATION"), *done)
    assert is_backed(claim("I cancelled SUB-11 as you wrote in CASE-4", "CANCELLATION"), *done)


@pytest.mark.parametrize(
    "text",
    [
        "I refunded £8 plus the delivery fee",
        "I refunded the £8 as well as shipping",
        "I refunded the £8 and half of the postage",
        "I refunded the £8 and the postage too",
    ],
)
def test_what_is_paid_on_top_needs_cover_too(text: str) -> None:
    assert not is_backed(claim(text), paid("8.00"))
    assert is_backed(claim(text), paid("10.50"))
    assert is_backed(claim(text), paid("8.00"), paid("2.50"))


@pytest.mark.parametrize("text", ["I refunded £8 including the postage", "I refunded £8 for the ball and the postage"])
def test_what_a_sum_is_made_of_needs_no_more(text: str) -> None:
    assert is_backed(claim(text), paid("8.00"))


def test_what_the_rest_of_the_sentence_adds_needs_cover_too() -> None:
    for entries, is_bad in (([paid("8.00")], True), ([paid("8.00"), paid("2.50")], False)):
        judge, told = Judge(entries, PROFILE), claim("I refunded £8")
        assert judge.judge(told).status is Status.BACKED
        assert (judge.together(told, ", plus the delivery fee") is not None) is is_bad


@pytest.mark.parametrize("text", ["I refunded £8 to £9", "between £8 and £9 went back", "more than £8 went back"])
def test_a_range_is_held_against_its_upper_end(text: str) -> None:
    assert not is_backed(claim(text), paid("8.00"))
    assert is_backed(claim(text), paid("9.00"))


def test_a_thing_named_likewise_needs_cover_too() -> None:
    text = "I refunded £8 for INV-301, INV-302 likewise"
    assert not is_backed(claim(text), paid("8.00", "INV-301"))
    assert is_backed(claim(text), paid("8.00", "INV-301"), paid("8.00", "INV-302"))


@pytest.mark.parametrize(
    "text",
    ["both refunds of £8 are done", "I refunded £8 twice", "both £8 payments went back", "I issued both refunds"],
)
def test_plural_deeds_need_plural_entries(text: str) -> None:
    assert not is_backed(claim(text), paid("8.00"))
    assert is_backed(claim(text), paid("8.00", "a"), paid("8.00", "b"))


def test_a_sum_for_each_counts_as_often_as_there_are_things() -> None:
    text = "I refunded £3 each for the two posters"
    assert not is_backed(claim(text), paid("3.00"))
    assert is_backed(claim(text), paid("6.00"))


def test_both_are_two_where_one_came_to_nothing() -> None:
    text = "both subscriptions are cancelled"
    assert not is_backed(claim(text, "CANCELLATION"), ended("SUB-11"), ended("SUB-12", LedgerState.DENIED))
    assert is_backed(claim(text, "CANCELLATION"), ended("SUB-11"))  # one action may end both


def test_what_payments_make_together_must_be_covered_too() -> None:
    entries = paid("18.00"), paid("7.50", state=LedgerState.FAILED)
    assert not is_backed(claim("£25.50 altogether is back with you"), *entries)
    assert is_backed(claim("£18.00 altogether is back with you"), *entries)
    judge, told = Judge(entries, PROFILE), claim("I refunded £18.00")
    assert judge.together(told, ", so £25.50 in all") is not None
    assert judge.together(told, ", so £18.00 in all") is None


@pytest.mark.parametrize(
    ("text", "values"),
    [
        (", so £37.98 altogether", ["37.98"]),
        (" and that makes £12", ["12"]),
        (" out of £40 in all that you paid", []),
        (", your order came to £40", []),
    ],
)
def test_a_total_is_told_by_its_words(text: str, values: list[str]) -> None:
    assert [str(one.value) for one in totals_in(text)] == values


def test_the_same_said_of_another_thing_is_a_part() -> None:
    assert [str(part) for part in likewise(" and so is SUB-12 from May")] == ["SUB12"]
    assert likewise(" and SUB-12 stays as it is") == []


def test_one_deed_has_no_parts() -> None:
    assert parts_of(claim("I refunded £5 on INV-301")) == []


def test_more_sums_than_a_large_ledger_can_be_searched_for_are_not_backed() -> None:
    """Comparing each with each would take as long as somebody likes it to."""
    ledger = [paid("5.00", f"INV-{number}") for number in range(10_000)]
    few, many = (claim("I refunded " + " and ".join(["£5"] * number)) for number in (20, 200))
    assert is_backed(few, *ledger)
    assert not is_backed(many, *ledger)


@pytest.mark.parametrize(
    "text", ["£16 + £4 − £2 = £18 refunded", "£16 plus £4, less the £2 excess, makes £18 refunded"]
)
def test_what_the_words_reckon_out_is_what_was_paid(text: str) -> None:
    assert is_backed(claim(text), paid("18.00"))
    assert not is_backed(claim(text), paid("17.00"))
    assert not is_backed(claim(text.replace("£18", "£19")), paid("18.00"))
