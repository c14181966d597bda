"""One recorded conversation after the other through the real client, each event as it was, in order."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, replace
from typing import Any

from outguard.cli.dialogue import ActionEvent, Dialogue, Known, ReplyEvent, customer_of
from outguard.cli.judging import label_path
from outguard.cli.replay_summary import ReplaySummary
from outguard.cli.ruling import claim_and_rule, find_item
from outguard.client.agent import Client
from outguard.client.decision import ActionDecision, ReplyDecision
from outguard.client.review import ReviewClient
from outguard.client.values import Customer, Finding, Money, Recipient
from outguard.domain.action import Action
from outguard.errors import OutguardError
from outguard.policy.topics import TopicMap

CHANNEL = "chat"
CALL_LIMIT_S = 30.0


class Replayer:
    """Replays dialogues as `agent`; `reviewers` rule on what is held, as `approve` says."""

    def __init__(self, agent: Client, reviewers: Sequence[ReviewClient], tools: TopicMap, *, approve: str) -> None:
        self._agent = agent
        self._reviewers = reviewers
        self._tools = tools
        self._approve = approve

    def replay(self, dialogue: Dialogue, conversation_id: str, summary: ReplaySummary) -> Iterator[dict[str, Any]]:
        """One row per event, as `--out` writes them; a failed event is a row with `error`."""
        known = Known()
        customer_id = customer_of(dialogue) or conversation_id
        words = last_words(dialogue)
        for index, event in enumerate(dialogue.events):
            row: dict[str, Any] = {
                "dialogue": dialogue.id,
                "index": index,
                "event": "action",
                "name": None,
                "kind": None,
            }
            row |= {"wanted": None, "exact": None, "reward": dialogue.reward}
            try:
                if isinstance(event, ActionEvent):
                    row |= {"name": event.name, "kind": event.kind, "wanted": event.wanted, "exact": event.exact}
                    row |= self._act(dialogue, event, conversation_id, words[index], summary)
                    known = known.after(event)
                else:
                    row["event"] = "reply"
                    row |= self._say(dialogue, event, conversation_id, customer_id, known)
            except OutguardError as error:
                row["error"] = getattr(error, "cause", "") or getattr(error, "code", "") or error.reason
            yield row

    def _act(
        self, dialogue: Dialogue, event: ActionEvent, conversation_id: str, words: str, summary: ReplaySummary
    ) -> dict[str, Any]:
        action = self._tools.action_for(dialogue.domain, event.name, event.arguments, conversation_id)
        action = replace(action, customer_words=words or None)
        arguments = call_arguments(action)
        started = time.perf_counter()
        decision = self._agent.evaluate_action(**arguments, timeout_s=CALL_LIMIT_S)
        elapsed_ms = (time.perf_counter() - started) * 1000
        if decision.error is not None:
            raise decision.error
        final = decision
        if decision.needs_approval and self._approve != "none":
            started = time.perf_counter()
            final, state = self._rule(decision, arguments, is_granted=self._approve == "all" or bool(event.exact))
            summary.add_approval(state, (time.perf_counter() - started) * 1000)
        elif decision.needs_approval:
            summary.add_approval("WAITING", 0.0)
        if final.may_execute:
            self._agent.report_outcome(final.action_id, "EXECUTED")
        return {
            "decision": decision.decision.value,
            "tier": decision.tier,
            "rule": decision.rule_id,
            "executed": final.may_execute,
            "findings": [],
            "elapsed_ms": round(elapsed_ms, 3),
        }

    def _rule(
        self, held: ActionDecision, arguments: Mapping[str, Any], *, is_granted: bool
    ) -> tuple[ActionDecision, str]:
        """Let the reviewers rule, then ask again; the last decision and what became of the approval."""
        item = find_item(self._reviewers[0], held.action_id, "approval")
        kind = "approve" if is_granted else "deny"
        for reviewer in self._reviewers[: item.required_rulings if is_granted else 1]:
            claim_and_rule(reviewer, item.item_id, kind, reason="ruled by the replay")
        approval = self._agent.get_approval(held.approval_id)
        if not approval.is_approved:
            return held, approval.state
        decision = self._agent.evaluate_action(**arguments, approval_id=held.approval_id, timeout_s=CALL_LIMIT_S)
        if decision.error is not None:
            raise decision.error
        return decision, approval.state

    def _say(
        self, dialogue: Dialogue, event: ReplyEvent, conversation_id: str, customer_id: str, known: Known
    ) -> dict[str, Any]:
        started = time.perf_counter()
        decision = self._agent.evaluate_reply(
            conversation_id=conversation_id,
            recipient=Recipient(customer_id=customer_id, display_name=known.name),
            customer=Customer(
                id=customer_id,
                name=known.name,
                emails=known.emails,
                phones=known.phones,
                known_values=known.values,
            ),
            text=event.text,
            channel=CHANNEL,
            profile=dialogue.domain,
            last_user=event.last_user,
            timeout_s=CALL_LIMIT_S,
        )
        elapsed_ms = (time.perf_counter() - started) * 1000
        if decision.error is not None:
            raise decision.error
        return {
            "verdict": decision.verdict.value,
            "tier": None,
            "rule": deciding_rule(decision),
            "findings": [finding_row(finding) for finding in decision.findings],
            "elapsed_ms": round(elapsed_ms, 3),
        }


def last_words(dialogue: Dialogue) -> list[str]:
    """The customer's last words at each event: those that the agent's next reply answers."""
    words: list[str] = []
    latest = ""
    for event in reversed(dialogue.events):
        latest = event.last_user if isinstance(event, ReplyEvent) else latest
        words.append(latest)
    return words[::-1]


def call_arguments(action: Action) -> dict[str, Any]:
    """An action as arguments of the client."""
    return {
        "conversation_id": action.conversation_id,
        "topic": action.topic,
        "risk_tags": action.risk_tags,
        "arguments": action.arguments,
        "amount": None
        if action.amount is None
        else Money(amount=action.amount.amount, currency=action.amount.currency),
        "target": action.target,
        "customer_id": action.customer_id,
        "customer_words": action.customer_words,
    }


def finding_row(finding: Finding) -> dict[str, Any]:
    """A finding of the client as `check` prints it."""
    row = asdict(finding)
    del row["reason"]
    status = finding.status.lower()
    whole = finding.start < 0
    return row | {
        "category": finding.category.lower(),
        "status": None if status == "unspecified" else status,
        "start": None if whole else finding.start,
        "end": None if whole else finding.end,
        "field": label_path(finding.field),
        "action": finding.action.lower(),
    }


def deciding_rule(decision: ReplyDecision) -> str | None:
    """The rule of the finding that decided, None where nothing had to be done."""
    for action in ("QUARANTINE", "REMOVE", "REPLACE", "MASK"):
        for finding in decision.findings:
            if finding.action == action:
                return finding.rule
    return None
