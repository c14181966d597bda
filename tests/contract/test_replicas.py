"""What holds when several processes share one database, and when one of them dies."""

from __future__ import annotations

import asyncio
import json
import signal
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from store_values import (
    TENANT,
    a_board,
    a_call,
    a_change,
    a_draft,
    a_full_action,
    a_full_approval,
    a_full_item,
    a_full_reply,
    a_pause,
    a_reply,
    a_token,
    check_tree,
)

from outguard.errors import DuplicateCallError, VersionConflictError
from outguard.ports import Seen
from outguard.storage.store import SqlStore, open_store

_WRITER = Path(__file__).with_name("endless_writer.py")


@pytest.fixture
async def replicas(database_url: str) -> AsyncIterator[tuple[SqlStore, SqlStore]]:
    """Two stores on one database, opened at the same time on an empty one."""
    pair = await asyncio.gather(open_store(database_url), open_store(database_url))
    yield pair[0], pair[1]
    for one in pair:
        await one.close()


async def test_replicas_fill_one_tree_without_gaps(replicas: tuple[SqlStore, SqlStore]) -> None:
    async def commit(number: int) -> list[int]:
        store = replicas[number % 2]
        entries = [
            await store.commit(a_change(replies=(a_reply(f"reply-{number}-{at}"),), call=a_call(f"{number}-{at}")))
            for at in range(10)
        ]
        return [one[0].index for one in entries]

    indexes = await asyncio.gather(*map(commit, range(32)))
    assert sorted(index for mine in indexes for index in mine) == list(range(320))
    assert await check_tree(replicas[0]) == 320
    assert await check_tree(replicas[1]) == 320


async def test_replicas_write_for_many_tenants_without_deadlock(replicas: tuple[SqlStore, SqlStore]) -> None:
    names = [f"tenant-{number % 5}" for number in range(100)]
    await asyncio.gather(*(replicas[at % 2].commit(a_change(name)) for at, name in enumerate(names)))
    assert [await check_tree(replicas[0], name) for name in sorted(set(names))] == [20] * 5


async def test_what_one_replica_acknowledged_the_other_reads(replicas: tuple[SqlStore, SqlStore]) -> None:
    for version in range(1, 6):
        await replicas[version % 2].commit(a_change(replies=(a_reply(version=version),)))
        assert (await replicas[(version + 1) % 2].get_reply(TENANT, "reply-1")).version == version


async def test_a_pause_on_one_replica_stops_the_next_decision_on_the_other(
    replicas: tuple[SqlStore, SqlStore],
) -> None:
    """R15: a decision that read the board before the pause is not written after it, on whatever replica."""
    here, there = replicas
    seen = Seen(kind="pause_boards", record_id=TENANT, version=(await there.get_pauses(TENANT)).version)
    await here.commit(a_change(pause_boards=(a_board(a_pause()),)))
    with pytest.raises(VersionConflictError):
        await there.commit(a_change(replies=(a_reply(),), seen=(seen,)))
    assert len((await there.get_pauses(TENANT)).pauses) == 1


async def test_of_decisions_that_race_with_a_pause_none_follows_its_acknowledgement(
    replicas: tuple[SqlStore, SqlStore],
) -> None:
    seen = Seen(kind="pause_boards", record_id=TENANT, version=0)
    written: list[int] = []

    async def decide(number: int) -> bool:
        try:
            await replicas[number % 2].commit(a_change(replies=(a_reply(f"r-{number}"),), seen=(seen,)))
        except VersionConflictError:
            return False
        written.append(number)
        return True

    async def pause() -> None:
        await asyncio.sleep(0.002)
        await replicas[0].commit(a_change(pause_boards=(a_board(a_pause()),)))

    await asyncio.gather(pause(), *map(decide, range(60)))
    assert not any([await decide(number) for number in range(1000, 1004)])
    assert await check_tree(replicas[1]) == len(written) + 1


async def test_of_two_replicas_one_wins_a_record(replicas: tuple[SqlStore, SqlStore]) -> None:
    await replicas[0].commit(a_change(replies=(a_reply(),)))
    for version in range(2, 12):
        change = a_change(replies=(a_reply(version=version),))
        answers = await asyncio.gather(*(one.commit(change) for one in replicas), return_exceptions=True)
        assert sorted(type(answer).__name__ for answer in answers) == ["VersionConflictError", "tuple"]
    assert await check_tree(replicas[0]) == 11


async def test_of_two_replicas_one_takes_a_call(replicas: tuple[SqlStore, SqlStore]) -> None:
    for number in range(10):
        change = a_change(call=a_call(str(number)))
        answers = await asyncio.gather(*(one.commit(change) for one in replicas), return_exceptions=True)
        assert sum(isinstance(answer, DuplicateCallError) for answer in answers) == 1
    assert await check_tree(replicas[0]) == 10


async def test_of_two_replicas_one_takes_a_new_id(replicas: tuple[SqlStore, SqlStore]) -> None:
    for number in range(10):
        change = a_change(replies=(a_reply(f"reply-{number}"),))
        answers = await asyncio.gather(*(one.commit(change) for one in replicas), return_exceptions=True)
        assert sum(isinstance(answer, VersionConflictError) for answer in answers) == 1
    assert await check_tree(replicas[0]) == 10


async def test_a_waiter_wakes_for_another_replica(replicas: tuple[SqlStore, SqlStore]) -> None:
    await replicas[0].commit(a_change(replies=(a_reply(),)))
    waiting = asyncio.create_task(replicas[1].wait_for_change(TENANT, "reply-1", version=1, timeout_s=30))
    await asyncio.sleep(0.05)
    await replicas[0].commit(a_change(replies=(a_reply(version=2),)))
    async with asyncio.timeout(5):
        await waiting


async def test_everything_is_there_after_reopening(database_url: str) -> None:
    call = a_call()
    change = a_change(
        call=call,
        entries=(a_draft("a"), a_draft("b")),
        actions=(a_full_action(),),
        approvals=(a_full_approval(),),
        replies=(a_full_reply(),),
        items=(a_full_item(),),
        tokens=(a_token(),),
    )
    first = await open_store(database_url)
    entries = await first.commit(change)
    head = await first.head(TENANT)
    await first.close()
    second = await open_store(database_url)
    assert await second.get_action(TENANT, "act-1") == a_full_action()
    assert await second.get_approval(TENANT, "apr-1") == a_full_approval()
    assert await second.get_reply(TENANT, "reply-1") == a_full_reply()
    assert await second.get_item(TENANT, "item-1") == a_full_item()
    assert await second.find_token("tok-1") == a_token()
    assert await second.find_call(TENANT, call.principal_id, call.method, call.request_id) == call
    assert await second.list_entries(TENANT) == entries
    assert await second.head(TENANT) == head
    assert (await second.commit(a_change()))[0].index == 2
    assert await check_tree(second) == 3
    await second.close()


async def test_a_killed_writer_loses_nothing_it_acknowledged(database_url: str) -> None:
    acknowledged: set[str] = set()
    for _ in range(3):
        acknowledged |= await _write_until_killed(database_url, at_least=150)
    store = await open_store(database_url)
    size = await check_tree(store)
    entries = await store.list_entries(TENANT, limit=size)
    on_record = {entry.subject_id for entry in entries}
    assert acknowledged <= on_record
    assert len(entries) == len(on_record)
    for reply_id in on_record:
        assert json.loads(next(entry.data for entry in entries if entry.subject_id == reply_id))["subject"] == reply_id
        assert (await store.get_reply(TENANT, reply_id)).item_id == f"item-of-{reply_id}"
        assert (await store.get_item(TENANT, f"item-of-{reply_id}")).subject_id == reply_id
        assert await store.find_call(TENANT, "agent-1", "EvaluateReply", f"call-of-{reply_id}") is not None
    assert {item.subject_id for item in await store.list_items(TENANT, limit=10**6)} == on_record
    await store.close()


async def _write_until_killed(url: str, *, at_least: int) -> set[str]:
    """The ids that a writing process had acknowledged when it was killed in full flight."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, str(_WRITER), url, stdout=asyncio.subprocess.PIPE, env=_environment()
    )
    assert process.stdout is not None
    seen: set[str] = set()
    async with asyncio.timeout(60):
        while len(seen) < at_least:
            line = await process.stdout.readline()
            assert line, "the writer ended by itself"
            seen.add(line.decode().strip())
        process.send_signal(signal.SIGKILL)
        rest = await process.stdout.read()
        await process.wait()
    seen |= {line.decode() for line in rest.split(b"\n")[:-1]}  # a last line without its end was not said
    return seen


def _environment() -> dict[str, str]:
    here = Path(__file__).resolve()
    return {"PYTHONPATH": f"{here.parents[2]}:{here.parents[1]}", "PATH": ""}
