"""Short judgements, one right after the other.

A judgement and what is done around it (gRPC, conversion, sealing, the commit) push each other out of the processor's
caches. So what waits at the same time is judged in one turn, and goes on together, to one commit. gRPC hands over one
call in each round of the event loop: a server that has just had a turn therefore waits a moment for company before the
next one, as long as somebody comes. A server that is not busy judges at once.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from typing import Generic, TypeVar

T = TypeVar("T")
TURN_S = 0.03
"""After so long the loop sees to everything else before it goes on judging."""
BUSY_SHARE = 0.75
"""A turn that would follow on another after less than this share of its length gathers company."""
GATHER_S = 0.001
"""It waits as long as in each such moment somebody came, ..."""
MOST_GATHER_S = 0.005
"""... but no longer than this, ..."""
ENOUGH = 32
"""... and not for more than these, about what a turn has time for."""


class Turns(Generic[T]):
    """Runs short jobs in the order in which they were asked for, in one event loop."""

    def __init__(self, monotonic: Callable[[], float], *, turn_s: float = TURN_S) -> None:
        self._monotonic = monotonic
        self._turn_s = turn_s
        self._waiting: deque[tuple[Callable[[], T], asyncio.Future[T]]] = deque()
        self._busy_until = float("-inf")

    async def run(self, job: Callable[[], T]) -> T:
        """What `job` returns or raises. A caller that stops waiting before its turn spares the work."""
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[T] = loop.create_future()
        self._waiting.append((job, answer))
        if len(self._waiting) == 1:
            now = self._monotonic()
            if now < self._busy_until:
                loop.call_later(GATHER_S, self._gather, 1, now + MOST_GATHER_S)
            else:
                loop.call_soon(self._take_turn)
        return await answer

    def _gather(self, before: int, until: float) -> None:
        """Wait on if somebody came, else begin."""
        now_waiting = len(self._waiting)
        if before < now_waiting < ENOUGH and self._monotonic() < until:
            asyncio.get_running_loop().call_later(GATHER_S, self._gather, now_waiting, until)
        else:
            self._take_turn()

    def _take_turn(self) -> None:
        began = self._monotonic()
        until = began + self._turn_s
        try:
            while self._waiting:
                _do(*self._waiting.popleft())
                if self._monotonic() >= until:
                    break
        finally:
            ended = self._monotonic()
            self._busy_until = ended + BUSY_SHARE * (ended - began)
            if self._waiting:
                asyncio.get_running_loop().call_soon(self._take_turn)


def _do(job: Callable[[], T], answer: asyncio.Future[T]) -> None:
    if answer.done():
        return
    try:
        result = job()
    except Exception as error:  # noqa: BLE001 - it is the asker's
        answer.set_exception(error)
    else:
        answer.set_result(result)
