"""The examples of `docs/policy.md` are policy: they lint clean on top of the shipped rules, and their tests pass."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml
from policy_files import shipped_files

from outguard.domain.action import Tier
from outguard.domain.autonomy import ActionClass, IncidentKind, Level
from outguard.domain.finding import Category, Finding, FindingAction, Status
from outguard.domain.policy_change import Area
from outguard.domain.review import OnTimeout
from outguard.domain.sampling import Stratum
from outguard.gate.decide import decide
from outguard.policy.compile import compile_policy
from outguard.policy.condition import FUNCTIONS
from outguard.policy.lint import lint
from outguard.policy.schema import MatchShape, TierShape
from outguard.policy.testing import load_cases, run_cases
from outguard.policy.variables import VARIABLES

GUIDE = (Path(__file__).resolve().parents[2] / "docs" / "policy.md").read_text("utf-8")
BLOCKS = {
    match[1]: match[0].partition("\n")[2] for match in re.finditer(r"(?<=```yaml\n)# (.+)\n[\s\S]*?(?=```)", GUIDE)
}
FILES = {path: text for path, text in BLOCKS.items() if ": " not in path}


def test_every_yaml_block_names_its_file() -> None:
    assert len(BLOCKS) == GUIDE.count("```yaml") >= 5


def test_the_examples_lint_clean() -> None:
    assert lint(shipped_files() | FILES) == ()


def test_the_examples_pass_their_own_tests() -> None:
    policy = compile_policy(shipped_files() | FILES)
    results = run_cases(policy, load_cases(FILES["acme_test.yaml"], file="acme_test.yaml"), decide=decide)
    assert results
    assert [(result.name, result.failures) for result in results if not result.passed] == []


def test_the_sections_shown_compile_in_their_place() -> None:
    sections = {path.partition(": ")[2]: text for path, text in BLOCKS.items() if ": " in path}
    assert sections
    whole = yaml.safe_load(shipped_files()["policy.yaml"])
    for key, text in sections.items():
        whole[key] = yaml.safe_load(text)
    policy = compile_policy(shipped_files() | {"policy.yaml": yaml.safe_dump(whole)})
    person = Finding(category=Category.PII, type="PERSON", status=Status.OWN, start=0, end=1, score=1.0, rule="t")
    assert policy.reply.action_for(person, channel="sms") is FindingAction.REMOVE
    assert policy.reply.action_for(person, channel="email") is FindingAction.KEEP
    assert policy.tiers[Tier.T2].rollback_window_s == 2 * 86_400
    assert policy.tiers[Tier.T2].on_timeout is OnTimeout.AUTO_APPROVE
    assert policy.tiers[Tier.T3].escalate_after_s == 1200
    assert policy.autonomy.initial_level is Level.ASSISTED
    assert policy.autonomy.levels_down[IncidentKind.POLICY_VIOLATION] == 2
    assert policy.autonomy.classes_of("acme.purge", ()) == {ActionClass.DELETE}
    assert policy.sampling.probability_of(Stratum.PROD) == 1.0
    assert policy.sampling.probability_of(Stratum.READ) == pytest.approx(0.02)
    assert policy.review.fatigue.max_open_requests_per_reviewer == 10
    assert "agent_build" in policy.review.required_evidence
    assert policy.sign_off[Area.FINANCE] == {"fay", "frank"}
    assert policy.owner.escalation == ("duty manager", "head of security")


@pytest.mark.parametrize(
    "word",
    sorted(
        {*MatchShape.model_fields, *TierShape.model_fields, *VARIABLES, *(name for name in FUNCTIONS if name[0] != "@")}
    ),
)
def test_the_guide_names_every_key(word: str) -> None:
    assert f"`{word}`" in GUIDE
