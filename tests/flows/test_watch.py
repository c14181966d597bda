"""Streams that can be resumed (R9, R26): each change at least once, in order, on from any cursor."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing
from dataclasses import replace

import pytest
from fakes import FakeClock, FakeLottery
from flow_values import CUSTOMER, ask, new_id, refund, reply_of, rule_on, sign

from outguard.domain.principal import Principal
from outguard.domain.review import ApprovalState, ItemKind, ItemState, RulingKind
from outguard.errors import InvalidInputError
from outguard.flows.evaluate_reply import evaluate_reply
from outguard.flows.expire_approval import expire_due
from outguard.flows.review_item import claim_item
from outguard.flows.services import Services
from outguard.flows.watch import Told, watch_approvals, watch_items

T3 = refund("100.00")


async def take(stream: AsyncIterator[Told], count: int) -> list[Told]:
    """The next messages of a stream."""
    async with asyncio.timeout(10):
        return [await anext(stream) for _ in range(count)]


async def test_an_agent_hears_of_its_approvals_and_of_nobody_elses(
    services: Services, agent: Principal, reviewer: Principal
) -> None:
    live = await ask(services, agent, refund("200.00", conversation_id="conv-0"))
    async with aclosing(watch_approvals(services, agent)) as stream:
        first, snapshot = await take(stream, 2)
        assert first.approval is None
        assert snapshot.approval is not None
        assert snapshot.approval.approval_id == live.approval_id
        await ask(services, replace(agent, id="agent-2"), refund("100.00", conversation_id="conv-9"))
        held = await ask(services, agent, T3)
        await sign(services, reviewer, held.approval_id or "")
        told = await take(stream, 2)
        assert [one.approval.approval_id for one in told if one.approval] == [held.approval_id] * 2
        assert told[1].approval is not None
        assert told[1].approval.state is ApprovalState.APPROVED
        assert int(told[0].cursor) < int(told[1].cursor)


async def test_a_stream_goes_on_where_it_broke_off(
    services: Services, agent: Principal, reviewer: Principal, clock: FakeClock
) -> None:
    """Whatever happened meanwhile is told; what was told before is not."""
    async with aclosing(watch_approvals(services, agent)) as stream:
        (first,) = await take(stream, 1)
    held = await ask(services, agent, T3)
    async with aclosing(watch_approvals(services, agent, cursor=first.cursor)) as stream:
        _, opened = await take(stream, 2)
        assert opened.approval is not None
    await sign(services, reviewer, held.approval_id or "")
    clock.advance(3600)
    await expire_due(services)
    async with aclosing(watch_approvals(services, agent, cursor=opened.cursor)) as stream:
        told = await take(stream, 3)
    assert [one.approval.state for one in told if one.approval] == [ApprovalState.EXPIRED] * 2


@pytest.mark.parametrize("cursor", ["-1", "x", "1.5", "99", "9" * 30, "\u0661"])
async def test_a_cursor_of_nothing_is_refused(services: Services, agent: Principal, cursor: str) -> None:
    async with aclosing(watch_approvals(services, agent, cursor=cursor)) as stream:
        with pytest.raises(InvalidInputError):
            await anext(stream)


async def test_reviewers_see_items_come_and_go(
    services: Services, agent: Principal, reviewer: Principal, senior: Principal
) -> None:
    services = replace(services, lottery=FakeLottery(0.05))  # one second look, and no more
    async with aclosing(watch_items(services, senior)) as stream:
        await take(stream, 1)
        held = await ask(services, agent, T3)
        (opened,) = await take(stream, 1)
        assert opened.item is not None
        assert (opened.item.kind, opened.item.state) == (ItemKind.APPROVAL, ItemState.OPEN)
        await sign(services, reviewer, held.approval_id or "")
        told = [one.item for one in await take(stream, 4) if one.item]  # each change, some of them twice
        assert {(item.kind, item.state) for item in told} == {
            (ItemKind.APPROVAL, ItemState.CLOSED),
            (ItemKind.SAMPLE, ItemState.OPEN),
        }


async def test_filters_choose_what_is_told(services: Services, agent: Principal, reviewer: Principal) -> None:
    await ask(services, agent, T3)
    kinds = (ItemKind.REPLY,)
    async with aclosing(watch_items(services, reviewer, kinds=kinds, states=(ItemState.CLAIMED,))) as stream:
        await take(stream, 1)
        text = "A PROMISE was made to you."
        answer = await evaluate_reply(services, agent, request_id=new_id(), reply=reply_of(text), customer=CUSTOMER)
        await claim_item(services, reviewer, item_id=answer.record.item_id or "")
        told = await take(stream, 1)
        assert [(one.item.kind, one.item.state) for one in told if one.item] == [(ItemKind.REPLY, ItemState.CLAIMED)]


async def test_a_stream_tells_a_second_signer_nothing_of_the_first(
    services: Services, agent: Principal, senior: Principal, second_senior: Principal
) -> None:
    """R28 holds in streams too."""
    async with aclosing(watch_items(services, second_senior)) as stream:
        await take(stream, 1)
        held = await ask(services, agent, refund("5000.00"))
        approval = await services.store.get_approval("default", held.approval_id or "")
        await rule_on(services, senior, approval.item_id, RulingKind.APPROVE)
        told = await take(stream, 3)
        assert all(one.item is not None and one.item.rulings == () for one in told)
