"""`outguard bench`: speed beside a bare gRPC echo and Presidio, in one run on one machine, told as ratios."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from outguard.bench.load import Call, Measured, measure_full, measure_rate, measure_sync
from outguard.bench.process import resident_bytes
from outguard.bench.text import replies
from outguard.cli.credentials import Person
from outguard.cli.local_server import LocalServer, local_server
from outguard.cli.output import console, print_json
from outguard.domain.context import ReplyContext
from outguard.domain.principal import Role
from outguard.domain.reply import Content, Customer, Recipient

if TYPE_CHECKING:
    from rich.console import Console

CALLERS = 32
AGENT = "bench-agent"
CUSTOMER = {"id": "c-1", "name": "Maria Ekstrom", "emails": ("maria.ekstrom@example.com",), "known_values": ()}
PROFILE = "brightloom"
_SHARES = {"echo": 0.2, "presidio": 0.15, "judge": 0.15, "warm_up": 0.05, "evaluate_reply": 0.45}


def bench(
    seconds: Annotated[float, typer.Option(min=2, max=600, help="Time for all measurements together.")] = 40,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document for machines.")] = False,
) -> None:
    """Measure a 300-character reply: bare echo, Presidio, the judge alone, EvaluateReply with one worker."""

    def say(step: str) -> None:
        typer.echo(f"measuring {step} ...", err=True)

    say("a bare grpc.aio echo")
    rows = {"echo": _echo(seconds * _SHARES["echo"])}
    say("Presidio's AnalyzerEngine")
    rows["presidio"] = {"full": _presidio(seconds * _SHARES["presidio"]).as_row()}
    say("the judge in process")
    rows["judge"] = {"full": _judge(seconds * _SHARES["judge"]).as_row()}
    say("EvaluateReply over gRPC")
    with local_server(lambda _: [Person(id=AGENT, role=Role.AGENT, topics=("support.*",))]) as server:
        rows["evaluate_reply"] = asyncio.run(_evaluate(server, seconds))
        resident = resident_bytes(server.pid)
    result = summary(rows, start_s=server.start_s, resident=resident)
    if as_json:
        print_json(result)
    else:
        print_result(console(), result)
    if any(part["failed"] for row in rows.values() for part in row.values()):
        typer.echo("outguard: some calls failed", err=True)
        raise typer.Exit(1)


def summary(
    rows: Mapping[str, Mapping[str, Mapping[str, Any]]], *, start_s: float, resident: int | None
) -> dict[str, Any]:
    """Measurements and their ratios."""
    per_s = {name: row["full"]["per_s"] for name, row in rows.items()}
    half = rows["evaluate_reply"]["half"]["latency_ms"]
    return {
        "reply_chars": 300,
        "callers": CALLERS,
        "measured": rows,
        "ratios": {
            "evaluate_reply_to_presidio": _ratio(per_s["evaluate_reply"], per_s["presidio"]),
            "judge_to_presidio": _ratio(per_s["judge"], per_s["presidio"]),
            "evaluate_reply_to_echo": _ratio(per_s["evaluate_reply"], per_s["echo"]),
        },
        "p99_ms_at_half_load": half["p99"],
        "server_start_s": round(start_s, 2),
        "server_resident_mb": None if resident is None else round(resident / 1e6, 1),
    }


def print_result(to: Console, result: Mapping[str, Any]) -> None:
    """The measurements as one table, the ratios and bounds below it."""
    from rich.table import Column, Table

    right = [Column(name, justify="right") for name in ("calls/s", "p50 ms", "p95 ms", "p99 ms", "x Presidio")]
    table = Table("what", "load", *right, title="One reply of 300 characters a call")
    names = {
        "echo": "bare grpc.aio echo",
        "presidio": "Presidio AnalyzerEngine, in process",
        "judge": "outguard judge, in process",
        "evaluate_reply": "outguard EvaluateReply, gRPC, 1 worker",
    }
    base = result["measured"]["presidio"]["full"]["per_s"]
    for name, row in result["measured"].items():
        for load, part in row.items():
            latency = part["latency_ms"]
            times = "" if load == "half" else f"{part['per_s'] / base:.1f}" if base else "-"
            cells = (f"{part['per_s']:.0f}", *(f"{latency[key]:.2f}" for key in ("p50", "p95", "p99")), times)
            table.add_row(names[name] if load == "full" else "", load, *cells)
    to.print(table)
    ratios, resident = result["ratios"], result["server_resident_mb"]
    to.print(f"EvaluateReply is {ratios['evaluate_reply_to_presidio']} x Presidio (aim: at least 5)")
    to.print(f"and {ratios['evaluate_reply_to_echo']} of the bare echo's throughput;")
    to.print(f"p99 at half load {result['p99_ms_at_half_load']} ms (aim: below 10);")
    to.print(f"server start {result['server_start_s']} s (aim: below 3), memory {resident or '?'} MB (aim: below 400).")


def _echo(seconds: float) -> dict[str, dict[str, Any]]:
    with _echo_server() as address:
        return asyncio.run(_load_echo(address, seconds))


async def _load_echo(address: str, seconds: float) -> dict[str, dict[str, Any]]:
    import grpc

    from outguard.bench.echo import METHOD

    source = replies()
    async with grpc.aio.insecure_channel(address) as channel:
        echo = channel.unary_unary(METHOD, None, None)

        async def call() -> None:
            await echo(next(source).encode())

        return await _both(call, seconds)


async def _evaluate(server: LocalServer, seconds: float) -> dict[str, dict[str, Any]]:
    from outguard.client.agent import AsyncClient
    from outguard.client.values import Customer as ClientCustomer
    from outguard.client.values import Recipient as ClientRecipient

    source = enumerate(replies())
    recipient = ClientRecipient(customer_id="c-1", display_name="Maria Ekstrom", address="maria.ekstrom@example.com")
    customer = ClientCustomer(**CUSTOMER)  # type: ignore[arg-type]
    async with AsyncClient(server.address, server.tokens[AGENT], timeout_s=30) as agent:

        async def call() -> None:
            number, text = next(source)
            decision = await agent.evaluate_reply(
                conversation_id=f"bench-{number}",
                recipient=recipient,
                customer=customer,
                text=text,
                channel="email",
                profile=PROFILE,
            )
            if decision.error is not None:
                raise decision.error

        await measure_full(call, seconds * _SHARES["warm_up"], callers=CALLERS)
        return await _both(call, seconds * _SHARES["evaluate_reply"])


async def _both(call: Call, seconds: float) -> dict[str, dict[str, Any]]:
    full = await measure_full(call, seconds / 2, callers=CALLERS)
    half = await measure_rate(call, seconds / 2, per_s=max(1.0, full.per_s / 2))
    return {"full": full.as_row(), "half": half.as_row()}


def _presidio(seconds: float) -> Measured:
    from outguard.bench.presidio import build_analyzer

    analyzer, source = build_analyzer(), replies()
    analyzer.analyze(next(source), language="en")
    return measure_sync(lambda: analyzer.analyze(next(source), language="en"), seconds)


def _judge(seconds: float) -> Measured:
    from outguard.bootstrap import offline_judge

    judge, policy = offline_judge()
    source = replies()
    context = ReplyContext(
        recipient=Recipient(customer_id="c-1", display_name="Maria Ekstrom"),
        customer=Customer(**CUSTOMER),  # type: ignore[arg-type]
        profile=policy.profiles[PROFILE],
        ledger=(),
        now=datetime.now(UTC),
        channel="email",
    )

    def call() -> None:
        judge.judge(Content(text=next(source)), context, policy)

    call()
    return measure_sync(call, seconds)


@contextmanager
def _echo_server() -> Iterator[str]:
    process = subprocess.Popen(
        [sys.executable, "-m", "outguard.bench.echo"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    with process:
        try:
            yield (process.stdout.readline() if process.stdout else "").strip()
        finally:
            process.terminate()


def _ratio(part: float, whole: float) -> float | None:
    return round(part / whole, 2) if whole else None
