"""Plays the demo's day through the real client and holds each answer against the script."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any
from uuid import uuid4

from outguard.cli.demo_script import Conversation, Day, Event
from outguard.cli.ruling import claim_and_rule, find_item
from outguard.client.agent import Client
from outguard.client.decision import ActionDecision, ReplyDecision
from outguard.client.review import ReviewClient
from outguard.client.values import Customer, Money, Recipient
from outguard.errors import CallFailedError, OutguardError

WAIT_S = 5.0
_QUIET = frozenset({"KEEP", "RECORD"})


@dataclass(frozen=True, kw_only=True, slots=True)
class Row:
    """One line of the demo's table; `problem` says what was not as scripted."""

    conversation: str
    who: str
    what: str
    answer: str
    detail: str = ""
    rule: str = ""
    ms: float = 0.0
    problem: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class _Asked:
    """A call that was made, so that it can be made again."""

    call: Callable[..., Any]
    arguments: Mapping[str, Any]
    answer_id: str


class Player:
    """Plays events in order. `reviewers` are clients by name."""

    def __init__(self, day: Day, agent: Client, reviewers: Mapping[str, ReviewClient]) -> None:
        self._day = day
        self._agent = agent
        self._reviewers = reviewers
        self._asked: dict[str, _Asked] = {}

    def play(self) -> Iterator[Row]:
        """Every row of the day, as it happens."""
        steps = {"reply": self._reply, "action": self._action, "repeat": self._repeat, "review": self._review}
        for talk in self._day.conversations:
            for event in talk.events:
                try:
                    yield from steps[event.kind](talk, event)
                except OutguardError as error:
                    problem = error.message or type(error).__name__
                    yield Row(conversation=talk.id, who="", what=event.what, answer="", problem=problem)

    def _reply(self, talk: Conversation, event: Event) -> Iterator[Row]:
        person = talk.customer
        arguments = {
            "conversation_id": talk.id,
            "channel": talk.channel,
            "recipient": Recipient(customer_id=person["id"], display_name=person["name"], address=person["email"]),
            "customer": Customer(
                id=person["id"],
                name=person["name"],
                emails=(person["email"],),
                phones=(person["phone"],),
                known_values=tuple(person["known_values"]),
            ),
            "profile": self._day.profile,
            "agent_build": self._day.agent_build,
            "request_id": str(uuid4()),
            **event.body,
        }
        decision, ms = _timed(lambda: self._agent.evaluate_reply(**arguments))
        self._remember(event, _Asked(call=self._agent.evaluate_reply, arguments=arguments, answer_id=decision.reply_id))
        row = Row(
            conversation=talk.id,
            who="agent",
            what=event.what,
            answer=decision.verdict.value,
            detail=_findings(decision),
            rule=_rule(decision),
            ms=ms,
            problem=reply_problem(event, decision),
        )
        yield row

    def _action(self, talk: Conversation, event: Event) -> Iterator[Row]:
        body = dict(event.body)
        amount, currency = body.pop("amount", None), body.pop("currency", "")
        arguments = {
            "conversation_id": talk.id,
            "customer_id": talk.customer["id"],
            "amount": Money(amount=amount, currency=currency) if amount else None,
            "agent_build": self._day.agent_build,
            "request_id": str(uuid4()),
            **body,
        }
        decision, ms = _timed(lambda: self._agent.evaluate_action(**arguments))
        self._remember(
            event, _Asked(call=self._agent.evaluate_action, arguments=arguments, answer_id=decision.action_id)
        )
        yield _action_row(talk, event.what, decision, ms, action_problem(event, decision))
        if decision.may_execute:
            self._agent.report_outcome(decision.action_id, event.outcome)
        elif decision.needs_approval and (event.approve or event.deny):
            yield from self._people(talk, event, decision, arguments)

    def _people(
        self, talk: Conversation, event: Event, held: ActionDecision, arguments: Mapping[str, Any]
    ) -> Iterator[Row]:
        first = (event.approve or event.deny)[0]
        item_id = find_item(self._reviewers[first], held.action_id, "approval").item_id
        if event.refused_first:
            yield self._refused(talk, event.refused_first, item_id)
        for name in event.approve or event.deny:
            kind = "approve" if event.approve else "deny"
            yield self._signed(talk, name, item_id, kind)
            if name == event.refused_again:
                yield self._refused(talk, name, item_id)
        approval = self._agent.wait_approval(held.approval_id, timeout_s=WAIT_S)
        if event.deny:
            problem = "" if approval.state == "REJECTED" else f"the approval is {approval.state}, not REJECTED"
            yield Row(
                conversation=talk.id, who="agent", what="learns that it may not", answer=approval.state, problem=problem
            )
            return
        again = {**arguments, "approval_id": held.approval_id, "request_id": str(uuid4())}
        decision, ms = _timed(lambda: self._agent.evaluate_action(**again))
        problem = "" if decision.may_execute else "approved, but the action may not run"
        yield _action_row(talk, "asks again with the approval, and acts", decision, ms, problem)
        if decision.may_execute:
            self._agent.report_outcome(decision.action_id, event.outcome)

    def _signed(self, talk: Conversation, name: str, item_id: str, kind: str) -> Row:
        item, ms = _timed(lambda: claim_and_rule(self._reviewers[name], item_id, kind, reason="as the demo scripts it"))
        what = f"{kind.replace('y', 'ie') if kind == 'deny' else kind}s the action"
        return Row(conversation=talk.id, who=name, what=what, answer=item.state, detail="claim, ruling", ms=ms)

    def _refused(self, talk: Conversation, name: str, item_id: str) -> Row:
        try:
            _, ms = _timed(lambda: claim_and_rule(self._reviewers[name], item_id, "approve", reason="must be refused"))
        except CallFailedError as error:
            return Row(conversation=talk.id, who=name, what="may not sign this one", answer="refused", rule=error.cause)
        return Row(
            conversation=talk.id,
            who=name,
            what="signs",
            answer="signed",
            ms=ms,
            problem="this signature had to be refused",
        )

    def _repeat(self, talk: Conversation, event: Event) -> Iterator[Row]:
        asked = self._asked[event.body]
        changed = dict(event.changed)
        if "amount" in changed:
            changed["amount"] = replace(asked.arguments["amount"], amount=changed["amount"])
        decision, ms = _timed(lambda: asked.call(**{**asked.arguments, **changed}))
        if isinstance(decision, ActionDecision):
            problem = action_problem(event, decision)
            same = decision.action_id == asked.answer_id
            row = _action_row(talk, event.what, decision, ms, problem)
        else:
            problem = reply_problem(event, decision)
            same = decision.reply_id == asked.answer_id
            row = Row(
                conversation=talk.id,
                who="agent",
                what=event.what,
                answer=decision.verdict.value,
                ms=ms,
                problem=problem,
            )
        if not changed and not same:
            row = replace(row, problem="the same request id made a second record")
        yield row

    def _review(self, talk: Conversation, event: Event) -> Iterator[Row]:
        plan = event.body
        reviewer = self._reviewers[plan["by"]]
        reply_id = self._asked[plan["of"]].answer_id
        item = find_item(reviewer, reply_id, "reply")
        view = reviewer.get_item(item.item_id)
        ruled, ms = _timed(
            lambda: claim_and_rule(
                reviewer, item.item_id, plan["ruling"], reason=plan["reason"], defect=plan.get("defect")
            )
        )
        problem = "" if view.original is not None else "the reviewer was not shown the literal words"
        yield Row(
            conversation=talk.id,
            who=plan["by"],
            what=event.what,
            answer=plan["ruling"],
            detail=f"item {ruled.state}",
            rule=item.rule_id,
            ms=ms,
            problem=problem,
        )
        decision, ms = _timed(lambda: self._agent.wait_reply(reply_id, timeout_s=WAIT_S))
        wanted = event.expect["state"]
        fits = decision.state.value == wanted and (decision.sendable is not None) == (wanted == "RELEASED")
        yield Row(
            conversation=talk.id,
            who="agent",
            what="picks up the released words" if decision.sendable else "learns that the words stay here",
            answer=decision.state.value,
            ms=ms,
            problem="" if fits else f"expected {wanted}, got {decision.state.value}",
        )

    def _remember(self, event: Event, asked: _Asked) -> None:
        if event.name:
            self._asked[event.name] = asked


def reply_problem(event: Event, decision: ReplyDecision) -> str:
    """What is not as the script wants it; empty if all is."""
    expect = event.expect
    kinds = {f"{finding.category.lower()}/{finding.type}" for finding in decision.findings}
    sent = decision.sendable
    words = "" if sent is None else json.dumps([sent.text, sent.payload], ensure_ascii=False)
    failed = "" if decision.error is None else decision.error.cause or decision.error.code
    checks = (
        (failed, f"the call failed: {failed}"),
        (decision.verdict.value != expect["verdict"], f"expected {expect['verdict']}"),
        ((sent is None) != (expect["verdict"] == "QUARANTINE"), "verdict and what may be sent do not fit"),
        (sent is None and not decision.holding_message, "there is no holding message"),
        ("finding" in expect and expect["finding"] not in kinds, f"expected a finding {expect.get('finding')}"),
        ("gone" in expect and expect["gone"] in words, "what had to be cut is still there"),
    )
    return next((problem for is_wrong, problem in checks if is_wrong), "")


def action_problem(event: Event, decision: ActionDecision) -> str:
    """What is not as the script wants it; empty if all is."""
    expect = event.expect
    cause = "" if decision.error is None else decision.error.cause or decision.error.code
    if cause != expect.get("error", ""):
        return f"the call failed: {cause}" if cause else f"expected the error {expect['error']}"
    if decision.decision.value != expect["decision"]:
        return f"expected {expect['decision']}"
    if expect.get("tier", decision.tier) != decision.tier:
        return f"expected {expect['tier']}"
    return ""


def _action_row(talk: Conversation, what: str, decision: ActionDecision, ms: float, problem: str) -> Row:
    return Row(
        conversation=talk.id,
        who="agent",
        what=what,
        answer=decision.decision.value,
        detail=decision.tier if decision.error is None else "",
        rule=decision.rule_id if decision.error is None else decision.error.cause,
        ms=ms,
        problem=problem,
    )


def _findings(decision: ReplyDecision) -> str:
    acted = [finding.type for finding in decision.findings if finding.action not in _QUIET]
    return ", ".join(dict.fromkeys(acted or [finding.type for finding in decision.findings]))


def _rule(decision: ReplyDecision) -> str:
    acted = [finding for finding in decision.findings if finding.action not in _QUIET]
    acted.sort(key=lambda finding: finding.action != "QUARANTINE")
    return acted[0].rule if acted else ""


def _timed(call: Callable[[], Any]) -> tuple[Any, float]:
    started = time.perf_counter()
    answer = call()
    return answer, (time.perf_counter() - started) * 1000
