from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from policy_files import an_action, an_agent, shipped_policy, small_policy

from outguard.domain.action import GateDecision, Tier
from outguard.domain.topic import TopicIndex, is_glob, is_topic
from outguard.gate.decide import GateAnswer, decide

ALLOW, LIMITED, ASK, DENY = GateDecision


def rules(*lines: str) -> str:
    return "rules:\n" + "".join(f"  - {{reason: r, {line}}}\n" for line in lines)


def ask(policy_rules: str, topic: str = "pay.out", amount: str | None = None, **values: Any) -> GateAnswer:
    return decide(small_policy(policy_rules), an_action(topic, amount, **values), an_agent())


LISTED = "id: listed, match: {topics: [pay.*]}, decision: ALLOW"


def test_a_topic_that_no_rule_lists_is_denied() -> None:
    answer = ask("rules: []\n")
    assert (answer.decision, answer.tier, answer.rule_id) == (DENY, Tier.T4, "gate.unlisted")
    assert answer.reason


@pytest.mark.parametrize(
    "topic", ["", "*", "pay.*", "Pay.out", "pay..out", "pay.out\n", "a b", "p" * 201, "päy.out", "."]
)
def test_a_malformed_topic_is_denied(topic: str) -> None:
    assert ask(rules("id: all, match: {topics: ['*']}, decision: ALLOW"), topic).rule_id == "gate.malformed"


def test_a_topic_beyond_the_credential_is_denied() -> None:
    policy = small_policy(rules(LISTED))
    assert decide(policy, an_action("pay.out"), an_agent("read.*")).rule_id == "gate.scope"
    assert decide(policy, an_action("pay.out"), an_agent("pay.*")).decision is ALLOW


def test_reaching_a_person_is_never_gated() -> None:
    closed = small_policy(rules("id: shut, match: {topics: ['*', escalate]}, decision: DENY"))
    answer = decide(closed, an_action("escalate", retry_count=99), an_agent("nothing"))
    assert (answer.decision, answer.tier) == (ALLOW, Tier.T1)


def test_the_strictest_rule_wins_never_the_first() -> None:
    loose = "id: a, match: {topics: [pay.*]}, decision: ALLOW"
    strict = "id: b, match: {topics: [pay.out]}, decision: DENY"
    for order in ((loose, strict), (strict, loose)):
        answer = ask(rules(*order))
        assert (answer.decision, answer.rule_id) == (DENY, "b")
        assert set(answer.matched) == {"a", "b"}


def test_a_tier_decides_where_a_rule_does_not() -> None:
    answer = ask(rules("id: a, match: {topics: [pay.*]}, tier: T3"))
    assert (answer.decision, answer.required_approvals, answer.senior_only) == (ASK, 1, False)
    assert (answer.holding_message, answer.queue) == ("three", "money")


def test_a_decision_cannot_be_looser_than_its_tier() -> None:
    assert ask(rules("id: a, match: {topics: [pay.*]}, tier: T4, decision: ALLOW")).decision is ASK


def test_the_fourth_tier_takes_two_senior_people() -> None:
    answer = ask(rules("id: a, match: {topics: [pay.*]}, tier: T4"))
    assert (answer.required_approvals, answer.senior_only, answer.holding_message) == (2, True, "four")


def test_a_rule_may_ask_for_a_second_approver() -> None:
    answer = ask(rules("id: a, match: {topics: [pay.*]}, tier: T3, required_approvals: 2, queue: mine"))
    assert (answer.required_approvals, answer.queue) == (2, "mine")


def test_an_approval_is_asked_of_at_least_one_person() -> None:
    assert ask(rules("id: a, match: {topics: [pay.*]}, tier: T1, decision: REQUIRE_APPROVAL")).required_approvals == 1


def test_the_second_tier_runs_and_opens_a_ticket() -> None:
    answer = ask(rules("id: a, match: {topics: [pay.*]}, tier: T2"))
    assert (answer.decision, answer.opens_ticket, answer.holding_message) == (ALLOW, True, "")


def test_constraints_of_all_rules_travel_at_their_strictest() -> None:
    limit = "decision: ALLOW_WITH_CONSTRAINTS, constraints: {max_amount_usd: %d}"
    one, two = (f"id: r{n}, match: {{topics: [pay.*]}}, {limit % n}" for n in (9, 5))
    answer = ask(rules(LISTED, one, two))
    assert (answer.decision, answer.constraints) == (LIMITED, {"max_amount_usd": 5})
    assert ask(rules(one, "id: no, match: {topics: [pay.*]}, decision: DENY")).constraints == {}
    tier = "id: t, match: {topics: [pay.*]}, tier: T2, constraints: {notify: true}"
    assert ask(rules(tier)).decision is LIMITED


def test_a_tightening_rule_on_everything_lists_nothing() -> None:
    tag = "id: tag, match: {topics: ['*'], risk_tags: [vip]}, tier: T3"
    assert ask(rules(tag), risk_tags=("vip",)).rule_id == "gate.unlisted"
    assert ask(rules(LISTED, tag), risk_tags=("vip",)).decision is ASK
    assert ask(rules("id: all, match: {topics: ['*']}, decision: ALLOW")).decision is ALLOW


@pytest.mark.parametrize(
    ("match", "hit", "miss"),
    [
        ("risk_tags: [a, b]", {"risk_tags": ("b", "c")}, {"risk_tags": ("c",)}),
        ("confidence_below: 0.5", {"confidence": 0.49}, {"confidence": 0.5}),
        ("anomaly_score_above: 0.5", {"anomaly_score": 0.51}, {"anomaly_score": 0.5}),
        ("retry_count_above: 3", {"retry_count": 4}, {"retry_count": 3}),
        ("affected_users_above: 100", {"affected_users": 101}, {"affected_users": 100}),
        ("first_time_action: true", {"first_time_action": True}, {"first_time_action": False}),
        ("amount_usd_above: 50", {"amount": "50.01"}, {"amount": "50.00"}),
        ("amount_usd_at_least: 50", {"amount": "50.00"}, {"amount": "49.99"}),
        ("amount_usd_above: 50", {"amount": "26", "currency": "EUR"}, {"amount": "25", "currency": "EUR"}),
        ("when: args.n > 1", {"arguments": {"n": 2}}, {"arguments": {"n": 1}}),
        ("confidence_below: 0.5, missing: match", {}, {"confidence": 0.9}),
        ("amount_usd_above: 5, missing: match", {}, {"amount": "1"}),
        ("risk_tags: [a], retry_count_above: 0", {"risk_tags": ("a",), "retry_count": 1}, {"risk_tags": ("a",)}),
    ],
)
def test_every_key_of_a_match_must_hold(match: str, hit: dict[str, Any], miss: dict[str, Any]) -> None:
    text = rules(LISTED, f"id: x, match: {{topics: [pay.*], {match}}}, decision: DENY")
    assert ask(text, **hit).rule_id == "x"
    assert ask(text, **miss).rule_id == "listed"


def test_values_that_are_not_there_match_only_where_the_rule_says_so() -> None:
    text = rules(LISTED, "id: x, match: {topics: [pay.*], confidence_below: 0.5, amount_usd_above: 5}, decision: DENY")
    assert ask(text).decision is ALLOW


def test_not_a_number_counts_as_beyond_any_threshold() -> None:
    for key, name in (("confidence_below: 0.1", "confidence"), ("anomaly_score_above: 0.9", "anomaly_score")):
        text = rules(LISTED, f"id: x, match: {{topics: [pay.*], {key}}}, decision: DENY")
        value: dict[str, Any] = {name: float("nan")}
        assert ask(text, **value).rule_id == "x"


def test_a_currency_without_rate_exceeds_every_threshold() -> None:
    text = rules(LISTED, "id: x, match: {topics: [pay.*], amount_usd_above: 1000000}, decision: DENY")
    assert ask(text, amount="0.01", currency="XAU").rule_id == "x"
    by_condition = rules(LISTED, "id: x, match: {topics: [pay.*], when: amount_usd > 1e12}, decision: DENY")
    assert ask(by_condition, amount="0.01", currency="XAU").rule_id == "x"


@pytest.mark.parametrize("arguments", [{}, {"n": 0}, {"n": "text"}, {"n": None}, {"n": object()}])
def test_a_condition_that_fails_takes_the_stricter_outcome(arguments: dict[str, Any]) -> None:
    strict = "id: strict, match: {topics: [pay.*], when: 10 / args.n > 1}, decision: DENY"
    assert ask(rules(LISTED, strict), arguments=arguments).rule_id == "strict"
    loose = "id: loose, match: {topics: [pay.*], when: 10 / args.n > 1}, decision: ALLOW"
    assert ask(rules(loose), arguments=arguments).decision is DENY


def test_a_rule_in_shadow_enforces_nothing_and_says_so() -> None:
    shadowed = "id: sh, match: {topics: [pay.*]}, decision: DENY, shadow: true"
    answer = ask(rules(LISTED, shadowed))
    assert (answer.decision, answer.rule_id) == (ALLOW, "listed")
    assert (answer.shadow, answer.shadow_decision, answer.shadow_rule_id) == (True, DENY, "sh")
    assert "sh" in answer.matched
    assert ask(rules("id: only, match: {topics: [pay.*]}, decision: ALLOW, shadow: true")).decision is DENY
    agreeing = "id: sh, match: {topics: [pay.*]}, decision: ALLOW, shadow: true"
    assert ask(rules(LISTED, agreeing)).shadow is False


def test_ten_thousand_tags_do_not_hide_one() -> None:
    text = rules(LISTED, "id: x, match: {topics: [pay.*], risk_tags: [bad]}, decision: DENY")
    tags = (*(f"t{n}" for n in range(10_000)), "bad")
    assert ask(text, risk_tags=tags).rule_id == "x"


AGENT_VALUES = st.fixed_dictionaries(
    {},
    optional={
        "confidence": st.floats(0, 1),
        "anomaly_score": st.floats(0, 1),
        "retry_count": st.integers(0, 100),
        "affected_users": st.integers(0, 10_000),
        "first_time_action": st.booleans(),
        "risk_tags": st.lists(st.sampled_from(["vip", "pci", "prod", "nice", "contact_change"]), max_size=3).map(tuple),
    },
)
TOPICS = st.sampled_from(["support.refund", "support.credit", "support.read.x", "support.cancel", "data.delete", "odd"])


@given(TOPICS, AGENT_VALUES, st.none() | st.decimals(0, 5000, places=2))
def test_what_an_agent_says_of_itself_only_makes_it_stricter(
    topic: str, values: dict[str, Any], amount: Decimal | None
) -> None:
    """R1: no confidence, tag or counter gets an answer looser than the bare action gets."""
    text = None if amount is None else str(amount)
    bare = decide(shipped_policy(), an_action(topic, text), an_agent())
    told = decide(shipped_policy(), an_action(topic, text, **values), an_agent())
    assert told.decision.strictness >= bare.decision.strictness
    assert told.tier >= bare.tier
    assert told.required_approvals >= bare.required_approvals


@given(TOPICS, AGENT_VALUES)
def test_the_same_question_gets_the_same_answer(topic: str, values: dict[str, Any]) -> None:
    action = an_action(topic, "20", **values)
    assert decide(shipped_policy(), action, an_agent()) == decide(shipped_policy(), action, an_agent())


WORDS = st.sampled_from(["a", "b", "c-d", "e_1"])
TOPIC = st.lists(WORDS, min_size=1, max_size=4).map(".".join)
GLOB = st.lists(WORDS | st.sampled_from(["*", "a*", "?"]), min_size=1, max_size=4).map(".".join)


@given(st.lists(GLOB | TOPIC, max_size=8), TOPIC)
def test_the_index_finds_what_the_credentials_globs_would(globs: list[str], topic: str) -> None:
    index = TopicIndex((glob, [place]) for place, glob in enumerate(globs))
    expected = [place for place, glob in enumerate(globs) if an_agent(glob).may_ask_for(topic)]
    assert [value[0] for value in index.find(topic)] == expected
    assert [value[0] for value in index.find(topic)] == expected
    assert is_topic(topic)
    assert all(is_glob(glob) for glob in globs)


def test_the_index_forgets_before_it_grows_without_bound() -> None:
    index = TopicIndex([("a.*", [1])])
    for number in range(10_000):
        assert index.find(f"a.n{number}")
    assert len(index._found) <= 4096
