from __future__ import annotations

import pytest
from policy_files import shipped_files, shipped_policy, small_policy

from outguard.errors import PolicyError
from outguard.gate.decide import decide
from outguard.policy.testing import CaseResult, load_cases, run_cases

RULES = "rules: [{id: pay, match: {topics: [pay.*]}, tier: T3, reason: r}]\n"


def run(text: str) -> tuple[CaseResult, ...]:
    return run_cases(small_policy(RULES), load_cases(text, file="t_test.yaml"), decide=decide)


def test_the_shipped_policy_passes_its_own_tests() -> None:
    cases = load_cases(shipped_files()["policy_test.yaml"], file="policy_test.yaml")
    results = run_cases(shipped_policy(), cases, decide=decide)
    assert len(results) >= 25
    assert [(result.line, result.name, result.failures) for result in results if not result.passed] == []


def test_a_case_that_expects_nothing_expects_the_strictest() -> None:
    (listed, unlisted, reply) = run(
        "actions:\n- {name: a, action: {topic: pay.x}}\n- {name: b, action: {topic: other}}\n"
        "replies:\n- {name: c, findings: []}\n"
    )
    assert listed.failures == ("decision: expected DENY, got REQUIRE_APPROVAL",)
    assert unlisted.passed
    assert reply.failures == ("verdict: expected QUARANTINE, got ALLOW",)
    assert (listed.file, listed.line) == ("t_test.yaml", 2)


def test_every_difference_is_told() -> None:
    (result,) = run(
        "actions: [{name: a, action: {topic: pay.x}, expect: {decision: REQUIRE_APPROVAL, tier: T4, rule: z,"
        " required_approvals: 2, senior_only: true, queue: q, constraints: {max_x: 1}, shadow: true}}]\n"
    )
    assert [failure.split(":")[0] for failure in result.failures] == [
        "tier", "rule", "required_approvals", "senior_only", "queue", "constraints", "shadow",
    ]  # fmt: skip


def test_reply_cases_look_at_actions_and_queue() -> None:
    (result,) = run(
        "replies: [{name: a, findings: [{category: tone, type: X}], expect: {actions: [keep], queue: nobody}}]\n"
    )
    assert result.failures == ("actions: expected keep, got quarantine", "queue: expected nobody, got replies")


def test_fixtures_are_used_by_name() -> None:
    (result,) = run(
        "fixtures: {actions: {a: {topic: pay.x}}, agents: {b: {id: b, topics: [read.*]}}}\n"
        "actions: [{name: n, action: a, agent: b, expect: {rule: gate.scope}}]\n"
    )
    assert result.passed


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("actions: [{name: n, action: nope}]", "actions[0].action"),
        ("actions: [{name: n, action: {topic: a}, agent: nope}]", "actions[0].agent"),
        ("actions: [{name: n, action: {topic: a, amount: many}}]", "actions[0].action.amount"),
        ("actions: [{name: n, action: {topic: a}}]\nreplies: [{name: n, findings: []}]", "replies[0].name"),
        ("actions: [{name: n, action: {topic: a}, expects: {}}]", "actions[0].expects"),
        ("cases: []", "cases"),
        ("", ""),
    ],
)
def test_a_fault_in_a_test_file_is_a_problem(text: str, path: str) -> None:
    with pytest.raises(PolicyError) as caught:
        load_cases(text, file="t_test.yaml")
    assert path in {getattr(problem, "path", None) for problem in caught.value.problems}
