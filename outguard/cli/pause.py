"""`outguard pause`, `resume` and `pauses`: the switch that stops automation, from a terminal, over gRPC."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from outguard.cli.output import console, print_json
from outguard.errors import ConfigError, InvalidInputError

if TYPE_CHECKING:
    from outguard.client.operator import OperatorClient, Pause

TargetOption = Annotated[
    str, typer.Option("--target", envvar="OUTGUARD_TARGET", metavar="HOST:PORT", help="The server.")
]
TokenOption = Annotated[
    str, typer.Option("--token", envvar="OUTGUARD_TOKEN", help="Your token: senior reviewer or admin.")
]
CaOption = Annotated[
    Path | None, typer.Option("--ca", exists=True, dir_okay=False, help="PEM of the server's certificate authority.")
]
EverythingOption = Annotated[bool, typer.Option("--all", help="The whole tenant.")]
AgentOption = Annotated[str, typer.Option("--agent", help="Only this agent.")]
TopicOption = Annotated[str, typer.Option("--topic", help="Only actions of this topic or glob of topics.")]
ReasonOption = Annotated[str, typer.Option("--reason", help="Why, for the record; customers and agents never see it.")]
DEFAULT_TARGET = "127.0.0.1:8443"


def pause(
    reason: ReasonOption,
    everything: EverythingOption = False,
    agent: AgentOption = "",
    topic: TopicOption = "",
    target: TargetOption = DEFAULT_TARGET,
    token: TokenOption = "",
    ca: CaOption = None,
) -> None:
    """Stop automation at once: actions are denied, replies held; `escalate` still reaches a person."""
    scope, value = scope_of(everything, agent, topic)
    with client(target, token, ca) as operator:
        print_pauses(operator.pause_automation(scope, value, reason=reason))


def resume(
    reason: ReasonOption,
    everything: EverythingOption = False,
    agent: AgentOption = "",
    topic: TopicOption = "",
    target: TargetOption = DEFAULT_TARGET,
    token: TokenOption = "",
    ca: CaOption = None,
) -> None:
    """Take a pause back; name it as it was paused."""
    scope, value = scope_of(everything, agent, topic)
    with client(target, token, ca) as operator:
        print_pauses(operator.resume_automation(scope, value, reason=reason))


def pauses(
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document for machines.")] = False,
    target: TargetOption = DEFAULT_TARGET,
    token: TokenOption = "",
    ca: CaOption = None,
) -> None:
    """What is paused, who answers for the policy, and who is asked next."""
    with client(target, token, ca) as operator:
        found = operator.list_pauses()
    if as_json:
        rows = [row_of(one) for one in found.pauses]
        print_json({"pauses": rows, "owner": found.owner, "escalation": list(found.escalation)})
        return
    print_pauses(found.pauses)
    typer.echo(f"owner: {found.owner}; then: {', '.join(found.escalation)}")


def scope_of(everything: bool, agent: str, topic: str) -> tuple[str, str]:
    """The one scope that was named.

    Raises:
        InvalidInputError: if none was, or more than one.
    """
    named = [("tenant", "")] * everything + [("agent", agent)] * bool(agent) + [("topic", topic)] * bool(topic)
    if len(named) != 1:
        raise InvalidInputError("name one of --all, --agent and --topic")
    return named[0]


@contextmanager
def client(target: str, token: str, ca: Path | None) -> Iterator[OperatorClient]:
    """The operator's client of one command."""
    from outguard.client.operator import OperatorClient

    if not token:
        raise ConfigError("give your token with --token or OUTGUARD_TOKEN")
    with OperatorClient(target, token, root_certificates=ca.read_bytes() if ca else None) as operator:
        yield operator


def row_of(pause: Pause) -> dict[str, str]:
    """A pause in JSON types."""
    return {
        "scope": pause.scope.lower(),
        "value": pause.value,
        "reason": pause.reason,
        "paused_by": pause.paused_by,
        "paused_at": pause.paused_at.isoformat(),
    }


def print_pauses(found: tuple[Pause, ...]) -> None:
    """What is paused as a table."""
    from rich.table import Table

    if not found:
        typer.echo("nothing is paused")
        return
    table = Table("paused", "since", "by", "reason")
    for one in found:
        what = f"{one.scope.lower()} {one.value}".strip()
        table.add_row(what, one.paused_at.strftime("%Y-%m-%d %H:%M:%S"), one.paused_by, one.reason)
    console().print(table)
