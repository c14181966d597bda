"""Group commit under pressure: bounded queue, poison, outages, shutdown."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import TypeVar

import pytest
from sqlalchemy import Connection
from store_values import TENANT, a_call, a_change, a_draft, a_reply, a_token, check_tree

from outguard.errors import InvalidInputError, OutguardError, UnavailableError, VersionConflictError
from outguard.ports import Change
from outguard.storage.changes import Touched
from outguard.storage.committer import GroupCommitter
from outguard.storage.engine import Database, open_database
from outguard.storage.migrate import migrate
from outguard.storage.store import SqlStore

T = TypeVar("T")


class FlakyDatabase:
    """A database whose writes can be held back or made to fail."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self.dialect = database.dialect
        self.answers_at_once = database.answers_at_once
        self.look_up = database.look_up
        self.read = database.read
        self.close = database.close
        self.gate = asyncio.Event()
        self.gate.set()
        self.faults: list[Exception] = []
        self.writes = 0

    async def write(self, work: Callable[[Connection], T]) -> T:
        """Wait at the gate, then fail or write."""
        await self.gate.wait()
        self.writes += 1
        if self.faults:
            raise self.faults.pop(0)
        return await self._database.write(work)


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[FlakyDatabase]:
    """A migrated database."""
    opened = open_database(database_url)
    await migrate(opened)
    yield FlakyDatabase(opened)
    await opened.close()


async def _commit_all(committer: GroupCommitter, changes: list[Change]) -> list[object]:
    return list(await asyncio.gather(*map(committer.commit, changes), return_exceptions=True))


def _replies(count: int) -> list[Change]:
    return [a_change(replies=(a_reply(f"reply-{one}"),), entries=(a_draft(f"reply-{one}"),)) for one in range(count)]


async def _size(database: FlakyDatabase) -> int:
    store = SqlStore(database)
    size = await check_tree(store)
    await store._committer.close()
    await store._watcher.close()
    return size


async def test_what_waits_together_is_written_together(database: FlakyDatabase) -> None:
    committer = GroupCommitter(database)
    answers = await _commit_all(committer, _replies(50))
    assert all(isinstance(answer, tuple) for answer in answers)
    assert database.writes == 1
    await committer.close()


async def test_batches_are_bounded(database: FlakyDatabase) -> None:
    committer = GroupCommitter(database, max_batch=16)
    await _commit_all(committer, _replies(50))
    assert database.writes == 4
    await committer.close()


async def test_order_is_kept_within_a_batch(database: FlakyDatabase) -> None:
    committer = GroupCommitter(database)
    answers = await asyncio.gather(*map(committer.commit, _replies(50)))
    assert [entries[0].index for entries in answers] == list(range(50))
    await committer.close()


async def test_a_full_queue_is_unavailable(database: FlakyDatabase) -> None:
    committer = GroupCommitter(database, max_batch=1, max_queue=3)
    database.gate.clear()
    commits = [asyncio.create_task(committer.commit(change)) for change in _replies(3)]
    await asyncio.sleep(0.01)
    fourth, fifth = (a_change(replies=(a_reply(name),)) for name in ("fourth", "fifth"))
    commits.append(asyncio.create_task(committer.commit(fourth)))  # one is being written, three wait
    await asyncio.sleep(0.01)
    with pytest.raises(UnavailableError):
        await committer.commit(fifth)
    database.gate.set()
    assert len(await asyncio.gather(*commits)) == 4
    await committer.close()
    assert await _size(database) == 4


async def test_a_value_that_the_database_refuses_fails_alone(database: FlakyDatabase) -> None:
    committer = GroupCommitter(database)
    changes = _replies(10)
    changes[4] = a_change(replies=(a_reply("bad", holding_message="lone \ud800 surrogate"),))
    changes[7] = a_change(replies=(a_reply("big", elapsed_us=2**70),))
    answers = await _commit_all(committer, changes)
    assert [at for at, answer in enumerate(answers) if isinstance(answer, InvalidInputError)] == [4, 7]
    assert sum(isinstance(answer, tuple) for answer in answers) == 8
    await committer.close()
    assert await _size(database) == 8


@pytest.mark.parametrize("value", [float("nan"), object()])
async def test_a_value_without_a_row_fails_before_it_waits(database: FlakyDatabase, value: object) -> None:
    committer = GroupCommitter(database)
    change = a_change(replies=(a_reply(findings=(value,)),))
    with pytest.raises(InvalidInputError):
        await committer.commit(change)
    assert database.writes == 0
    await committer.close()


async def test_a_taken_id_fails_alone(database: FlakyDatabase) -> None:
    committer = GroupCommitter(database)
    await committer.commit(a_change(replies=(a_reply("reply-3"),), tokens=(a_token("tok-1"),)))
    changes = [*_replies(6), a_change("other", tokens=(a_token("tok-1", tenant="other"),))]
    answers = await _commit_all(committer, changes)
    assert [at for at, answer in enumerate(answers) if isinstance(answer, VersionConflictError)] == [3, 6]
    await committer.close()
    assert await _size(database) == 6


async def test_an_outage_fails_the_batch_and_passes(database: FlakyDatabase) -> None:
    committer = GroupCommitter(database)
    database.faults = [ConnectionResetError()]
    answers = await _commit_all(committer, _replies(5))
    assert all(isinstance(answer, UnavailableError) for answer in answers)
    assert database.writes == 1
    assert all(isinstance(answer, tuple) for answer in await _commit_all(committer, _replies(5)))
    await committer.close()
    assert await _size(database) == 5


async def test_an_outage_between_single_changes_fails_the_rest(database: FlakyDatabase) -> None:
    committer = GroupCommitter(database)
    database.faults = [RuntimeError("a fault of the batch"), RuntimeError("again"), ConnectionResetError()]
    answers = await _commit_all(committer, _replies(5))
    assert all(isinstance(answer, UnavailableError) for answer in answers)
    assert database.writes == 3
    await committer.close()
    assert await _size(database) == 0


async def test_a_fault_is_told_without_its_words(database: FlakyDatabase) -> None:
    committer = GroupCommitter(database)
    database.faults = [RuntimeError("the words"), RuntimeError("the words")]
    with pytest.raises(OutguardError) as caught:
        await committer.commit(a_change())
    assert "the words" not in str(caught.value)
    await committer.close()


async def test_a_caller_that_gives_up_before_its_turn_writes_nothing(database: FlakyDatabase) -> None:
    committer = GroupCommitter(database, max_batch=1)
    database.gate.clear()
    first, second = (asyncio.create_task(committer.commit(change)) for change in _replies(2))
    await asyncio.sleep(0.01)
    second.cancel()
    database.gate.set()
    await first
    await committer.close()
    assert second.cancelled()
    assert await _size(database) == 1


async def test_a_caller_that_gives_up_late_disturbs_nobody(database: FlakyDatabase) -> None:
    committer = GroupCommitter(database)
    database.gate.clear()
    first, second = (asyncio.create_task(committer.commit(change)) for change in _replies(2))
    await asyncio.sleep(0.01)
    second.cancel()
    await asyncio.sleep(0)
    database.gate.set()
    assert (await first)[0].index == 0
    await committer.close()


async def test_a_writer_that_is_stopped_answers_everyone(database: FlakyDatabase) -> None:
    committer = GroupCommitter(database, max_batch=2)
    database.gate.clear()
    commits = [asyncio.create_task(committer.commit(change)) for change in _replies(5)]
    await asyncio.sleep(0.01)
    committer._writer.cancel()
    answers = await asyncio.gather(*commits, return_exceptions=True)
    assert all(isinstance(answer, UnavailableError) for answer in answers)
    with pytest.raises(UnavailableError):
        await committer.commit(a_change())
    await committer.close()


@pytest.mark.parametrize("lost", ["replace", "head"])
async def test_a_row_that_takes_no_effect_undoes_the_batch(
    database: FlakyDatabase, monkeypatch: pytest.MonkeyPatch, lost: str
) -> None:
    committer = GroupCommitter(database)
    await committer.commit(a_change(replies=(a_reply(),)))
    if lost == "replace":
        monkeypatch.setattr("outguard.storage.statements.Writes.replace", lambda *_: False)
    else:
        monkeypatch.setattr("outguard.storage.batch.run_count", lambda *_: 0)
    with pytest.raises(VersionConflictError):
        await committer.commit(a_change(replies=(a_reply(version=2),)))
    await committer.close()
    monkeypatch.undo()
    assert await _size(database) == 1


async def test_who_listens_hears_what_was_written_and_no_more(database: FlakyDatabase) -> None:
    heard: list[Touched] = []
    committer = GroupCommitter(database, on_written=heard.extend)
    await committer.commit(a_change(replies=(a_reply(),)))
    with pytest.raises(VersionConflictError):
        await committer.commit(a_change(replies=(a_reply(version=7),)))
    assert heard == [Touched("replies", "reply-1", 1, TENANT), Touched("audit_heads", TENANT, 1, TENANT)]
    await committer.close()


async def test_a_change_of_the_same_call_waits_its_turn(database: FlakyDatabase) -> None:
    committer = GroupCommitter(database)
    same = [a_change(call=a_call(), replies=(a_reply(f"reply-{one}"),)) for one in range(3)]
    answers = await _commit_all(committer, [*same, *_replies(9)[3:]])
    assert [isinstance(answer, tuple) for answer in answers] == [True, False, False] + [True] * 6
    await committer.close()
