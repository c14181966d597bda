"""R2: a profile is a variant that only tightens; everything of it is checked like the policy itself."""

from __future__ import annotations

from typing import Any

import pytest
from policy_files import PROFILE, an_action, an_agent, policy_files, shipped_files

from outguard.domain.action import GateDecision, Tier
from outguard.errors import PolicyError
from outguard.gate.decide import decide
from outguard.policy.compile import compile_policy
from outguard.policy.lint import lint
from outguard.policy.profile import profiles_in

RULES = "rules:\n  - {id: pay, match: {topics: [pay.*]}, tier: T3, reason: r}\n"


def files(profile: str) -> dict[str, str]:
    return policy_files(RULES) | {"profiles/strict.yaml": profile}


def test_regulated_asks_two_people_for_material_actions() -> None:
    for profile, approvals in (("default", 1), ("regulated", 2)):
        policy = compile_policy(shipped_files(), profile=profile)
        answer = decide(policy, an_action("support.cancel"), an_agent())
        assert (answer.tier, answer.required_approvals, policy.profile) == (Tier.T3, approvals, profile)


def test_a_profile_changes_what_it_names_and_adds_rules() -> None:
    text = (
        "about: stricter\ntiers: {T3: {senior_only: true, queue: experts}}\n"
        "rules: [{id: never, match: {topics: [pay.never]}, decision: DENY, reason: r}]\n"
        "caps: [{id: c, topics: [pay.*], per: [tenant], window_s: 60, max_count: 1, reason: r}]\n"
    )
    policy = compile_policy(files(text), profile="strict")
    terms = policy.tiers[Tier.T3]
    assert (terms.senior_only, terms.queue, terms.holding_message) == (True, "experts", "three")
    assert decide(policy, an_action("pay.never"), an_agent()).decision is GateDecision.DENY
    assert [cap.id for cap in policy.caps_by_topic.find("pay.out")] == ["c"]
    plain = compile_policy(files(text))
    assert not plain.tiers[Tier.T3].senior_only
    assert plain.caps_by_topic.find("pay.out") == ()


def test_each_profile_has_a_snapshot_of_its_own() -> None:
    text = "about: stricter\ntiers: {T3: {senior_only: true}}\n"
    snapshots = {compile_policy(files(text), profile=name).snapshot for name in ("default", "strict")}
    assert len(snapshots) == 2
    assert compile_policy(files(text)).snapshot == compile_policy(policy_files(RULES)).snapshot


@pytest.mark.parametrize(
    ("change", "path"),
    [
        ("T3: {required_approvals: 0}", "tiers.T3.required_approvals"),
        ("T4: {senior_only: false}", "tiers.T4.senior_only"),
        ("T3: {decision: ALLOW}", "tiers.T3.decision"),
        ("T2: {opens_ticket: false}", "tiers.T2.opens_ticket"),
        ("T3: {approval_timeout_s: 31}", "tiers.T3.approval_timeout_s"),
    ],
)
def test_a_looser_term_is_a_problem(change: str, path: str) -> None:
    with pytest.raises(PolicyError) as caught:
        compile_policy(files(f"about: x\ntiers: {{{change}}}\n"), profile="strict")
    (problem,) = caught.value.problems
    assert str(problem) == f"profiles/strict.yaml:2: {path}: looser than the policy's own: a profile only tightens"


@pytest.mark.parametrize("text", ["about: x\nreply: {}\n", "tiers: {T3: {no_such: 1}}\n", "about: [\n", ""])
def test_faults_of_a_profile_are_told_with_file_and_line(text: str) -> None:
    problems: tuple[Any, ...] = lint(files(text))
    assert problems
    assert {problem.file for problem in problems} == {"profiles/strict.yaml"}


def test_a_profile_that_is_not_there_is_no_policy() -> None:
    with pytest.raises(PolicyError, match="no such profile"):
        compile_policy(policy_files(RULES), profile="nowhere")


def test_the_names_of_a_folders_profiles() -> None:
    names = ["profiles/b.yaml", "profiles/a.yaml", "profiles/x/y.yaml", "policy.yaml", "profiles/default.yaml"]
    assert profiles_in(names) == ("default", "a", "b")
    assert PROFILE.startswith("name: default")
