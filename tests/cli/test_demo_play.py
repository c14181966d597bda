"""The demo notices whatever is not as scripted."""

from __future__ import annotations

from typing import Any

import pytest
from rich.console import Console

from outguard.cli.demo import change_digit, table
from outguard.cli.demo_play import Row, action_problem, reply_problem
from outguard.cli.demo_script import Event
from outguard.client.decision import ActionDecision, GateDecision, ReplyDecision, ReplyState, Sendable, Verdict
from outguard.client.values import Finding
from outguard.errors import CallFailedError

FINDING = Finding(
    category="PII",
    type="EMAIL_ADDRESS",
    status="OTHER",
    start=0,
    end=3,
    score=1.0,
    rule="r",
    field=None,
    action="REPLACE",
    reason="",
)


def event(**expect: str) -> Event:
    return Event(kind="reply", what="x", body={}, expect=expect)


def judged(verdict: Verdict, text: str | None = None, **more: Any) -> ReplyDecision:
    sendable = None if text is None else Sendable(reply_id="r", text=text, subject=None, payload=None, attachments=())
    state = ReplyState.HELD if text is None else ReplyState.SENDABLE
    return ReplyDecision(
        verdict=verdict, state=state, sendable=sendable, holding_message="", findings=(FINDING,), reply_id="r", **more
    )


def decided(decision: GateDecision, **more: Any) -> ActionDecision:
    return ActionDecision(decision=decision, state="APPROVED", reason="", **{"tier": "T2", **more})


FAILED = CallFailedError("no", code="UNAVAILABLE", cause="")


@pytest.mark.parametrize(
    ("expect", "decision", "problem"),
    [
        ({"verdict": "ALLOW"}, judged(Verdict.ALLOW, "hi"), ""),
        ({"verdict": "REDACT", "gone": "secret"}, judged(Verdict.REDACT, "hi"), ""),
        ({"verdict": "REDACT", "gone": "secret"}, judged(Verdict.REDACT, "a secret"), "still there"),
        ({"verdict": "REDACT", "finding": "pii/EMAIL_ADDRESS"}, judged(Verdict.REDACT, "hi"), ""),
        ({"verdict": "REDACT", "finding": "pii/CVV"}, judged(Verdict.REDACT, "hi"), "expected a finding pii/CVV"),
        ({"verdict": "ALLOW"}, judged(Verdict.REDACT, "hi"), "expected ALLOW"),
        ({"verdict": "QUARANTINE"}, judged(Verdict.QUARANTINE, "hi"), "do not fit"),
        ({"verdict": "QUARANTINE"}, judged(Verdict.QUARANTINE), "no holding message"),
        ({"verdict": "QUARANTINE"}, ReplyDecision.held(FAILED, holding_message="wait"), "the call failed: UNAVAILABLE"),
    ],
)
def test_a_reply_is_held_against_its_script(expect: dict[str, str], decision: ReplyDecision, problem: str) -> None:
    found = reply_problem(event(**expect), decision)
    assert problem in found
    assert bool(found) is bool(problem)


@pytest.mark.parametrize(
    ("expect", "decision", "problem"),
    [
        ({"decision": "ALLOW", "tier": "T2"}, decided(GateDecision.ALLOW), ""),
        ({"decision": "ALLOW"}, decided(GateDecision.ALLOW), ""),
        ({"decision": "DENY"}, decided(GateDecision.ALLOW), "expected DENY"),
        ({"decision": "ALLOW", "tier": "T3"}, decided(GateDecision.ALLOW), "expected T3"),
        ({"decision": "DENY", "error": "X"}, decided(GateDecision.DENY), "expected the error X"),
        ({"decision": "DENY"}, ActionDecision.denied(FAILED, holding_message=""), "the call failed: UNAVAILABLE"),
        (
            {"decision": "DENY", "error": "UNAVAILABLE"},
            ActionDecision.denied(FAILED, holding_message=""),
            "",
        ),
    ],
)
def test_an_action_is_held_against_its_script(expect: dict[str, str], decision: ActionDecision, problem: str) -> None:
    assert action_problem(event(**expect), decision) == problem


def test_a_changed_digit_changes_the_data_alone() -> None:
    line = '{"index":0,"data":"{\\"at\\":\\"2026\\"}","leaf_hash":"x"}\n'
    assert '\\"3026' in change_digit(line)
    assert change_digit(line).replace("3026", "2026").replace(" ", "") == line.replace(" ", "")


def test_the_table_shows_markup_as_it_is_written() -> None:
    console = Console(width=100, force_terminal=False)
    with console.capture() as caught:
        console.print(
            table([Row(conversation="[red]c", who="agent", what="[bold]x[/]", answer="ALLOW", problem="[/]no")])
        )
    shown = caught.get()
    assert "[bold]x[/]" in shown
    assert "!! [/]no" in shown
