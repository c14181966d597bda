"""Load runs count every call, tell failures from answers and charge lateness."""

from __future__ import annotations

import asyncio
import time

from outguard.bench.load import Measured, measure_full, measure_rate, measure_sync
from outguard.bench.text import replies


def test_sync_runs_count_each_call() -> None:
    calls: list[int] = []
    measured = measure_sync(lambda: calls.append(1), 0.01)
    assert len(measured.latencies_ms) == len(calls) > 0
    assert measured.seconds >= 0.01
    assert measured.per_s > 0


async def test_full_load_keeps_all_callers_busy() -> None:
    running = most = 0

    async def call() -> None:
        nonlocal running, most
        running += 1
        most = max(most, running)
        await asyncio.sleep(0.001)
        running -= 1

    measured = await measure_full(call, 0.02, callers=3)
    assert most == 3
    assert measured.failed == 0
    assert len(measured.latencies_ms) >= 3


async def test_failures_are_counted_apart() -> None:
    async def call() -> None:
        await asyncio.sleep(0)
        raise RuntimeError

    measured = await measure_rate(call, 0.01, per_s=500)
    assert (measured.failed, measured.latencies_ms) == (5, ())
    assert measured.as_row()["per_s"] == 0


async def test_a_stall_shows_in_the_latency_of_later_calls() -> None:
    first = True

    async def call() -> None:
        nonlocal first
        if first:
            first = False
            time.sleep(0.05)  # noqa: ASYNC251 - a blocked loop is what is measured

    measured = await measure_rate(call, 0.05, per_s=200)
    assert len(measured.latencies_ms) == 10
    assert sum(latency > 10 for latency in measured.latencies_ms) >= 5


def test_no_time_means_no_rate() -> None:
    assert Measured(seconds=0, latencies_ms=()).per_s == 0.0


def test_replies_are_of_the_promised_length_and_all_differ() -> None:
    source = replies()
    texts = [next(source) for _ in range(50)]
    assert len(set(texts)) == 50
    assert all(280 <= len(text) <= 340 for text in texts)
