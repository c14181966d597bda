"""The disk is full, the database goes away, the server is told to stop: it answers or refuses, and never guesses."""

from __future__ import annotations

import asyncio
import resource
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from e2e_server import (
    EVALUATE_REPLY,
    GOOD,
    MARK,
    MAX_WAITING,
    PROMISE,
    People,
    Server,
    connected,
    execute,
    new_id,
    refusal_in,
    reply,
    serving,
    settings_of,
    started,
)
from grpc.aio import AioRpcError
from sqlalchemy import make_url

from outguard.audit.export import verify_export
from outguard.bootstrap import build_system
from outguard.cli.audit import write_export
from outguard.client import ActionDecision, AsyncClient, Customer, Money, Recipient, ReplyDecision
from outguard.domain.audit import Entry
from outguard.v1 import reply_pb2

UNAVAILABLE = ("UNAVAILABLE", "UNAVAILABLE")


@contextmanager
def full_disk(server: Server) -> Iterator[None]:
    """No file of the server may grow past its first byte."""
    soft, hard = resource.prlimit(server.process.pid, resource.RLIMIT_FSIZE)
    resource.prlimit(server.process.pid, resource.RLIMIT_FSIZE, (1, hard))
    try:
        yield
    finally:
        resource.prlimit(server.process.pid, resource.RLIMIT_FSIZE, (soft, hard))


async def sdk_reply(client: AsyncClient, text: str = GOOD) -> ReplyDecision:
    return await client.evaluate_reply(
        conversation_id=new_id(),
        recipient=Recipient(customer_id="c-1", display_name=MARK),
        customer=Customer(id="c-1", name=f"{MARK} Lopez"),
        text=text,
        timeout_s=3.0,
    )


async def sdk_action(client: AsyncClient) -> ActionDecision:
    return await client.evaluate_action(
        conversation_id=new_id(),
        topic="support.refund",
        amount=Money(amount="20.00", currency="USD"),
        target=MARK,
        timeout_s=3.0,
    )


async def check_record(server: Server, database_url: str | None, acknowledged: set[str]) -> None:
    """The record is whole, and every acknowledged decision is in it."""
    system = await build_system(settings_of(server.data_dir, database_url), is_judging=False)
    try:
        lines: list[str] = []
        await write_export(system.services, "default", lines.append)
        report = verify_export(lines, verifier_key=server.verifier_key)
        assert report.is_valid, report.problems
        store = system.services.store
        size = (await store.head("default")).size
        entries: list[Entry] = []
        while len(entries) < size:
            entries += await store.list_entries("default", start=len(entries), limit=500)
        decided = {entry.subject_id for entry in entries if entry.kind == "reply.decided"}
        assert acknowledged <= decided
        for reply_id in decided:
            await store.get_reply("default", reply_id)
    finally:
        await store.close()


async def test_a_full_disk_is_unavailable_and_heals(people: People) -> None:
    """The log is on that disk too."""
    server, agent, request = people.server, people["agent-1"], reply()
    async with AsyncClient(server.address, server.bearers["agent-1"]) as client:
        first = await agent.reply(reply())
        with full_disk(server):
            refused = await agent.refused(EVALUATE_REPLY, request)
            assert (refused.code, refused.reason) == UNAVAILABLE
            held = await sdk_reply(client)
            assert held.sendable is None
            assert held.error is not None
            assert held.error.cause == "UNAVAILABLE"
            assert not (await sdk_action(client)).may_execute
    answer = await agent.reply(request)
    assert answer.state == reply_pb2.REPLY_STATE_SENDABLE
    await check_record(server, None, {first.reply_id, answer.reply_id})


@pytest.mark.postgres
async def test_a_database_that_goes_away_is_unavailable_and_comes_back(
    postgres_server: Server, postgres_database: str, postgres_admin: str
) -> None:
    server, name = postgres_server, make_url(postgres_database).database
    kick = f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'"  # noqa: S608 - our name
    async with connected(server) as people, AsyncClient(server.address, server.bearers["agent-1"]) as client:
        agent, request = people["agent-1"], reply()
        acknowledged = {(await agent.reply(request)).reply_id}
        # Backends die under load: some calls fail, none is answered wrongly.
        load = [asyncio.create_task(hammer(client, acknowledged)) for _ in range(8)]
        for _ in range(5):
            await asyncio.sleep(0.1)
            await execute(postgres_admin, kick)
        await asyncio.gather(*load)
        # The whole database is gone.
        await execute(postgres_admin, f"ALTER DATABASE {name} ALLOW_CONNECTIONS false")
        try:
            await execute(postgres_admin, kick)
            refused = await agent.refused(EVALUATE_REPLY, reply())
            assert (refused.code, refused.reason) == UNAVAILABLE
            assert (await sdk_reply(client)).sendable is None
            assert not (await sdk_action(client)).may_execute
        finally:
            await execute(postgres_admin, f"ALTER DATABASE {name} ALLOW_CONNECTIONS true")
        assert (await agent.reply(request)).reply_id in acknowledged
    assert len(acknowledged) > 1
    await check_record(server, postgres_database, acknowledged)


async def hammer(client: AsyncClient, acknowledged: set[str]) -> None:
    """Replies until the time is over; those that were acknowledged."""
    until = time.monotonic() + 0.8
    while time.monotonic() < until:
        for text in (GOOD, PROMISE):
            answer = await sdk_reply(client, text)
            assert answer.sendable is None or text == GOOD
            if answer.error is None:
                acknowledged.add(answer.reply_id)


async def drain(server: Server) -> tuple[set[str], str, int]:
    """SIGTERM in the middle of decisions and long polls; what was answered, and a held item with the claim on it."""
    async with connected(server) as people:
        agent = people["agent-1"]
        held = await agent.reply(reply(PROMISE))
        token = await people["vera"].claim(held.item_id)
        wait = reply_pb2.WaitReplyRequest(reply_id=held.reply_id)
        polls = [
            asyncio.create_task(agent.call("ReplyService/WaitReply", wait, reply_pb2.WaitReplyResponse, 60.0))
            for _ in range(20)
        ]
        await asyncio.sleep(0.3)
        decisions = [asyncio.create_task(agent.reply(reply())) for _ in range(100)]
        await asyncio.sleep(0.05)
        server.process.send_signal(signal.SIGTERM)
        for poll in await asyncio.gather(*polls):
            assert poll.answer.state == reply_pb2.REPLY_STATE_HELD
        answered = set()
        for one in await asyncio.gather(*decisions, return_exceptions=True):
            if isinstance(one, AioRpcError):  # came too late: refused, not answered
                assert refusal_in(one).code in {"UNAVAILABLE", "CANCELLED"}
            else:
                assert isinstance(one, reply_pb2.ReplyAnswer)
                answered.add(one.reply_id)
        return answered, held.item_id, token


async def test_sigterm_answers_who_is_inside_and_a_restart_goes_on(tmp_path: Path) -> None:
    """Decisions in flight are answered, long polls too (with what is so far); nothing waits for their time-out."""
    with serving(tmp_path) as server:
        began = time.monotonic()
        answered, item_id, token = await drain(server)
        assert answered
        assert await asyncio.to_thread(server.process.wait, 20) == 0
        assert time.monotonic() - began < 9
        await check_record(server, None, answered)
        with started(tmp_path, server.settings) as (process, address):
            async with connected(replace(server, process=process, address=address)) as people:
                item = await people["vera"].rule(item_id, token, "RELEASE")
                read = reply_pb2.GetReplyRequest(reply_id=item.subject_id)
                got = await people["agent-1"].call("ReplyService/GetReply", read, reply_pb2.GetReplyResponse)
        assert got.answer.state == reply_pb2.REPLY_STATE_RELEASED
        assert got.answer.content.text == PROMISE


async def test_long_polls_do_not_crowd_out_decisions(people: People) -> None:
    agent = people["agent-1"]
    held = await agent.reply(reply(PROMISE))
    wait = reply_pb2.WaitReplyRequest(reply_id=held.reply_id)
    polls = [
        asyncio.create_task(agent.call("ReplyService/WaitReply", wait, reply_pb2.WaitReplyResponse, 60.0))
        for _ in range(MAX_WAITING)
    ]
    await asyncio.sleep(0.3)
    refused = await agent.refused("ReplyService/WaitReply", wait)
    assert (refused.code, refused.reason) == ("RESOURCE_EXHAUSTED", "OVERLOADED")
    for _ in range(5):
        assert (await agent.reply(reply())).state == reply_pb2.REPLY_STATE_SENDABLE
    await people["vera"].rule(held.item_id, await people["vera"].claim(held.item_id), "RELEASE")
    for poll in await asyncio.gather(*polls):
        assert poll.answer.content.text == PROMISE
