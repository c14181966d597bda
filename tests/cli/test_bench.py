"""The bench's ratios come from one run, and a missing number is no number."""

from __future__ import annotations

from typing import Any

from rich.console import Console

from outguard.cli.bench import print_result, summary


def part(per_s: float) -> dict[str, Any]:
    return {"per_s": per_s, "calls": 9, "failed": 0, "latency_ms": {"p50": 1.0, "p95": 2.0, "p99": 3.0, "max": 4.0}}


ROWS = {
    "echo": {"full": part(4000), "half": part(2000)},
    "presidio": {"full": part(200)},
    "judge": {"full": part(2000)},
    "evaluate_reply": {"full": part(1000), "half": part(500)},
}


def test_ratios_are_against_the_same_run() -> None:
    result = summary(ROWS, start_s=1.234, resident=200_000_000)
    assert result["ratios"] == {
        "evaluate_reply_to_presidio": 5.0,
        "judge_to_presidio": 10.0,
        "evaluate_reply_to_echo": 0.25,
    }
    assert (result["p99_ms_at_half_load"], result["server_start_s"], result["server_resident_mb"]) == (3.0, 1.23, 200.0)


def test_nothing_measured_gives_no_ratio() -> None:
    rows = {**ROWS, "presidio": {"full": part(0)}}
    result = summary(rows, start_s=1, resident=None)
    assert result["ratios"]["evaluate_reply_to_presidio"] is None
    assert result["server_resident_mb"] is None


def test_the_table_shows_all_four_side_by_side() -> None:
    console = Console(width=100)
    with console.capture() as caught:
        print_result(console, summary(ROWS, start_s=1, resident=None))
    shown = caught.get()
    for words in ("bare grpc.aio echo", "Presidio", "judge, in process", "EvaluateReply, gRPC", "5.0 x Presidio"):
        assert words in shown
