"""What `outguard policy simulate` shows: another policy over the record of a server, or over recorded conversations."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from outguard.domain.action import GateDecision
from outguard.domain.simulation import Compared, Simulation, summed_up
from outguard.domain.verdict import Verdict
from outguard.errors import InvalidInputError

if TYPE_CHECKING:
    from rich.console import Console

    from outguard.cli.replay import Approve
    from outguard.policy.topics import TopicMap

_VERDICTS = tuple(Verdict)
Row = Mapping[str, Any]


def over_dialogues(
    file: str, *, old: Path | None, new: Path, tools: TopicMap, approve: Approve, limit: int = 0
) -> Simulation:
    """Replay the conversations of a file under both rule folders, each on a server of its own, and compare.

    Raises:
        PolicyError: if one of the folders makes no policy.
        InvalidInputError: if an event ended in an error under either.
    """
    first, second = (list(_rows(file, rules, tools, approve, limit)) for rules in (old, new))
    compared = [_compared(was, now) for was, now in zip(first, second, strict=True)]
    return summed_up(compared)


def _rows(file: str, rules: Path | None, tools: TopicMap, approve: Approve, limit: int) -> Iterator[Row]:
    from outguard.cli.replay import replaying, run
    from outguard.cli.replay_summary import ReplaySummary

    rows: list[Row] = []
    summary = ReplaySummary()
    with replaying(tools, approve, rules, None) as replayer:
        run(file, replayer, summary, write=rows.append, limit=limit)
    if summary.failed:
        raise InvalidInputError("a line or an event could not be replayed: see outguard replay")
    yield from rows


def _compared(was: Row, now: Row) -> Compared:
    key = "decision" if was["event"] == "action" else "verdict"
    old, new = was[key], now[key]
    ranks = (_rank(key, old), _rank(key, new))
    return Compared(
        subject_id=f"{was['dialogue']}#{was['index']}",
        rule=(now["rule"] if old != new else was["rule"]) or "reply.clean",
        old=old,
        new=new,
        old_rank=ranks[0],
        new_rank=ranks[1],
        old_item=_opens_item(was),
        new_item=_opens_item(now),
    )


def _rank(key: str, word: str) -> int:
    return GateDecision(word).strictness if key == "decision" else _VERDICTS.index(Verdict(word))


def _opens_item(row: Row) -> bool:
    if row["event"] == "reply":
        return bool(row["verdict"] == Verdict.QUARANTINE.value)
    runs = GateDecision(row["decision"]).strictness <= GateDecision.ALLOW_WITH_CONSTRAINTS.strictness
    return row["decision"] == GateDecision.REQUIRE_APPROVAL.value or (runs and row["tier"] == "T2")


def print_simulation(to: Console, found: Mapping[str, Any]) -> None:
    """The simulation for people."""
    from rich.markup import escape
    from rich.table import Table

    to.print(f"stricter {found['stricter']}, looser {found['looser']}, unchanged {found['unchanged']}")
    changed = [row for row in found["rules"] if row["stricter"] or row["looser"]]
    if changed:
        table = Table("rule", "stricter", "looser", "unchanged", "which way", "examples")
        for row in changed:
            moves = ", ".join(f"{way}: {count}" for way, count in row["moves"].items())
            counts = (str(row["stricter"]), str(row["looser"]), str(row["unchanged"]))
            table.add_row(escape(row["rule"]), *counts, escape(moves), escape(", ".join(row["examples"])))
        to.print(table)
    items, forecast = found["items"], found["items_per_reviewer_hour"]
    to.print(f"items for people: {items['old']} -> {items['new']}")
    if forecast is not None:
        people = f"{forecast['reviewers']} reviewer{'s' if forecast['reviewers'] != 1 else ''}"
        to.print(f"with {people}, items per reviewer-hour: {forecast['old']} -> {forecast['new']}")
    if found["is_cut"]:
        to.print("there were more decisions than are looked at: the latest were taken")
