"""R29: a ruling is reversed by somebody else, with five fields on the record, and what it did is taken back."""

from __future__ import annotations

import json

import pytest
from fakes import FakeClock
from flow_values import CUSTOMER, ask, new_id, refund, reply_of, report, rule_on, sign

from outguard.domain.action import ActionRecord, LedgerState
from outguard.domain.audit import EntryKind
from outguard.domain.override import OverrideKind
from outguard.domain.principal import Principal, Role
from outguard.domain.reply import ReplyState
from outguard.domain.review import ApprovalState, ItemKind, ItemState, ReviewItem, RulingKind
from outguard.domain.roll_back import HIGHEST_PRIORITY
from outguard.errors import (
    ApprovalMismatchError,
    ConflictError,
    ForbiddenError,
    InvalidInputError,
    MakerIsCheckerError,
    NotFoundError,
    RequestIdReusedError,
    StaleClaimError,
)
from outguard.flows.evaluate_reply import evaluate_reply
from outguard.flows.override_ruling import override_ruling
from outguard.flows.read_reply import get_reply
from outguard.flows.review_item import claim_item, list_items
from outguard.flows.roll_back import wait_roll_backs
from outguard.flows.rule_item import rule_item
from outguard.flows.services import Services

T3, T4 = refund("100.00"), refund("5000.00")
APPROVE, DENY, ESCALATE = RulingKind.APPROVE, RulingKind.DENY, RulingKind.ESCALATE


async def override(
    services: Services, person: Principal, item: ReviewItem, new: RulingKind, *, ruling_id: str | None = None
) -> ReviewItem:
    """Reverse the item's last ruling."""
    last = item.rulings[-1].ruling_id if item.rulings else ""
    return await override_ruling(
        services,
        person,
        request_id=new_id(),
        item_id=item.item_id,
        ruling_id=last if ruling_id is None else ruling_id,
        rule_id="refund.preview",
        new_decision=new,
        reason="the order had arrived",
    )


async def signed(
    services: Services, agent: Principal, person: Principal, kind: RulingKind = APPROVE
) -> tuple[ActionRecord, ReviewItem]:
    """A T3 action that one person ruled on."""
    held = await ask(services, agent, T3)
    return held, await sign(services, person, held.approval_id or "", kind)


async def held_reply(services: Services, agent: Principal, person: Principal, kind: RulingKind) -> ReviewItem:
    text = "A PROMISE was made to you."
    answer = await evaluate_reply(services, agent, request_id=new_id(), reply=reply_of(text), customer=CUSTOMER)
    return await rule_on(services, person, answer.record.item_id or "", kind)


async def test_an_override_tells_who_whom_rule_decision_and_reason(
    services: Services, agent: Principal, reviewer: Principal, senior: Principal
) -> None:
    _, item = await signed(services, agent, reviewer)
    await override(services, senior, item, DENY)
    (kept,) = await services.store.list_overrides("default", item.item_id)
    assert (kept.by, kept.whom, kept.rule_id, kept.new_decision, kept.reason, kept.kind) == (
        "sen-bo",
        "rev-ada",
        "refund.preview",
        DENY,
        "the order had arrived",
        OverrideKind.WRONGLY_APPROVED,
    )
    (entry,) = await services.store.list_entries("default", kind=EntryKind.RULING_OVERRIDDEN)
    details = json.loads(entry.data)["details"]
    assert (entry.principal_id, details["whom"], details["calibrates"], details["count"]) == (
        "sen-bo",
        "rev-ada",
        "rev-ada",
        1,
    )
    assert b"the order had arrived" not in entry.data


@pytest.mark.parametrize("is_used", [False, True])
async def test_what_was_wrongly_approved_and_has_not_run_will_not(
    services: Services, agent: Principal, reviewer: Principal, senior: Principal, *, is_used: bool
) -> None:
    held, item = await signed(services, agent, reviewer)
    if is_used:
        await ask(services, agent, T3, held.approval_id)
    await override(services, senior, item, DENY)
    after = await services.store.get_action("default", held.action_id)
    assert after.state is LedgerState.DENIED
    with pytest.raises(ConflictError):
        await report(services, agent, after, LedgerState.EXECUTED)
    with pytest.raises(ApprovalMismatchError):
        await ask(services, agent, T3, held.approval_id)


async def test_what_was_wrongly_approved_and_ran_is_rolled_back(
    services: Services, agent: Principal, reviewer: Principal, senior: Principal
) -> None:
    held, item = await signed(services, agent, reviewer)
    await ask(services, agent, T3, held.approval_id)
    await report(services, agent, held, LedgerState.EXECUTED)
    await override(services, senior, item, DENY)
    (task,) = await wait_roll_backs(services, agent, timeout_s=0)
    assert (task.record.action_id, task.roll_back.requested_by) == (held.action_id, "sen-bo")


async def test_a_t4_deed_is_clawed_back_by_two_people(
    services: Services, agent: Principal, senior: Principal, second_senior: Principal
) -> None:
    third = Principal(id="sen-dan", role=Role.SENIOR_REVIEWER, tenant="default")
    held = await ask(services, agent, T4)
    await sign(services, senior, held.approval_id or "")
    item = await sign(services, second_senior, held.approval_id or "")
    await ask(services, agent, T4, held.approval_id)
    await report(services, agent, held, LedgerState.EXECUTED)
    await override(services, third, item, DENY)
    assert await wait_roll_backs(services, agent, timeout_s=0) == ()
    (second,) = await list_items(services, senior, kinds=(ItemKind.ROLL_BACK,))
    await rule_on(services, senior, second.item_id)
    assert len(await wait_roll_backs(services, agent, timeout_s=0)) == 1


async def test_a_ticket_overridden_too_late_goes_to_the_top_of_the_queue(
    services: Services, agent: Principal, reviewer: Principal, senior: Principal, clock: FakeClock
) -> None:
    record = await ask(services, agent, refund("20.00"))
    await report(services, agent, record, LedgerState.EXECUTED)
    (ticket,) = await list_items(services, reviewer, kinds=(ItemKind.TICKET,))
    item = await rule_on(services, reviewer, ticket.item_id)
    clock.advance(2 * 86_400)
    await override(services, senior, item, DENY)
    (urgent,) = await list_items(services, senior, kinds=(ItemKind.TICKET,))
    assert urgent.priority == HIGHEST_PRIORITY


async def test_what_was_wrongly_denied_is_reopened_for_others_to_grant(
    services: Services, agent: Principal, reviewer: Principal, senior: Principal, second_senior: Principal
) -> None:
    """Overriding is no approval: neither who denied nor who overrode may grant it."""
    held, item = await signed(services, agent, reviewer, DENY)
    reopened = await override(services, senior, item, APPROVE)
    assert reopened.state is ItemState.OPEN
    assert (await services.store.get_action("default", held.action_id)).state is LedgerState.PENDING
    for person in (reviewer, senior):
        with pytest.raises(MakerIsCheckerError):
            await claim_item(services, person, item_id=item.item_id)
    with pytest.raises(ApprovalMismatchError):
        await ask(services, agent, T3, held.approval_id)
    await rule_on(services, second_senior, item.item_id)
    approval = await services.store.get_approval("default", held.approval_id or "")
    assert approval.state is ApprovalState.APPROVED
    assert (await ask(services, agent, T3, held.approval_id)).state is LedgerState.APPROVED


async def test_a_t4_that_is_reopened_still_takes_two(
    services: Services, agent: Principal, senior: Principal, second_senior: Principal
) -> None:
    people = [Principal(id=f"sen-{at}", role=Role.SENIOR_REVIEWER, tenant="default") for at in range(2)]
    held = await ask(services, agent, T4)
    item = await sign(services, senior, held.approval_id or "", DENY)
    await override(services, second_senior, item, APPROVE)
    assert (await rule_on(services, people[0], item.item_id)).state is ItemState.OPEN
    with pytest.raises(ApprovalMismatchError):
        await ask(services, agent, T4, held.approval_id)
    assert (await rule_on(services, people[1], item.item_id)).state is ItemState.CLOSED
    assert (await ask(services, agent, T4, held.approval_id)).state is LedgerState.APPROVED


async def test_a_reply_is_recalled_or_reopened(
    services: Services, agent: Principal, reviewer: Principal, senior: Principal, second_senior: Principal
) -> None:
    released = await held_reply(services, agent, reviewer, RulingKind.RELEASE)
    assert (await get_reply(services, agent, reply_id=released.subject_id)).content is not None
    await override(services, senior, released, RulingKind.REJECT)
    assert (await get_reply(services, agent, reply_id=released.subject_id)).content is None
    rejected = await held_reply(services, agent, reviewer, RulingKind.REJECT)
    await override(services, senior, rejected, RulingKind.RELEASE)
    assert (await services.store.get_reply("default", rejected.subject_id)).state is ReplyState.HELD
    await rule_on(services, second_senior, rejected.item_id, RulingKind.RELEASE)
    assert (await get_reply(services, agent, reply_id=rejected.subject_id)).content is not None


async def test_an_item_is_taken_from_who_does_not_come_back(
    services: Services, agent: Principal, reviewer: Principal, senior: Principal, second_senior: Principal
) -> None:
    held = await ask(services, agent, T3)
    approval = await services.store.get_approval("default", held.approval_id or "")
    claimed = await claim_item(services, reviewer, item_id=approval.item_id)
    assert claimed.claim is not None
    after = await override(services, senior, claimed, ESCALATE, ruling_id="")
    assert (after.state, after.claim, after.queue) == (ItemState.OPEN, None, "senior-approvers")
    (kept,) = await services.store.list_overrides("default", claimed.item_id)
    assert (kept.kind, kept.whom) == (OverrideKind.REROUTED, "rev-ada")
    with pytest.raises(StaleClaimError):
        await rule_item(
            services,
            reviewer,
            request_id=new_id(),
            item_id=claimed.item_id,
            token=claimed.claim.token,
            kind=APPROVE,
            reason="late",
        )
    await rule_on(services, second_senior, claimed.item_id)


async def test_override_after_override_is_counted(
    services: Services, agent: Principal, reviewer: Principal, senior: Principal, second_senior: Principal
) -> None:
    third = Principal(id="sen-dan", role=Role.SENIOR_REVIEWER, tenant="default")
    _, item = await signed(services, agent, reviewer, DENY)
    await override(services, senior, item, APPROVE)
    again = await rule_on(services, second_senior, item.item_id, DENY)
    await override(services, third, again, APPROVE)
    entries = await services.store.list_entries("default", kind=EntryKind.RULING_OVERRIDDEN)
    assert [json.loads(entry.data)["details"]["count"] for entry in entries] == [1, 2]


async def test_override_authority_is_apart_from_approval_authority(
    services: Services, agent: Principal, reviewer: Principal, senior: Principal
) -> None:
    _, item = await signed(services, agent, senior)
    with pytest.raises(MakerIsCheckerError):
        await override(services, senior, item, DENY)
    with pytest.raises(ForbiddenError):
        await override(services, reviewer, item, DENY)
    admin = Principal(id="adm-ed", role=Role.ADMIN, tenant="default")
    with pytest.raises(ForbiddenError):
        await override(services, admin, item, DENY)


async def test_what_reverses_nothing_is_refused(
    services: Services, agent: Principal, reviewer: Principal, senior: Principal
) -> None:
    held, item = await signed(services, agent, reviewer)
    with pytest.raises(InvalidInputError):
        await override(services, senior, item, APPROVE)
    with pytest.raises(NotFoundError):
        await override(services, senior, item, DENY, ruling_id="rul-none")
    with pytest.raises(ConflictError):
        await override(services, senior, item, ESCALATE, ruling_id="")
    with pytest.raises(InvalidInputError):
        await override(services, senior, item, DENY, ruling_id="")
    assert (await services.store.get_action("default", held.action_id)).state is LedgerState.APPROVED


async def test_the_same_override_twice_counts_once(
    services: Services, agent: Principal, reviewer: Principal, senior: Principal
) -> None:
    _, item = await signed(services, agent, reviewer)
    fields = {
        "request_id": new_id(),
        "item_id": item.item_id,
        "ruling_id": item.rulings[-1].ruling_id,
        "rule_id": "r",
        "new_decision": DENY,
    }
    for _ in range(2):
        await override_ruling(services, senior, reason="why", **fields)  # type: ignore[arg-type]
    assert len(await services.store.list_overrides("default", item.item_id)) == 1
    with pytest.raises(RequestIdReusedError):
        await override_ruling(services, senior, reason="other", **fields)  # type: ignore[arg-type]
