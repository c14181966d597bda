"""`outguard demo`: a support day against a real server, from the first reply to the verified record."""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

import typer

from outguard.bench.score import percentiles
from outguard.cli.credentials import Person, queues_of
from outguard.cli.demo_script import Day, shipped_day
from outguard.cli.local_server import LocalServer, local_server
from outguard.cli.output import console
from outguard.domain.principal import Role

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

    from outguard.cli.demo_play import Row
    from outguard.domain.policy import Policy

AGENT, AUDITOR = "support-agent", "ada"
REVIEWERS = {"vera": Role.REVIEWER, "sol": Role.SENIOR_REVIEWER, "ines": Role.SENIOR_REVIEWER}
TOPICS = ("support.*", "privacy.*", "escalate")
_STYLES = {
    "ALLOW": "green",
    "ALLOW_WITH_CONSTRAINTS": "green",
    "REDACT": "yellow",
    "REQUIRE_APPROVAL": "yellow",
    "QUARANTINE": "red",
    "DENY": "red",
    "refused": "red",
}


def demo() -> None:
    """Play a support day against a real server: replies, actions, reviewers, the record.

    Status 1 if anything does not come out as scripted.
    """
    to = console()
    day = shipped_day()
    started = time.perf_counter()
    to.print(
        f"A support day at Brightloom, an invented shop: {day.count('reply')} replies and {day.count('action')} "
        f"actions in {len(day.conversations)} conversations."
    )
    to.print("Starting a server on loopback with an empty store ...")
    with local_server(people) as server:
        to.print(
            f"It serves on {server.address} after {server.start_s:.1f} s. The agent, three reviewers and an auditor"
        )
        to.print("have their own tokens; everything below went over gRPC through the Python client.\n")
        rows = play(day, server, to)
        problems = [f"{row.conversation}: {row.what}: {row.problem}" for row in rows if row.problem]
        problems += audit(server, to)
    summarise(to, rows, time.perf_counter() - started)
    if problems:
        for problem in problems:
            typer.echo(f"outguard: not as scripted: {problem}", err=True)
        raise typer.Exit(1)
    to.print("Everything came out as scripted. Next: [bold]make serve[/] leaves a server running;")
    to.print("[bold]outguard check FILE.jsonl[/] judges a file of replies; the policy is in rules/policy.yaml.")


def people(policy: Policy) -> Sequence[Person]:
    """Everybody of the day."""
    skills = queues_of(policy)
    return (
        Person(id=AGENT, role=Role.AGENT, topics=TOPICS),
        *(Person(id=name, role=role, skills=skills) for name, role in REVIEWERS.items()),
        Person(id=AUDITOR, role=Role.AUDITOR),
    )


def play(day: Day, server: LocalServer, to: Console) -> list[Row]:
    """Play the day and print a table for each conversation."""
    from outguard.cli.demo_play import Player
    from outguard.client.agent import Client
    from outguard.client.review import ReviewClient

    with ExitStack() as open_clients:
        agent = open_clients.enter_context(Client(server.address, server.tokens[AGENT]))
        reviewers = {
            name: open_clients.enter_context(ReviewClient(server.address, server.tokens[name])) for name in REVIEWERS
        }
        rows: list[Row] = []
        shown = 0
        for row in Player(day, agent, reviewers).play():
            if rows and rows[-1].conversation != row.conversation:
                to.print(table(rows[shown:]))
                shown = len(rows)
            rows.append(row)
        to.print(table(rows[shown:]))
    return rows


def table(rows: Iterable[Row]) -> Table:
    """One conversation."""
    from rich import box
    from rich.table import Column, Table
    from rich.text import Text

    rows = list(rows)
    found = Table(
        Column("who", no_wrap=True, min_width=5),
        Column("what", ratio=1),
        Column("decision", min_width=11),
        Column("tier / findings", max_width=26, overflow="fold"),
        Column("rule", max_width=38, overflow="fold"),
        Column("ms", justify="right", no_wrap=True),
        title=rows[0].conversation,
        title_justify="left",
        title_style="bold",
        box=box.SIMPLE_HEAD,
        expand=True,
        pad_edge=False,
    )
    for row in rows:
        answer = Text(row.answer.replace("WITH_", "WITH_\n").replace("REQUIRE_", "REQUIRE_\n"))
        answer.stylize(_STYLES.get(row.answer, ""))
        what = Text(row.what)
        if row.problem:
            what.append(f"\n!! {row.problem}", style="bold red")
        quiet = "dim" if row.answer == "ALLOW" and not row.rule else ""
        found.add_row(row.who, what, answer, Text(row.detail, quiet), Text(row.rule), f"{row.ms:.1f}" if row.ms else "")
    return found


def audit(server: LocalServer, to: Console) -> list[str]:
    """Take the record out as the auditor and check it offline; then check that a changed copy does not pass."""
    from outguard.audit.export import checkpoint_line, entry_line, header_line, verify_export
    from outguard.client.audit import AuditClient

    with AuditClient(server.address, server.tokens[AUDITOR]) as auditor:
        point = auditor.get_checkpoint()
        entries = auditor.all_entries(end=point.size)
    header = header_line(origin=point.origin, verifier_key=server.verifier_key, tenant="default", size=point.size)
    lines = [header, *(entry_line(entry.index, entry.data) for entry in entries), checkpoint_line(point.note)]
    report = verify_export(lines, verifier_key=server.verifier_key)
    middle = len(lines) // 2
    forged = verify_export(
        [*lines[:middle], change_digit(lines[middle]), *lines[middle + 1 :]], verifier_key=server.verifier_key
    )
    kinds = Counter(entry.kind for entry in entries)
    said = "verified" if report.is_valid else "NOT VALID"
    to.print(f"The record: {report.size} entries, exported by the auditor and {said} offline with the server's key.")
    to.print("  " + ", ".join(f"{count} {kind}" for kind, count in kinds.most_common()))
    to.print(f"  With one digit of entry {middle - 1} changed: {'refused' if not forged.is_valid else 'ACCEPTED'}.\n")
    problems = [f"audit: {problem}" for problem in report.problems]
    return [*problems, *(["audit: a changed export passed"] if forged.is_valid else [])]


def change_digit(line: str) -> str:
    """The line of an entry with the first digit inside its data changed, and nothing else."""
    value = json.loads(line)
    place, digit = next((place, sign) for place, sign in enumerate(value["data"]) if sign.isdigit())
    value["data"] = value["data"][:place] + str((int(digit) + 1) % 10) + value["data"][place + 1 :]
    return json.dumps(value) + "\n"


def summarise(to: Console, rows: Sequence[Row], seconds: float) -> None:
    """Counts and latency."""
    asked = [row for row in rows if row.who == "agent" and row.answer in _STYLES]
    counts: Mapping[str, int] = Counter(row.answer for row in asked)
    to.print("Answers: " + ", ".join(f"{counts[name]} {name}" for name in _STYLES if counts.get(name)))
    latency: Mapping[str, Any] = percentiles([row.ms for row in asked])
    to.print(
        f"Latency at the client: p50 {latency['p50']:.1f} ms, p95 {latency['p95']:.1f} ms; all in {seconds:.1f} s."
    )
