"""Load on an async call: as fast as it goes, or at a fixed rate where lateness counts as latency."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from outguard.bench.score import percentiles

Call = Callable[[], Awaitable[object]]


@dataclass(frozen=True, kw_only=True, slots=True)
class Measured:
    """What a run gave: seconds it took, latency of each answered call in milliseconds, failed calls."""

    seconds: float
    latencies_ms: tuple[float, ...]
    failed: int = 0

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
            "latency_ms": percentiles(self.latencies_ms),
        }


def measure_sync(call: Callable[[], object], seconds: float) -> Measured:
    """Call again and again from this thread."""
    latencies: list[float] = []
    started = now = time.perf_counter()
    while now - started < seconds:
        call()
        after = time.perf_counter()
        latencies.append((after - now) * 1000)
        now = after
    return Measured(seconds=now - started, latencies_ms=tuple(latencies))


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

    async def timed(self, call: Call, since: float) -> None:
        try:
            await call()
        except Exception:  # noqa: BLE001 - a failed call is a number here, whatever it is
            self._failed += 1
            return
        self._latencies.append((time.perf_counter() - since) * 1000)

    def measured(self, seconds: float) -> Measured:
        return Measured(seconds=seconds, latencies_ms=tuple(self._latencies), failed=self._failed)
