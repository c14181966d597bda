"""`outguard serve --workers`: several real processes on one address and one store are one server to everybody."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import grpc
import pytest
from e2e_server import PROMISE, Caller, Server, action, clean_environment, new_id, reply, serving, settings_of

from outguard.audit.export import verify_export
from outguard.bootstrap import build_system, shipped_rules
from outguard.cli.audit import write_export
from outguard.domain.audit import Entry
from outguard.v1 import gate_pb2, policy_pb2, reply_pb2

WORKERS = 2
CONNECTIONS = 8
"""So many that both workers have some, all but surely: the system shares them out by chance."""
WAIT_S = 90.0
LOAD_S = 2.5


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def store_url(request: pytest.FixtureRequest) -> str | None:
    """The database: None for the embedded one."""
    return None if request.param == "sqlite" else str(request.getfixturevalue("fresh_postgres_database"))


@pytest.fixture
def server(tmp_path: Path, store_url: str | None) -> Iterator[Server]:
    """Two workers."""
    with serving(tmp_path, database_url=store_url, workers=WORKERS, nlp_model="none") as running:
        yield running
        running.terminate()


@asynccontextmanager
async def connections(server: Server, person: str, count: int = CONNECTIONS) -> AsyncIterator[list[Caller]]:
    """Callers over as many connections of their own."""
    async with AsyncExitStack() as stack:
        options = (("grpc.use_local_subchannel_pool", 1),)
        channels = [grpc.aio.insecure_channel(server.address, options) for _ in range(count)]
        for channel in channels:
            await stack.enter_async_context(channel)
            await asyncio.wait_for(channel.channel_ready(), WAIT_S)
        yield [Caller(channel, server.bearers[person]) for channel in channels]


def workers_of(server: Server) -> set[int]:
    """The processes that run now below the server's parent."""
    children = Path(f"/proc/{server.process.pid}/task/{server.process.pid}/children").read_text().split()
    return set(map(int, children))


def still_there(pids: set[int]) -> list[int]:
    """Those of the processes that have not ended."""
    return [pid for pid in pids if Path(f"/proc/{pid}/exe").exists()]


async def until(is_so: Callable[[], bool]) -> None:
    deadline = time.monotonic() + WAIT_S
    while not is_so():
        assert time.monotonic() < deadline
        await asyncio.sleep(0.05)


async def hammer(callers: list[Caller], meanwhile: Callable[[], object]) -> tuple[set[str], set[str]]:
    """Replies and actions without end over all connections; the ids of those that were answered."""
    replies: set[str] = set()
    actions: set[str] = set()
    failed: set[grpc.StatusCode] = set()
    stop = time.monotonic() + LOAD_S

    async def load(caller: Caller) -> None:
        while time.monotonic() < stop:
            try:
                replies.add((await caller.reply(reply(PROMISE if len(replies) % 2 else "All is well."))).reply_id)
                actions.add((await caller.action(action())).action_id)
            except grpc.aio.AioRpcError as error:
                failed.add(error.code())
                await asyncio.sleep(0.05)

    async def disturb() -> None:
        await asyncio.sleep(LOAD_S / 3)
        meanwhile()

    await asyncio.gather(disturb(), *map(load, callers))
    assert failed <= {grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.CANCELLED}
    return replies, actions


async def check_record(server: Server, store_url: str | None, replies: set[str], actions: set[str]) -> None:
    """Every answered decision is on the record, every decision on record has its rows, and the record verifies."""
    system = await build_system(settings_of(server.data_dir, store_url), is_judging=False)
    store = system.services.store
    try:
        head = await store.head("default")
        entries: list[Entry] = []
        while len(entries) < head.size:
            entries += await store.list_entries("default", start=len(entries), limit=500)
        decided = {entry.subject_id for entry in entries if entry.kind == "reply.decided"}
        gated = {entry.subject_id for entry in entries if entry.kind == "action.decided"}
        assert replies <= decided
        assert actions <= gated
        for reply_id in decided:  # an entry without its row would raise here
            await store.get_reply("default", reply_id)
        for action_id in gated:
            await store.get_action("default", action_id)
        lines: list[str] = []
        await write_export(system.services, "default", lines.append)
        report = verify_export(lines, verifier_key=server.verifier_key)
        assert report.is_valid, report.problems
    finally:
        await store.close()


async def test_a_killed_worker_loses_nothing_acknowledged(server: Server, store_url: str | None) -> None:
    before = workers_of(server)
    victim = min(before)
    async with connections(server, "agent-1") as callers:
        replies, actions = await hammer(callers, lambda: os.kill(victim, signal.SIGKILL))
        assert len(replies) > CONNECTIONS
        assert len(actions) > CONNECTIONS
        await until(lambda: server.log.count('"serving"') == WORKERS + 1)
        after = workers_of(server)
        assert len(after) == WORKERS
        assert after - before
        assert victim not in after
        assert [json.loads(one)["signal"] for one in server.log.splitlines() if "worker died" in one] == [9]
        replies |= {(await caller.reply(reply())).reply_id for caller in callers}
    await check_record(server, store_url, replies, actions)


async def test_the_end_is_graceful_and_leaves_nobody(server: Server, store_url: str | None) -> None:
    workers = workers_of(server)

    def stop() -> None:
        server.process.send_signal(signal.SIGTERM)

    async with connections(server, "agent-1") as callers:
        replies, actions = await hammer(callers, stop)
    assert await asyncio.to_thread(server.process.wait, WAIT_S) == 0
    assert len(replies) > CONNECTIONS
    assert not still_there(workers)
    await check_record(server, store_url, replies, actions)


async def test_no_worker_outlives_its_parent(server: Server) -> None:
    workers = workers_of(server)
    server.process.kill()
    server.process.wait()
    await until(lambda: not still_there(workers))


async def test_what_one_worker_knows_all_act_on(server: Server) -> None:
    """A pause, a ruling and a request id reach whoever is connected, to whatever worker."""
    async with connections(server, "agent-1") as agents, connections(server, "vera", 1) as (vera,):
        held = await agents[0].reply(reply(PROMISE))
        waiting = [
            asyncio.create_task(
                caller.call(
                    "ReplyService/WaitReply",
                    reply_pb2.WaitReplyRequest(reply_id=held.reply_id),
                    reply_pb2.WaitReplyResponse,
                )
            )
            for caller in agents
        ]
        await asyncio.sleep(0.5)
        await vera.rule(held.item_id, await vera.claim(held.item_id), "RELEASE")
        states = {(await task).answer.state for task in waiting}
        assert states == {reply_pb2.REPLY_STATE_RELEASED}

        same = reply()
        assert len({(await caller.reply(same)).reply_id for caller in agents}) == 1
        at_once = reply()
        answers = await asyncio.gather(*(caller.reply(at_once) for caller in agents))
        assert len({answer.reply_id for answer in answers}) == 1

    async with connections(server, "agent-1") as agents, connections(server, "sena", 1) as (senior,):
        for _ in agents:  # each worker has decided before, and knows the board of then
            await asyncio.gather(*(caller.reply(reply()) for caller in agents))
        pause = gate_pb2.PauseAutomationRequest(
            request_id=new_id(), scope=gate_pb2.PAUSE_SCOPE_TENANT, reason="it answers nonsense"
        )
        await senior.call("GateService/PauseAutomation", pause, gate_pb2.PauseAutomationResponse)
        paused = await asyncio.gather(*(caller.reply(reply()) for caller in agents))
        assert {answer.state for answer in paused} == {reply_pb2.REPLY_STATE_HELD}
        resume = gate_pb2.ResumeAutomationRequest(
            request_id=new_id(), scope=gate_pb2.PAUSE_SCOPE_TENANT, reason="the cause is found"
        )
        await senior.call("GateService/ResumeAutomation", resume, gate_pb2.ResumeAutomationResponse)
        resumed = await asyncio.gather(*(caller.reply(reply()) for caller in agents))
        assert {answer.state for answer in resumed} == {reply_pb2.REPLY_STATE_SENDABLE}


async def test_a_policy_that_one_worker_loads_comes_into_force_in_all(tmp_path: Path, store_url: str | None) -> None:
    """By ReloadPolicy, which one worker hears, and by SIGHUP; the files themselves are not followed here."""
    rules, data = tmp_path / "rules", tmp_path / "data"
    shutil.copytree(shipped_rules(), rules)
    data.mkdir()
    policy = rules / "policy.yaml"
    settings = {"workers": WORKERS, "nlp_model": "none", "rules_dir": rules, "policy_watch_s": 0}
    with serving(data, database_url=store_url, **settings) as server:
        async with connections(server, "adam") as admins:

            async def snapshots() -> set[str]:
                request = policy_pb2.GetSnapshotRequest()
                answers = await asyncio.gather(
                    *(one.call("PolicyService/GetSnapshot", request, policy_pb2.GetSnapshotResponse) for one in admins)
                )
                return {answer.policy.snapshot for answer in answers}

            async def until_all_moved(before: set[str]) -> set[str]:
                deadline = time.monotonic() + WAIT_S
                while len(now := await snapshots()) > 1 or now == before:
                    assert time.monotonic() < deadline
                    await asyncio.sleep(0.1)
                return now

            first = await snapshots()
            assert len(first) == 1
            policy.write_text(policy.read_text().replace("required_approvals: 1", "required_approvals: 2", 1))
            reload_ = policy_pb2.ReloadPolicyRequest(request_id=new_id())
            await admins[0].call("PolicyService/ReloadPolicy", reload_, policy_pb2.ReloadPolicyResponse)
            second = await until_all_moved(first)
            policy.write_text(policy.read_text().replace("required_approvals: 2", "required_approvals: 1", 1))
            server.process.send_signal(signal.SIGHUP)
            assert await until_all_moved(second) == first
        assert server.terminate() == 0


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (("--workers", "65"), "workers"),
        (("--workers", "2", "--listen", "0.0.0.0:9"), "TLS"),
        (("--workers", "2", "--model", "no-such-model"), "model"),
    ],
)
def test_what_cannot_serve_ends_with_one_clear_status(tmp_path: Path, more: tuple[str, ...], said: str) -> None:
    command = [
        sys.executable,
        "-m",
        "outguard",
        "serve",
        "--data-dir",
        str(tmp_path / "var"),
        "--listen",
        "127.0.0.1:0",
    ]
    done = subprocess.run(
        [*command, *more], capture_output=True, text=True, env=clean_environment({}), timeout=WAIT_S, check=False
    )
    assert done.returncode == 2
    assert said in done.stderr
    assert "Traceback" not in done.stderr


def test_an_address_that_somebody_serves_on_is_not_shared(tmp_path: Path) -> None:
    """Not even with workers, who could share it with each other."""
    for name in ("first", "second"):
        (tmp_path / name).mkdir()
    with serving(tmp_path / "first", workers=WORKERS, nlp_model="none") as server:
        command = [sys.executable, "-m", "outguard", "serve", "--workers", "2", "--listen", server.address]
        done = subprocess.run(
            [*command, "--data-dir", str(tmp_path / "second")],
            capture_output=True,
            text=True,
            env=clean_environment({}),
            timeout=WAIT_S,
            check=False,
        )
        assert (done.returncode, "cannot be bound" in done.stderr) == (2, True)
        assert server.terminate() == 0
