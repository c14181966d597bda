"""`outguard policy explain`, `grade` and `schema` say what a policy says, and why."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from outguard.cli.main import app
from outguard.policy.json_schema import KINDS

Explain = Callable[..., tuple[int, str]]


@pytest.fixture
def explain(tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Explain:
    """Status and output of `policy explain` for an action written as YAML."""
    monkeypatch.setenv("COLUMNS", "200")

    def run(text: str, *options: str) -> tuple[int, str]:
        file = tmp_path / "action.yaml"
        file.write_text(text, encoding="utf-8")
        status = app(["policy", "explain", str(file), *options])
        captured = capfd.readouterr()
        return status, captured.out + captured.err

    return run


def explained(explain: Explain, text: str, *options: str) -> dict[str, Any]:
    status, output = explain(text, "--json", *options)
    assert status == 0, output
    found: dict[str, Any] = json.loads(output)
    return found


def test_an_explanation_names_rules_signals_anomaly_and_caps(explain: Explain) -> None:
    text = 'topic: support.refund\namount: "60"\ncustomer_words: "No, wait"\nsignals: {retries: 3}\n'
    found = explained(explain, text)
    assert (found["decision"], found["tier"], found["rule"]) == ("REQUIRE_APPROVAL", "T3", "refund.preview")
    says = {rule["rule_id"]: rule for rule in found["rules"]}
    assert says["refund.small"]["missed"] == "when"
    assert says["refund.large"]["missed"] == "amount_usd_at_least"
    assert (says["refund.preview"]["fit"], says["refund.preview"]["decision"]) == ("yes", "REQUIRE_APPROVAL")
    assert found["signals"] == {
        "retries": 3,
        "consent": "refused",
        "contradictions": ["consent"],
        "anomaly": found["anomaly"]["score"],
    }
    parts = {part["signal"]: part["share"] for part in found["anomaly"]["parts"]}
    assert parts == {"retries": 0.35, "contradictions": 0.6}
    assert "refunds.customer" in {cap["id"] for cap in found["caps"]}


def test_an_explanation_is_of_the_profile_and_agent_asked_for(explain: Explain) -> None:
    text = "topic: support.cancel\n"
    assert explained(explain, text)["required_approvals"] == 1
    assert explained(explain, text, "--profile", "regulated")["required_approvals"] == 2
    assert explained(explain, text + "agent: {topics: [support.read.*]}\n")["rule"] == "gate.scope"


def test_people_read_the_same(explain: Explain) -> None:
    status, shown = explain('topic: support.refund\namount: "60"\ncustomer_words: "No, wait"\n')
    assert status == 0
    for words in ("REQUIRE_APPROVAL", "refund.preview", "signal consent: refused", "anomaly score", "cap refunds"):
        assert words in shown


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("topic: support.refund\namount: -1\n", "amount"),
        ("topic: support.refund\nsignals: {no_such: 1}\n", "no_such"),
        ("topic: support.refund\nsignals: {retries: many}\n", "signals"),
        ("amount: 5\n", "topic"),
        ("{", "YAML"),
    ],
)
def test_a_faulty_action_is_told_with_its_place(explain: Explain, text: str, words: str) -> None:
    status, output = explain(text)
    assert status != 0
    assert words in output


def test_the_grade_is_computed_and_shown_for_every_type(capfd: pytest.CaptureFixture[str]) -> None:
    """R1: the highest of reversibility, blast radius and stakes gives the tier."""
    assert app(["policy", "grade", "--json"]) == 0
    rows = json.loads(capfd.readouterr().out)
    grades = {row["id"]: row for row in rows}
    assert grades["account_close"]["tier"] == "T4"
    assert grades["refund"] == {
        "tier": "T2",
        "id": "refund",
        "topics": "support.refund",
        "reversibility": "within_window",
        "blast_radius": "one",
        "stakes": "medium",
        "file": "policy.yaml",
    }
    assert grades["airline.cancel"]["file"] == "gate/airline.yaml"
    assert [row["tier"] for row in rows] == sorted((row["tier"] for row in rows), reverse=True)
    assert app(["policy", "grade"]) == 0
    assert "account_close" in capfd.readouterr().out


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_a_schema_is_json_for_editors(kind: str, capfd: pytest.CaptureFixture[str]) -> None:
    assert app(["policy", "schema", kind]) == 0
    schema = json.loads(capfd.readouterr().out)
    assert schema["$schema"].startswith("https://json-schema.org/")
    assert schema["additionalProperties"] is False


def test_an_unknown_kind_of_file_is_refused() -> None:
    assert app(["policy", "schema", "nonsense"]) != 0
