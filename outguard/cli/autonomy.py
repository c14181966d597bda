"""`outguard autonomy`: agents' levels, and incidents that lower them, over gRPC."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from outguard.cli.output import console, print_json
from outguard.cli.pause import CaOption, ReasonOption, TargetOption, TokenOption, client

if TYPE_CHECKING:
    from outguard.client.operator import Standing

app = typer.Typer(no_args_is_help=True, help="How much agents may do by themselves, and what lowers it.")
_DEFAULT_TARGET = "127.0.0.1:8443"
_PAGE = 200


@app.command("list")
def list_standings(
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document for machines.")] = False,
    target: TargetOption = _DEFAULT_TARGET,
    token: TokenOption = "",
    ca: CaOption = None,
) -> None:
    """Levels that anything ever moved; all others are at the policy's initial one."""
    from rich.table import Table

    rows: list[Standing] = []
    with client(target, token, ca) as operator:
        after = ""
        while page := operator.list_standings(page_size=_PAGE, page_token=after):
            rows += page
            after = f"{page[-1].agent_id}/{page[-1].topic}"
    if as_json:
        print_json(
            [
                {
                    "agent": one.agent_id,
                    "topic": one.topic,
                    "level": one.level,
                    "since": None if one.since is None else one.since.isoformat(),
                    "cause": one.cause,
                    "by": one.changed_by,
                    "proposal": one.proposal_item_id or None,
                }
                for one in rows
            ]
        )
        return
    table = Table("agent", "topic", "level", "since", "cause", "by")
    for one in rows:
        since = "" if one.since is None else one.since.strftime("%Y-%m-%d %H:%M")
        table.add_row(one.agent_id, one.topic, str(one.level), since, one.cause, one.changed_by)
    console().print(table)


@app.command()
def incident(
    agent: Annotated[str, typer.Argument(help="The agent's id.")],
    topic: Annotated[str, typer.Argument(help="The topic, without globs.")],
    reason: ReasonOption,
    safety: Annotated[bool, typer.Option("--safety", help="A safety incident (default: a policy violation).")] = False,
    target: TargetOption = _DEFAULT_TARGET,
    token: TokenOption = "",
    ca: CaOption = None,
) -> None:
    """Report that an agent did what it must not; it loses autonomy on the topic at once."""
    kind = "safety_incident" if safety else "policy_violation"
    with client(target, token, ca) as operator:
        left = operator.report_incident(agent, topic, kind, reason=reason)
    typer.echo(f"{agent} is at level {left.level} on {topic}")
