"""R15: an authorised person stops automation at once; the stop wins over everything but reaching a person."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest
from fakes import START, MemoryStore
from flow_values import CUSTOMER, ask, new_id, refund, reply_of, rule_on, sign
from hypothesis import given
from hypothesis import strategies as st

from outguard.domain.action import Action, GateDecision, LedgerState
from outguard.domain.audit import Entry, EntryDraft, EntryKind
from outguard.domain.pause import Pause, PauseBoard, PauseScope
from outguard.domain.policy import Policy
from outguard.domain.principal import Principal, Role
from outguard.domain.reply import ReplyState
from outguard.domain.review import ApprovalState, RulingKind
from outguard.domain.verdict import Verdict
from outguard.errors import (
    ApprovalMismatchError,
    ConflictError,
    ForbiddenError,
    InvalidInputError,
    PausedError,
    RequestIdReusedError,
    TooLargeError,
    UnavailableError,
)
from outguard.flows.check_action import evaluate_action
from outguard.flows.evaluate_reply import ReplyAnswer, evaluate_reply
from outguard.flows.pause import MAX_PAUSES, list_pauses, pause_automation, resume_automation
from outguard.flows.read_reply import get_reply
from outguard.flows.services import Services
from outguard.gate.decide import decide
from outguard.gate.pause import pause_on, under_pause
from outguard.ports import Change

TENANT, AGENT, TOPIC = PauseScope.TENANT, PauseScope.AGENT, PauseScope.TOPIC
ESCALATE = Action(conversation_id="conv-1", topic="escalate")


async def pause(services: Services, person: Principal, scope: PauseScope = TENANT, value: str = "") -> PauseBoard:
    return await pause_automation(
        services, person, request_id=new_id(), scope=scope, value=value, reason="it answers nonsense"
    )


async def resume(services: Services, person: Principal, scope: PauseScope = TENANT, value: str = "") -> PauseBoard:
    return await resume_automation(
        services, person, request_id=new_id(), scope=scope, value=value, reason="the cause is found"
    )


async def answer(services: Services, agent: Principal, text: str = "All is well with your order.") -> ReplyAnswer:
    return await evaluate_reply(services, agent, request_id=new_id(), reply=reply_of(text), customer=CUSTOMER)


@pytest.mark.parametrize(
    ("scope", "value"),
    [(TENANT, ""), (AGENT, "agent-1"), (TOPIC, "support.refund"), (TOPIC, "support.*"), (TOPIC, "*")],
)
async def test_a_pause_denies_what_it_names_until_it_is_taken_back(
    services: Services, agent: Principal, senior: Principal, scope: PauseScope, value: str
) -> None:
    await pause(services, senior, scope, value)
    record = await ask(services, agent, refund("20.00"))
    assert (record.decision, record.rule_id, record.state) == (
        GateDecision.DENY,
        "gate.paused",
        LedgerState.DENIED,
    )
    assert record.holding_message
    assert "nonsense" not in record.reason
    await resume(services, senior, scope, value)
    assert (await ask(services, agent, refund("20.00"))).decision is not GateDecision.DENY


@pytest.mark.parametrize(("scope", "value"), [(AGENT, "agent-2"), (TOPIC, "support.read.*")])
async def test_a_pause_stops_nothing_else(
    services: Services, agent: Principal, senior: Principal, scope: PauseScope, value: str
) -> None:
    await pause(services, senior, scope, value)
    assert (await ask(services, agent, refund("20.00"))).decision is not GateDecision.DENY
    assert (await answer(services, agent)).content is not None


async def test_a_paused_agent_cannot_act_through_another(
    services: Services, agent: Principal, senior: Principal
) -> None:
    await pause(services, senior, AGENT, "planner")
    assert (await ask(services, agent, refund("20.00", agent_chain=("planner",)))).rule_id == "gate.paused"


async def test_a_person_can_be_reached_while_all_is_paused(
    services: Services, agent: Principal, senior: Principal
) -> None:
    for scope, value in ((TENANT, ""), (AGENT, "agent-1"), (TOPIC, "*"), (TOPIC, "escalate")):
        await pause(services, senior, scope, value)
    assert (await ask(services, agent, ESCALATE)).decision is GateDecision.ALLOW


@pytest.mark.parametrize(("scope", "value"), [(TENANT, ""), (AGENT, "agent-1")])
async def test_replies_of_a_paused_agent_wait_for_a_person(
    services: Services, agent: Principal, reviewer: Principal, senior: Principal, scope: PauseScope, value: str
) -> None:
    await pause(services, senior, scope, value)
    held = await answer(services, agent)
    assert (held.record.verdict, held.record.state, held.content) == (Verdict.QUARANTINE, ReplyState.HELD, None)
    assert held.record.holding_message
    assert not held.record.degraded
    item = await rule_on(services, reviewer, held.record.item_id or "", RulingKind.RELEASE)
    assert item.rule_id == "system.paused"
    released = await services.store.get_reply("default", held.record.reply_id)
    assert released.state is ReplyState.RELEASED
    await resume(services, senior, scope, value)
    assert (await answer(services, agent)).content is not None


async def test_an_approval_waits_while_automation_is_paused(
    services: Services, agent: Principal, senior: Principal, second_senior: Principal
) -> None:
    """It is neither used nor lost."""
    action = refund("5000.00")
    approval_id = (await ask(services, agent, action)).approval_id or ""
    await sign(services, senior, approval_id)
    await sign(services, second_senior, approval_id)
    await pause(services, senior)
    with pytest.raises(ApprovalMismatchError, match="paused"):
        await ask(services, agent, action, approval_id)
    assert (await services.store.get_approval("default", approval_id)).state is ApprovalState.APPROVED
    await resume(services, senior)
    assert (await ask(services, agent, action, approval_id)).state is LedgerState.APPROVED


@pytest.mark.parametrize("role", [Role.AGENT, Role.REVIEWER, Role.AUDITOR])
async def test_only_the_authorised_throw_the_switch(services: Services, role: Role) -> None:
    person = Principal(id="somebody", role=role, tenant="default")
    for step in (pause, resume):
        with pytest.raises(ForbiddenError):
            await step(services, person)
    assert (await services.store.head("default")).size == 0


@pytest.mark.parametrize(
    ("scope", "value"), [(TENANT, "agent-1"), (AGENT, ""), (TOPIC, ""), (TOPIC, "Not A Topic"), (TOPIC, "a..b")]
)
async def test_a_pause_that_names_nothing_is_refused(
    services: Services, senior: Principal, scope: PauseScope, value: str
) -> None:
    with pytest.raises(InvalidInputError):
        await pause(services, senior, scope, value)


async def test_a_pause_needs_its_reason(services: Services, senior: Principal) -> None:
    with pytest.raises(InvalidInputError):
        await pause_automation(services, senior, request_id=new_id(), scope=TENANT, value="", reason="  ")


async def test_who_paused_what_and_why_is_on_the_record(services: Services, senior: Principal) -> None:
    admin = Principal(id="adm-ed", role=Role.ADMIN, tenant="default")
    await pause(services, senior, AGENT, "agent-1")
    await resume(services, admin, AGENT, "agent-1")
    paused, resumed = await services.store.list_entries("default")
    assert (paused.kind, paused.principal_id, paused.subject_id) == (
        EntryKind.AUTOMATION_PAUSED,
        "sen-bo",
        "agent-1",
    )
    assert b"it answers nonsense" in paused.data
    assert (resumed.kind, resumed.principal_id) == (EntryKind.AUTOMATION_RESUMED, "adm-ed")


async def test_resuming_takes_back_its_scope_only(services: Services, senior: Principal) -> None:
    await pause(services, senior, AGENT, "agent-1")
    await pause(services, senior, AGENT, "agent-1")
    await pause(services, senior, TOPIC, "support.*")
    board = await resume(services, senior, AGENT, "agent-1")
    assert [one.scope for one in board.pauses] == [TOPIC]
    with pytest.raises(ConflictError):
        await resume(services, senior, AGENT, "agent-1")


async def test_the_owner_and_the_next_to_ask_come_with_the_list(services: Services, senior: Principal) -> None:
    await pause(services, senior)
    board, owner = await list_pauses(services, senior)
    assert [one.paused_by for one in board.pauses] == ["sen-bo"]
    assert owner.name
    assert owner.escalation


async def test_the_same_call_twice_pauses_once(services: Services, senior: Principal) -> None:
    request_id = new_id()
    for _ in range(2):
        board = await pause_automation(
            services, senior, request_id=request_id, scope=TENANT, value="", reason="it answers nonsense"
        )
        assert len(board.pauses) == 1
    with pytest.raises(RequestIdReusedError):
        await pause_automation(services, senior, request_id=request_id, scope=TENANT, value="", reason="another")


async def test_people_who_pause_at_once_all_succeed(
    services: Services, senior: Principal, second_senior: Principal
) -> None:
    await asyncio.gather(
        *(pause(services, person, AGENT, f"agent-{at}") for at in range(4) for person in (senior, second_senior))
    )
    assert len((await services.store.get_pauses("default")).pauses) == 8


async def test_the_board_is_bounded(services: Services, senior: Principal) -> None:
    one = Pause(pause_id="p", scope=AGENT, value="a", reason="r", paused_by="sen-bo", paused_at=services.clock.now())
    board = PauseBoard(tenant="default", pauses=(one,) * MAX_PAUSES, version=1)
    entry = EntryDraft(
        kind=EntryKind.AUTOMATION_PAUSED, principal_id="sen-bo", at=services.clock.now(), subject_id="default"
    )
    await services.store.commit(Change(tenant="default", entries=(entry,), pause_boards=(board,)))
    with pytest.raises(TooLargeError):
        await pause(services, senior)


class PausedMeanwhile(MemoryStore):
    """Automation is paused between the reading and the writing of the next decision."""

    def __init__(self) -> None:
        super().__init__()
        self.is_armed = False

    async def commit(self, change: Change) -> tuple[Entry, ...]:
        if self.is_armed and not change.pause_boards:
            self.is_armed = False
            board = await self.get_pauses("default")
            one = Pause(pause_id="p", scope=TENANT, value="", reason="r", paused_by="s", paused_at=change.entries[0].at)
            await super().commit(
                Change(
                    tenant="default",
                    entries=change.entries[:1],
                    pause_boards=(replace(board, pauses=(one,), version=board.version + 1),),
                )
            )
        return await super().commit(change)


async def test_no_decision_is_written_against_a_pause_that_came_first(services: Services, agent: Principal) -> None:
    store = PausedMeanwhile()
    services = replace(services, store=store)
    store.is_armed = True
    assert (await ask(services, agent, refund("20.00"))).rule_id == "gate.paused"


async def test_no_reply_goes_out_against_a_pause_that_came_first(services: Services, agent: Principal) -> None:
    store = PausedMeanwhile()
    services = replace(services, store=store)
    store.is_armed = True
    assert (await answer(services, agent)).content is None


async def test_nothing_is_decided_while_nobody_knows_what_is_paused(services: Services, agent: Principal) -> None:
    """Fail closed: no board, no decision."""
    assert isinstance(services.store, MemoryStore)
    services.store.is_down = True
    for step in (ask(services, agent, refund("20.00")), answer(services, agent)):
        with pytest.raises(UnavailableError):
            await step


_SCOPES = st.sampled_from([(TENANT, ""), (AGENT, "agent-1"), (AGENT, "other"), (TOPIC, "support.*"), (TOPIC, "x.*")])


@given(
    scopes=st.lists(_SCOPES, max_size=4),
    topic=st.sampled_from(["support.refund", "support.read.order", "escalate", "data.delete", "x.y", "Bad Topic"]),
)
def test_a_pause_wins_over_everything_but_escalate(
    policy: Policy, scopes: list[tuple[PauseScope, str]], topic: str
) -> None:
    agent = Principal(id="agent-1", role=Role.AGENT, tenant="default", topics=("*",))
    board = PauseBoard(
        tenant="default",
        pauses=tuple(
            Pause(pause_id="p", scope=scope, value=value, reason="r", paused_by="s", paused_at=START)
            for scope, value in scopes
        ),
        version=1,
    )
    action = refund("20.00", topic=topic)
    answer = decide(policy, action, agent)
    stopping = pause_on(board, action, agent)
    if topic == "escalate":
        assert stopping is None
        assert answer.decision is GateDecision.ALLOW
    elif stopping is not None:
        assert under_pause(policy, answer, stopping).decision is GateDecision.DENY
    elif (TENANT, "") in scopes:
        raise AssertionError("a paused tenant let an action through")


async def test_words_allowed_before_a_pause_are_not_handed_out_again_during_it(
    services: Services, agent: Principal, senior: Principal
) -> None:
    """A repeated call is automation going on; the answer is neither lost nor changed."""
    request_id = new_id()

    async def again() -> ReplyAnswer:
        return await evaluate_reply(
            services, agent, request_id=request_id, reply=reply_of("All is well with your order."), customer=CUSTOMER
        )

    first = await again()
    await pause(services, senior)
    with pytest.raises(PausedError):
        await again()
    with pytest.raises(PausedError):
        await get_reply(services, agent, reply_id=first.record.reply_id)
    await resume(services, senior)
    assert (await again()).content == first.content
    assert (await get_reply(services, agent, reply_id=first.record.reply_id)).content == first.content


async def test_words_that_a_person_released_go_out_during_a_pause(
    services: Services, agent: Principal, reviewer: Principal, senior: Principal
) -> None:
    await pause(services, senior)
    held = await answer(services, agent)
    await rule_on(services, reviewer, held.record.item_id or "", RulingKind.RELEASE)
    assert (await get_reply(services, agent, reply_id=held.record.reply_id)).content is not None


async def test_leave_to_act_given_before_a_pause_is_not_given_again_during_it(
    services: Services, agent: Principal, senior: Principal
) -> None:
    request_id = new_id()
    first = await evaluate_action(services, agent, request_id=request_id, action=refund("20.00"))
    assert first.state is LedgerState.APPROVED
    await pause(services, senior, TOPIC, "support.*")
    with pytest.raises(PausedError):
        await evaluate_action(services, agent, request_id=request_id, action=refund("20.00"))
    await resume(services, senior, TOPIC, "support.*")
    assert await evaluate_action(services, agent, request_id=request_id, action=refund("20.00")) == first


async def test_a_call_for_a_person_is_answered_again_during_a_pause(
    services: Services, agent: Principal, senior: Principal
) -> None:
    request_id = new_id()
    first = await evaluate_action(services, agent, request_id=request_id, action=ESCALATE)
    await pause(services, senior)
    assert await evaluate_action(services, agent, request_id=request_id, action=ESCALATE) == first


async def test_a_kept_board_never_decides_alone(services: Services, agent: Principal, senior: Principal) -> None:
    """What another replica paused or resumed counts at the next decision, whatever this one remembers."""
    elsewhere = replace(services)  # its own memory over the same store
    for _ in range(2):
        assert (await answer(services, agent)).content is not None
        assert (await ask(services, agent, refund("20.00"))).decision is not GateDecision.DENY
        await pause(elsewhere, senior)
        assert (await answer(services, agent)).content is None
        assert (await ask(services, agent, refund("20.00"))).rule_id == "gate.paused"
        await resume(elsewhere, senior)
