"""The examples of `docs/policy.md` are policy: they lint clean on top of the shipped rules, and their tests pass."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest
import yaml
from flow_values import ask, gate_services
from policy_files import an_agent, shipped_files

from outguard.domain.action import Action, GateDecision, Tier
from outguard.domain.autonomy import ActionClass, IncidentKind, Level
from outguard.domain.finding import Category, Finding, FindingAction, Status
from outguard.domain.money import Money
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
    files = shipped_files() | FILES
    tests = [load_cases(text, file=path) for path, text in FILES.items() if path.endswith("_test.yaml")]
    assert {each.profile for each in tests} == {"default", "acme"}
    for each in tests:
        results = run_cases(compile_policy(files, profile=each.profile), each, decide=decide)
        assert results
        assert [(result.name, result.failures) for result in results if not result.passed] == []


def test_every_requirement_of_the_gate_has_a_case_of_its_own() -> None:
    """R1 to R8 and R16 are named by policy tests, the guide's or the shipped ones (R7 needs a record: see below)."""
    texts = [text for path, text in (shipped_files() | FILES).items() if path.endswith("_test.yaml")]
    named = set(re.findall(r"name: (R[0-9]+) ", "\n".join(texts)))
    assert {"R1", "R2", "R3", "R4", "R5", "R6", "R8", "R15", "R16"} <= named


async def test_r7_the_caps_of_the_guide_hold() -> None:
    """R7: beyond the soft cap a person looks, beyond the loop's cap nothing runs, however it is approved."""
    services = gate_services(compile_policy(shipped_files() | FILES))
    answers = []
    for number in range(11):
        action = Action(
            conversation_id="c-1",
            topic="acme.voucher",
            amount=Money.parse("9", "USD"),
            customer_id="customer-1",
            target=f"O-{number}",
            arguments={"codes": ["ACME-1"]},
            customer_words="Yes, please.",
        )
        answers.append(await ask(services, an_agent(), action))
    assert [one.rule_id for one in answers[:6]] == ["acme.voucher.small"] * 5 + ["cap.acme.vouchers.customer"]
    elsewhere = Action(
        conversation_id="c-2", topic="acme.voucher", amount=Money.parse("1", "USD"), customer_words="Yes."
    )
    elsewhere = replace(elsewhere, arguments={"codes": []})
    first, second, third = [
        await ask(services, an_agent(), replace(elsewhere, customer_id=f"customer-{number}")) for number in (2, 3, 4)
    ]
    assert first.decision is second.decision is GateDecision.ALLOW_WITH_CONSTRAINTS
    assert (third.decision, third.rule_id, third.retry_after_s) == (GateDecision.DENY, "cap.acme.accounts", 3600)


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
