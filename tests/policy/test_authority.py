from __future__ import annotations

from decimal import Decimal

import pytest
from policy_files import shipped_policy

from outguard.domain.authority import Authority
from outguard.policy.authority import parse_profile

HEAD = "name: shop\ncompany: Shop\ncommitments:\n"


def terms(text: str) -> Authority:
    profile, problems = parse_profile(f"{HEAD}  kind: {text}\n", file="p.yaml")
    assert problems == ()
    assert profile is not None
    return profile.commitments["kind"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("forbidden", Authority(kind="kind", forbidden=True)),
        ("allowed", Authority(kind="kind")),
        ("{forbidden: true}", Authority(kind="kind", forbidden=True)),
        ("{minutes_min: 30}", Authority(kind="kind", min_seconds=1800)),
        ("{hours_min: 24}", Authority(kind="kind", min_seconds=86_400)),
        ("{days_min: 2}", Authority(kind="kind", min_seconds=172_800)),
        ("{business_days_min: 3}", Authority(kind="kind", min_business_days=3)),
        (
            "{requires_action: pay.refund, arrives_business_days_min: 5}",
            Authority(kind="kind", requires_action="pay.refund", arrives_business_days_min=5),
        ),
        (
            "{requires_action: pay.credit, without_action_up_to_usd: 10, without_action_up_to_eur: 7.5}",
            Authority(
                kind="kind",
                requires_action="pay.credit",
                without_action_up_to={"USD": Decimal(10), "EUR": Decimal("7.5")},
            ),
        ),
    ],
)
def test_terms_are_read(text: str, expected: Authority) -> None:
    assert terms(text) == expected


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("perhaps", "commitments.kind"),
        ("{}", "commitments.kind"),
        ("{weeks_min: 1}", "commitments.kind.weeks_min"),
        ("{hours_min: 1.5}", "commitments.kind.hours_min"),
        ("{hours_min: true}", "commitments.kind.hours_min"),
        ("{hours_min: -1}", "commitments.kind.hours_min"),
        ("{requires_action: Pay Refund}", "commitments.kind.requires_action"),
        ("{requires_action: a.b, without_action_up_to_usd: -1}", "commitments.kind.without_action_up_to_usd"),
        ("{requires_action: a.b, without_action_up_to_usd: lots}", "commitments.kind.without_action_up_to_usd"),
        ("{requires_action: a.b, without_action_up_to_dollars: 1}", "commitments.kind.without_action_up_to_dollars"),
        ("{requires_action: a.b, without_action_up_to_eru: 5}", "commitments.kind.without_action_up_to_eru"),
        ("{forbidden: maybe}", "commitments.kind.forbidden"),
        ("{forbidden: true, requires_action: a.b}", "commitments.kind"),
        ("{hours_min: 1, business_days_min: 1}", "commitments.kind"),
        ("{without_action_up_to_usd: 5}", "commitments.kind"),
    ],
)
def test_a_term_not_understood_or_contradictory_is_a_problem(text: str, path: str) -> None:
    profile, (problem, *_) = parse_profile(f"{HEAD}  kind: {text}\n", file="p.yaml")
    assert profile is None
    assert (problem.file, problem.line, problem.path) == ("p.yaml", 4, path)


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("company: c\ncommitments: {}\n", "name"),
        ("name: a b\ncompany: c\ncommitments: {}\n", "name"),
        ("name: 5\ncompany: c\ncommitments: {}\n", "name"),
        ("name: a\ncompany: c\n", "commitments"),
        ("name: a\ncompany: c\ncommitments: {Big Kind: forbidden}\n", "commitments.Big Kind"),
        ("name: a\ncompany: c\ncommitments: {}\npublic: []\n", "public"),
        ("name: a\ncompany: c\ncommitments: {}\npublic_values: x\n", "public_values"),
        ("name: a\ncompany: c\ncommitments: {}\npublic_values: [1]\n", "public_values[0]"),
        ("name: a\ncompany: c\ncommitments: {}\nown_id_patterns: ['(']\n", "own_id_patterns[0]"),
        ("name: a\ncompany: c\ncommitments: {}\nown_id_patterns: ['x*']\n", "own_id_patterns[0]"),
        ("name: a\ncompany: c\ncommitments: {}\ninternal_patterns: [ok, '[']\n", "internal_patterns[1]"),
        ("- 1\n", ""),
        ("", ""),
    ],
)
def test_a_profile_that_is_none_is_a_problem(text: str, path: str) -> None:
    profile, problems = parse_profile(text, file="p.yaml")
    assert profile is None
    assert path in {problem.path for problem in problems}


def test_shipped_profiles_say_what_their_files_say() -> None:
    profiles = shipped_policy().profiles
    assert profiles["brightloom"].commitments["credit"].without_action_up_to == {"USD": Decimal(10)}
    assert profiles["larderloop"].commitments["delivery"].min_seconds == 1800
    assert profiles["quillhaven"].commitments["documents"] == Authority(kind="documents")
    assert "support@brightloom.example" in profiles["brightloom"].public_values
    assert profiles["airline"].commitments["guarantee"].forbidden
    assert {"default", "retail", "telecom"} <= profiles.keys()


def test_what_a_shipped_profile_requires_the_gate_knows() -> None:
    """A profile that asks for an action which no rule lists could never be satisfied."""
    policy = shipped_policy()
    for profile in policy.profiles.values():
        for authority in profile.commitments.values():
            if authority.requires_action is not None:
                listed = policy.rules_by_topic.find(authority.requires_action)
                assert any(rule.lists for rule in listed), (profile.name, authority.requires_action)
