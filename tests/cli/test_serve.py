"""A real server process: ready file, first credentials once, graceful end; and the review commands against it."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from outguard.cli.demo import people
from outguard.cli.local_server import LocalServer, local_server
from outguard.cli.main import app
from outguard.client.agent import Client
from outguard.client.values import Recipient
from outguard.errors import OutguardError

ROOT = Path(__file__).resolve().parents[2]


@contextmanager
def served(folder: Path, *more: str) -> Iterator[subprocess.Popen[str]]:
    ready = folder / "ready.json"
    ready.unlink(missing_ok=True)
    command = [sys.executable, "-m", "outguard", "serve", "--data-dir", str(folder / "var"), "--listen", "127.0.0.1:0"]
    process = subprocess.Popen(
        [*command, "--ready-file", str(ready), *more],
        cwd=folder,
        env={"PYTHONPATH": str(ROOT), "PATH": "/usr/bin:/bin"},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    with process:
        try:
            deadline = time.monotonic() + 60
            while not ready.exists() and process.poll() is None and time.monotonic() < deadline:
                time.sleep(0.05)
            assert ready.exists()
            yield process
        finally:
            process.kill()


def test_first_credentials_are_printed_once_and_the_end_is_graceful(tmp_path: Path) -> None:
    shown = []
    for _ in range(2):
        with served(tmp_path) as process:
            address = json.loads((tmp_path / "ready.json").read_text("utf-8"))["address"]
            process.send_signal(signal.SIGTERM)
            out, _ = process.communicate(timeout=30)
            assert process.returncode == 0
            assert address in out
            shown.append(out)
    assert shown[0].count("og_tok-") == 6
    assert "og_tok-" not in shown[1]


def test_an_address_that_cannot_be_bound_is_one_clear_line(
    tmp_path: Path, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    status = app(["serve", "--listen", "0.0.0.0:9", "--data-dir", str(tmp_path / "var")])
    error = capfdbinary.readouterr().err.decode()
    assert status == 2
    assert "TLS" in error


def test_a_server_without_rules_is_our_error(tmp_path: Path) -> None:
    with pytest.raises(OutguardError), local_server(people, rules=tmp_path):
        pass


@pytest.fixture(scope="module")
def server() -> Iterator[LocalServer]:
    with local_server(people) as running:
        yield running


def held_reply(server: LocalServer) -> tuple[str, str]:
    with Client(server.address, server.tokens["support-agent"], timeout_s=30) as agent:
        decision = agent.evaluate_reply(
            conversation_id="c-1",
            recipient=Recipient(customer_id="c-1"),
            text="I've refunded $900.00 to your card.",
            profile="brightloom",
        )
    assert decision.is_held
    assert decision.error is None
    return decision.reply_id, decision.item_id


def test_a_reviewer_works_from_the_terminal(
    server: LocalServer, capfdbinary: pytest.CaptureFixture[bytes], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("OUTGUARD_TARGET", server.address)
    monkeypatch.setenv("OUTGUARD_TOKEN", server.tokens["vera"])
    reply_id, item_id = held_reply(server)

    assert app(["review", "list", "--json"]) == 0
    items = json.loads(capfdbinary.readouterr().out)
    assert [item["subject_id"] for item in items if item["item_id"] == item_id] == [reply_id]
    assert app(["review", "list", "--kind", "reply"]) == 0
    assert item_id in capfdbinary.readouterr().out.decode()

    assert app(["review", "show", item_id]) == 0
    assert "$900.00" in json.loads(capfdbinary.readouterr().out)["original"]["text"]

    assert app(["review", "claim", item_id]) == 0
    claim = capfdbinary.readouterr().out.decode().strip()
    assert app(["review", "abandon", item_id, "--claim", claim]) == 0
    assert app(["review", "release", item_id, "--reason", "x", "--claim", claim]) == 2
    assert capfdbinary.readouterr().err.count(b"\n") == 1

    words = tmp_path / "new.txt"
    words.write_text("We are looking into your refund.", "utf-8")
    assert app(["review", "edit", item_id, "--reason", "not yet true", "--text-file", str(words)]) == 0
    with Client(server.address, server.tokens["support-agent"]) as agent:
        assert agent.get_reply(reply_id).text_to_send() == "We are looking into your refund."


def test_a_reviewer_rejects_with_a_defect(
    server: LocalServer, capfdbinary: pytest.CaptureFixture[bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OUTGUARD_TARGET", server.address)
    monkeypatch.setenv("OUTGUARD_TOKEN", server.tokens["vera"])
    _, item_id = held_reply(server)
    assert app(["review", "reject", item_id, "--reason", "x"]) == 2
    assert app(["review", "reject", item_id, "--reason", "x", "--defect", "hallucination"]) == 0
    assert b"CLOSED" in capfdbinary.readouterr().out


def test_a_pseudonym_is_turned_back_from_the_terminal_by_who_may(
    server: LocalServer, capfdbinary: pytest.CaptureFixture[bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    """R24: what nobody issued resolves to nothing, and a reviewer who is not senior may not even ask."""
    monkeypatch.setenv("OUTGUARD_TARGET", server.address)
    for person, said in (("sol", b"no pseudonym of the conversation"), ("vera", b"may not")):
        monkeypatch.setenv("OUTGUARD_TOKEN", server.tokens[person])
        assert app(["review", "resolve", "c-1", "PERSON_7Q2F7777777777777777"]) == 2
        captured = capfdbinary.readouterr()
        assert said in captured.err
        assert captured.out == b""


def test_automation_is_paused_from_the_terminal(
    server: LocalServer, capfdbinary: pytest.CaptureFixture[bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    """R15."""
    monkeypatch.setenv("OUTGUARD_TARGET", server.address)
    monkeypatch.setenv("OUTGUARD_TOKEN", server.tokens["sol"])

    def printed(*arguments: str) -> bytes:
        assert app(arguments) == 0
        return capfdbinary.readouterr().out

    assert b"nothing is paused" in printed("pauses")
    assert b"agent bot-9" in printed("pause", "--agent", "bot-9", "--reason", "it loops")
    listed = json.loads(printed("pauses", "--json"))
    assert [(one["scope"], one["value"], one["reason"]) for one in listed["pauses"]] == [("agent", "bot-9", "it loops")]
    assert listed["owner"]
    assert listed["escalation"]
    assert b"nothing is paused" in printed("resume", "--agent", "bot-9", "--reason", "mended")
    for wrong in ([], ["--all", "--agent", "x"], ["--agent", "x", "--topic", "y"]):
        assert app(["pause", "--reason", "x", *wrong]) == 2
    monkeypatch.setenv("OUTGUARD_TOKEN", "")
    assert app(["pauses"]) == 2
    assert b"OUTGUARD_TOKEN" in capfdbinary.readouterr().err


def test_without_a_token_nothing_is_tried(capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    assert app(["review", "list"]) == 2
    assert b"OUTGUARD_TOKEN" in capfdbinary.readouterr().err


def test_an_agent_is_no_reviewer(server: LocalServer, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    arguments = ["--target", server.address, "--token", server.tokens["support-agent"]]
    assert app(["review", "list", *arguments]) == 2
    assert capfdbinary.readouterr().err


def test_replay_against_a_running_server(
    server: LocalServer, tmp_path: Path, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    events = [
        {"reply": "Hello, how can I help?", "last_user": ""},
        {
            "action": "get_order_details",
            "arguments": {"order_id": "#W1"},
            "kind": "read",
            "wanted": True,
            "exact": True,
        },
    ]
    file = tmp_path / "d.jsonl"
    line = json.dumps({"id": "d1", "domain": "retail", "reward": 1.0, "events": events})
    file.write_text(f"{line}\nnope\n", "utf-8")
    out = tmp_path / "rows.jsonl"
    target = ["--target", server.address, "--token", server.tokens["support-agent"]]
    assert app(["replay", str(file), *target, "--out", str(out)]) == 1
    summary = json.loads(capfdbinary.readouterr().out)
    assert summary["replies"]["by_verdict"] == {"ALLOW": 1}
    assert summary["actions"]["by_decision"] == {"DENY": 1}
    assert list(summary["errors"]) == ["line 2: not valid JSON at column 1"]
    assert len(out.read_text("utf-8").splitlines()) == 2


def test_the_demo_comes_out_as_scripted(capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    status = app(["demo"])
    captured = capfdbinary.readouterr()
    assert captured.err == b""
    assert status == 0
    assert b"Everything came out as scripted" in captured.out
    assert all(len(line) <= 120 for line in captured.out.decode().splitlines())
