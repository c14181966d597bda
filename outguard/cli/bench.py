"""`outguard bench`: speed beside a bare gRPC echo and Presidio, in one run on one machine, told as ratios."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from typing import Annotated, Any

import typer

from outguard.bench.load import Call, Measured, measure_full, measure_rate
from outguard.bench.process import cpu_seconds, resident_bytes
from outguard.bench.text import BenchReply, bench_replies, replies
from outguard.cli.bench_print import print_result, summary
from outguard.cli.credentials import Person
from outguard.cli.local_server import LocalServer, local_server
from outguard.cli.output import console, print_json
from outguard.domain.principal import Role

CALLERS = 32
AGENT = "bench-agent"
WORKERS = 2
CONNECTIONS = 8
"""Clients in turns: the system gives each connection to one of the workers, by chance."""
BUDGET_MS = 300
"""What a server gives an evaluation where no setting says otherwise."""
_SHARES = {
    "echo": 0.1,
    "engines": 0.3,
    "flow": 0.1,
    "gate": 0.08,
    "registered": 0.02,
    "warm_up": 0.05,
    "evaluate_reply": 0.2,
    "workers": 0.15,
}


def bench(
    seconds: Annotated[float, typer.Option(min=2, max=600, help="Time for all measurements under load together.")] = 50,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document for machines.")] = False,
) -> None:
    """Measure replies of 300 characters: echo, Presidio, our patterns, the judge, the flow, EvaluateReply."""
    from outguard.bench.flow import measure_flow
    from outguard.bench.gate import measure_gate
    from outguard.bench.inprocess import load_engines, long_to_short, measure_engines
    from outguard.bench.registered import measure_registered

    def say(step: str) -> None:
        typer.echo(f"measuring {step} ...", err=True)

    say("a bare grpc.aio echo")
    rows = {"echo": _echo(seconds * _SHARES["echo"])}
    say("Presidio's AnalyzerEngine, the patterns and the judge, in turns")
    engines = load_engines()
    rows |= {
        name: {"full": one.as_row()} for name, one in measure_engines(engines, seconds * _SHARES["engines"]).items()
    }
    say("the flow in process")
    rows["flow"] = {"full": asyncio.run(measure_flow(seconds * _SHARES["flow"], callers=CALLERS)).as_row()}
    say("the gate in process")
    gate = asyncio.run(measure_gate(seconds * _SHARES["gate"]))
    say("look-ups of registered texts")
    registered = measure_registered(seconds * _SHARES["registered"])
    say("EvaluateReply over gRPC")
    people = [Person(id=AGENT, role=Role.AGENT, topics=("support.*",))]
    with local_server(lambda _: people, model="none", budget_ms=BUDGET_MS) as server:
        rows["evaluate_reply"] = asyncio.run(_evaluate(server, seconds))
        resident = resident_bytes(server.pid)
    say(f"EvaluateReply over gRPC, {WORKERS} workers")
    with local_server(lambda _: people, model="none", workers=WORKERS, budget_ms=BUDGET_MS) as several:
        rows["workers"] = asyncio.run(_evaluate_spread(several, seconds))
    say("long texts")
    ratios = long_to_short(engines)
    say("loading and memory of the detection engine, and the language model")
    result = summary(
        rows, start_s=server.start_s, resident=resident, callers=CALLERS, long_to_short=ratios, footprint=_footprint()
    )
    result |= {"gate": gate, "registered": registered}
    if as_json:
        print_json(result)
    else:
        print_result(console(), result)
    if any(part["failed"] for row in rows.values() for part in row.values()):
        typer.echo("outguard: some calls failed", err=True)
        raise typer.Exit(1)


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
    async with _agents(server, 1) as call:
        await measure_full(call, seconds * _SHARES["warm_up"], callers=CALLERS)
        return await _both(call, seconds * _SHARES["evaluate_reply"], pid=server.pid)


async def _evaluate_spread(server: LocalServer, seconds: float) -> dict[str, dict[str, Any]]:
    """At full load alone: the processor time of the load generator is part of what two cores can give."""
    async with _agents(server, CONNECTIONS) as call:
        await measure_full(call, seconds * _SHARES["warm_up"], callers=CALLERS)
        before = _cpu_seconds(server.serving)
        full = await measure_full(call, seconds * _SHARES["workers"], callers=CALLERS)
        return {"full": _row(full, before, _cpu_seconds(server.serving))}


@asynccontextmanager
async def _agents(server: LocalServer, count: int) -> AsyncIterator[Call]:
    """A call that goes over `count` connections in turns."""
    from outguard.client.agent import AsyncClient

    source = enumerate(bench_replies())
    async with AsyncExitStack() as stack:
        agents = [
            await stack.enter_async_context(AsyncClient(server.address, server.tokens[AGENT], timeout_s=30))
            for _ in range(count)
        ]

        async def call() -> None:
            number, reply = next(source)
            await _ask(agents[number % count], number, reply)

        yield call


def _cpu_seconds(pids: Sequence[int]) -> float | None:
    """Of all together; None where one is not known."""
    found = [cpu_seconds(pid) for pid in pids]
    return None if None in found else sum(one for one in found if one is not None)


async def _ask(agent: Any, number: int, reply: BenchReply) -> None:
    from outguard.bench.inprocess import PROFILE
    from outguard.client.values import Customer, Recipient

    decision = await agent.evaluate_reply(
        conversation_id=f"bench-{number}",
        recipient=Recipient(customer_id="c-1", display_name=reply.name, address=reply.email),
        customer=Customer(id="c-1", name=reply.name, emails=(reply.email,), known_values=(reply.order_id,)),
        text=reply.text,
        channel="email",
        profile=PROFILE,
    )
    if decision.error is not None:
        raise decision.error


async def _both(call: Call, seconds: float, *, pid: int | None = None) -> dict[str, dict[str, Any]]:
    before = None if pid is None else cpu_seconds(pid)
    full = await measure_full(call, seconds / 2, callers=CALLERS)
    after = None if pid is None else cpu_seconds(pid)
    half = await measure_rate(call, seconds / 2, per_s=max(1.0, full.per_s / 2))
    return {"full": _row(full, before, after), "half": half.as_row()}


def _row(measured: Measured, before: float | None, after: float | None) -> dict[str, Any]:
    """The row, with the server's processor time beside the client's where it is known."""
    row = measured.as_row()
    if before is not None and after is not None:
        row["server_cpu_ms"] = round((after - before) / max(1, row["calls"]) * 1000, 3)
    return row


def _footprint() -> Mapping[str, float | None]:
    """What fresh processes tell of loading the engine, and of loading and running the language model."""
    found: dict[str, float | None] = {}
    for part in ("footprint", "model"):
        command = [sys.executable, "-m", f"outguard.bench.{part}"]
        done = subprocess.run(command, capture_output=True, text=True, check=True)  # noqa: S603 - our own, no shell
        found |= json.loads(done.stdout)
    return found


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
