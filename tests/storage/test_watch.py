"""Who waits for a record is woken once it moves, at little cost."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Mapping

import pytest

from outguard.errors import UnavailableError
from outguard.storage.changes import Touched
from outguard.storage.watch import Key, Watcher


class Versions:
    """What a database would say, and what it was asked."""

    def __init__(self) -> None:
        self.present: dict[Key, int] = {}
        self.asked: list[list[Key]] = []
        self.is_down = False

    async def fetch(self, keys: Collection[Key]) -> Mapping[Key, int]:
        """The versions known."""
        self.asked.append(list(keys))
        if self.is_down:
            raise UnavailableError("down")
        return {key: self.present[key] for key in keys if key in self.present}


def _wait(watcher: Watcher, name: str, *, timeout_s: float = 30) -> asyncio.Task[None]:
    return asyncio.create_task(watcher.wait("default", name, version=1, timeout_s=timeout_s))


async def test_a_commit_of_this_process_wakes_at_once() -> None:
    versions = Versions()
    watcher = Watcher(versions.fetch, interval_s=60)
    waiting, other = _wait(watcher, "a"), _wait(watcher, "b")
    await asyncio.sleep(0.01)
    watcher.notify([Touched("replies", "a", 1, "default"), Touched("replies", "a", 2, "other")])
    await asyncio.sleep(0.01)
    assert not waiting.done()
    watcher.notify([Touched("replies", "a", 2, "default")])
    await waiting
    assert not other.done()
    await watcher.close()
    await other


async def test_many_waiters_share_one_look() -> None:
    versions = Versions()
    watcher = Watcher(versions.fetch, interval_s=0.05)
    waiting = [_wait(watcher, f"w-{one}") for one in range(100)]
    await asyncio.sleep(0.02)
    assert [len(keys) for keys in versions.asked] == [100]
    versions.present = {("default", f"w-{one}"): 2 for one in range(100)}
    async with asyncio.timeout(5):
        await asyncio.gather(*waiting)
    assert len(versions.asked) == 2
    await watcher.close()


async def test_a_newcomer_costs_a_look_at_itself_alone() -> None:
    versions = Versions()
    watcher = Watcher(versions.fetch, interval_s=60)
    first = _wait(watcher, "a")
    await asyncio.sleep(0.01)
    second = _wait(watcher, "b")
    await asyncio.sleep(0.01)
    assert versions.asked == [[("default", "a")], [("default", "b")]]
    await watcher.close()
    await asyncio.gather(first, second)


async def test_nothing_is_asked_once_nobody_waits() -> None:
    versions = Versions()
    watcher = Watcher(versions.fetch, interval_s=0.01)
    await _wait(watcher, "a", timeout_s=0.03)
    await asyncio.sleep(0.02)
    asked = len(versions.asked)
    await asyncio.sleep(0.05)
    assert len(versions.asked) == asked
    assert not watcher._waiters
    await watcher.close()


async def test_an_outage_ends_no_wait() -> None:
    versions = Versions()
    versions.is_down = True
    watcher = Watcher(versions.fetch, interval_s=0.01)
    waiting = _wait(watcher, "a")
    await asyncio.sleep(0.05)
    assert not waiting.done()
    versions.is_down = False
    versions.present = {("default", "a"): 2}
    async with asyncio.timeout(5):
        await waiting
    await watcher.close()


async def test_a_cancelled_waiter_leaves_nothing() -> None:
    watcher = Watcher(Versions().fetch, interval_s=60)
    waiting, other = _wait(watcher, "a"), _wait(watcher, "a")
    await asyncio.sleep(0.01)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    watcher.notify([Touched("items", "a", 2, "default")])
    await other
    assert not watcher._waiters
    await watcher.close()


async def test_news_that_nobody_waits_for_are_nobodys() -> None:
    watcher = Watcher(Versions().fetch)
    watcher.notify([Touched("replies", "a", 2, "default")])
    assert not watcher._waiters
    await watcher.close()


async def test_closing_lets_go_of_the_woken_and_the_waiting() -> None:
    watcher = Watcher(Versions().fetch, interval_s=60)
    woken, waiting = _wait(watcher, "a"), _wait(watcher, "b")
    await asyncio.sleep(0.01)
    watcher.notify([Touched("replies", "a", 2, "default")])
    await watcher.close()
    await asyncio.gather(woken, waiting)


async def test_a_closed_watcher_refuses() -> None:
    watcher = Watcher(Versions().fetch)
    await watcher.close()
    with pytest.raises(UnavailableError):
        await watcher.wait("default", "a", version=1, timeout_s=1)
