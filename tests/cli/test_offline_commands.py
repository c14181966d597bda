"""`check`, `eval` and `policy` as a user runs them: what is printed, and the status."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from outguard.bootstrap import rules_of, shipped_rules
from outguard.cli.main import app

CLEAN = {"id": "a", "text": "Your parcel is in the shop."}
LABELLED = {
    "id": "b",
    "profile": "brightloom",
    "reply": {"text": "We wrote to jo@example.org today."},
    "customer": {"id": "c"},
    "ledger": [],
    "expected": {
        "decision": "REDACT",
        "spans": [{"start": 12, "end": 26, "category": "pii", "type": "EMAIL_ADDRESS", "status": "other"}],
    },
}


def write(path: Path, *lines: Any) -> str:
    path.write_text("".join(line if isinstance(line, str) else json.dumps(line) + "\n" for line in lines), "utf-8")
    return str(path)


def test_check_answers_every_line_in_order(tmp_path: Path, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    file = write(tmp_path / "in.jsonl", CLEAN, "nope\n", {**CLEAN, "id": "z"})
    assert app(["check", file]) == 1
    captured = capfdbinary.readouterr()
    answers = [json.loads(line) for line in captured.out.splitlines()]
    assert [answer["id"] for answer in answers] == ["a", None, "z"]
    assert "error" in answers[1]
    assert answers[2]["text"] == CLEAN["text"]
    assert b"1 line(s) could not be judged" in captured.err


def test_check_writes_to_a_file(tmp_path: Path, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    file, out = write(tmp_path / "in.jsonl", CLEAN), tmp_path / "out.jsonl"
    assert app(["check", file, "--out", str(out)]) == 0
    assert capfdbinary.readouterr().out == b""
    assert json.loads(out.read_text("utf-8"))["verdict"] == "ALLOW"


@pytest.mark.parametrize("wrong", [["none.jsonl"], ["--workers", "0", "x"], ["--profiles", "none", "x"], []])
def test_check_refuses_wrong_usage(capfdbinary: pytest.CaptureFixture[bytes], wrong: list[str]) -> None:
    assert app(["check", *wrong]) == 2
    assert capfdbinary.readouterr().out == b""


def test_eval_scores_against_the_labels(tmp_path: Path, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    file = write(tmp_path / "in.jsonl", LABELLED)
    assert app(["eval", file, "--json"]) == 0
    summary = json.loads(capfdbinary.readouterr().out)
    assert summary["verdict"]["confusion"]["REDACT"]["REDACT"] == 1
    assert summary["types"]["pii/EMAIL_ADDRESS"]["recall"] == 1.0


def test_eval_prints_tables_for_people(tmp_path: Path, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    file = write(tmp_path / "in.jsonl", LABELLED, "nope\n", CLEAN)
    assert app(["eval", file]) == 1
    captured = capfdbinary.readouterr()
    shown = captured.out.decode()
    assert "1 answered, 2 failed" in shown
    assert "EMAIL_ADDRESS" in shown
    assert "2 line(s)" in captured.err.decode()


def test_eval_of_nothing_is_an_error(tmp_path: Path, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    assert app(["eval", write(tmp_path / "in.jsonl")]) == 2
    assert b"no labelled line" in capfdbinary.readouterr().err


def test_the_shipped_rules_pass_their_own_lint_and_tests(capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    assert app(["policy", "lint"]) == 0
    assert b"are valid" in capfdbinary.readouterr().out
    assert app(["policy", "test"]) == 0
    assert b" 0 failed" in capfdbinary.readouterr().out


def test_lint_tells_every_problem_with_its_place(tmp_path: Path, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    (tmp_path / "policy.yaml").write_text("version: 1\nrules: 3\nnonsense: 1\n", "utf-8")
    (tmp_path / "x_test.yaml").write_text("cases: 3\n", "utf-8")
    assert app(["policy", "lint", str(tmp_path)]) == 1
    lines = capfdbinary.readouterr().out.decode().splitlines()
    assert any(line.startswith("policy.yaml:2:") for line in lines)
    assert any(line.startswith("policy.yaml:3:") for line in lines)
    assert any(line.startswith("x_test.yaml:1:") for line in lines)


def test_lint_runs_the_examples_of_detector_packs(tmp_path: Path, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    """A pack whose own text is not caught is a problem, though it compiles."""
    for name, text in rules_of(None).items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text.replace("catch: ['npm_{alnum:36}']", "catch: ['npm_{alnum:30}']"), "utf-8")
    assert app(["policy", "lint", str(tmp_path)]) == 1
    (line,) = capfdbinary.readouterr().out.decode().splitlines()
    assert line.startswith("detectors/secrets_code.yaml:")
    assert line.endswith("the rule misses this text")


def test_a_folder_without_tests_is_an_error(tmp_path: Path, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    (tmp_path / "policy.yaml").write_text("version: 1\n", "utf-8")
    assert app(["policy", "test", str(tmp_path)]) == 2
    assert capfdbinary.readouterr().err


def test_results_of_policy_tests_are_junit_for_ci(tmp_path: Path, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    folder = tmp_path / "rules"
    shutil.copytree(shipped_rules(), folder)
    case = "  - {name: 'a <bad> & wrong one', action: {topic: nobody.listed}, expect: {decision: ALLOW}}\n"
    (folder / "wrong_test.yaml").write_text(f"actions:\n{case}", "utf-8")
    out = tmp_path / "junit.xml"
    assert app(["policy", "test", str(folder), "--junit", str(out)]) == 1
    root = ET.parse(out).getroot()  # noqa: S314 - our own output
    assert int(root.get("tests", "0")) == len(root.findall("./testsuite/testcase"))
    (failure,) = root.findall("./testsuite/testcase/failure")
    assert failure.get("message") == "decision: expected ALLOW, got DENY"
    assert root.findall("./testsuite[@name='wrong_test.yaml']/testcase")[0].get("name") == "a <bad> & wrong one"
    capfdbinary.readouterr()
    assert app(["policy", "test", str(folder), "--junit", str(tmp_path / "none" / "x.xml")]) == 2


def test_conversations_are_simulated_under_two_policies(
    tmp_path: Path, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    """R40: an airline that lets nobody change passengers' names now; the rest stays as it was."""
    folder = tmp_path / "rules"
    shutil.copytree(shipped_rules(), folder)
    rule = "rules:\n  - {id: try.names, match: {topics: [airline.reservation.passengers]}, decision: DENY, reason: r}\n"
    (folder / "gate" / "try.yaml").write_text(rule, "utf-8")
    arguments = {"reservation_id": "ABC123", "passengers": [{"first_name": "Ann", "last_name": "Lee"}]}
    events = [
        {"reply": "How can I help you today?", "last_user": ""},
        {"action": "update_reservation_passengers", "arguments": arguments, "kind": "write"},
    ]
    dialogues = tmp_path / "dialogues.jsonl"
    dialogues.write_text(json.dumps({"id": "d1", "domain": "airline", "events": events}) + "\n", "utf-8")
    command = ["policy", "simulate", str(folder), "--against", str(dialogues), "--hours", "2", "--json"]
    assert app(command) == 0
    found = json.loads(capfdbinary.readouterr().out)
    assert (found["stricter"], found["looser"], found["unchanged"]) == (1, 0, 1)
    assert found["rules"][0]["rule"] == "try.names"
    assert found["rules"][0]["examples"] == ["d1#1"]
    assert found["items_per_reviewer_hour"] == {"reviewers": 1, "old": 0.5, "new": 0.0}
    assert app([*command, "--approve", "perhaps"]) == 2
