"""Load runs count every call, tell failures from answers and charge lateness."""

from __future__ import annotations

import asyncio
import time
from itertools import islice

from outguard.bench.load import Measured, measure_full, measure_rate, measure_together
from outguard.bench.text import bench_replies, replies


def test_calls_in_turns_get_the_same_inputs_and_warm_ups_do_not_count() -> None:
    seen: dict[str, list[int]] = {"one": [], "two": []}
    calls = {name: found.append for name, found in seen.items()}
    measured = measure_together(calls, iter(range(1_000_000)), 0.005, warm_up=7)
    assert seen["one"] == seen["two"] == list(range(len(seen["one"])))
    for one in measured.values():
        assert len(one.latencies_ms) == len(seen["one"]) - 7 > 0
        assert one.per_s > 0


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
    texts = list(islice(replies(), 480))
    assert len(set(texts)) == 480
    assert all(280 <= len(text) <= 360 for text in texts)
    assert 290 <= sum(map(len, texts)) / len(texts) <= 320


def test_replies_are_the_same_in_every_run_and_speak_to_their_recipient() -> None:
    first, again = list(islice(bench_replies(), 96)), list(islice(bench_replies(), 96))
    assert first == again
    assert all(reply.name.split()[0] in reply.text for reply in first)
