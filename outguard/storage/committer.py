"""Group commit: whatever waits is written in one transaction, and acknowledged after it.

Changes keep their order where they touch the same record or request id (such a pair never shares a batch). A change
that conflicts fails alone; a batch that the database refuses is done again one change at a time, so that one poisoned
change cannot fail its neighbours. In doubt nothing is acknowledged.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection
from sqlalchemy.exc import IntegrityError

from outguard.domain.audit import Entry
from outguard.errors import OutguardError, UnavailableError, VersionConflictError
from outguard.ports import Change
from outguard.storage.batch import BatchWriter, MovedError, Outcome, Prepared, prepare
from outguard.storage.changes import Touched
from outguard.storage.engine import Database
from outguard.storage.faults import is_outage, translate


@dataclass(frozen=True, slots=True)
class _Waiting:
    prepared: Prepared
    answer: asyncio.Future[tuple[Entry, ...]]


class GroupCommitter:
    """One writer task over a bounded queue; make it inside a running event loop."""

    def __init__(
        self,
        database: Database,
        *,
        max_batch: int = 256,
        max_queue: int = 4096,
        on_written: Callable[[Iterable[Touched]], None] = lambda _records: None,
    ) -> None:
        self._database = database
        self._batches = BatchWriter(database.dialect)
        self._max_batch = max_batch
        self._max_queue = max_queue
        self._on_written = on_written
        self._queue: deque[_Waiting] = deque()
        self._wake = asyncio.Event()
        self._is_closing = False
        self._writer = asyncio.create_task(self._run(), name="outguard-commit")

    async def commit(self, change: Change) -> tuple[Entry, ...]:
        """As `ports.Committer`. A caller that stops waiting does not undo what is being written."""
        self.check()
        if len(self._queue) >= self._max_queue:
            raise UnavailableError("too many changes wait to be written; try again later")
        waiting = _Waiting(prepare(change), asyncio.get_running_loop().create_future())
        self._queue.append(waiting)
        self._wake.set()
        return await waiting.answer

    def check(self) -> None:
        """Raises UnavailableError if nothing is written any more."""
        if self._is_closing or self._writer.done():
            raise UnavailableError("the store is closed")

    async def close(self) -> None:
        """Take nothing more, write what waits, stop."""
        self._is_closing = True
        self._wake.set()
        await asyncio.wait([self._writer])

    async def _run(self) -> None:
        batch: list[_Waiting] = []
        try:
            while self._queue or not self._is_closing:
                if not self._queue:
                    self._wake.clear()
                    await self._wake.wait()
                    await asyncio.sleep(0)  # whoever is ready in this turn of the loop joins the batch
                batch = self._take()
                if batch:
                    await self._write(batch)
        finally:  # only a cancelled or broken writer leaves anything here
            for waiting in (*batch, *self._queue):
                _answer(waiting, UnavailableError("the store has stopped writing"))

    def _take(self) -> list[_Waiting]:
        """The next changes, no two of which share a key; the others stay in their order."""
        batch: list[_Waiting] = []
        later: list[_Waiting] = []
        keys: set[tuple[str, ...]] = set()
        while self._queue and len(batch) < self._max_batch:
            waiting = self._queue.popleft()
            if waiting.answer.done():
                continue
            (batch if keys.isdisjoint(waiting.prepared.keys) else later).append(waiting)
            keys |= waiting.prepared.keys
        self._queue.extendleft(reversed(later))
        return batch

    async def _write(self, batch: Sequence[_Waiting]) -> None:
        try:
            outcomes = await self._apply(batch, careful=False)
        except Exception as error:  # noqa: BLE001 - whatever happens, every caller is answered
            if is_outage(error):
                outcomes = [translate(error) for _ in batch]
            else:
                outcomes = await self._write_alone(batch)
        self._on_written(_written(batch, outcomes))
        for waiting, outcome in zip(batch, outcomes, strict=True):
            _answer(waiting, outcome)

    async def _write_alone(self, batch: Sequence[_Waiting]) -> list[Outcome]:
        outcomes: list[Outcome] = []
        for waiting in batch:
            try:
                outcomes += await self._apply([waiting], careful=True)
            except (IntegrityError, MovedError):
                outcomes.append(VersionConflictError("a record that should be new is on record already"))
            except Exception as error:  # noqa: BLE001 - whatever happens, every caller is answered
                outcomes.append(translate(error))
                if is_outage(error):
                    break
        return outcomes + [UnavailableError("the database cannot do this now")] * (len(batch) - len(outcomes))

    async def _apply(self, batch: Sequence[_Waiting], *, careful: bool) -> list[Outcome]:
        changes = [waiting.prepared for waiting in batch]

        def work(connection: Connection) -> list[Outcome]:
            return self._batches.apply(connection, changes, careful=careful)

        return await self._database.write(work)


def _written(batch: Sequence[_Waiting], outcomes: Sequence[Outcome]) -> Iterable[Touched]:
    """What waiters may wait for: the records, and the tenant's tree, which goes by the tenant's name."""
    for waiting, outcome in zip(batch, outcomes, strict=True):
        if not isinstance(outcome, OutguardError):
            yield from waiting.prepared.records
            tenant = waiting.prepared.change.tenant
            yield Touched("audit_heads", tenant, outcome[-1].index + 1, tenant)


def _answer(waiting: _Waiting, outcome: Outcome) -> None:
    if waiting.answer.done():
        return
    if isinstance(outcome, OutguardError):
        waiting.answer.set_exception(outcome)
    else:
        waiting.answer.set_result(outcome)
