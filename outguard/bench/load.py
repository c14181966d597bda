"""Load on an async call: as fast as it goes, or at a fixed rate where lateness counts as latency."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any, TypeVar

from outguard.bench.score import percentiles

Call = Callable[[], Awaitable[object]]
T = TypeVar("T")
_TURN = 50
"""Inputs that one call gets before it is the next one's turn."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Measured:
    """What a run gave: seconds it took, latency of each answered call in milliseconds, failed calls.

    `cpu_s`: processor time that this process used meanwhile, for both sides of a call where both are in it.
    """

    seconds: float
    latencies_ms: tuple[float, ...]
    failed: int = 0
    cpu_s: float = 0.0

    @property
    def per_s(self) -> float:
        """Answered calls a second."""
        return len(self.latencies_ms) / self.seconds if self.seconds > 0 else 0.0

    def as_row(self) -> dict[str, Any]:
        """Throughput and percentiles, in JSON types."""
        return {
            "per_s": round(self.per_s, 1),
            "calls": len(self.latencies_ms),
            "failed": self.failed,
            "cpu_ms": round(self.cpu_s / max(1, len(self.latencies_ms)) * 1000, 3),
            "latency_ms": percentiles(self.latencies_ms),
        }


def measure_together(
    calls: Mapping[str, Callable[[T], object]], inputs: Iterator[T], seconds: float, *, warm_up: int = 0
) -> dict[str, Measured]:
    """Measure several calls in turns, each over the same inputs, so that a busy machine slows all of them alike.

    The first `warm_up` inputs go through each without being counted.
    """
    for item in islice(inputs, warm_up):
        for call in calls.values():
            call(item)
    latencies: dict[str, list[float]] = {name: [] for name in calls}
    cpu_s = dict.fromkeys(calls, 0.0)
    ends = time.perf_counter() + seconds
    while time.perf_counter() < ends:
        items = list(islice(inputs, _TURN))
        for name, call in calls.items():
            cpu, before = time.process_time(), time.perf_counter()
            for item in items:
                call(item)
                after = time.perf_counter()
                latencies[name].append((after - before) * 1000)
                before = after
            cpu_s[name] += time.process_time() - cpu
    return {
        name: Measured(seconds=sum(found) / 1000, latencies_ms=tuple(found), cpu_s=cpu_s[name])
        for name, found in latencies.items()
    }


async def measure_full(call: Call, seconds: float, *, callers: int) -> Measured:
    """`callers` tasks that call again as soon as they are answered."""
    tally = _Tally()
    started = time.perf_counter()

    async def caller() -> None:
        while time.perf_counter() - started < seconds:
            await tally.timed(call, time.perf_counter())

    await asyncio.gather(*(caller() for _ in range(callers)))
    return tally.measured(time.perf_counter() - started)


async def measure_rate(call: Call, seconds: float, *, per_s: float) -> Measured:
    """Calls at a fixed rate, answered or not; latency counts from when a call was due."""
    tally = _Tally()
    started = time.perf_counter()
    tasks: set[asyncio.Task[None]] = set()
    for number in range(max(1, int(seconds * per_s))):
        due = started + number / per_s
        ahead = due - time.perf_counter()
        if ahead > 0:
            await asyncio.sleep(ahead)
        task = asyncio.create_task(tally.timed(call, due))
        tasks.add(task)
        task.add_done_callback(tasks.discard)
    await asyncio.gather(*tasks)
    return tally.measured(time.perf_counter() - started)


class _Tally:
    """Latencies and failures of one run."""

    def __init__(self) -> None:
        self._latencies: list[float] = []
        self._failed = 0
        self._cpu_s = time.process_time()

    async def timed(self, call: Call, since: float) -> None:
        try:
            await call()
        except Exception:  # noqa: BLE001 - a failed call is a number here, whatever it is
            self._failed += 1
            return
        self._latencies.append((time.perf_counter() - since) * 1000)

    def measured(self, seconds: float) -> Measured:
        cpu_s = time.process_time() - self._cpu_s
        return Measured(seconds=seconds, latencies_ms=tuple(self._latencies), failed=self._failed, cpu_s=cpu_s)
