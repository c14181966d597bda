"""R13: some of what ran unseen is looked at afterwards, with known probabilities. R30, R31: reviewers stay sharp."""

from __future__ import annotations

import json
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from fakes import FakeClock, FakeLottery
from flow_values import CUSTOMER, ask, new_id, refund, reply_of, report, rule_on, sign

from outguard.domain.action import Action, ActionRecord, LedgerState
from outguard.domain.audit import EntryKind
from outguard.domain.money import Money
from outguard.domain.policy import FatiguePolicy
from outguard.domain.principal import Principal, Role
from outguard.domain.review import ItemKind, ItemState, ReviewItem, RulingKind
from outguard.domain.sampling import SamplingPolicy, Stratum
from outguard.errors import ConflictError, MakerIsCheckerError, ReviewerLimitError
from outguard.flows.evaluate_reply import evaluate_reply
from outguard.flows.review_item import claim_item, get_item, list_items
from outguard.flows.sample import estimate_rates
from outguard.flows.services import Services
from outguard.policy.source import PolicySource

READ = Action(conversation_id="conv-1", topic="support.read.order")
NOTE = Action(conversation_id="conv-1", topic="support.note.add")


def with_policy(services: Services, **values: object) -> Services:
    """Services with other parts of the policy."""
    return replace(services, policies=PolicySource(replace(services.policies.current, **values)))  # type: ignore[arg-type]


def with_fatigue(services: Services, **values: Any) -> Services:
    review = services.policies.current.review
    return with_policy(services, review=replace(review, fatigue=replace(review.fatigue, **values)))


async def ran(services: Services, agent: Principal, action: Action, *people: Principal) -> ActionRecord:
    """An action that ran, signed where it must be."""
    record = await ask(services, agent, action)
    if record.approval_id:
        for person in people:
            await sign(services, person, record.approval_id)
        record = await ask(services, agent, action, record.approval_id)
    return await report(services, agent, record, LedgerState.EXECUTED)


async def samples(services: Services, person: Principal) -> list[ReviewItem]:
    return list(await list_items(services, person, kinds=(ItemKind.SAMPLE,)))


async def drawn_details(services: Services, record: ActionRecord) -> dict[str, Any]:
    """What the record says of the draw."""
    entries = await services.store.list_entries("default", subject_id=record.action_id, kind=EntryKind.ACTION_OUTCOME)
    found: dict[str, Any] = json.loads(entries[-1].data)["details"]["sampling"]
    return found


@pytest.mark.parametrize(
    ("action", "stratum", "probability"),
    [(READ, "read", 0.05), (NOTE, "write", 0.2), (replace(NOTE, risk_tags=("prod",)), "seen", 0.0)],
)
async def test_the_probability_of_what_ran_is_on_the_record(
    services: Services, agent: Principal, reviewer: Principal, action: Action, stratum: str, probability: float
) -> None:
    await ran(services, agent, action, reviewer)  # the first one had to be looked at
    record = await ran(services, agent, action, reviewer)
    assert await drawn_details(services, record) == {"stratum": stratum, "probability": probability, "drawn": False}


async def test_an_action_below_its_probability_is_looked_at(
    services: Services, agent: Principal, reviewer: Principal
) -> None:
    lottery = FakeLottery(0.0499)
    services = replace(services, lottery=lottery)
    record = await ran(services, agent, READ)
    (item,) = await samples(services, reviewer)
    assert (item.subject_id, item.stratum, item.probability) == (record.action_id, "read", 0.05)
    lottery.number = 0.05
    await ran(services, agent, READ)
    assert len(await samples(services, reviewer)) == 1


@pytest.mark.parametrize(
    "values",
    [
        {"affected_users": 101},
        {"first_time_action": True},
        {"amount": Money(amount=Decimal("5000.01"), currency="USD")},
        {"amount": Money(amount=Decimal("0.01"), currency="XTS")},
    ],
    ids=["many users", "said to be the first", "large", "unknown currency"],
)
async def test_mandatory_cases_are_always_looked_at(
    services: Services, agent: Principal, senior: Principal, second_senior: Principal, values: dict[str, Any]
) -> None:
    await ran(services, agent, NOTE)
    (first,) = await samples(services, senior)
    record = await ran(services, agent, replace(NOTE, **values), senior, second_senior)
    found = [item for item in await samples(services, senior) if item.item_id != first.item_id]
    assert [(item.subject_id, item.stratum, item.probability) for item in found] == [
        (record.action_id, "mandatory", 1.0)
    ]


async def test_an_agents_first_action_on_a_topic_is_looked_at(
    services: Services, agent: Principal, reviewer: Principal
) -> None:
    """By the service's own record: nothing the agent says can hide it. Reads are no such case."""
    await ran(services, agent, READ)
    assert await samples(services, reviewer) == []
    for _ in range(2):
        await ran(services, agent, NOTE)
    assert len(await samples(services, reviewer)) == 1
    await ran(services, replace(agent, id="agent-2"), NOTE)
    assert len(await samples(services, reviewer)) == 2


async def test_a_case_goes_to_those_who_know_its_kind(
    services: Services, agent: Principal, reviewer: Principal
) -> None:
    await ran(services, agent, replace(NOTE, risk_tags=("financial",)))
    (item,) = await samples(services, reviewer)
    assert item.queue == "finance-approvers"


async def test_a_ticket_is_look_enough(services: Services, agent: Principal, reviewer: Principal) -> None:
    services = replace(services, lottery=FakeLottery(0.0))
    await ran(services, agent, refund("20.00"))
    assert await samples(services, reviewer) == []


async def test_without_a_section_nothing_is_sampled(services: Services, agent: Principal, reviewer: Principal) -> None:
    services = replace(with_policy(services, sampling=SamplingPolicy()), lottery=FakeLottery(0.0))
    await ran(services, agent, READ)
    assert await samples(services, reviewer) == []


def test_a_uniform_draw_forgets_the_weights() -> None:
    policy = SamplingPolicy(rate=0.1)
    assert {policy.probability_of(one) for one in Stratum if one is not Stratum.MANDATORY} == {0.1}


async def test_rates_are_estimated_from_what_was_ruled_on(
    services: Services, agent: Principal, reviewer: Principal
) -> None:
    services = replace(services, lottery=FakeLottery(0.0))
    for _ in range(4):
        await ran(services, agent, READ)
    assert await estimate_rates(services, "default") == ()
    for at, item in enumerate(await samples(services, reviewer)):
        await rule_on(services, reviewer, item.item_id, RulingKind.DENY if at == 0 else RulingKind.APPROVE)
    total, reads = await estimate_rates(services, "default")
    assert (total.cases, total.wrong, total.rate) == (4, 1, 0.25)
    assert total.population == pytest.approx(80)
    assert reads.stratum == "read"
    assert 0 < total.low < 0.25 < total.high < 1
    assert await estimate_rates(services, "other") == ()


async def held_reply(services: Services, agent: Principal) -> str:
    answer = await evaluate_reply(
        services, agent, request_id=new_id(), reply=reply_of("A PROMISE was made to you."), customer=CUSTOMER
    )
    return answer.record.item_id or ""


async def test_nobody_holds_more_than_one_may(
    services: Services, agent: Principal, reviewer: Principal, clock: FakeClock
) -> None:
    services = with_fatigue(services, max_open_requests_per_reviewer=2)
    items = [await held_reply(services, agent) for _ in range(3)]
    for item_id in items[:2]:
        await claim_item(services, reviewer, item_id=item_id)
    with pytest.raises(ReviewerLimitError):
        await claim_item(services, reviewer, item_id=items[2])
    await claim_item(services, reviewer, item_id=items[0])  # anew: it holds no more than before
    await claim_item(services, Principal(id="rev-x", role=Role.REVIEWER, tenant="default"), item_id=items[2])
    clock.advance(301)  # the leases have run out
    await claim_item(services, reviewer, item_id=items[0])


async def test_many_grants_in_a_row_ask_for_a_break(
    services: Services, agent: Principal, reviewer: Principal, senior: Principal, clock: FakeClock
) -> None:
    services = with_fatigue(services, cooldown_after_approvals=3)
    for _ in range(3):
        clock.advance(10)
        await rule_on(services, reviewer, await held_reply(services, agent), RulingKind.RELEASE)
    item_id = await held_reply(services, agent)
    with pytest.raises(ReviewerLimitError, match="break"):
        await claim_item(services, reviewer, item_id=item_id)
    await claim_item(services, senior, item_id=await held_reply(services, agent))
    clock.advance(900)
    await rule_on(services, reviewer, item_id, RulingKind.RELEASE)
    clock.advance(10)
    await rule_on(services, reviewer, await held_reply(services, agent), RulingKind.RELEASE)  # the break counts


async def test_somebody_who_also_says_no_needs_no_break(
    services: Services, agent: Principal, reviewer: Principal
) -> None:
    services = with_fatigue(services, cooldown_after_approvals=3)
    for kind in (RulingKind.RELEASE, RulingKind.REJECT, RulingKind.RELEASE, RulingKind.RELEASE):
        await rule_on(services, reviewer, await held_reply(services, agent), kind)


async def test_a_second_look_is_blind_and_never_the_firsts_own(
    services: Services, agent: Principal, reviewer: Principal, senior: Principal
) -> None:
    services = replace(with_fatigue(services, sampled_second_review_rate=0.5), lottery=FakeLottery(0.4))
    held = await ask(services, agent, refund("100.00"))
    await sign(services, reviewer, held.approval_id or "")
    (item,) = await samples(services, senior)
    assert (item.subject_id, item.maker_id, item.rulings) == (held.action_id, "", ())
    view = await get_item(services, senior, item_id=item.item_id)
    assert view.approval is not None
    assert view.approval.rulings == ()
    assert view.item.maker_id == ""
    with pytest.raises(MakerIsCheckerError):
        await claim_item(services, reviewer, item_id=item.item_id)
    assert (await rule_on(services, senior, item.item_id)).state is ItemState.CLOSED


async def test_a_released_reply_may_get_a_second_look_too(
    services: Services, agent: Principal, reviewer: Principal, senior: Principal
) -> None:
    services = replace(with_fatigue(services, sampled_second_review_rate=0.5), lottery=FakeLottery(0.4))
    await rule_on(services, reviewer, await held_reply(services, agent), RulingKind.RELEASE)
    (item,) = await samples(services, senior)
    view = await get_item(services, senior, item_id=item.item_id)
    assert view.original is not None
    assert (await rule_on(services, senior, item.item_id, RulingKind.DENY)).state is ItemState.CLOSED
    assert len(await samples(services, senior)) == 0  # a second look is not looked at again


@pytest.mark.parametrize("kind", [RulingKind.REJECT, RulingKind.RELEASE])
async def test_only_grants_below_the_rate_get_a_second_look(
    services: Services, agent: Principal, reviewer: Principal, kind: RulingKind
) -> None:
    number = 0.0 if kind is RulingKind.REJECT else 0.1
    services = replace(services, lottery=FakeLottery(number))
    await rule_on(services, reviewer, await held_reply(services, agent), kind)
    assert await samples(services, reviewer) == []


async def test_a_ruling_without_its_evidence_is_refused(
    services: Services, agent: Principal, reviewer: Principal
) -> None:
    """R31: `reject_if_incomplete`."""
    review = services.policies.current.review
    assert set(review.required_evidence) == {"policy_snapshot", "job_hash", "approver_id", "decision_ts"}
    strict = with_policy(services, review=replace(review, required_evidence=(*review.required_evidence, "agent_build")))
    bare = await ask(strict, agent, refund("100.00"))
    with pytest.raises(ConflictError, match="agent_build"):
        await sign(strict, reviewer, bare.approval_id or "")
    whole = await ask(strict, agent, refund("100.00", agent_build="7", conversation_id="conv-2"))
    await sign(strict, reviewer, whole.approval_id or "")
    entry = (await services.store.list_entries("default", kind=EntryKind.ITEM_RULED))[-1]
    evidence = json.loads(entry.data)["details"]["evidence"]
    assert evidence["approver_id"] == "rev-ada"
    assert evidence["job_hash"] == whole.digest


def test_the_shipped_bounds_are_those_of_the_guide(services: Services) -> None:
    assert services.policies.current.review.fatigue == FatiguePolicy(
        max_open_requests_per_reviewer=40,
        cooldown_after_approvals=80,
        cooldown_s=900.0,
        sampled_second_review_rate=0.1,
    )
