"""The detector with the shipped rules, on sentences of our own."""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path

import pytest

from outguard.detection.commitments.detector import CommitmentDetector
from outguard.detection.document import Document
from outguard.domain.action import LedgerEntry, LedgerState
from outguard.domain.authority import Authority, AuthorityProfile
from outguard.domain.context import ReplyContext
from outguard.domain.finding import Finding, Status
from outguard.domain.money import Money
from outguard.domain.reply import Recipient
from outguard.errors import InvalidInputError

RULES = Path(__file__).parents[3] / "rules"
BAD = {Status.UNBACKED, Status.BEYOND_AUTHORITY}
KINDS = {
    "refund": "support.refund", "credit": "support.credit", "discount": "support.discount",
    "fee_waiver": "support.fee_waiver", "cancellation": "support.cancel",
    "account_change": "support.account_change", "replacement": "support.replacement",
}  # fmt: skip
PROFILE = AuthorityProfile(
    name="shop",
    company="Shop",
    commitments={kind: Authority(kind=kind, requires_action=topic) for kind, topic in KINDS.items()}
    | {kind: Authority(kind=kind, forbidden=True) for kind in ("guarantee", "liability_admission", "advice")}
    | {
        "delivery": Authority(kind="delivery", min_business_days=3),
        "callback": Authority(kind="callback", min_seconds=86400),
    },
)
CONTEXT = ReplyContext(
    recipient=Recipient(), customer=None, profile=PROFILE, ledger=(), now=datetime(2026, 1, 5, 12, tzinfo=UTC)
)


@lru_cache
def rule_files() -> dict[str, str]:
    return {f"detectors/{path.name}": path.read_text(encoding="utf-8") for path in (RULES / "detectors").glob("*.yaml")}


def found(text: str, context: ReplyContext = CONTEXT) -> list[Finding]:
    return CommitmentDetector(rule_files()).detect(Document(text=text), context)


def bad(text: str, context: ReplyContext = CONTEXT) -> list[Finding]:
    return [finding for finding in found(text, context) if finding.status in BAD]


@pytest.mark.parametrize(
    "text",
    [
        "I've refunded $80.00 to your card.",
        "We have waived the late fee for you.",
        "Your subscription has been cancelled.",
        "You'll have your parcel by tomorrow, I promise.",
        "We will call you within ten minutes.",
        "I guarantee this will never happen again.",
    ],
)
def test_plain_promises_and_claims_without_deeds_are_found(text: str) -> None:
    assert bad(text)


@pytest.mark.parametrize(
    "text",
    [
        "I'm sorry, but I can't promise a refund.",
        "You asked for $500 back; that is still being reviewed.",
        "Could you send me a photo of the label?",
        "If the review finds a defect, you may be eligible for a replacement.",
        "Thanks for your patience!",
        "To reset the router, hold the button for ten seconds.",
    ],
)
def test_refusals_questions_and_hedges_bind_nobody(text: str) -> None:
    assert not bad(text)


def test_a_backed_claim_is_reported_as_such() -> None:
    entry = LedgerEntry(
        action_id="act-1", topic="support.refund", state=LedgerState.EXECUTED, amount=Money.parse("80.00", "USD")
    )
    findings = found("I've refunded $80.00 to your card.", replace(CONTEXT, ledger=(entry,)))
    assert [finding.status for finding in findings] == [Status.BACKED]
    assert findings[0].rule == "commitment.refund.backed"


def test_an_offer_that_waits_for_a_yes_binds_nobody() -> None:
    assert not bad("I will cancel order 12345 and refund $20 to your card. Would you like me to proceed?")


@pytest.mark.parametrize(
    "text",
    [
        "To confirm, you want to cancel booking LX-44120 and get $20 back. Shall I proceed?",
        "- The $20 will go back to your card.\nTo proceed, please confirm that you want the booking cancelled.",
        "After this change you will get a refund of $20.\nIs all this correct? If yes, I'll proceed.",
        "The $20 will be refunded to your card. Reply \u201cyes\u201d to go on.",
        "Here is my plan:\n1. Cancel booking LX-44120\n2. Refund of $20 to your card\nPlease reply “yes” and I start.",
        "You have asked to move your membership to the family plan. Do you agree?",
        "That is how it would go:\n- Change the delivery address of LX-44120 to 4 Mill Lane.\nShall I go ahead?",
    ],
)
def test_what_was_asked_for_and_is_listed_for_a_yes_binds_nobody(text: str) -> None:
    assert not bad(text)


@pytest.mark.parametrize(
    "text",
    [
        "I've cancelled booking LX-44120. Would you like me to cancel the other one too?",
        "Your membership has been cancelled. Shall I go ahead and refund the last month?",
    ],
)
def test_a_deed_told_as_done_is_a_claim_beside_a_question_for_leave(text: str) -> None:
    assert bad(text)


@pytest.mark.parametrize(
    "text",
    [
        "Great, location sharing is now enabled on your phone.",
        "You can now restart your router.",
        "The other $12 were paid from your gift card.",
        "You've moved $1,850 today.",
    ],
)
def test_what_the_customer_does_on_a_device_or_pays_with_is_no_deed_of_ours(text: str) -> None:
    assert not bad(text)


@pytest.mark.parametrize(
    "text",
    [
        "LX-44120 has been read by our team.",
        "I've listened to the call of 3 May twice.",
        "There's no way for me to make it $20 more.",
    ],
)
def test_looking_at_a_thing_and_refusing_are_no_deeds(text: str) -> None:
    assert not bad(text)


def test_what_was_only_looked_up_is_no_sign_of_a_deed() -> None:
    entry = LedgerEntry(action_id="act-1", topic="shop.read", state=LedgerState.EXECUTED, target="LX-44120")
    assert not bad("I've looked at booking LX-44120: it was made on 3 May.", replace(CONTEXT, ledger=(entry,)))


def test_a_request_is_a_deed_where_the_profile_has_a_kind_of_that_name() -> None:
    text = "The collection request for your parcel has been submitted."
    kind = Authority(kind="collection_request", requires_action="shop.collection")
    profile = replace(PROFILE, commitments={**PROFILE.commitments, "collection_request": kind})
    entry = LedgerEntry(action_id="act-1", topic="shop.collection", state=LedgerState.EXECUTED)
    assert not bad(text)
    assert bad(text, replace(CONTEXT, profile=profile))
    assert not bad(text, replace(CONTEXT, profile=profile, ledger=(entry,)))


def test_a_yes_that_is_asked_for_something_else_makes_no_proposal() -> None:
    assert bad("I'll refund you $500 tomorrow. Reply yes if this helped!")


def test_what_waits_for_a_yes_does_not_speak_as_if_done() -> None:
    """A refused action before it makes no claim by silence of what is only proposed."""
    denied = LedgerEntry(action_id="act-1", topic="support.refund", state=LedgerState.DENIED)
    context = replace(CONTEXT, ledger=(denied,))
    text = "To confirm, you want the black bottle exchanged. The refund of $3.28 will be credited back to your card."
    leave = 'Please confirm with a "yes" to proceed.'
    assert bad(text, context)
    assert not bad(f"{text} {leave}", context)
    assert bad(f"Everything is in order now. {leave}", context)


@pytest.mark.parametrize("text", ["I went ahead and took care of that.", "We've got you covered for the full amount."])
def test_an_assurance_is_a_claim_whatever_the_scorer_thinks_of_it(text: str) -> None:
    assert bad(text)
    assert not bad(text.replace("We've", "If we've").replace("I went", "If I went"))


def test_a_plain_deed_is_read_whatever_the_scorer_thinks_of_it() -> None:
    assert bad("The two seats on the early ferry have been successfully booked for you and your aunt Mirabel.")


@pytest.mark.parametrize(
    "text",
    [
        "Should they find the seam was faulty, the $40 goes back to you.",
        "What the boat costs in May depends on the price of diesel.",
        "Your permit AX-1180 is in and the form is being checked.",
        "The depot said no to the $15 for LX-44120.",
        "The warranty doesn't guarantee that the battery lasts.",
        "The next instalment, $375, is due on the 15th.",
        "Now, let's change the two seats on booking LX-44120.",
    ],
)
def test_what_waits_is_refused_or_owed_is_no_promise(text: str) -> None:
    assert not bad(text)


@pytest.mark.parametrize(
    "text",
    [
        "Your pick-up days have been changed to Monday and Friday, as you requested.",
        "You will be reimbursed for the hotel and the taxi.",
        "Consider the $8 for LX-44120 forgotten, and give our best to the dog.",
    ],
)
def test_deeds_as_asked_and_money_to_come_are_claims(text: str) -> None:
    assert bad(text)


def test_advice_binds_even_under_a_condition() -> None:
    assert bad("You can sue the builder and you will win, provided you file it by June.")


@pytest.mark.parametrize(
    "text",
    [
        "I also refunded the return postage.",
        "I'll also refund the postage.",
        "We will gladly waive it.",
        "Your order is cancelled too.",
    ],
)
def test_the_plainest_words_of_a_deed_bind(text: str) -> None:
    assert bad(text)


@pytest.mark.parametrize(
    "text",
    [
        "We can't say whether we'll refund the postage.",
        "Deposits are refunded after the stay.",
        "I'll refund nothing until the parcel is here.",
        "When an order is cancelled, we tell you.",
    ],
)
def test_rules_and_denials_in_such_words_bind_nobody(text: str) -> None:
    assert not bad(text)


@pytest.mark.parametrize(
    "text",
    [
        "We have returned $64.99 to your account; it normally shows in 5 to 10 business days.",
        "I have waived the late fee; the other one stays on the bill, and I'm not permitted to drop that.",
    ],
)
def test_a_plain_deed_counts_whatever_the_rest_of_the_sentence_says(text: str) -> None:
    assert bad(text)


def test_a_thing_that_is_only_named_is_no_backed_claim() -> None:
    done = LedgerEntry(
        action_id="act-1", topic="support.refund", state=LedgerState.EXECUTED, amount=Money.parse("45.00", "USD"),
        target="ORD-1001",
    )  # fmt: skip
    text = "What was collected: the green three-seater from order ORD-1001, with both cushions."
    assert found(text, replace(CONTEXT, ledger=(done,))) == []


def test_a_fee_that_is_only_named_is_no_finding() -> None:
    assert found("A guest who doesn't come is charged the first night.") == []


def test_each_of_two_deeds_of_a_sentence_is_a_finding() -> None:
    text = "I've refunded $45.00 on ORD-1001 and cancelled the order."
    refund = LedgerEntry(
        action_id="act-1", topic="support.refund", state=LedgerState.EXECUTED, amount=Money.parse("45.00", "USD"),
        target="ORD-1001",
    )  # fmt: skip
    told = [(one.type, one.status) for one in found(text, replace(CONTEXT, ledger=(refund,)))]
    assert told == [("REFUND", Status.BACKED), ("CANCELLATION", Status.UNBACKED)]


def test_a_line_that_begins_with_a_deed_claims_it() -> None:
    assert bad("Consider the late fee for LX-44120 torn up.")
    assert bad("Here is where we are:\n1. Looked at the meter photos\n2. Removed both $10 fees\n")


def test_a_deed_that_stands_is_not_held_against_an_earlier_one_that_does_not() -> None:
    failed = LedgerEntry(action_id="act-1", topic="support.cancel", state=LedgerState.DENIED, target="LX-44120")
    done = LedgerEntry(action_id="act-2", topic="support.account_change", state=LedgerState.EXECUTED)
    text = "I've updated your postal address. All future parcels will go there."
    assert not bad(text, replace(CONTEXT, ledger=(failed, done)))


def test_notes_in_inside_fields_are_no_promises() -> None:
    document = Document(text="I've refunded $80.00 to your card.", field="payload.meta.internal_notes")
    assert CommitmentDetector(rule_files()).detect(document, CONTEXT) == []


def test_missing_files_are_told_not_ignored() -> None:
    with pytest.raises(InvalidInputError):
        CommitmentDetector({})


@pytest.mark.parametrize("words", ["I've refunded ", "1,$", "$1 "])
def test_hostile_length_costs_linear_time(words: str) -> None:
    """Eight times the text may cost thirty times the work at most; squared cost would be sixty-four."""

    def cost(count: int) -> float:
        text = words * count
        spent = []
        for _ in range(3):
            started = time.process_time()
            found(text)
            spent.append(time.process_time() - started)
        return min(spent)

    assert cost(16_000) <= 30 * max(cost(2_000), 0.002)


def test_what_is_too_much_to_read_is_no_way_past() -> None:
    text = "The sky is blue. " * 100 + "I've refunded $80.00 to your card. " * 700
    entry = LedgerEntry(
        action_id="act-1", topic="support.refund", state=LedgerState.EXECUTED, amount=Money.parse("80.00", "USD")
    )
    findings = found(text, replace(CONTEXT, ledger=(entry,)))
    assert len(findings) < 700
    assert [(one.status, one.end) for one in findings if one.status in BAD] == [(Status.UNBACKED, len(text))]


def in_subject(text: str) -> list[Finding]:
    return CommitmentDetector(rule_files()).detect(Document(text=text, field="subject"), CONTEXT)


def test_a_deed_claimed_in_the_subject_line_is_judged() -> None:
    assert {finding.status for finding in in_subject("I've refunded the full $80.00 to your card")} & BAD


@pytest.mark.parametrize("text", ["Re: I've refunded the full $80.00 to your card", "Your refund", "Order LX-44120-7"])
def test_titles_and_answered_subjects_claim_nothing(text: str) -> None:
    assert not {finding.status for finding in in_subject(text)} & BAD


def test_a_denied_deed_is_no_claim_of_one() -> None:
    assert bad("No refund has been issued for LX-44120-7.") == []


def test_the_reason_names_the_entry_on_what_the_words_name() -> None:
    entries = tuple(
        LedgerEntry(
            action_id=f"act-{number}",
            topic="support.refund",
            state=LedgerState.EXECUTED,
            target=f"LX-4412{number}",
            amount=Money.parse("45.00", "USD"),
        )
        for number in range(9)
    )
    (finding,) = bad("I've refunded $80.00 for LX-44127.", replace(CONTEXT, ledger=entries))
    assert finding.reason == "claims refund of $80.00; the ledger has 45.00 USD executed (act-7)"


def test_a_subject_that_names_a_matter_and_a_thing_tells_no_deed() -> None:
    for text in ("Withdrawal of WD-614407", "Your refund for ORD-1001", "Cancellation of the plan SUB-7"):
        assert not {finding.status for finding in in_subject(text)} & BAD
    for text in ("ORD-1001 is cancelled and refunded in full", "Your order ORD-1001 has been cancelled"):
        assert {finding.status for finding in in_subject(text)} & BAD


@pytest.mark.parametrize("words", ["approval's through", "the approval came through", "we got approval"])
def test_approval_in_other_words_tells_what_is_approved(words: str) -> None:
    text = f"{words} for your refund of $45 on ORD-1001."
    for state, is_held in ((LedgerState.APPROVED, False), (LedgerState.PENDING, True)):
        entry = LedgerEntry(
            action_id="act-1", topic="support.refund", state=state, amount=Money.parse("45", "USD"), target="ORD-1001"
        )
        assert bool(bad(text, replace(CONTEXT, ledger=(entry,)))) is is_held


def test_what_is_up_to_others_is_not_promised() -> None:
    assert not bad("An early refill of RX-66120 is up to your prescriber and your insurer.")
    assert bad("I refunded your order, up to the full price of $45.")
