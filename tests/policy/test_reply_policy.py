from __future__ import annotations

from typing import Any

import pytest
from policy_files import REPLY, policy_files, shipped_policy, small_policy

from outguard.domain.finding import Category, Finding, FindingAction, Status
from outguard.domain.verdict import Verdict, combine
from outguard.errors import PolicyError
from outguard.policy.compile import compile_policy

A = FindingAction


def finding(category: str, kind: str, status: str | None = None, **values: Any) -> Finding:
    base: dict[str, Any] = {"start": 0, "end": 1, "score": 1.0, "rule": "t"}
    return Finding(category=Category(category), type=kind, status=Status(status) if status else None, **base | values)


def shipped(category: str, kind: str, status: str | None = None, **values: Any) -> FindingAction:
    return shipped_policy().reply.action_for(finding(category, kind, status, **values), channel="email")


def reply(rules: str) -> str:
    return REPLY.replace("[{category: pii, status: own, action: keep}]", rules)


@pytest.mark.parametrize(
    ("labels", "in_text", "in_payload"),
    [
        (("pii", "PERSON", "own"), A.KEEP, A.KEEP),
        (("pii", "PERSON", "public"), A.KEEP, A.KEEP),
        (("pii", "PERSON", "other"), A.REPLACE, A.REPLACE),
        (("pii", "PERSON", None), A.REPLACE, A.REPLACE),
        (("pii", "HEALTH", "own_sensitive"), A.REPLACE, A.REPLACE),
        (("pii", "CREDIT_CARD", "own_sensitive"), A.MASK, A.MASK),
        (("secret", "API_KEY", "live"), A.REPLACE, A.REPLACE),
        (("secret", "API_KEY", "placeholder"), A.KEEP, A.KEEP),
        (("internal", "INTERNAL_NOTE", None), A.QUARANTINE, A.REMOVE),
        (("internal", "SYSTEM_PROMPT", None), A.QUARANTINE, A.REMOVE),
        (("internal", "OTHER_CUSTOMER", None), A.QUARANTINE, A.QUARANTINE),
        (("internal", "REASONING", None), A.REMOVE, A.REMOVE),
        (("internal", "DEBUG_TRACE", None), A.REMOVE, A.REMOVE),
        (("internal", "INTERNAL_RESOURCE", None), A.REPLACE, A.REMOVE),
        (("internal", "NEW_KIND", None), A.QUARANTINE, A.QUARANTINE),
        (("commitment", "REFUND", "backed"), A.KEEP, A.KEEP),
        (("commitment", "REFUND", "within_authority"), A.KEEP, A.KEEP),
        (("commitment", "REFUND", "unbacked"), A.QUARANTINE, A.QUARANTINE),
        (("commitment", "GUARANTEE", "beyond_authority"), A.QUARANTINE, A.QUARANTINE),
        (("commitment", "REFUND", None), A.QUARANTINE, A.QUARANTINE),
        (("identity", "WRONG_NAME", None), A.QUARANTINE, A.QUARANTINE),
        (("tone", "ROBOTIC", None), A.RECORD, A.RECORD),
    ],
)
def test_the_shipped_policy_decides_as_the_label_guide(
    labels: tuple[str, str, str | None], in_text: FindingAction, in_payload: FindingAction
) -> None:
    assert shipped(*labels) is in_text
    assert shipped(*labels, field="subject") is in_text
    assert shipped(*labels, field="payload.a[0]") is in_payload


def test_a_fault_of_the_evaluation_is_held_whatever_policy_says() -> None:
    lax = small_policy(reply=reply("[{action: keep}]")).reply
    assert lax.action_for(finding("system", "TIMEOUT", score=0.0), channel="chat") is A.QUARANTINE


def test_what_no_rule_speaks_of_is_held() -> None:
    assert small_policy().reply.action_for(finding("tone", "RUDE"), channel="chat") is A.QUARANTINE


def test_the_most_specific_rule_decides_whatever_the_order() -> None:
    rules = """[{category: pii, action: quarantine}, {category: pii, type: PERSON, channel: sms, action: mask},
      {category: pii, type: PERSON, action: keep}, {category: pii, status: none, action: replace}]"""
    policy = small_policy(reply=reply(rules)).reply
    assert policy.action_for(finding("pii", "IBAN", "own"), channel="sms") is A.QUARANTINE
    assert policy.action_for(finding("pii", "PERSON", "own"), channel="email") is A.KEEP
    assert policy.action_for(finding("pii", "PERSON", "own"), channel="sms") is A.MASK
    assert policy.action_for(finding("pii", "IBAN"), channel="sms") is A.REPLACE


def test_of_equally_specific_rules_the_strictest_decides() -> None:
    rules = "[{type: PERSON, action: keep}, {category: pii, action: remove}]"
    policy = small_policy(reply=reply(rules)).reply
    assert policy.action_for(finding("pii", "PERSON"), channel="x") is A.REMOVE


def test_below_the_least_score_a_finding_is_only_recorded() -> None:
    assert shipped("identity", "WRONG_NAME", score=0.49) is A.RECORD
    assert shipped("identity", "WRONG_NAME", score=0.5) is A.QUARANTINE
    assert shipped("identity", "WRONG_NAME", score=float("nan")) is A.QUARANTINE
    assert shipped("pii", "PERSON", "own", score=0.1) is A.KEEP
    policy = small_policy(reply=reply("[{category: tone, min_score: 0.9, action: quarantine}]")).reply
    assert policy.action_for(finding("tone", "X", score=0.8), channel="") is A.RECORD


def test_cut_words_leave_their_type() -> None:
    assert shipped_policy().reply.placeholder(finding("pii", "EMAIL_ADDRESS")) == "[EMAIL_ADDRESS]"
    named = small_policy(reply=REPLY + "  placeholders: {PERSON: '[a name]'}\n").reply
    assert named.placeholder(finding("pii", "PERSON")) == "[a name]"


def test_a_held_reply_goes_to_those_who_can_judge_it() -> None:
    queue_for = shipped_policy().reply.queue_for
    refund = finding("commitment", "REFUND", "unbacked", action=A.QUARANTINE)
    key = finding("secret", "API_KEY", "live", action=A.REPLACE)
    assert queue_for([key, refund]) == "finance-approvers"
    assert queue_for([key]) == "security-approvers"
    assert queue_for([finding("identity", "WRONG_NAME", action=A.QUARANTINE)]) == "reply-reviewers"
    assert queue_for([]) == "reply-reviewers"


@pytest.mark.parametrize(
    ("rules", "path"),
    [
        ("[{category: system, action: record}]", "reply.rules[0].action"),
        ("[{category: pii, action: mask}, {category: pii, action: keep}]", "reply.rules[1]"),
        ("[{category: pii, action: ignore}]", "reply.rules[0].action"),
        ("[{category: pii, type: person, action: mask}]", "reply.rules[0].type"),
        ("[{category: pii, status: mine, action: mask}]", "reply.rules[0].status"),
        ("[]", "reply.rules"),
        ("[{action: mask}]\n  routing: [{queue: x}]", "reply.routing[0]"),
    ],
)
def test_a_reply_section_that_makes_no_sense_is_a_problem(rules: str, path: str) -> None:
    with pytest.raises(PolicyError) as caught:
        compile_policy(policy_files(reply=reply(rules)))
    assert path in {getattr(problem, "path", "") for problem in caught.value.problems}


def test_the_shipped_rules_give_every_label_a_rule() -> None:
    """No known label falls through to the last resort unseen: each category has a rule of its own."""
    categories = {rule.category for rule in shipped_policy().reply.rules}
    assert categories == set(Category)


def test_only_harmless_statuses_go_out_whole() -> None:
    for status in Status:
        for category in (Category.PII, Category.SECRET, Category.COMMITMENT):
            action = shipped(category.value, "X", status.value)
            harmless = {"own", "public", "placeholder", "backed", "within_authority"}
            assert (combine([finding("pii", "X", action=action)]) is not Verdict.ALLOW) or status.value in harmless


def test_what_becomes_of_a_degraded_reply_is_told_by_channel() -> None:
    policy = small_policy(reply=REPLY + "  when_degraded: {default: quarantine, channels: {chat: judge}}\n").reply
    assert policy.holds_when_degraded("email")
    assert not policy.holds_when_degraded("chat")
    assert not small_policy().reply.holds_when_degraded("email")


@pytest.mark.parametrize("category", ["secret", "internal", "commitment"])
def test_only_values_of_people_may_be_kept_behind_a_pseudonym(category: str) -> None:
    with pytest.raises(PolicyError) as caught:
        compile_policy(policy_files(reply=reply(f"[{{category: {category}, action: pseudonym}}]")))
    assert any("a pseudonym keeps its value" in str(problem) for problem in caught.value.problems)


def test_cuts_are_ordered_by_what_they_tell() -> None:
    order = [A.KEEP, A.RECORD, A.MASK, A.PSEUDONYM, A.HASH, A.REPLACE, A.REMOVE, A.QUARANTINE]
    assert list(A) == order
    assert [action for action in A if action.is_cut] == order[2:7]


def test_a_trigger_is_recorded_or_held_but_never_cut() -> None:
    with pytest.raises(PolicyError) as caught:
        compile_policy(policy_files(reply=reply("[{category: trigger, action: replace}]")))
    assert any("a trigger is not in the reply" in str(problem) for problem in caught.value.problems)
    policy = small_policy(reply=reply("[{action: replace}]")).reply
    assert policy.action_for(finding("trigger", "X", field="customer_message"), channel="email") is A.QUARANTINE
    kept = small_policy(reply=reply("[{category: trigger, type: X, action: record}]")).reply
    assert kept.action_for(finding("trigger", "X"), channel="email") is A.RECORD
    assert kept.action_for(finding("trigger", "Y"), channel="email") is A.QUARANTINE


@pytest.mark.parametrize(
    "kind",
    ["SAFETY", "LEGAL_THREAT", "VULNERABLE_CUSTOMER", "REGULATED_COMPLAINT", "HIGH_RISK", "LOW_CONFIDENCE", "NEW_KIND"],
)
def test_the_shipped_policy_has_a_person_look_at_triggers(kind: str) -> None:
    """R16, R23."""
    assert shipped("trigger", kind, field="customer_message") is A.QUARANTINE


def test_a_rule_may_speak_of_the_customers_message() -> None:
    policy = small_policy(reply=reply("[{category: trigger, part: customer_message, action: record}]")).reply
    assert policy.action_for(finding("trigger", "X", field="customer_message"), channel="email") is A.RECORD
    assert policy.action_for(finding("trigger", "X"), channel="email") is A.QUARANTINE


def test_the_highest_priority_of_the_routes_that_fit_counts() -> None:
    routing = """  routing:
    - {queue: first, types: [A], priority: 1}
    - {queue: second, categories: [trigger], priority: 9}
"""
    policy = small_policy(reply=REPLY.replace("  rules:", routing + "  rules:")).reply
    both = [finding("trigger", "A", action=A.QUARANTINE), finding("trigger", "B", action=A.QUARANTINE)]
    assert (policy.queue_for(both), policy.priority_for(both)) == ("first", 9)
    only = [finding("pii", "A", action=A.QUARANTINE), finding("trigger", "B", action=A.RECORD)]
    assert policy.priority_for(only) == 1
    assert policy.priority_for([finding("pii", "Z", action=A.QUARANTINE)]) == 0


def test_what_the_sources_contradict_is_held_and_what_they_lack_is_recorded() -> None:
    """R22."""
    assert shipped("grounding", "CONTRADICTS_SOURCE") is A.QUARANTINE
    assert shipped("grounding", "NOT_IN_SOURCES") is A.RECORD
