"""Wakes those who wait for a record to move.

Commits of this process wake their waiters at once. Those of other replicas are found by one shared look at all the
versions waited for every `interval_s`, so that a thousand waiters cost a few queries a second and no connection.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping
from contextlib import suppress

from outguard.errors import OutguardError, UnavailableError
from outguard.storage.changes import Touched

Key = tuple[str, str]
POLL_INTERVAL_S = 0.25


class Watcher:
    """`fetch` gives the present versions of (tenant, subject id) pairs, leaving out unknown ones."""

    def __init__(
        self,
        fetch: Callable[[Collection[Key]], Awaitable[Mapping[Key, int]]],
        *,
        interval_s: float = POLL_INTERVAL_S,
    ) -> None:
        self._fetch = fetch
        self._interval_s = interval_s
        self._waiters: defaultdict[Key, dict[asyncio.Future[None], int]] = defaultdict(dict)
        self._fresh: set[Key] = set()
        self._kick = asyncio.Event()
        self._poller: asyncio.Task[None] | None = None
        self._is_closed = False

    async def wait(self, tenant: str, subject_id: str, *, version: int, timeout_s: float) -> None:
        """As `ports.Store.wait_for_change`."""
        if self._is_closed:
            raise UnavailableError("the store is closed")
        key = (tenant, subject_id)
        moved: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiters[key][moved] = version
        self._fresh.add(key)
        self._kick.set()
        if self._poller is None or self._poller.done():
            self._poller = asyncio.create_task(self._poll(), name="outguard-watch")
        try:
            with suppress(TimeoutError):
                async with asyncio.timeout(timeout_s):
                    await moved
        finally:
            self._waiters[key].pop(moved, None)
            if not self._waiters[key]:
                del self._waiters[key]

    def notify(self, records: Iterable[Touched]) -> None:
        """Wake whoever waits for one of `records`, just written."""
        if self._waiters:
            for record in records:
                self._wake((record.tenant, record.record_id), record.version)

    async def close(self) -> None:
        """Let all waiters go."""
        self._is_closed = True
        for waiters in self._waiters.values():
            for moved in waiters:
                if not moved.done():
                    moved.set_result(None)
        self._kick.set()
        if self._poller is not None:
            self._poller.cancel()
            await asyncio.wait([self._poller])

    async def _poll(self) -> None:
        loop = asyncio.get_running_loop()
        whole_round = loop.time() + self._interval_s
        while self._waiters:
            self._kick.clear()
            is_due = loop.time() >= whole_round
            keys = list(self._waiters) if is_due else [key for key in self._fresh if key in self._waiters]
            self._fresh.clear()
            if is_due:
                whole_round = loop.time() + self._interval_s
            with suppress(OutguardError):  # a hint only: the caller's own read tells the fault
                for key, version in (await self._fetch(keys)).items() if keys else ():
                    self._wake(key, version)
            with suppress(TimeoutError):
                async with asyncio.timeout_at(whole_round):
                    await self._kick.wait()

    def _wake(self, key: Key, version: int) -> None:
        for moved, seen in self._waiters.get(key, {}).items():
            if version > seen and not moved.done():
                moved.set_result(None)
