"""A small policy as files, for tests that change one thing of it; and the shipped one."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from outguard.domain.action import Action
from outguard.domain.money import Money
from outguard.domain.policy import Policy
from outguard.domain.principal import Principal, Role
from outguard.policy.compile import compile_policy

RULES = Path(__file__).resolve().parent.parent / "rules"

HEAD = """\
version: "1"
owner: {name: Owner, escalation: [Next]}
default_profile: default
exchange_rates_usd: {EUR: 2}
tiers:
  T1: {decision: ALLOW, holding_message: one, approval_timeout_s: 10}
  T2: {decision: ALLOW, holding_message: two, approval_timeout_s: 20, opens_ticket: true, rollback_window_s: 60}
  T3: {decision: REQUIRE_APPROVAL, required_approvals: 1, holding_message: three, approval_timeout_s: 30}
  T4:
    {decision: REQUIRE_APPROVAL, required_approvals: 2, senior_only: true,
     holding_message: four, approval_timeout_s: 40}
"""
REPLY = """\
reply:
  min_score: 0.5
  holding_message: wait
  review_target_s: 60
  default_queue: replies
  rules: [{category: pii, status: own, action: keep}]
"""
REVIEW = """\
review:
  default_queue: ops
  routing: [{queue: money, topics: [pay.*], risk_tags: [financial]}]
"""
PROFILE = "name: default\ncompany: Test\ncommitments: {refund: {requires_action: pay.refund}}\n"


def policy_files(rules: str = "rules: []\n", *, reply: str = REPLY, review: str = REVIEW) -> dict[str, str]:
    """The files of a small policy with these rules."""
    return {"policy.yaml": HEAD + rules + reply + review, "authority/default.yaml": PROFILE}


def small_policy(rules: str = "rules: []\n", *, reply: str = REPLY, review: str = REVIEW) -> Policy:
    """The same, compiled."""
    return compile_policy(policy_files(rules, reply=reply, review=review))


@cache
def shipped_files() -> dict[str, str]:
    """The shipped rules by path."""
    return {path.relative_to(RULES).as_posix(): path.read_text("utf-8") for path in sorted(RULES.rglob("*.yaml"))}


@cache
def shipped_policy() -> Policy:
    """The shipped policy, compiled."""
    return compile_policy(shipped_files())


def an_action(topic: str, amount: str | None = None, currency: str = "USD", **values: object) -> Action:
    """An action on `topic`."""
    money = None if amount is None else Money.parse(amount, currency)
    return Action(conversation_id="conv-1", topic=topic, amount=money, **values)  # type: ignore[arg-type]


def an_agent(*topics: str) -> Principal:
    """An agent whose credential covers `topics` (everything if none are given)."""
    return Principal(id="agent-1", role=Role.AGENT, tenant="default", topics=topics or ("*",))
