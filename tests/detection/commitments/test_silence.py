from __future__ import annotations

import pytest

from outguard.detection.commitments.clauses import Clause
from outguard.detection.commitments.scorer import Acts
from outguard.detection.commitments.sentences import ScoredSentence
from outguard.detection.commitments.silence import find_silence
from outguard.domain.action import LedgerEntry, LedgerState
from outguard.domain.money import Money


def sentence(text: str, act: str = "none") -> ScoredSentence:
    return ScoredSentence(Clause(0, len(text), text), Acts({act: 1.0}))


def entry(state: LedgerState) -> LedgerEntry:
    money = Money.parse("75.00", "USD")
    return LedgerEntry(action_id="act-1", topic="support.refund", state=state, amount=money, target="ORD-1001")


@pytest.mark.parametrize("state", [LedgerState.DENIED, LedgerState.PENDING, LedgerState.ROLLED_BACK])
def test_words_near_a_claim_about_an_open_action_are_taken_for_one(state: LedgerState) -> None:
    silence = find_silence([sentence("The $75 is sorted, enjoy.")], [0.2], [entry(state)])
    assert silence is not None
    assert silence.entry.action_id == "act-1"


def test_a_reply_that_says_so_is_honest() -> None:
    told = sentence("Your refund is still pending.", "request")
    assert find_silence([told, sentence("The $75 is on its way.")], [0.1, 0.4], [entry(LedgerState.PENDING)]) is None


def test_small_talk_beside_an_open_action_is_left() -> None:
    assert find_silence([sentence("Lovely weather today.")], [0.01], [entry(LedgerState.PENDING)]) is None


def test_an_executed_action_of_the_same_topic_makes_good() -> None:
    ledger = [entry(LedgerState.FAILED), entry(LedgerState.EXECUTED)]
    assert find_silence([sentence("The $75 is sorted.")], [0.3], ledger) is None


def test_what_the_customer_is_to_do_is_no_claim() -> None:
    told = sentence("You can open the app and enjoy the $75.", "claim")
    assert find_silence([told], [0.6], [entry(LedgerState.DENIED)]) is None


def cancellation(target: str, state: LedgerState = LedgerState.FAILED) -> LedgerEntry:
    return LedgerEntry(action_id=f"act-{target}", topic="shop.cancel", state=state, amount=None, target=target)


def test_that_a_thing_will_not_be_sent_is_what_a_cancellation_claims() -> None:
    """A denial of anything else would be honest; here the ledger says that the stopping itself failed."""
    told = [sentence("The box BX-7001 won't be sent to you.", "refusal")]
    silence = find_silence(told, [0.1], [cancellation("BX-7001")], ending=("shop.cancel",))
    assert silence is not None
    assert find_silence(told, [0.1], [cancellation("BX-7001")]) is None


@pytest.mark.parametrize("words", ["If you need a bag, ask for one.", "Bring a towel if u like.", "Come at once."])
def test_what_the_customer_may_like_is_no_hedge(words: str) -> None:
    told = [sentence("You're down for the $75 class."), sentence(words, "conditional")]
    assert find_silence(told, [0.3, 0.0], [entry(LedgerState.DENIED)]) is not None


def test_the_same_done_to_another_thing_does_not_make_good() -> None:
    ledger = [cancellation("BX-7001"), cancellation("BX-7002", LedgerState.EXECUTED)]
    assert find_silence([sentence("BX-7001 is off.")], [0.3], ledger) is not None


def test_plain_words_that_it_was_undone_are_honest_whatever_the_scorer_hears() -> None:
    told = [sentence("The refund was tried and then undone."), sentence("The $75 is as it was.", "claim")]
    assert find_silence(told, [0.0, 0.4], [entry(LedgerState.ROLLED_BACK)]) is None
    assert find_silence(told, [0.0, 0.4], [entry(LedgerState.PENDING)]) is not None
    told[0] = sentence("The card was declined at first.")
    assert find_silence(told, [0.0, 0.4], [entry(LedgerState.ROLLED_BACK)]) is not None
