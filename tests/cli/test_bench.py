"""The bench's ratios come from one run, and a missing number is no number."""

from __future__ import annotations

from typing import Any

from rich.console import Console

from outguard.cli.bench_print import aims, print_result, summary


def part(per_s: float) -> dict[str, Any]:
    return {
        "per_s": per_s,
        "calls": 9,
        "failed": 0,
        "cpu_ms": 1000 / per_s if per_s else 0.0,
        "latency_ms": {"p50": 1.0, "p95": 2.0, "p99": 3.0, "max": 4.0},
    }


ROWS = {
    "echo": {"full": part(4000), "half": part(2000)},
    "presidio": {"full": part(200)},
    "patterns": {"full": part(4000)},
    "judge": {"full": part(2000)},
    "flow": {"full": part(1500)},
    "evaluate_reply": {"full": part(1000), "half": part(500)},
    "workers": {"full": part(1600)},
}


REST: dict[str, Any] = {
    "callers": 32,
    "long_to_short": {"prose": 200.0, "digits": 310.5},
    "footprint": {
        "packs_load_s": 0.5,
        "engine_mb": 120.0,
        "model_load_s": 0.3,
        "model_cpu_ms": 4.5,
        "model_batched_per_s": 220.0,
        "model_mb": 130.0,
    },
}


def test_ratios_are_against_the_same_run() -> None:
    result = summary(ROWS, start_s=1.234, resident=200_000_000, **REST)
    assert result["ratios"] == {
        "evaluate_reply_to_presidio": 5.0,
        "evaluate_reply_to_presidio_by_cpu": None,
        "flow_to_presidio": 7.5,
        "judge_to_presidio": 10.0,
        "patterns_to_presidio": 20.0,
        "evaluate_reply_to_echo": 0.25,
    }
    assert (result["p99_ms_at_half_load"], result["server_start_s"], result["server_resident_mb"]) == (3.0, 1.23, 200.0)


def test_nothing_measured_gives_no_ratio() -> None:
    rows = {**ROWS, "presidio": {"full": part(0)}}
    result = summary(rows, start_s=1, resident=None, **REST)
    assert result["ratios"]["evaluate_reply_to_presidio"] is None
    assert result["server_resident_mb"] is None


def test_the_server_is_charged_its_own_processor_time() -> None:
    served = {**ROWS["evaluate_reply"], "full": {**part(1000), "server_cpu_ms": 2.5}}
    result = summary({**ROWS, "evaluate_reply": served}, start_s=1, resident=None, **REST)
    assert result["ratios"]["evaluate_reply_to_presidio_by_cpu"] == 2.0


def test_the_slowest_kind_of_long_text_is_told() -> None:
    told = {what: measured for what, measured, _ in aims(summary(ROWS, start_s=1, resident=None, **REST))}
    assert told["256 KiB to 1 KiB, slowest text"] == "310.5 times (digits)"


def test_look_ups_of_registered_texts_are_told_where_they_were_measured() -> None:
    result = {**summary(ROWS, start_s=1, resident=None, **REST), "registered": {"look_up_us": 31.5, "mb": 26.8}}
    told = {what: measured for what, measured, _ in aims(result)}
    assert told["look-up among 10,000 registered texts"] == "31.5 µs CPU"
    assert told["memory of 10,000 registered texts"] == "26.8 MB"


def test_the_table_shows_all_side_by_side() -> None:
    console = Console(width=140)
    with console.capture() as caught:
        print_result(console, summary(ROWS, start_s=1, resident=None, **REST))
    shown = caught.get()
    for words in (
        *("bare grpc.aio echo", "Presidio", "judge (whole rules path), in process", "EvaluateReply, gRPC"),
        *("5.0 x Presidio", "personal data and secrets, in process", "flow with durable store"),
    ):
        assert words in shown
