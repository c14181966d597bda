"""R12: autonomy per agent and topic is earned with a signature, lost by itself; deletes stay gated at every level."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from fakes import FakeClock
from flow_values import ask, new_id, refund, report, rule_on
from hypothesis import given
from hypothesis import strategies as st

from outguard.domain.action import Action, ActionRecord, GateDecision, LedgerState
from outguard.domain.audit import EntryKind
from outguard.domain.autonomy import ActionClass, IncidentKind, Level, Standing, Track
from outguard.domain.policy import Policy
from outguard.domain.principal import Principal, Role
from outguard.domain.review import ItemKind, ItemState, ReviewItem, RulingKind
from outguard.errors import ConflictError, ForbiddenError, InvalidInputError, RequestIdReusedError
from outguard.flows.autonomy import standing_of
from outguard.flows.report_incident import list_standings, report_incident
from outguard.flows.review_item import claim_item, get_item, list_items
from outguard.flows.services import Services
from outguard.gate.autonomy import at_level, has_earned
from outguard.gate.decide import decide
from outguard.policy.source import PolicySource

READ = Action(conversation_id="conv-1", topic="support.read.order")
RUNS = {GateDecision.ALLOW, GateDecision.ALLOW_WITH_CONSTRAINTS}
WEEK = 7 * 86_400.0


def at_start(services: Services, level: Level, **terms: object) -> Services:
    """Services whose policy starts every agent at `level`."""
    policy = services.policies.current
    autonomy = replace(policy.autonomy, initial_level=level, **terms)  # type: ignore[arg-type]
    return replace(services, policies=PolicySource(replace(policy, autonomy=autonomy)))


async def level_of(services: Services, topic: str = "support.read.order") -> Level:
    return (await standing_of(services, "default", "agent-1", topic)).level


async def run(
    services: Services, agent: Principal, outcome: LedgerState = LedgerState.EXECUTED, times: int = 1
) -> ActionRecord:
    """Read something, `times` over."""
    for _ in range(times):
        record = await ask(services, agent, READ)
        assert record.decision in RUNS
        record = await report(services, agent, record, outcome)
    return record


async def proposals(services: Services, person: Principal) -> list[ReviewItem]:
    return list(await list_items(services, person, kinds=(ItemKind.PROMOTION,)))


@pytest.mark.parametrize(
    ("level", "read", "write"),
    [
        (Level.SUPERVISED, GateDecision.REQUIRE_APPROVAL, GateDecision.REQUIRE_APPROVAL),
        (Level.ASSISTED, GateDecision.ALLOW, GateDecision.REQUIRE_APPROVAL),
        (Level.SEMI_AUTONOMOUS, GateDecision.ALLOW_WITH_CONSTRAINTS, GateDecision.ALLOW_WITH_CONSTRAINTS),
        (Level.AUTONOMOUS, GateDecision.ALLOW, GateDecision.ALLOW_WITH_CONSTRAINTS),
    ],
)
async def test_a_level_says_what_runs_without_a_person(
    services: Services, agent: Principal, level: Level, read: GateDecision, write: GateDecision
) -> None:
    services = at_start(services, level)
    records = [await ask(services, agent, READ), await ask(services, agent, refund("20.00"))]
    assert [record.decision for record in records] == [read, write]
    gated = [record for record in records if record.decision is GateDecision.REQUIRE_APPROVAL]
    assert all(record.rule_id == "gate.autonomy" and record.holding_message for record in gated)
    if level is Level.SEMI_AUTONOMOUS:
        assert all(record.constraints["max_runtime_sec"] == 60 for record in records)
    escalated = await ask(services, agent, Action(conversation_id="conv-1", topic="escalate"))
    assert escalated.decision is GateDecision.ALLOW


@given(
    level=st.sampled_from(Level),
    topic=st.sampled_from(["support.note.add", "support.refund", "data.delete.customer", "secrets.read"]),
    tag=st.sampled_from(["delete", "secrets"]),
    amount=st.sampled_from(["1.00", "49.99"]),
)
def test_deletes_and_secrets_are_gated_at_every_level(
    policy: Policy, level: Level, topic: str, tag: str, amount: str
) -> None:
    agent = Principal(id="agent-1", role=Role.AGENT, tenant="default", topics=("*",))
    action = refund(amount, topic=topic, risk_tags=(tag,))
    answer = decide(policy, action, agent)
    for runs in (answer, replace(answer, decision=GateDecision.ALLOW)):  # whatever rules say, or forget to say
        assert at_level(policy, runs, action, level).decision not in RUNS


@given(level=st.sampled_from(Level), topic=st.sampled_from(["support.read.order", "support.refund", "x.y"]))
def test_a_level_never_loosens(policy: Policy, level: Level, topic: str) -> None:
    agent = Principal(id="agent-1", role=Role.AGENT, tenant="default", topics=("*",))
    for amount in ("20.00", "100.00", "5000.00"):
        action = refund(amount, topic=topic)
        answer = decide(policy, action, agent)
        after = at_level(policy, answer, action, level)
        assert after.decision.strictness >= answer.decision.strictness
        assert (after.required_approvals, after.senior_only) >= (answer.required_approvals, answer.senior_only)


async def test_what_was_not_allowed_and_reported_as_done_costs_a_level_at_once(
    services: Services, agent: Principal
) -> None:
    """Demotion on a policy violation, in the transaction that records it."""
    held = await ask(services, agent, refund("5000.00"))
    with pytest.raises(ConflictError):
        await report(services, agent, held, LedgerState.EXECUTED)
    assert await level_of(services, "support.refund") is Level.SEMI_AUTONOMOUS
    kinds = [entry.kind for entry in await services.store.list_entries("default")][-3:]
    assert kinds == [EntryKind.OUTCOME_REFUSED, EntryKind.INCIDENT, EntryKind.AUTONOMY_CHANGED]
    assert await level_of(services, "support.read.order") is Level.AUTONOMOUS  # per topic


async def test_a_report_that_comes_twice_is_no_violation(services: Services, agent: Principal) -> None:
    record = await run(services, agent)
    with pytest.raises(ConflictError):
        await report(services, agent, record, LedgerState.EXECUTED)
    assert await level_of(services) is Level.AUTONOMOUS


async def test_a_safety_incident_that_a_person_reports_ends_autonomy(
    services: Services, agent: Principal, reviewer: Principal
) -> None:
    request_id = new_id()

    async def tell(reason: str = "it told a child how to") -> Standing:
        return await report_incident(
            services,
            reviewer,
            request_id=request_id,
            agent_id="agent-1",
            topic="support.read.order",
            kind=IncidentKind.SAFETY_INCIDENT,
            reason=reason,
        )

    for _ in range(2):
        assert (await tell()).level is Level.SUPERVISED
    assert len(await services.store.list_entries("default", kind=EntryKind.INCIDENT)) == 1
    with pytest.raises(RequestIdReusedError):
        await tell("something else")
    assert (await ask(services, agent, READ)).rule_id == "gate.autonomy"
    (standing,) = await list_standings(services, reviewer)
    assert (standing.cause, standing.changed_by) == ("safety_incident", "rev-ada")
    assert not any(b"child" in entry.data for entry in await services.store.list_entries("default"))


@pytest.mark.parametrize(
    ("values", "error"),
    [
        ({"kind": IncidentKind.FAILED}, InvalidInputError),
        ({"topic": "support.*"}, InvalidInputError),
        ({"agent_id": "a/b"}, InvalidInputError),
        ({"reason": " "}, InvalidInputError),
    ],
)
async def test_an_incident_that_says_nothing_is_refused(
    services: Services, reviewer: Principal, values: dict[str, object], error: type[Exception]
) -> None:
    fields = {"agent_id": "a", "topic": "t", "kind": IncidentKind.SAFETY_INCIDENT, "reason": "r", **values}
    with pytest.raises(error):
        await report_incident(services, reviewer, request_id=new_id(), **fields)  # type: ignore[arg-type]
    assert (await services.store.head("default")).size == 0


async def test_agents_and_auditors_report_no_incidents(
    services: Services, agent: Principal, auditor: Principal
) -> None:
    for person in (agent, auditor):
        with pytest.raises(ForbiddenError):
            await report_incident(
                services,
                person,
                request_id=new_id(),
                agent_id="a",
                topic="t",
                kind=IncidentKind.SAFETY_INCIDENT,
                reason="r",
            )


async def test_too_many_errors_cost_a_level(services: Services, agent: Principal, clock: FakeClock) -> None:
    """More than 5% of at least 20 actions; not a single failure among few."""
    await run(services, agent, times=18)
    await run(services, agent, LedgerState.FAILED)
    assert await level_of(services) is Level.AUTONOMOUS  # 1 of 19: too few to tell
    await run(services, agent)
    assert await level_of(services) is Level.AUTONOMOUS  # 1 of 20: 5%, not above
    await run(services, agent, LedgerState.FAILED)
    assert await level_of(services) is Level.SEMI_AUTONOMOUS  # 2 of 21
    clock.advance(1)
    await run(services, agent, LedgerState.FAILED, times=3)
    assert await level_of(services) is Level.SEMI_AUTONOMOUS  # the count begins anew with the level


async def test_what_a_reviewer_finds_wrong_counts_as_an_error(
    services: Services, agent: Principal, reviewer: Principal
) -> None:
    services = at_start(services, Level.AUTONOMOUS, min_actions=1)
    record = await ask(services, agent, refund("20.00"))
    await report(services, agent, record, LedgerState.EXECUTED)
    (ticket,) = await list_items(services, reviewer, kinds=(ItemKind.TICKET,))
    await rule_on(services, reviewer, ticket.item_id, RulingKind.DENY)
    assert await level_of(services, "support.refund") is Level.SEMI_AUTONOMOUS


async def test_old_errors_are_forgotten(services: Services, agent: Principal, clock: FakeClock) -> None:
    await run(services, agent, LedgerState.FAILED, times=10)
    clock.advance(WEEK + 1)
    await run(services, agent, times=25)
    await run(services, agent, LedgerState.FAILED)
    assert await level_of(services) is Level.AUTONOMOUS


async def test_a_level_more_is_proposed_with_evidence_and_signed_by_a_senior(
    services: Services, agent: Principal, reviewer: Principal, senior: Principal, clock: FakeClock
) -> None:
    services = at_start(services, Level.ASSISTED)
    await run(services, agent, times=49)
    clock.advance(WEEK + 1)
    assert await proposals(services, senior) == []
    await run(services, agent, times=50)
    (item,) = await proposals(services, senior)
    assert "50 of 50" in item.reason
    view = await get_item(services, senior, item_id=item.item_id)
    assert view.evidence is not None
    assert view.evidence.track == Track(ended=50, errors=0)
    with pytest.raises(ForbiddenError):
        await claim_item(services, reviewer, item_id=item.item_id)
    assert await level_of(services) is Level.ASSISTED
    await rule_on(services, senior, item.item_id)
    assert await level_of(services) is Level.SEMI_AUTONOMOUS
    (entry,) = await services.store.list_entries("default", kind=EntryKind.AUTONOMY_CHANGED)
    assert entry.principal_id == "sen-bo"
    await run(services, agent, times=50)
    assert await proposals(services, senior) == []  # a new review period begins


async def test_too_soon_or_too_bad_a_record_proposes_nothing(
    services: Services, agent: Principal, senior: Principal, clock: FakeClock
) -> None:
    services = at_start(services, Level.ASSISTED)
    await run(services, agent, times=60)
    assert await proposals(services, senior) == []  # not a week yet
    clock.advance(WEEK + 1)
    await run(services, agent, times=48)
    await run(services, agent, LedgerState.FAILED, times=2)
    await run(services, agent, times=10)
    assert await proposals(services, senior) == []  # 2 of 60 is above 2%


async def test_a_proposal_that_is_denied_waits_another_period(
    services: Services, agent: Principal, senior: Principal, clock: FakeClock
) -> None:
    services = at_start(services, Level.ASSISTED)
    await run(services, agent)
    clock.advance(WEEK + 1)
    await run(services, agent, times=50)
    (item,) = await proposals(services, senior)
    await rule_on(services, senior, item.item_id, RulingKind.DENY)
    assert await level_of(services) is Level.ASSISTED
    await run(services, agent, times=50)
    assert await proposals(services, senior) == []
    clock.advance(WEEK + 1)
    await run(services, agent, times=50)
    assert len(await proposals(services, senior)) == 1


async def test_a_proposal_whose_evidence_is_gone_cannot_be_signed(
    services: Services, agent: Principal, senior: Principal, clock: FakeClock
) -> None:
    services = at_start(services, Level.ASSISTED)
    await run(services, agent)
    clock.advance(WEEK + 1)
    await run(services, agent, times=50)
    (item,) = await proposals(services, senior)
    await run(services, agent, LedgerState.FAILED, times=2)
    with pytest.raises(ConflictError, match="evidence"):
        await rule_on(services, senior, item.item_id)
    assert await level_of(services) is Level.ASSISTED


async def test_a_demotion_withdraws_the_proposal(
    services: Services, agent: Principal, senior: Principal, clock: FakeClock
) -> None:
    services = at_start(services, Level.ASSISTED)
    await run(services, agent)
    clock.advance(WEEK + 1)
    await run(services, agent, times=50)
    (item,) = await proposals(services, senior)
    await report_incident(
        services,
        senior,
        request_id=new_id(),
        agent_id="agent-1",
        topic="support.read.order",
        kind=IncidentKind.POLICY_VIOLATION,
        reason="seen",
    )
    assert (await services.store.get_item("default", item.item_id)).state is ItemState.EXPIRED
    assert await level_of(services) is Level.SUPERVISED


def test_evidence_is_enough_or_not(policy: Policy) -> None:
    earned: Callable[[int, int], bool] = lambda ended, errors: has_earned(  # noqa: E731
        policy.autonomy, Track(ended=ended, errors=errors)
    )
    assert earned(50, 0)
    assert earned(51, 1)
    assert not earned(49, 0)
    assert not earned(52, 2)


def test_the_shipped_classes_name_what_they_say(policy: Policy) -> None:
    classes = policy.autonomy.classes_of
    assert classes("support.read.order", ()) == {ActionClass.READ}
    assert classes("data.delete", ()) == {ActionClass.DELETE}
    assert classes("support.note.add", ("prod", "secrets")) == {ActionClass.PROD, ActionClass.SECRETS}
    assert classes("support.refund", ("financial",)) == frozenset()
