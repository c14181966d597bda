"""What came of a deed, told truly: it was turned down or undone, nobody took it, the thing is as it was."""

from __future__ import annotations

import pytest

from outguard.detection.commitments.clauses import Clause
from outguard.detection.commitments.extract import Reading, Tense, commitment_of
from outguard.detection.commitments.judge import Judge
from outguard.detection.commitments.tokens import words
from outguard.domain.action import LedgerEntry, LedgerState
from outguard.domain.authority import Authority, AuthorityProfile
from outguard.domain.finding import Status
from outguard.domain.money import Money

DENIED, FAILED, ROLLED_BACK = LedgerState.DENIED, LedgerState.FAILED, LedgerState.ROLLED_BACK
TOPICS = {"refund": "refund", "fee_waiver": "waive", "cancellation": "cancel", "mooring": "mooring", "berth": "berth"}
PROFILE = AuthorityProfile(
    name="port",
    company="Port",
    commitments={kind: Authority(kind=kind, requires_action=f"port.{topic}") for kind, topic in TOPICS.items()},
)


def goes(
    text: str,
    topic: str = "mooring",
    state: LedgerState | None = DENIED,
    *,
    amount: str | None = None,
    target: str = "BT-4471",
) -> bool:
    """Whether a claim of these words goes beside one action in this state (None: beside an empty ledger)."""
    money = None if amount is None else Money.parse(amount, "GBP")
    ledger = (
        []
        if state is None
        else [LedgerEntry(action_id="act-1", topic=f"port.{topic}", state=state, amount=money, target=target)]
    )
    reading = Reading("claim", ("OTHER",), binding=True, score=0.9, tense=Tense.DONE, words=frozenset(words(text)))
    judgement = Judge(ledger, PROFILE).judge(commitment_of(Clause(0, len(text), text), reading))
    return judgement.status in {Status.BACKED, Status.WITHIN_AUTHORITY}


@pytest.mark.parametrize(
    "text",
    [
        "Port: no pilot took Sunday night for BT-4471",
        "sorry, no second night on BT-4471, the quay is taken from Monday",
        "Nobody had a place for BT-4471",
        "BT-4471 was turned away by the harbour",
        "the move was tried for BT-4471 this morning",
    ],
)
@pytest.mark.parametrize("state", [DENIED, FAILED])
def test_that_nothing_came_of_it_may_be_told(text: str, state: LedgerState) -> None:
    assert goes(text, state=state)
    for other in (LedgerState.PENDING, None):
        assert not goes(text, state=other)
    assert not goes(text, state=state, target="BT-9999")


@pytest.mark.parametrize(
    "text",
    [
        "No mooring fee on BT-4471",
        "no more late charge for BT-4471",
        "nobody will bill you for BT-4471",
        "no payment is due on BT-4471",
        "No problem, BT-4471 has the place",
        "No fuss, the second night on BT-4471 is yours",
        "the place for BT-4471 was turned away at first but is yours now",
    ],
)
def test_a_gift_that_begins_with_no_is_a_gift(text: str) -> None:
    assert not goes(text)


def test_that_a_thing_ends_is_what_a_cancellation_claims() -> None:
    assert not goes("no renewal of BT-4471", "cancel")
    assert goes("the cancellation of BT-4471 was rejected", "cancel")


def test_a_thing_is_back_as_it_was_where_the_change_came_to_nothing() -> None:
    text = "so BT-4471 is back on the old dates"
    assert goes(text, state=ROLLED_BACK)
    assert not goes(text, state=LedgerState.PENDING)
    assert not goes(text, state=None)


def test_a_fee_stands_where_letting_it_off_came_to_nothing() -> None:
    assert goes("at present the £35 stands", "waive", ROLLED_BACK, amount="35.00")
    assert not goes("the offer of £35 stands", "waive", ROLLED_BACK, amount="35.00")
    assert not goes("at present the £35 stands", "refund", ROLLED_BACK, amount="35.00")
    assert not goes("at present the £35 stands", "waive", ROLLED_BACK, amount="15.00")


def test_a_thing_is_untouched_where_nothing_was_done_to_it() -> None:
    assert goes("and BT-4471 is untouched", state=None)
    assert goes("BT-4471 has not been touched", state=LedgerState.PENDING)
    assert not goes("the rate for BT-4471 is unchanged until next year", state=None)
    assert not goes("BT-4471 is unchanged, but I will move it", state=None)
