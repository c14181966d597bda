"""Whatever the sequence of calls, the gate keeps its promises (R2, R7, R9, R15, R28): a stateful model.

No T3 runs without one approval, no T4 without two of different people, none of them its maker; no approval is used
twice, or for a changed action; no window exceeds its cap; nothing runs under a pause; reaching a person always works.
"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, TypeVar

from fakes import FakeClock, FakeIds, FakeLottery, FakeSealer, FakeSigner, MemoryStore
from flow_values import new_id
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule
from policy_files import small_policy

from outguard.domain.action import Action, ActionRecord, GateDecision, LedgerState, Tier
from outguard.domain.money import Money
from outguard.domain.pause import PauseScope
from outguard.domain.principal import Principal, Role
from outguard.domain.review import ApprovalState, RulingKind
from outguard.errors import OutguardError
from outguard.flows.check_action import evaluate_action
from outguard.flows.expire_approval import expire_due
from outguard.flows.limits import Limits
from outguard.flows.pause import pause_automation, resume_automation
from outguard.flows.report_outcome import cancel_action, report_outcome
from outguard.flows.review_item import claim_item
from outguard.flows.rule_item import rule_item
from outguard.flows.services import Services
from outguard.policy.source import PolicySource

T = TypeVar("T")
LIMIT, WINDOW_S = 100, 25
POLICY = f"""\
caps:
  - {{id: sum, topics: [pay.*], per: [agent], window_s: {WINDOW_S}, max_amount_usd: {LIMIT}, reason: enough}}
  - {{id: count, topics: [pay.small], per: [agent], window_s: {WINDOW_S}, max_count: 4, reason: too often}}
rules:
  - {{id: small, match: {{topics: [pay.small]}}, tier: T1, reason: r}}
  - {{id: out, match: {{topics: [pay.out]}}, tier: T3, reason: r}}
  - {{id: big, match: {{topics: [pay.big]}}, tier: T4, reason: r}}
  - {{id: no, match: {{topics: [pay.never]}}, decision: DENY, reason: r}}
"""
COMPILED = small_policy(POLICY)
NO_JUDGE: Any = None
"""No reply is judged here."""
AGENTS = tuple(Principal(id=f"agent-{at}", role=Role.AGENT, tenant="default", topics=("pay.*",)) for at in (1, 2))
SENIORS = tuple(Principal(id=f"sen-{at}", role=Role.SENIOR_REVIEWER, tenant="default") for at in (1, 2, 3))
PEOPLE = (*SENIORS, Principal(id="rev-1", role=Role.REVIEWER, tenant="default"))
KINDS = (*[RulingKind.APPROVE] * 3, RulingKind.DENY)
RUNS = {GateDecision.ALLOW, GateDecision.ALLOW_WITH_CONSTRAINTS}


@dataclass
class Held:
    """An approval as the model knows it."""

    approval_id: str
    action: Action
    agent: Principal
    record: ActionRecord
    used: int = 0


@dataclass
class Grant:
    """Leave that was given, and when."""

    agent_id: str
    topic: str
    amount: Decimal
    at: datetime


@dataclass
class Seen:
    """What the model has seen happen."""

    held: list[Held] = field(default_factory=list)
    grants: list[Grant] = field(default_factory=list)
    allowed: list[ActionRecord] = field(default_factory=list)
    paused: bool = False


class GateModel(RuleBasedStateMachine):
    """Agents ask, people sign, time passes, somebody pauses."""

    def __init__(self) -> None:
        super().__init__()
        self.loop = asyncio.new_event_loop()
        self.clock = FakeClock()
        self.store = MemoryStore()
        self.services = Services(
            store=self.store,
            sealer=FakeSealer(),
            signer=FakeSigner(),
            clock=self.clock,
            ids=FakeIds(),
            judge=NO_JUDGE,
            policies=PolicySource(COMPILED),
            lottery=FakeLottery(),
            limits=Limits(),
        )
        self.seen = Seen()

    def teardown(self) -> None:
        self.loop.close()

    def run(self, call: Coroutine[Any, Any, T]) -> T | None:
        """The answer, or None where the call was refused."""
        try:
            return self.loop.run_until_complete(call)
        except OutguardError:
            return None

    @rule(
        agent=st.sampled_from(AGENTS),
        topic=st.sampled_from(["pay.small", "pay.out", "pay.out", "pay.big", "pay.big", "pay.never", "pay.unknown"]),
        amount=st.sampled_from([1, 30, 60, 101]),
    )
    def ask(self, agent: Principal, topic: str, amount: int) -> None:
        action = Action(
            conversation_id="conv-1", topic=topic, amount=Money(amount=Decimal(amount), currency="USD"), target="o-1"
        )
        record = self.run(evaluate_action(self.services, agent, request_id=new_id(), action=action))
        assert record is not None
        if record.decision in RUNS:
            assert record.tier is Tier.T1, "only routine actions run without people"
            self._granted(agent, action, record)
        elif record.approval_id is not None:
            self.seen.held.append(Held(record.approval_id, action, agent, record))

    @rule(
        agent=st.sampled_from(AGENTS),
        topic=st.sampled_from(["pay.out", "pay.big"]),
        amount=st.sampled_from([1, 60, 101]),
        people=st.sampled_from([1, 2]),
        change=st.sampled_from(["", "", "amount"]),
    )
    def go_the_whole_way(self, agent: Principal, topic: str, amount: int, people: int, change: str) -> None:
        """Ask, sign, use: so that the deep states are not left to chance."""
        known = len(self.seen.held)
        self.ask(agent, topic, amount)
        if len(self.seen.held) > known:
            self.sign_by_many_and_use(people, change, 0)

    @rule(agent=st.sampled_from(AGENTS))
    def reach_a_person(self, agent: Principal) -> None:
        action = Action(conversation_id="conv-1", topic="escalate")
        record = self.run(evaluate_action(self.services, agent, request_id=new_id(), action=action))
        assert record is not None
        assert record.decision is GateDecision.ALLOW

    @precondition(lambda self: self.seen.held)
    @rule(
        data=st.data(),
        person=st.sampled_from(PEOPLE),
        kind=st.sampled_from(KINDS),
    )
    def sign(self, data: st.DataObject, person: Principal, kind: RulingKind) -> None:
        held = data.draw(st.sampled_from(self.seen.held))
        self.run(self._sign(held, person, kind))

    async def _sign(self, held: Held, person: Principal, kind: RulingKind) -> None:
        approval = await self.store.get_approval("default", held.approval_id)
        item = await claim_item(self.services, person, item_id=approval.item_id)
        assert item.claim is not None
        await rule_item(
            self.services,
            person,
            request_id=new_id(),
            item_id=item.item_id,
            token=item.claim.token,
            kind=kind,
            reason="looked at it",
        )

    @precondition(lambda self: self.seen.held)
    @rule(people=st.sampled_from([1, 1, 2, 3]), change=st.sampled_from(["", "", "", "amount"]), last=st.integers(0, 2))
    def sign_by_many_and_use(self, people: int, change: str, last: int) -> None:
        """So that whole approvals, just given, are not left to chance."""
        held = self.seen.held[-1 - last % len(self.seen.held)]
        for person in SENIORS[:people]:
            self.run(self._sign(held, person, RulingKind.APPROVE))
        self._use(held, change)

    @precondition(lambda self: self.seen.held)
    @rule(data=st.data(), change=st.sampled_from(["", "", "", "amount", "target", "arguments", "agent"]))
    def use(self, data: st.DataObject, change: str) -> None:
        self._use(data.draw(st.sampled_from(self.seen.held)), change)

    def _use(self, held: Held, change: str) -> None:
        action, agent = held.action, held.agent
        if change == "amount":
            action = replace(action, amount=Money(amount=Decimal(2), currency="USD"))
        elif change == "target":
            action = replace(action, target="o-2")
        elif change == "arguments":
            action = replace(action, arguments={"n": 1})
        elif change == "agent":
            agent = next(one for one in AGENTS if one != agent)
        before = self.loop.run_until_complete(self.store.get_approval("default", held.approval_id))
        used = self.run(
            evaluate_action(self.services, agent, request_id=new_id(), action=action, approval_id=held.approval_id)
        )
        if used is None:
            return
        assert not change, "an approval was used for another action"
        assert before.state is ApprovalState.APPROVED
        assert before.expires_at > self.clock.now()
        held.used += 1
        self._granted(agent, action, used)

    @precondition(lambda self: self.seen.allowed)
    @rule(data=st.data(), outcome=st.sampled_from([LedgerState.EXECUTED, LedgerState.FAILED]))
    def report(self, data: st.DataObject, outcome: LedgerState) -> None:
        record = data.draw(st.sampled_from(self.seen.allowed))
        agent = next(one for one in AGENTS if one.id == record.agent_id)
        self.run(report_outcome(self.services, agent, request_id=new_id(), action_id=record.action_id, outcome=outcome))

    @precondition(lambda self: self.seen.held)
    @rule(data=st.data(), outcome=st.sampled_from([LedgerState.EXECUTED, LedgerState.FAILED]))
    def report_what_is_held(self, data: st.DataObject, outcome: LedgerState) -> None:
        held = data.draw(st.sampled_from(self.seen.held))
        self.run(
            report_outcome(
                self.services, held.agent, request_id=new_id(), action_id=held.record.action_id, outcome=outcome
            )
        )

    @precondition(lambda self: self.seen.held)
    @rule(data=st.data())
    def cancel(self, data: st.DataObject) -> None:
        held = data.draw(st.sampled_from(self.seen.held))
        self.run(
            cancel_action(
                self.services, held.agent, request_id=new_id(), action_id=held.record.action_id, reason="no longer"
            )
        )

    @rule(seconds=st.sampled_from([1, 5, 12, 26, -3]))
    def time_passes(self, seconds: int) -> None:
        self.clock.advance(seconds)

    @rule()
    def sweep(self) -> None:
        self.run(expire_due(self.services))

    @precondition(lambda self: not self.seen.paused)
    @rule(scope=st.sampled_from([PauseScope.TENANT, PauseScope.TOPIC]))
    def pause(self, scope: PauseScope) -> None:
        value = "" if scope is PauseScope.TENANT else "pay.*"
        board = self.run(
            pause_automation(
                self.services, SENIORS[0], request_id=new_id(), scope=scope, value=value, reason="incident"
            )
        )
        self.seen.paused = self.seen.paused or board is not None

    @precondition(lambda self: self.seen.paused)
    @rule()
    def resume(self) -> None:
        for scope, value in ((PauseScope.TENANT, ""), (PauseScope.TOPIC, "pay.*")):
            self.run(
                resume_automation(
                    self.services, SENIORS[1], request_id=new_id(), scope=scope, value=value, reason="over"
                )
            )
        self.seen.paused = False

    def _granted(self, agent: Principal, action: Action, record: ActionRecord) -> None:
        assert not self.seen.paused, "something ran under a pause"
        assert action.amount is not None
        self.seen.allowed.append(record)
        self.seen.grants.append(Grant(agent.id, action.topic, action.amount.amount, self.clock.now()))

    @invariant()
    def no_window_exceeds_its_cap(self) -> None:
        for one in self.seen.grants:
            since = one.at - timedelta(seconds=WINDOW_S)
            window = [g for g in self.seen.grants if g.agent_id == one.agent_id and since < g.at <= one.at]
            assert sum(g.amount for g in window) <= LIMIT
            assert sum(g.topic == "pay.small" for g in window) <= 4

    @invariant()
    def an_approval_is_used_once(self) -> None:
        assert all(held.used <= 1 for held in self.seen.held)

    @invariant()
    def what_ran_was_signed_by_enough_people(self) -> None:
        for held in self.seen.held:
            action = self.loop.run_until_complete(self.store.get_action("default", held.record.action_id))
            if action.decision not in RUNS:
                assert action.state not in {LedgerState.EXECUTED, LedgerState.FAILED}
                continue
            approval = self.loop.run_until_complete(self.store.get_approval("default", held.approval_id))
            signed = {one.reviewer_id for one in approval.rulings if one.kind is RulingKind.APPROVE}
            assert approval.state is ApprovalState.CONSUMED
            assert held.used == 1
            assert len(signed) >= (2 if action.tier is Tier.T4 else 1)
            assert held.agent.id not in signed
            if action.tier is Tier.T4:
                assert signed <= {person.id for person in SENIORS}


TestGateModel = GateModel.TestCase
TestGateModel.settings = settings(
    max_examples=80, stateful_step_count=30, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
