"""`kill -9` of a real server under load: nothing acknowledged is lost or half written, and the record verifies."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from outguard.audit.export import verify_export
from outguard.bootstrap import build_system
from outguard.cli.audit import write_export
from outguard.cli.credentials import Person, issue
from outguard.client import AsyncClient, Customer, Money, Recipient, ReplyState
from outguard.config import Settings
from outguard.domain.audit import Entry
from outguard.domain.principal import Role

START_LIMIT_S = 60.0
LOAD_S = 1.5
WORKERS = 16
TEXTS = (
    "Hello Maria, your parcel left our warehouse this morning and is on its way to you.",
    "Hello Maria, I have refunded $80.00 for you, consider it done.",
)


@contextmanager
def running(data_dir: Path) -> Iterator[tuple[subprocess.Popen[bytes], str]]:
    """A real server process on `data_dir`, and its address; killed at the end if it still runs."""
    ready = data_dir / "ready.json"
    ready.unlink(missing_ok=True)
    command = [sys.executable, "-m", "outguard", "serve", "--data-dir", str(data_dir), "--listen", "127.0.0.1:0"]
    environment = {key: value for key, value in os.environ.items() if not key.startswith("OUTGUARD_")}
    with (data_dir / "server.log").open("ab") as log:
        process = subprocess.Popen(
            [*command, "--ready-file", str(ready)], stdout=log, stderr=log, stdin=subprocess.DEVNULL, env=environment
        )
        try:
            deadline = time.monotonic() + START_LIMIT_S
            while not ready.exists():
                assert process.poll() is None, "the server did not start"
                assert time.monotonic() < deadline, "the server was not ready in time"
                time.sleep(0.02)
            yield process, json.loads(ready.read_text())["address"]
        finally:
            process.kill()
            process.wait()


async def prepare(data_dir: Path) -> str:
    """A fresh store with one agent's token."""
    system = await build_system(Settings(data_dir=data_dir))
    try:
        people = (Person(id="agent-1", role=Role.AGENT, topics=("support.*",)),)
        return (await issue(system.services, people))["agent-1"]
    finally:
        await system.services.store.close()


async def load(address: str, token: str, victim: subprocess.Popen[bytes]) -> tuple[set[str], set[str]]:
    """Hammer the server, kill it in the middle; ids of replies and actions that were acknowledged."""
    replies: set[str] = set()
    actions: set[str] = set()
    stop = asyncio.Event()

    async def worker(client: AsyncClient, number: int) -> None:
        count = 0
        while not stop.is_set():
            count += 1
            conversation = f"conv-{number}-{count % 5}"
            decision = await client.evaluate_reply(
                conversation_id=conversation,
                recipient=Recipient(customer_id="c-1", display_name="Maria Lopez"),
                customer=Customer(id="c-1", name="Maria Lopez"),
                text=TEXTS[count % 2],
                timeout_s=2.0,
            )
            if decision.reply_id and decision.error is None:
                replies.add(decision.reply_id)
            action = await client.evaluate_action(
                conversation_id=conversation,
                topic="support.refund",
                amount=Money(amount="20.00", currency="USD"),
                target="ORD-1",
                customer_id="c-1",
                timeout_s=2.0,
            )
            if action.action_id and action.error is None:
                actions.add(action.action_id)

    async with AsyncClient(address, token) as client:
        tasks = [asyncio.create_task(worker(client, number)) for number in range(WORKERS)]
        await asyncio.sleep(LOAD_S)
        victim.send_signal(signal.SIGKILL)
        stop.set()
        await asyncio.gather(*tasks)
    return replies, actions


async def check(data_dir: Path, address: str, token: str, replies: set[str], actions: set[str]) -> None:
    """The restarted server knows every acknowledged decision, and every row has its entry and the other way round."""
    system = await build_system(Settings(data_dir=data_dir))
    try:
        store = system.services.store
        head = await store.head("default")
        entries: list[Entry] = []
        while len(entries) < head.size:
            entries += await store.list_entries("default", start=len(entries), limit=500)
        decided = {entry.subject_id for entry in entries if entry.kind == "reply.decided"}
        gated = {entry.subject_id for entry in entries if entry.kind == "action.decided"}
        assert replies <= decided
        assert actions <= gated
        for reply_id in decided:  # an entry without its row would raise here
            record = await store.get_reply("default", reply_id)
            assert (record.item_id is None) == record.state.may_be_sent
            if record.item_id is not None:
                assert (await store.get_item("default", record.item_id)).subject_id == reply_id
        for action_id in gated:
            await store.get_action("default", action_id)
        lines: list[str] = []
        await write_export(system.services, "default", lines.append)
        report = verify_export(lines, verifier_key=system.services.signer.verifier_key("outguard/default"))
        assert report.is_valid, report.problems
    finally:
        await store.close()
    async with AsyncClient(address, token) as client:
        for reply_id in sorted(replies)[:20]:
            answer = await client.get_reply(reply_id)
            assert answer.error is None
            assert answer.state in {ReplyState.SENDABLE, ReplyState.HELD}


@pytest.mark.parametrize("round_", range(2))
def test_nothing_acknowledged_is_lost(tmp_path: Path, round_: int) -> None:  # noqa: ARG001 - twice, for other timing
    token = asyncio.run(prepare(tmp_path))
    with running(tmp_path) as (process, address):
        replies, actions = asyncio.run(load(address, token, process))
        assert process.wait(10) == -signal.SIGKILL
    assert len(replies) > WORKERS
    assert len(actions) > WORKERS
    with running(tmp_path) as (process, address):
        asyncio.run(check(tmp_path, address, token, replies, actions))
    log = (tmp_path / "server.log").read_text()
    assert "Maria" not in log
    assert "Traceback" not in log
