"""What `outguard bench` tells: one table, the ratios of one run, and each aim beside what was measured."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rich.console import Console

Rows = Mapping[str, Mapping[str, Mapping[str, Any]]]
NAMES = {
    "echo": "bare grpc.aio echo",
    "presidio": "Presidio AnalyzerEngine, in process",
    "patterns": "outguard personal data and secrets, in process",
    "judge": "outguard judge (whole rules path), in process",
    "flow": "outguard flow with durable store, in process",
    "evaluate_reply": "outguard EvaluateReply, gRPC, 1 worker",
    "workers": "outguard EvaluateReply, gRPC, 2 workers",
}


def summary(
    rows: Rows,
    *,
    start_s: float,
    resident: int | None,
    callers: int,
    long_to_short: Mapping[str, float],
    footprint: Mapping[str, float | None],
) -> dict[str, Any]:
    """Measurements and their ratios."""
    per_s = {name: row["full"]["per_s"] for name, row in rows.items()}
    return {
        "reply_chars": 300,
        "callers": callers,
        "measured": rows,
        "ratios": {
            "evaluate_reply_to_presidio": _ratio(per_s["evaluate_reply"], per_s["presidio"]),
            "flow_to_presidio": _ratio(per_s["flow"], per_s["presidio"]),
            "judge_to_presidio": _ratio(per_s["judge"], per_s["presidio"]),
            "patterns_to_presidio": _ratio(per_s["patterns"], per_s["presidio"]),
            "evaluate_reply_to_echo": _ratio(per_s["evaluate_reply"], per_s["echo"]),
            "evaluate_reply_to_presidio_by_cpu": _ratio(
                rows["presidio"]["full"]["cpu_ms"], rows["evaluate_reply"]["full"].get("server_cpu_ms", 0.0)
            ),
        },
        "patterns_cpu_ms": rows["patterns"]["full"]["cpu_ms"],
        "judge_cpu_ms": rows["judge"]["full"]["cpu_ms"],
        "p99_ms_at_half_load": rows["evaluate_reply"]["half"]["latency_ms"]["p99"],
        "server_start_s": round(start_s, 2),
        "server_resident_mb": None if resident is None else round(resident / 1e6, 1),
        "long_to_short": dict(long_to_short),
        **footprint,
    }


def print_result(to: Console, result: Mapping[str, Any]) -> None:
    """The measurements as one table, each aim with what was measured below it."""
    from rich.table import Column, Table

    titles = ("calls/s", "CPU ms", "p50 ms", "p95 ms", "p99 ms", "x Presidio")
    table = Table("what", "load", *(Column(name, justify="right") for name in titles))
    table.title = "One reply of 300 characters a call"
    base = result["measured"]["presidio"]["full"]["per_s"]
    for name, row in result["measured"].items():
        for load, part in row.items():
            latency = part["latency_ms"]
            times = "" if load == "half" else f"{part['per_s'] / base:.1f}" if base else "-"
            cpu_ms = part.get(
                "server_cpu_ms", part["cpu_ms"] if name not in {"echo", "evaluate_reply", "workers"} else None
            )
            cpu = "" if load == "half" or cpu_ms is None else f"{cpu_ms:.2f}"
            cells = (f"{part['per_s']:.0f}", cpu, *(f"{latency[key]:.2f}" for key in ("p50", "p95", "p99")), times)
            table.add_row(NAMES[name] if load == "full" else "", load, *cells)
    to.print(table)
    for what, measured, aim in aims(result):
        to.print(f"{what}: {measured} (aim: {aim})", soft_wrap=True)


def aims(result: Mapping[str, Any]) -> list[tuple[str, str, str]]:
    """Each aim: what, measured, aim."""
    ratios, longest = result["ratios"], max(result["long_to_short"].items(), key=lambda pair: pair[1])
    return [
        ("EvaluateReply", f"{ratios['evaluate_reply_to_presidio']} x Presidio", "at least 5"),
        ("EvaluateReply", f"{ratios['evaluate_reply_to_presidio_by_cpu']} x Presidio by CPU time", "none"),
        ("EvaluateReply", f"{ratios['evaluate_reply_to_echo']} of the bare echo's throughput", "none"),
        ("p99 at half load", f"{result['p99_ms_at_half_load']} ms", "below 10"),
        ("personal data and secrets", f"{result['patterns_cpu_ms']} ms CPU", "at most 0.35"),
        ("personal data and secrets", f"{ratios['patterns_to_presidio']} x Presidio", "at least 7"),
        ("whole rules path", f"{result['judge_cpu_ms']} ms CPU", "at most 0.8"),
        ("256 KiB to 1 KiB, slowest text", f"{longest[1]} times ({longest[0]})", "at most 300"),
        ("loading all packs", f"{result['packs_load_s']} s CPU", "below 1.5"),
        ("memory of the detection engine", f"{result['engine_mb'] or '?'} MB", "below 150"),
        *_gate_aims(result.get("gate", {})),
        *_registered_aims(result.get("registered", {})),
        ("language model, one reply", f"{result['model_cpu_ms']} ms CPU", "at most 8"),
        ("language model, in batches", f"{result['model_batched_per_s']} replies/s a core", "at least 120"),
        ("loading the language model", f"{result['model_load_s']} s CPU", "below 1.5"),
        ("memory of the language model", f"{result['model_mb'] or '?'} MB", "at most 200"),
        ("server start", f"{result['server_start_s']} s", "below 3"),
        ("memory of one worker", f"{result['server_resident_mb'] or '?'} MB", "below 400"),
    ]


def _gate_aims(gate: Mapping[str, Any]) -> list[tuple[str, str, str]]:
    """Whole decisions, signals and caps included; peers publish 0.03 ms for 100 rules without signals."""
    found = []
    for size, percentile, aim in (("100", "p50", "below 0.3"), ("1000", "p99", "below 2")):
        if size in gate:
            whole, rules = gate[size]["whole_cpu_ms"][percentile], gate[size]["rules_cpu_ms"][percentile]
            found.append((f"gate, {size} rules, {percentile}", f"{whole} ms CPU (rules alone {rules})", aim))
    return found


def _registered_aims(registered: Mapping[str, Any]) -> list[tuple[str, str, str]]:
    if not registered:
        return []
    return [
        ("look-up among 10,000 registered texts", f"{registered['look_up_us']} µs CPU", "at most 50"),
        ("memory of 10,000 registered texts", f"{registered['mb']} MB", "at most 64"),
    ]


def _ratio(part: float, whole: float) -> float | None:
    return round(part / whole, 2) if whole else None
