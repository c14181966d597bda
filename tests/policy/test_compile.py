from __future__ import annotations

import pytest
from policy_files import HEAD, PROFILE, REPLY, REVIEW, policy_files, shipped_files, shipped_policy, small_policy

from outguard.domain.action import GateDecision, Tier
from outguard.domain.policy import Problem
from outguard.errors import PolicyError
from outguard.policy.compile import compile_policy, deciding
from outguard.policy.lint import lint


def problems_of(files: dict[str, str]) -> list[Problem]:
    with pytest.raises(PolicyError) as caught:
        compile_policy(files)
    return [problem for problem in caught.value.problems if isinstance(problem, Problem)]


def test_the_shipped_rules_have_no_problem() -> None:
    assert lint(shipped_files()) == ()
    assert shipped_policy().default_profile in shipped_policy().profiles


def test_every_problem_of_every_file_comes_at_once() -> None:
    rules = """\
rules:
  - id: one
    match: {topics: [a.b], when: foo > 1, bogus: 1}
    decision: ALLOW
    reason: r
  - id: two
    match: {topics: [A.B]}
    decision: PERHAPS
    tier: T9
"""
    files = policy_files(rules) | {
        "authority/x.yaml": "name: x\ncommitments: {refund: maybe}\n",
        "gate/y.yaml": "rulez: []\n",
    }
    found = problems_of(files)
    assert [(p.file, p.path) for p in found] == [
        ("authority/x.yaml", "company"),
        ("authority/x.yaml", "commitments.refund"),
        ("gate/y.yaml", "rulez"),
        ("policy.yaml", "rules[0].match.bogus"),
        ("policy.yaml", "rules[0].match.when"),
        ("policy.yaml", "rules[1].reason"),
        ("policy.yaml", "rules[1].match.topics[0]"),
        ("policy.yaml", "rules[1].decision"),
        ("policy.yaml", "rules[1].tier"),
    ]
    start = HEAD.count("\n")
    assert [p.line - start for p in found[3:]] == [3, 3, 6, 7, 8, 9]
    assert str(found[0]) == "authority/x.yaml:1: company: this key is missing"


@pytest.mark.parametrize(
    ("rule", "path", "words"),
    [
        ("M", "", "needs a decision, a tier, or both"),
        ("match: {topics: [x], when: foo}, tier: T1", ".match.when", "unknown name foo"),
        ("match: {topics: []}, tier: T1", ".match.topics", "at least 1"),
        ("M, decision: ALLOW, constraints: {max_x: 1}", ".decision", "WITH"),
        ("M, decision: ALLOW_WITH_CONSTRAINTS", ".constraints", "missing"),
        ("M, decision: DENY, constraints: {max_x: 1}", ".constraints", "denied"),
        ("M, decision: ALLOW, required_approvals: 2", ".required_approvals", "waits"),
        ("M, tier: T3, constraints: {max_x: -1}", ".constraints.max_x", "0 or more"),
        ("M, tier: T3, constraints: {net_allowlist: x}", ".constraints.net_allowlist", "list"),
        ("M, tier: T3, constraints: {speed: 9}", ".constraints.speed", "true or false"),
        ("match: {topics: [x], confidence_below: 1.5}, tier: T3", ".match.confidence_below", "less than"),
        ("match: {topics: [x], retry_count_above: true}, tier: T3", ".match.retry_count_above", "not true"),
        ("match: {topics: [x], amount_usd_above: -5}, tier: T3", ".match.amount_usd_above", "greater"),
        ("match: {topics: [x], amount_usd_above: 5, amount_usd_at_least: 5}, tier: T3", ".match", "give one"),
        ("M, tier: T3, tier: T4", ".tier", "twice"),
    ],
)
def test_a_rule_that_makes_no_sense_is_a_problem(rule: str, path: str, words: str) -> None:
    rule = "match: {topics: [x]}" + rule[1:] if rule[0] == "M" else rule
    (problem,) = problems_of(policy_files(f"rules:\n  - {{id: a, reason: r, {rule}}}\n"))
    assert problem.path == f"rules[0]{path}"
    assert problem.line == HEAD.count("\n") + 2
    assert words in problem.message


def test_the_programs_own_ids_are_not_for_rules() -> None:
    for own in ("type.a", "gate.a"):
        files = policy_files(f"rules: [{{id: {own}, match: {{topics: [x]}}, tier: T1, reason: r}}]\n")
        assert [problem.path for problem in problems_of(files)] == ["rules[0].id"]


@pytest.mark.parametrize(
    ("old", "new", "path"),
    [
        ("T2: {decision: ALLOW,", "T2: {decision: DENY,", "tiers.T3.decision"),
        ("min_score: 0.5", "min_score: 5", "reply.min_score"),
        ("required_approvals: 1, ", "", "tiers.T3.required_approvals"),
        ("holding_message: four", "holding_message: ''", "tiers.T4.holding_message"),
        ("approval_timeout_s: 40", "approval_timeout_s: 40, on_timeout: allow", "tiers.T4.on_timeout"),
        ("approval_timeout_s: 30", "approval_timeout_s: 0", "tiers.T3.approval_timeout_s"),
        ("default_profile: default", "default_profile: nobody", "default_profile"),
        ("{EUR: 2}", "{EUR: 0}", "exchange_rates_usd.EUR"),
        ("{EUR: 2}", "{euro: 2}", "exchange_rates_usd"),
        ("{queue: money, topics: [pay.*], risk_tags: [financial]}", "{queue: money}", "review.routing[0]"),
    ],
)
def test_a_policy_that_would_fail_open_is_a_problem(old: str, new: str, path: str) -> None:
    files = policy_files()
    assert old in files["policy.yaml"]
    files["policy.yaml"] = files["policy.yaml"].replace(old, new)
    assert path in {problem.path.split("[key]")[0].removesuffix(".euro") for problem in problems_of(files)}


def test_a_fault_in_one_section_hides_none_in_another() -> None:
    files = policy_files("rules:\n  - {id: a, match: {topics: [x]}, reason: r}\n")
    text = files["policy.yaml"].replace("required_approvals: 1, ", "").replace("min_score: 0.5", "min_score: x")
    paths = {problem.path for problem in problems_of(files | {"policy.yaml": text + "more: 1\n"})}
    assert paths == {"rules[0]", "tiers.T3.required_approvals", "reply.min_score", "more"}


def test_ids_are_unique_over_all_files() -> None:
    rule = "rules: [{id: same, match: {topics: [x]}, tier: T1, reason: r}]\n"
    (problem,) = problems_of(policy_files(rule) | {"gate/more.yaml": rule})
    assert (problem.file, problem.path) == ("gate/more.yaml", "rules[0].id")
    assert "policy.yaml:" in problem.message


def test_two_profiles_of_one_name_are_a_problem() -> None:
    (problem,) = problems_of(policy_files() | {"authority/z.yaml": PROFILE})
    assert "authority/default.yaml" in problem.message


def test_without_policy_yaml_there_is_no_policy() -> None:
    (problem,) = problems_of({"authority/default.yaml": PROFILE})
    assert problem == Problem("policy.yaml", 1, "", "the file is missing")
    assert problems_of(policy_files() | {"policy.yaml": ""})[0].message == "the file is empty"
    assert "mapping" in problems_of(policy_files() | {"policy.yaml": "- 1\n"})[0].message


def test_tests_and_maps_decide_nothing() -> None:
    files = policy_files()
    others = {"policy_test.yaml": "x", "topics/a.yaml": "y", "gate/a_test.yaml": "z", "README.md": "w"}
    assert deciding(files | others).keys() == files.keys()
    assert compile_policy(files | others).snapshot == compile_policy(files).snapshot


def test_the_grade_is_the_highest_of_the_three() -> None:
    types = """\
action_types:
  - {id: a, topics: [a], reversibility: instant, blast_radius: one, stakes: low}
  - {id: b, topics: [b], reversibility: within_window, blast_radius: one, stakes: low}
  - {id: c, topics: [c], reversibility: instant, blast_radius: many, stakes: medium}
  - {id: d, topics: [d], reversibility: instant, blast_radius: one, stakes: critical}
"""
    assert [rule.tier for rule in small_policy(types).gate_rules] == [Tier.T1, Tier.T2, Tier.T3, Tier.T4]


def test_tiers_carry_their_terms() -> None:
    tier = small_policy().tiers[Tier.T4]
    assert (tier.decision, tier.required_approvals, tier.senior_only) == (GateDecision.REQUIRE_APPROVAL, 2, True)
    assert tier.holding_message == "four"


def test_items_are_routed_by_topic_or_tag() -> None:
    review = small_policy().review
    assert review.queue_for("pay.refund", ()) == "money"
    assert review.queue_for("other", ("financial",)) == "money"
    assert review.queue_for("other", ("x",)) == "ops"


def test_a_file_that_nothing_reads_is_a_problem() -> None:
    """A rule in a file with a slip in its name would silently do nothing."""
    assert [problem.file for problem in lint(policy_files() | {"gates/a.yaml": "", "polcy.yml": "", "x.md": ""})] == [
        "gates/a.yaml",
        "polcy.yml",
    ]


def test_lint_also_reads_tests_and_maps() -> None:
    files = policy_files() | {"policy_test.yaml": "actions: 1\n", "topics/m.yaml": "version: 2\ndomains: {}\n"}
    assert {problem.file for problem in lint(files | {"policy.yaml": HEAD + REPLY + REVIEW + "x: 1\n"})} == {
        "policy.yaml",
        "policy_test.yaml",
        "topics/m.yaml",
    }


@pytest.mark.parametrize("tier", ["T3", "T4"])
def test_only_recoverable_tiers_may_be_approved_by_nobody(tier: str) -> None:
    """R10: auto_approve is for T1 and T2."""
    files = policy_files()
    number = {"T3": 30, "T4": 40}[tier]
    text = files["policy.yaml"].replace(
        f"approval_timeout_s: {number}", f"approval_timeout_s: {number}, on_timeout: auto_approve"
    )
    (problem,) = problems_of(files | {"policy.yaml": text})
    assert problem.path == f"tiers.{tier}.on_timeout"


@pytest.mark.parametrize(
    ("written", "path"),
    [
        ("approval_timeout_s: 30, escalate_after_sec: 30", "tiers.T3.escalate_after_sec"),
        ("approval_timeout_s: 30, escalate_after_sec: 0", "tiers.T3.escalate_after_sec"),
        ("approval_timeout_s: 30, on_timeout: allow", "tiers.T3.on_timeout"),
        ("approval_timeout_s: 30, rollback_timeout_s: 0", "tiers.T3.rollback_timeout_s"),
    ],
)
def test_terms_of_a_tier_that_make_no_sense_are_problems(written: str, path: str) -> None:
    files = policy_files()
    text = files["policy.yaml"].replace("approval_timeout_s: 30", written)
    assert [problem.path for problem in problems_of(files | {"policy.yaml": text})] == [path]
