"""R6: signals come from the record, each for its reason; R1: they only make a decision stricter."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from policy_files import an_action, an_agent, shipped_policy, small_policy

from outguard.domain.action import GateDecision
from outguard.domain.signal import NO_SIGNALS, Consent, History, PastAction, Signals
from outguard.gate.decide import decide
from outguard.gate.signals import compute
from outguard.policy.anomaly import strength_of, with_score

NOW = datetime(2026, 1, 5, 9, 30, tzinfo=UTC)
AT = int(NOW.timestamp()) * 1_000_000
MINUTE = 60 * 1_000_000
SIGNALS = """\
signals:
  session_window_s: 3600
  customer_window_s: 864000
  new_account_s: 86400
  contact_window_s: 3600
  refund_topics: [pay.refund]
  contact_topics: [account.contact]
  weights: {retries: 0.3, amount_jump: 0.5, contact_changed: 0.5, risky_words: 1, consent: 0.2}
  phrases: {lost: [lost phone]}
  assent: ["yes"]
  refusal: ["no,"]
"""


def past(name: str, topic: str = "pay.out", *, minutes: float = 1, **values: Any) -> PastAction:
    row = PastAction(action_id=name, topic=topic, decision="ALLOW", state="EXECUTED", at=AT - int(minutes * MINUTE))
    return row._replace(**values)


def read(history: History = History(), *, but: str = "", marks: Any = None, **values: Any) -> Signals:  # noqa: B008 - frozen
    action = an_action("pay.out", values.pop("amount", None), **{"target": "o-1", "customer_id": "c-1", **values})
    more = {} if marks is None else {"marks": marks}
    return compute(small_policy(SIGNALS), action, history=history, now=NOW, but=but, **more)


def test_an_empty_record_notices_only_what_is_new() -> None:
    assert read().noticed() == {"target_unread": True, "first_time": True, "new_account": True}


def test_retries_are_earlier_asks_of_the_same_on_the_same_target() -> None:
    rows = (
        past("a", target="o-1"),
        past("b", target="o-1", decision="DENY", state="DENIED"),
        past("c", target="o-2"),
        past("d", "pay.refund", target="o-1", state="FAILED"),
        past("e", "shop.read.order", target="o-1"),
        past("f", target="o-1", minutes=61),
    )
    found = read(History(conversation=rows))
    assert (found.retries, found.writes_on_target, found.writes_in_session) == (2, 3, 4)
    assert found.earlier_on_target == ("pay.out", "pay.refund")
    assert (found.denied_before, found.failed_before, found.target_unread) == (1, 1, False)


def test_without_a_target_asks_of_the_same_topic_are_retries() -> None:
    assert read(History(conversation=(past("a"), past("b", "pay.refund"))), target=None).retries == 1


def test_the_action_itself_is_no_retry_of_itself() -> None:
    assert read(History(conversation=(past("me", target="o-1"),)), but="me").retries == 0


def test_a_first_time_is_what_the_record_has_not_seen_executed() -> None:
    assert read().first_time
    assert not read(History(did_before=True)).first_time


def test_a_customer_the_record_hardly_knows_is_new() -> None:
    assert read(History(known_since=AT - MINUTE)).new_account
    assert not read(History(known_since=AT - 2 * 86_400 * 1_000_000)).new_account
    assert not read(customer_id=None).new_account


@pytest.mark.parametrize("place", ["conversation", "customer"])
def test_fresh_contact_data_counts_for_its_window(place: str) -> None:
    def changed(**values: Any) -> bool:
        row = past("a", "account.contact", **values)
        return read(
            History(conversation=(row,)) if place == "conversation" else History(customer=(row,))
        ).contact_changed

    assert changed()
    assert changed(state="APPROVED")
    assert not changed(state="DENIED")
    assert not changed(minutes=61)


def test_prior_refunds_are_those_that_ran_within_the_window() -> None:
    rows = (past("a", "pay.refund"), past("b", "pay.refund", state="DENIED"), past("c", "pay.refund", minutes=14_401))
    assert read(History(customer=(*rows, past("d", "pay.refund", minutes=14_399)))).prior_refunds == 2


def test_an_amount_jumps_over_the_highest_before() -> None:
    rows = (
        past("a", amount="10", currency="USD"),
        past("b", amount="10", currency="EUR"),
        past("c", amount="9", currency="XXX"),
    )
    assert read(History(customer=rows), amount="60").amount_jump == pytest.approx(3.0)
    assert read(History(), amount="60").amount_jump == 1.0
    assert read(History(customer=rows)).amount_jump == 1.0


def test_an_amount_is_held_against_the_usual_one_of_the_topic() -> None:
    usual = tuple((str(amount), "USD") for amount in (8, 10, 10, 12, 500))
    assert read(History(topic_amounts=usual), amount="50").amount_ratio == pytest.approx(5.0)
    assert read(History(topic_amounts=usual[:4]), amount="50").amount_ratio == 1.0
    assert read(History(topic_amounts=(("0", "USD"),) * 9), amount="50").amount_ratio == 1.0


def test_another_device_or_name_is_a_mismatch_and_an_unknown_one_is_not() -> None:
    known = History(customer=(past("a", device_hash="d1", name_hash="n1"),))
    assert not read(known, marks=(frozenset({"d1"}), frozenset())).identity_mismatch
    assert not read(known, marks=(frozenset({"old", "d1"}), frozenset({"n1"}))).identity_mismatch
    assert read(known, marks=(frozenset({"d2"}), frozenset())).identity_mismatch
    assert read(known, marks=(frozenset({"d1"}), frozenset({"n2"}))).identity_mismatch
    assert not read(History(), marks=(frozenset({"d2"}), frozenset({"n2"}))).identity_mismatch


def test_a_clock_set_back_makes_windows_no_emptier() -> None:
    ahead = past("a", "account.contact", target="o-1", minutes=-600)
    found = read(History(conversation=(ahead,)))
    assert (found.contact_changed, found.writes_on_target) == (True, 1)


def test_the_anomaly_score_is_told_part_by_part() -> None:
    rows = (past("a", target="o-1", amount="10", currency="USD"), past("b", "account.contact"))
    found = read(History(conversation=rows), amount="120", customer_words="no,")
    shares = {part.signal: part.share for part in found.parts}
    assert shares == pytest.approx({"retries": 0.1, "amount_jump": 0.5 * 3 / 4, "contact_changed": 0.5, "consent": 0.2})
    assert found.anomaly == pytest.approx(1 - 0.9 * (1 - 0.375) * 0.5 * 0.8)
    assert read(customer_words="I lost phone").anomaly == 1.0


@pytest.mark.parametrize(
    ("name", "values", "strength"),
    [
        ("retries", {"retries": 1}, 1 / 3),
        ("retries", {"retries": 9}, 1.0),
        ("amount_jump", {"amount_jump": 2.9}, 0.0),
        ("amount_jump", {"amount_jump": 3.0}, 0.25),
        ("amount_jump", {"amount_jump": 24.0}, 1.0),
        ("amount_jump", {"amount_jump": 1e9}, 1.0),
        ("contact_changed", {"contact_changed": True}, 1.0),
        ("risky_words", {"risky_words": ("a",)}, 1.0),
        ("consent", {"consent": Consent.MISSING}, 0.5),
        ("consent", {"consent": Consent.UNKNOWN}, 0.0),
    ],
)
def test_strengths(name: str, values: dict[str, Any], strength: float) -> None:
    assert strength_of(Signals(**values), name, amount_from=3.0) == pytest.approx(strength)


@given(
    retries=st.integers(0, 20),
    jump=st.floats(1, 1e9),
    changed=st.booleans(),
    words=st.sampled_from([(), ("lost",)]),
    more=st.integers(0, 5),
)
def test_the_score_grows_with_every_signal_and_stays_a_share(
    *, retries: int, jump: float, changed: bool, words: tuple[str, ...], more: int
) -> None:
    terms = small_policy(SIGNALS).signals
    less = Signals(retries=retries, amount_jump=jump, contact_changed=changed, risky_words=words)
    worse = replace(less, retries=retries + more, contact_changed=True)
    assert 0 <= with_score(terms, less).anomaly <= with_score(terms, worse).anomaly <= 1


@given(
    values=st.fixed_dictionaries(
        {},
        optional={
            "retries": st.integers(0, 9),
            "target_unread": st.booleans(),
            "contact_changed": st.booleans(),
            "identity_mismatch": st.booleans(),
            "prior_refunds": st.integers(0, 9),
            "amount_jump": st.floats(1, 100),
            "risky_words": st.sampled_from([(), ("account_access",), ("legal_threat",)]),
            "consent": st.sampled_from(list(Consent)),
            "contradictions": st.sampled_from([(), ("target",)]),
            "anomaly": st.floats(0, 1),
            "first_time": st.booleans(),
        },
    ),
    topic=st.sampled_from(["support.refund", "support.credit", "support.note.add", "support.read.order", "escalate"]),
    amount=st.sampled_from([None, "10", "60", "1500"]),
)
def test_signals_never_loosen_and_never_gate_reads(values: dict[str, Any], topic: str, amount: str | None) -> None:
    """R1, R6: with any signals the answer is at least as strict as with none; reads and escalate stay free."""
    policy, action, agent = shipped_policy(), an_action(topic, amount), an_agent()
    plain = decide(policy, action, agent, NO_SIGNALS)
    told = decide(policy, action, agent, Signals(**values))
    assert told.decision.strictness >= plain.decision.strictness
    assert told.tier >= plain.tier
    if topic == "escalate" or (".read." in topic and amount is None):
        assert told.decision is GateDecision.ALLOW


def test_the_agents_word_and_the_record_count_at_their_stricter() -> None:
    policy = small_policy(
        "rules:\n"
        "  - {id: l, match: {topics: [pay.*]}, decision: ALLOW, reason: r}\n"
        "  - {id: retry, match: {topics: [pay.*], retry_count_above: 2}, decision: DENY, reason: r}\n"
        "  - {id: odd, match: {topics: [pay.*], anomaly_score_above: 0.5}, decision: DENY, reason: r}\n"
        "  - {id: first, match: {topics: [pay.*], first_time_action: true}, decision: DENY, reason: r}\n"
    )

    def rule(signals: Signals = NO_SIGNALS, **values: Any) -> str:
        return decide(policy, an_action("pay.out", **values), an_agent(), signals).rule_id

    assert rule() == "l"
    assert rule(retry_count=3) == rule(Signals(retries=3)) == rule(Signals(retries=3), retry_count=0) == "retry"
    assert (
        rule(anomaly_score=0.6) == rule(Signals(anomaly=0.6)) == rule(Signals(anomaly=0.6), anomaly_score=0.0) == "odd"
    )
    assert rule(Signals(anomaly=0.1), anomaly_score=float("nan")) == "odd"
    assert rule(first_time_action=True) == rule(Signals(first_time=True)) == "first"
