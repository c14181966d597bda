"""The disk is full, the database goes away, the server is told to stop: it answers or refuses, and never guesses."""

from __future__ import annotations

import asyncio
import resource
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from e2e_server import (
    EVALUATE_REPLY,
    GOOD,
    MARK,
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
from grpc_health.v1 import health_pb2, health_pb2_grpc
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


async def health(people: People) -> int:
    stub = health_pb2_grpc.HealthStub(people.channel)
    return int((await stub.Check(health_pb2.HealthCheckRequest(), timeout=5)).status)


async def test_a_full_disk_is_unavailable_and_heals(tmp_path: Path) -> None:
    with serving(tmp_path) as server:
        async with connected(server) as people, AsyncClient(server.address, server.bearers["agent-1"]) as client:
            first = await people["agent-1"].reply(reply())
            request = reply()
            with full_disk(server):
                refused = await people["agent-1"].refused(EVALUATE_REPLY, request)
                assert (refused.code, refused.reason) == UNAVAILABLE
                held = await sdk_reply(client)
                assert held.sendable is None
                assert held.error is not None
                assert held.error.cause == "UNAVAILABLE"
                denied = await sdk_action(client)
                assert not denied.may_execute
            answer = await people["agent-1"].reply(request)
            assert answer.state == reply_pb2.REPLY_STATE_SENDABLE
        await check_record(server, None, {first.reply_id, answer.reply_id})


@pytest.mark.postgres
async def test_a_database_that_goes_away_is_unavailable_and_comes_back(tmp_path: Path, postgres_database: str) -> None:
    url = make_url(postgres_database)
    name = f"{url.database}_away"
    admin = url.render_as_string(hide_password=False)
    mine = url.set(database=name).render_as_string(hide_password=False)
    kick = f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'"  # noqa: S608 - our name
    await execute(admin, f"CREATE DATABASE {name}")
    try:
        with serving(tmp_path, database_url=mine) as server:
            async with connected(server) as people, AsyncClient(server.address, server.bearers["agent-1"]) as client:
                acknowledged = {(await sdk_reply(client)).reply_id}
                # Backends die under load: some calls fail, none is answered wrongly.
                load = [asyncio.create_task(hammer(client, acknowledged)) for _ in range(8)]
                for _ in range(5):
                    await asyncio.sleep(0.1)
                    await execute(admin, kick)
                await asyncio.gather(*load)
                request = reply()
                await people["agent-1"].reply(request)
                # The whole database is gone.
                await execute(admin, f"ALTER DATABASE {name} ALLOW_CONNECTIONS false")
                await execute(admin, kick)
                refused = await people["agent-1"].refused(EVALUATE_REPLY, reply())
                assert (refused.code, refused.reason) == UNAVAILABLE
                assert (await sdk_reply(client)).sendable is None
                assert not (await sdk_action(client)).may_execute
                await execute(admin, f"ALTER DATABASE {name} ALLOW_CONNECTIONS true")
                acknowledged.add((await people["agent-1"].reply(request)).reply_id)
            await check_record(server, mine, acknowledged)
    finally:
        await execute(admin, f"DROP DATABASE {name} WITH (FORCE)")


async def hammer(client: AsyncClient, acknowledged: set[str]) -> None:
    """Replies until the time is over; those that were acknowledged."""
    until = time.monotonic() + 0.8
    while time.monotonic() < until:
        for text in (GOOD, PROMISE):
            answer = await sdk_reply(client, text)
            assert answer.sendable is None or text == GOOD
            if answer.error is None:
                acknowledged.add(answer.reply_id)


async def test_sigterm_answers_who_is_inside_and_ends_with_0(tmp_path: Path) -> None:
    """Decisions in flight are answered, long polls too (with what is so far), and nothing waits for their time-out."""
    with serving(tmp_path) as server:
        async with connected(server) as people:
            agent = people["agent-1"]
            held = await agent.reply(reply(PROMISE))
            wait = reply_pb2.WaitReplyRequest(reply_id=held.reply_id)
            polls = [
                asyncio.create_task(agent.call("ReplyService/WaitReply", wait, reply_pb2.WaitReplyResponse, 60.0))
                for _ in range(20)
            ]
            await asyncio.sleep(0.3)
            decisions = [asyncio.create_task(agent.reply(reply())) for _ in range(100)]
            await asyncio.sleep(0.05)
            began = time.monotonic()
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
            assert answered
            assert await asyncio.to_thread(server.process.wait, 20) == 0
            assert time.monotonic() - began < 8
        await check_record(server, None, answered)


async def test_a_restart_keeps_what_was_held(tmp_path: Path) -> None:
    with serving(tmp_path) as server:
        async with connected(server) as people:
            held = await people["agent-1"].reply(reply(PROMISE))
            token = await people["vera"].claim(held.item_id)
        assert await asyncio.to_thread(server.terminate) == 0
        with started(tmp_path, server.settings) as (process, address):
            again = Server(
                process=process,
                address=address,
                data_dir=tmp_path,
                bearers=server.bearers,
                verifier_key=server.verifier_key,
            )
            async with connected(again) as people:
                await people["vera"].rule(held.item_id, token, "RELEASE")
                read = reply_pb2.GetReplyRequest(reply_id=held.reply_id)
                answer = (
                    await people["agent-1"].call("ReplyService/GetReply", read, reply_pb2.GetReplyResponse)
                ).answer
            assert answer.state == reply_pb2.REPLY_STATE_RELEASED
            assert answer.content.text == PROMISE


async def test_long_polls_do_not_crowd_out_decisions(tmp_path: Path) -> None:
    with serving(tmp_path, max_concurrent=8, max_waiting=30) as server:
        async with connected(server) as people:
            agent = people["agent-1"]
            held = await agent.reply(reply(PROMISE))
            wait = reply_pb2.WaitReplyRequest(reply_id=held.reply_id)
            polls = [
                asyncio.create_task(agent.call("ReplyService/WaitReply", wait, reply_pb2.WaitReplyResponse, 60.0))
                for _ in range(30)
            ]
            await asyncio.sleep(0.3)
            refused = await agent.refused("ReplyService/WaitReply", wait)
            assert (refused.code, refused.reason) == ("RESOURCE_EXHAUSTED", "OVERLOADED")
            for _ in range(5):
                assert (await agent.reply(reply())).state == reply_pb2.REPLY_STATE_SENDABLE
            await people["vera"].rule(held.item_id, await people["vera"].claim(held.item_id), "RELEASE")
            for poll in await asyncio.gather(*polls):
                assert poll.answer.content.text == PROMISE
