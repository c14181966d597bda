"""`outguard replay`: send recorded conversations through gate and reply evaluation, and sum up what came of them."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from enum import StrEnum
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from outguard.bench.corpus import parse_json, read_lines
from outguard.cli.credentials import Person, queues_of
from outguard.cli.dialogue import parse_dialogue
from outguard.cli.local_server import local_server
from outguard.cli.output import json_lines, print_json
from outguard.cli.replay_summary import ReplaySummary
from outguard.domain.principal import Role
from outguard.errors import ConfigError, InvalidInputError

if TYPE_CHECKING:
    from outguard.cli.replay_run import Replayer
    from outguard.domain.policy import Policy
    from outguard.policy.topics import TopicMap

AGENT, REVIEWERS = "replay-agent", ("replay-senior-1", "replay-senior-2")
PROGRESS_EVERY = 25


class Approve(StrEnum):
    """What the scripted reviewers do with held actions."""

    NONE = "none"
    ALL = "all"
    WANTED = "wanted"


def replay(
    file: Annotated[str, typer.Argument(metavar="DIALOGUES", help="JSON lines, plain or gzipped; - reads stdin.")],
    topics: Annotated[
        Path | None,
        typer.Option("--topics", exists=True, dir_okay=False, help="What the tools mean (default: the shipped map)."),
    ] = None,
    approve: Annotated[
        Approve, typer.Option(help="How held actions are ruled; wanted: approve the exact ones, deny the others.")
    ] = Approve.NONE,
    target: Annotated[
        str, typer.Option(metavar="HOST:PORT", help="A running server (default: one is started, with an empty store).")
    ] = "",
    token: Annotated[str, typer.Option(envvar="OUTGUARD_TOKEN", help="The agent's token for --target.")] = "",
    reviewer_token: Annotated[
        list[str] | None, typer.Option(help="A senior reviewer's token for --target; give two to approve T4.")
    ] = None,
    out: Annotated[Path | None, typer.Option(dir_okay=False, help="Write one JSON line per event here.")] = None,
    limit: Annotated[int, typer.Option(min=0, help="Stop after this many conversations (0: all).")] = 0,
    rules: Annotated[
        Path | None, typer.Option("--rules", exists=True, file_okay=False, help="Rule folder of the started server.")
    ] = None,
    model: Annotated[
        str | None, typer.Option("--model", help="Language model of the started server (default: as serve).")
    ] = None,
) -> None:
    """Replay recorded conversations through the gate and the reply judge; print a JSON summary.

    Status 1 if a line or an event ended in an error.
    """
    tools = read_topics(topics)
    summary = ReplaySummary()
    with ExitStack() as stack:
        if target:
            replayer = stack.enter_context(_remote(target, token, reviewer_token or [], tools, approve))
        else:
            replayer = stack.enter_context(replaying(tools, approve, rules, model))
        write = stack.enter_context(json_lines(out)) if out else None
        run(file, replayer, summary, write=write, limit=limit)
    print_json(summary.summary())
    if summary.failed:
        raise typer.Exit(1)


def run(
    file: str,
    replayer: Replayer,
    summary: ReplaySummary,
    *,
    write: Callable[[Any], None] | None = None,
    limit: int = 0,
) -> None:
    """Replay a file, line by line, telling on standard error how far it is."""
    prefix = secrets.token_hex(4)
    started = time.perf_counter()
    for number, line in enumerate(islice(read_lines(file), limit or None), start=1):
        try:
            dialogue = parse_dialogue(parse_json(line))
        except InvalidInputError as error:
            summary.add_bad_line(f"line {line.number}: {error.message.removeprefix(f'line {line.number}: ')}")
            continue
        for row in replayer.replay(dialogue, f"replay-{prefix}-{number}", summary):
            summary.add(row, domain=dialogue.domain)
            if write:
                write(row)
        if number % PROGRESS_EVERY == 0:
            typer.echo(f"{number} conversations, {time.perf_counter() - started:.0f} s", err=True)


def read_topics(path: Path | None) -> TopicMap:
    """The topic map of a file, or the shipped one.

    Raises:
        PolicyError: with every problem of the file.
        ConfigError: if it cannot be read.
    """
    from outguard.bootstrap import shipped_rules
    from outguard.policy.topics import load_topic_map

    path = path or shipped_rules() / "topics" / "tau2.yaml"
    try:
        return load_topic_map(path.read_text(encoding="utf-8"), file=path.name)
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"cannot read {path} as UTF-8 text") from error


@contextmanager
def replaying(tools: TopicMap, approve: Approve, rules: Path | None, model: str | None) -> Iterator[Replayer]:
    """A replayer on a server of its own with an empty store; None stands for the shipped rules and model."""
    with local_server(people, rules=rules, model=model) as server:
        tokens = [server.tokens[name] for name in REVIEWERS]
        with _remote(server.address, server.tokens[AGENT], tokens, tools, approve) as replayer:
            yield replayer


@contextmanager
def _remote(
    target: str, token: str, reviewer_tokens: Sequence[str], tools: TopicMap, approve: Approve
) -> Iterator[Replayer]:
    from outguard.cli.replay_run import Replayer
    from outguard.client.agent import Client
    from outguard.client.review import ReviewClient

    if not token:
        raise ConfigError("--target needs --token (or OUTGUARD_TOKEN), the agent's credential")
    if approve is not Approve.NONE and not reviewer_tokens:
        raise ConfigError("--approve needs --reviewer-token; give two, since the gravest actions take two people")
    with ExitStack() as stack:
        agent = stack.enter_context(Client(target, token))
        reviewers = [stack.enter_context(ReviewClient(target, one)) for one in reviewer_tokens]
        yield Replayer(agent, reviewers, tools, approve=approve.value)


def people(policy: Policy) -> Sequence[Person]:
    """The agent, which may ask for anything so that the rules decide, and two senior reviewers."""
    skills = queues_of(policy)
    seniors = (Person(id=name, role=Role.SENIOR_REVIEWER, skills=skills) for name in REVIEWERS)
    return (Person(id=AGENT, role=Role.AGENT, topics=("*",)), *seniors)
