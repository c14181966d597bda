"""`outguard review`: the reviewers' queue from a terminal, over gRPC with the reviewer's own token."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from outguard.cli.on_store import with_services
from outguard.cli.output import console, print_json
from outguard.cli.settings import ConfigOption, DataDirOption, read_settings
from outguard.domain.review import Defect, ItemKind, ItemState, RulingKind
from outguard.errors import ConfigError

if TYPE_CHECKING:
    from outguard.client.review import ItemView, ReviewClient, ReviewItem
    from outguard.domain.sampling import Estimate
    from outguard.flows.services import Services

app = typer.Typer(no_args_is_help=True, help="Look at what waits for people, claim it and rule on it.")
TargetOption = Annotated[
    str, typer.Option("--target", envvar="OUTGUARD_TARGET", metavar="HOST:PORT", help="The server.")
]
TokenOption = Annotated[str, typer.Option("--token", envvar="OUTGUARD_TOKEN", help="Your reviewer's token.")]
CaOption = Annotated[
    Path | None, typer.Option("--ca", exists=True, dir_okay=False, help="PEM of the server's certificate authority.")
]
ItemArgument = Annotated[str, typer.Argument(metavar="ITEM", help="The item's id.")]
ReasonOption = Annotated[str, typer.Option("--reason", help="Why, for the record.")]
ClaimOption = Annotated[
    int,
    typer.Option("--claim", help="The token of a claim you hold (default: claim it now)."),
]
_DEFAULT_TARGET = "127.0.0.1:8443"


@app.command("list")
def list_items(
    states: Annotated[
        list[ItemState] | None, typer.Option("--state", case_sensitive=False, help="OPEN and CLAIMED by default.")
    ] = None,
    kinds: Annotated[list[ItemKind] | None, typer.Option("--kind", help="All kinds by default.")] = None,
    queues: Annotated[list[str] | None, typer.Option("--queue", help="Only these queues.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=500)] = 50,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document for machines.")] = False,
    target: TargetOption = _DEFAULT_TARGET,
    token: TokenOption = "",
    ca: CaOption = None,
) -> None:
    """What waits, most urgent first; no content is shown."""
    wanted = states or [ItemState.OPEN, ItemState.CLAIMED]
    with client(target, token, ca) as reviewer:
        items = reviewer.list_items(
            states=[state.value for state in wanted],
            kinds=[kind.value for kind in kinds or ()],
            queues=queues or (),
            page_size=limit,
        )
    if as_json:
        print_json([item_row(item) for item in items])
    else:
        print_items(items)


@app.command()
def show(
    item: ItemArgument, target: TargetOption = _DEFAULT_TARGET, token: TokenOption = "", ca: CaOption = None
) -> None:
    """The literal words or action, and why it is held. That you read it goes on the record."""
    with client(target, token, ca) as reviewer:
        print_json(view_row(reviewer.get_item(item)))


@app.command()
def resolve(
    conversation: Annotated[str, typer.Argument(metavar="CONVERSATION", help="The conversation's id.")],
    pseudonym: Annotated[
        str, typer.Argument(metavar="PSEUDONYM", help="The word from the reply, such as PERSON_7Q2F...")
    ],
    target: TargetOption = _DEFAULT_TARGET,
    token: TokenOption = "",
    ca: CaOption = None,
) -> None:
    """What a pseudonym in a sent reply stands for (senior reviewers). That you read it goes on the record."""
    with client(target, token, ca) as reviewer:
        typer.echo(reviewer.resolve_pseudonym(conversation, pseudonym).value)


@app.command()
def claim(
    item: ItemArgument, target: TargetOption = _DEFAULT_TARGET, token: TokenOption = "", ca: CaOption = None
) -> None:
    """Take the item for some minutes; prints the fencing token for later steps."""
    with client(target, token, ca) as reviewer:
        typer.echo(reviewer.claim_item(item).token)


@app.command()
def abandon(
    item: ItemArgument,
    claim: ClaimOption,
    target: TargetOption = _DEFAULT_TARGET,
    token: TokenOption = "",
    ca: CaOption = None,
) -> None:
    """Give a claimed item back to the queue."""
    with client(target, token, ca) as reviewer:
        typer.echo(f"{item} is {reviewer.abandon_claim(item, claim).state}")


@app.command()
def release(
    item: ItemArgument,
    reason: ReasonOption,
    claim: ClaimOption = 0,
    target: TargetOption = _DEFAULT_TARGET,
    token: TokenOption = "",
    ca: CaOption = None,
) -> None:
    """Let a held reply go as it stands (policy still cuts secrets and personal data)."""
    with client(target, token, ca) as reviewer:
        rule(reviewer, item, claim, "release", reason)


@app.command()
def edit(
    item: ItemArgument,
    reason: ReasonOption,
    text_file: Annotated[Path, typer.Option("--text-file", exists=True, dir_okay=False, help="The new text, UTF-8.")],
    subject: Annotated[str | None, typer.Option("--subject", help="A new subject.")] = None,
    claim: ClaimOption = 0,
    target: TargetOption = _DEFAULT_TARGET,
    token: TokenOption = "",
    ca: CaOption = None,
) -> None:
    """Release a held reply with other words; they are scanned again, and you become their maker."""
    from outguard.client.values import Content

    try:
        edited = Content(text=text_file.read_text(encoding="utf-8"), subject=subject)
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"cannot read {text_file} as UTF-8 text") from error
    with client(target, token, ca) as reviewer:
        rule(reviewer, item, claim, "edit_and_release", reason, edited=edited)


@app.command()
def reject(
    item: ItemArgument,
    reason: ReasonOption,
    defect: Annotated[Defect, typer.Option("--defect", help="What was wrong with it.")],
    claim: ClaimOption = 0,
    target: TargetOption = _DEFAULT_TARGET,
    token: TokenOption = "",
    ca: CaOption = None,
) -> None:
    """Turn a held reply down: it never goes out."""
    with client(target, token, ca) as reviewer:
        rule(reviewer, item, claim, "reject", reason, defect=defect.value)


@app.command()
def approve(
    item: ItemArgument,
    reason: ReasonOption,
    claim: ClaimOption = 0,
    target: TargetOption = _DEFAULT_TARGET,
    token: TokenOption = "",
    ca: CaOption = None,
) -> None:
    """Sign a held action; the gravest ones need a second person."""
    with client(target, token, ca) as reviewer:
        rule(reviewer, item, claim, "approve", reason)


@app.command()
def deny(
    item: ItemArgument,
    reason: ReasonOption,
    claim: ClaimOption = 0,
    target: TargetOption = _DEFAULT_TARGET,
    token: TokenOption = "",
    ca: CaOption = None,
) -> None:
    """Refuse a held action."""
    with client(target, token, ca) as reviewer:
        rule(reviewer, item, claim, "deny", reason)


@app.command("roll-back")
def roll_back(
    action: Annotated[str, typer.Argument(metavar="ACTION", help="The action's id (`subject_id` of its item).")],
    reason: ReasonOption,
    target: TargetOption = _DEFAULT_TARGET,
    token: TokenOption = "",
    ca: CaOption = None,
) -> None:
    """Have an executed action undone; the gravest ones need a second person."""
    with client(target, token, ca) as reviewer:
        asked = reviewer.roll_back_action(action, reason=reason)
    second = f"; a second person must approve {asked.item_id}" if asked.state == "WAITING" else ""
    typer.echo(f"the roll-back of {action} is {asked.state}{second}")


@app.command()
def override(
    item: ItemArgument,
    decision: Annotated[
        RulingKind, typer.Option("--decision", help="deny or reject; approve or release; escalate to re-route.")
    ],
    rule: Annotated[str, typer.Option("--rule", help="The rule that should have decided.")],
    reason: ReasonOption,
    ruling: Annotated[str, typer.Option("--ruling", help="The ruling that is reversed (none with escalate).")] = "",
    target: TargetOption = _DEFAULT_TARGET,
    token: TokenOption = "",
    ca: CaOption = None,
) -> None:
    """Reverse a ruling of somebody else: claw back, reopen, or give a waiting item to others."""
    with client(target, token, ca) as reviewer:
        after = reviewer.override_ruling(item, decision.value, rule_id=rule, reason=reason, ruling_id=ruling)
    typer.echo(f"{item} is {after.state}")


@app.command()
def rates(
    tenant: Annotated[str, typer.Option("--tenant", help="Whose cases.")] = "default",
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document for machines.")] = False,
    data_dir: DataDirOption = None,
    config: ConfigOption = None,
) -> None:
    """How much of what ran unseen is wrong: estimated from the sampled cases, with 95% intervals (on the store)."""
    from rich.table import Table

    from outguard.flows.sample import estimate_rates

    async def work(services: Services) -> tuple[Estimate, ...]:
        return await estimate_rates(services, tenant)

    found = with_services(read_settings(config, data_dir=data_dir), work)
    if as_json:
        print_json([asdict(one) for one in found])
    elif not found:
        typer.echo("no sampled case has been ruled on yet")
    else:
        table = Table("stratum", "cases", "wrong", "stand for", "rate", "95% interval")
        for one in found:
            interval = f"{one.low:.2%} to {one.high:.2%}"
            counts = (str(one.cases), str(one.wrong), f"{one.population:.0f}")
            table.add_row(one.stratum, *counts, f"{one.rate:.2%}", interval)
        console().print(table)


@contextmanager
def client(target: str, token: str, ca: Path | None) -> Iterator[ReviewClient]:
    """The review client of one command."""
    from outguard.client.review import ReviewClient

    if not token:
        raise ConfigError("give your reviewer's token with --token or OUTGUARD_TOKEN")
    with ReviewClient(target, token, root_certificates=ca.read_bytes() if ca else None) as reviewer:
        yield reviewer


def rule(reviewer: ReviewClient, item_id: str, claim_token: int, kind: str, reason: str, **more: Any) -> None:
    """Claim if need be, rule, and say what became of the item."""
    held = claim_token or reviewer.claim_item(item_id).token
    ruled = reviewer.rule_item(item_id, held, kind, reason=reason, **more)
    left = ruled.required_rulings - len(ruled.rulings)
    waits = f", {left} more ruling(s) needed" if ruled.state == "OPEN" and left > 0 else ""
    typer.echo(f"{item_id} is {ruled.state}{waits}")


def item_row(item: ReviewItem) -> dict[str, Any]:
    """An item in JSON types."""
    return {
        "item_id": item.item_id,
        "kind": item.kind.lower(),
        "state": item.state,
        "queue": item.queue,
        "tier": item.tier or None,
        "subject_id": item.subject_id,
        "conversation_id": item.conversation_id,
        "rule": item.rule_id,
        "reason": item.reason,
        "due_at": item.due_at.isoformat(),
        "claimed_by": item.claimed_by or None,
        "rulings": len(item.rulings),
        "required_rulings": item.required_rulings,
    }


def view_row(view: ItemView) -> dict[str, Any]:
    """An item with its clear text in JSON types."""
    from outguard.cli.replay_run import finding_row

    def content(value: Any) -> Any:
        return None if value is None else {"subject": value.subject, "text": value.text, "payload": value.payload}

    action = view.action
    return item_row(view.item) | {
        "original": content(view.original),
        "release_would_send": content(view.proposed),
        "findings": [finding_row(finding) for finding in view.findings],
        "customer": None if view.customer is None else {"id": view.customer.id, "name": view.customer.name},
        "customer_message": view.last_user or None,
        "action": None
        if action is None
        else {
            "topic": action.topic,
            "amount": action.amount or None,
            "currency": action.currency or None,
            "target": action.target or None,
            "arguments": json.loads(json.dumps(action.arguments, default=str)),
            "customer_id": action.customer_id or None,
            "reversibility": view.reversibility or None,
            "agent_chain": list(action.agent_chain),
            "can_resume": bool(action.resume_state),
            "reasoning": action.reasoning,
        },
    }


def print_items(items: tuple[ReviewItem, ...]) -> None:
    """The queue as a table."""
    from rich.table import Column, Table

    if not items:
        typer.echo("nothing waits")
        return
    table = Table(Column("item", no_wrap=True), "kind", "tier", "queue", "rule", "due in", "held by")
    now = datetime.now(UTC)
    for item in items:
        left_s = int((item.due_at - now).total_seconds())
        due = f"{left_s} s" if left_s >= 0 else f"late {-left_s} s"
        table.add_row(item.item_id, item.kind.lower(), item.tier, item.queue, item.rule_id, due, item.claimed_by)
    console().print(table)
