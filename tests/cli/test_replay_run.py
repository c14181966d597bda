"""Replaying: order, who rules what, what is reported, and that a failed call is a row and not a stop."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import pytest

from outguard.cli.dialogue import ActionEvent, Dialogue, ReplyEvent
from outguard.cli.replay_run import Replayer, call_arguments, deciding_rule, finding_row
from outguard.cli.replay_summary import ReplaySummary
from outguard.client.agent import Approval
from outguard.client.decision import ActionDecision, GateDecision, ReplyDecision, ReplyState, Sendable, Verdict
from outguard.client.values import Finding
from outguard.errors import CallFailedError
from outguard.policy.topics import load_topic_map

NOW = datetime(2026, 1, 1, tzinfo=UTC)
TOOLS = load_topic_map(
    """
version: 1
domains:
  shop:
    tools:
      look: {kind: read, topic: shop.read}
      refund: {kind: write, topic: shop.refund, amount: {path: amount, currency: USD}}
"""
)


@dataclass
class FakeAgent:
    """Allows reads, holds refunds until approved, allows every reply; `broken` makes calls fail."""

    approved: bool = False
    broken: bool = False
    said: list[dict[str, Any]] = field(default_factory=list)
    asked: list[dict[str, Any]] = field(default_factory=list)
    reported: list[tuple[str, str]] = field(default_factory=list)

    def evaluate_action(self, **arguments: Any) -> ActionDecision:
        self.asked.append(arguments)
        if self.broken:
            return ActionDecision.denied(CallFailedError("x", code="UNAVAILABLE", cause=""), holding_message="")
        held = arguments["topic"] == "shop.refund" and not arguments.get("approval_id")
        return ActionDecision(
            decision=GateDecision.REQUIRE_APPROVAL if held else GateDecision.ALLOW,
            state="PENDING" if held else "APPROVED",
            reason="",
            action_id=f"act-{len(self.asked)}",
            tier="T4" if held else "T1",
            rule_id="rule",
            approval_id="apr-1" if held else "",
        )

    def report_outcome(self, action_id: str, outcome: str) -> None:
        self.reported.append((action_id, outcome))

    def get_approval(self, approval_id: str) -> Approval:
        return Approval(
            approval_id=approval_id,
            action_id="act-1",
            state="APPROVED" if self.approved else "REJECTED",
            tier="T4",
            required_approvals=2,
            expires_at=NOW,
            rulings=(),
        )

    def evaluate_reply(self, **arguments: Any) -> ReplyDecision:
        self.said.append(arguments)
        sendable = Sendable(reply_id="r", text="x", subject=None, payload=None, attachments=())
        return ReplyDecision(
            verdict=Verdict.ALLOW, state=ReplyState.SENDABLE, sendable=sendable, holding_message="", reply_id="r"
        )


@dataclass
class FakeItem:
    subject_id: str
    item_id: str = "itm-1"
    required_rulings: int = 2
    token: int = 1


@dataclass
class FakeReviewer:
    """A reviewer whose queue holds one approval."""

    agent: FakeAgent
    ruled: list[str] = field(default_factory=list)

    def list_items(self, **_: Any) -> list[FakeItem]:
        return [FakeItem(subject_id=f"act-{len(self.agent.asked)}")]

    def claim_item(self, item_id: str) -> FakeItem:
        return FakeItem(subject_id=item_id)

    def rule_item(self, item_id: str, token: int, kind: str, **_: Any) -> FakeItem:
        self.ruled.append(kind)
        self.agent.approved = kind == "approve"
        return FakeItem(subject_id=item_id, token=token)


def refund(*, exact: bool | None) -> ActionEvent:
    return ActionEvent(name="refund", arguments={"amount": 5}, kind="write", wanted=True, exact=exact)


def play(
    *events: ActionEvent | ReplyEvent, approve: str = "none", agent: FakeAgent | None = None
) -> tuple[list[dict[str, Any]], FakeAgent, list[FakeReviewer], ReplaySummary]:
    agent = agent or FakeAgent()
    reviewers = [FakeReviewer(agent), FakeReviewer(agent)]
    summary = ReplaySummary()
    replayer = Replayer(agent, reviewers, TOOLS, approve=approve)  # type: ignore[arg-type]
    dialogue = Dialogue(id="d", domain="shop", reward=0.5, events=events)
    return list(replayer.replay(dialogue, "conv", summary)), agent, reviewers, summary


LOOK = ActionEvent(name="look", arguments={"user_id": "u1"}, kind="read", wanted=None, exact=None)


def test_rows_have_exactly_the_promised_keys() -> None:
    rows, *_ = play(LOOK, ReplyEvent(text="hi", last_user="hello"))
    common = {"dialogue", "index", "event", "name", "kind", "wanted", "exact", "reward", "tier", "rule", "findings"}
    assert rows[0].keys() == common | {"decision", "executed", "elapsed_ms"}
    assert rows[1].keys() == common | {"verdict", "elapsed_ms"}
    assert [(row["index"], row["event"], row["reward"]) for row in rows] == [(0, "action", 0.5), (1, "reply", 0.5)]


def test_an_allowed_action_is_reported_as_executed() -> None:
    _, agent, *_ = play(LOOK)
    assert agent.reported == [("act-1", "EXECUTED")]


def test_a_held_action_is_not_reported() -> None:
    rows, agent, reviewers, summary = play(refund(exact=True))
    assert (rows[0]["decision"], rows[0]["executed"], agent.reported) == ("REQUIRE_APPROVAL", False, [])
    assert all(not reviewer.ruled for reviewer in reviewers)
    assert summary.summary()["actions"]["approvals"] == {"WAITING": 1}


def test_two_people_sign_what_needs_two() -> None:
    rows, agent, reviewers, _ = play(refund(exact=False), approve="all")
    assert [reviewer.ruled for reviewer in reviewers] == [["approve"], ["approve"]]
    assert agent.asked[1]["approval_id"] == "apr-1"
    assert (rows[0]["decision"], rows[0]["executed"]) == ("REQUIRE_APPROVAL", True)


@pytest.mark.parametrize(("exact", "rulings"), [(True, ["approve"]), (False, ["deny"]), (None, ["deny"])])
def test_wanted_approves_the_exact_ones_only(exact: bool | None, rulings: list[str]) -> None:  # noqa: FBT001 - a case
    _, agent, reviewers, _ = play(refund(exact=exact), approve="wanted")
    assert reviewers[0].ruled == rulings
    assert bool(agent.reported) is bool(exact)


def test_a_failed_call_is_a_row_and_the_rest_goes_on() -> None:
    rows, agent, *_ = play(LOOK, ReplyEvent(text="hi", last_user=""), agent=FakeAgent(broken=True))
    assert rows[0]["error"] == "UNAVAILABLE"
    assert rows[1]["verdict"] == "ALLOW"
    assert agent.reported == []


def test_what_was_looked_up_is_the_customers_own() -> None:
    _, agent, *_ = play(ReplyEvent(text="a", last_user=""), LOOK, ReplyEvent(text="b", last_user="q"))
    assert agent.said[0]["customer"].known_values == ()
    assert agent.said[1]["customer"].known_values == ("u1",)
    assert (agent.said[1]["profile"], agent.said[1]["last_user"]) == ("shop", "q")


def test_amounts_travel_as_decimals() -> None:
    action = TOOLS.action_for("shop", "refund", {"amount": 5}, "c")
    money = call_arguments(action)["amount"]
    assert (str(money.amount), money.currency) == ("5", "USD")


def test_findings_are_told_as_check_tells_them() -> None:
    finding = Finding(
        category="INTERNAL",
        type="REASONING",
        status="UNSPECIFIED",
        start=-1,
        end=-1,
        score=1.0,
        rule="r",
        field="payload.a[0]",
        action="REMOVE",
        reason="for reviewers",
    )
    row = finding_row(finding)
    assert row == {
        "category": "internal",
        "type": "REASONING",
        "status": None,
        "start": None,
        "end": None,
        "score": 1.0,
        "rule": "r",
        "field": "a.0",
        "action": "remove",
    }
    decision = ReplyDecision(
        verdict=Verdict.REDACT, state=ReplyState.HELD, sendable=None, holding_message="", findings=(finding,)
    )
    assert deciding_rule(decision) == "r"
