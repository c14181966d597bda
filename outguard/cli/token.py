"""`outguard token`: credentials, made and ended on the machine that holds the store."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from outguard.cli.credentials import ISSUER, Person, issue
from outguard.cli.on_store import with_services
from outguard.cli.output import console
from outguard.cli.settings import ConfigOption, DataDirOption, read_settings
from outguard.domain.principal import Role
from outguard.errors import InvalidInputError

if TYPE_CHECKING:
    from outguard.flows.services import Services

app = typer.Typer(no_args_is_help=True, help="Make, list and revoke bearer tokens (on the store's own machine).")
TenantOption = Annotated[str, typer.Option("--tenant", help="Whose token it is.")]


@app.command()
def create(
    principal: Annotated[str, typer.Argument(help="Who calls with it, such as refund-agent or vera.")],
    role: Annotated[Role, typer.Option("--role", help="What the principal may call.")],
    topics: Annotated[
        list[str] | None, typer.Option("--topic", help="Topic glob an agent may ask for (repeat for more).")
    ] = None,
    skills: Annotated[
        list[str] | None, typer.Option("--skill", help="Queue a reviewer serves (repeat for more).")
    ] = None,
    days: Annotated[float, typer.Option("--days", min=0.001, max=3650, help="Days until it expires.")] = 90,
    tenant: TenantOption = "default",
    data_dir: DataDirOption = None,
    config: ConfigOption = None,
) -> None:
    """Make a token and print it, once: only its hash is stored."""
    if role is Role.AGENT and not topics:
        raise InvalidInputError("an agent needs at least one --topic, such as --topic 'support.*'")
    if role is not Role.AGENT and topics:
        raise InvalidInputError("--topic is for agents")
    if skills and role not in {Role.REVIEWER, Role.SENIOR_REVIEWER}:
        raise InvalidInputError("--skill is for reviewers")
    person = Person(id=principal, role=role, topics=tuple(topics or ()), skills=tuple(skills or ()))

    async def work(services: Services) -> str:
        return (await issue(services, [person], tenant=tenant, days=days))[principal]

    typer.echo(with_services(read_settings(config, data_dir=data_dir), work))


@app.command("list")
def list_tokens(tenant: TenantOption = "default", data_dir: DataDirOption = None, config: ConfigOption = None) -> None:
    """Who holds a token; secrets are not stored and cannot be shown."""
    from rich.table import Column, Table

    async def work(services: Services) -> Table:
        now = services.clock.now()
        table = Table(Column("token", no_wrap=True), "principal", "role", "may ask for / serves", "expires", "state")
        for token in await services.store.list_tokens(tenant):
            state = "revoked" if token.revoked_at else "expired" if token.expires_at <= now else "valid"
            scope = ", ".join(token.principal.topics or token.principal.skills)
            expires = token.expires_at.strftime("%Y-%m-%d %H:%M")
            table.add_row(token.token_id, token.principal.id, token.principal.role.value, scope, expires, state)
        return table

    console().print(with_services(read_settings(config, data_dir=data_dir), work))


@app.command()
def revoke(
    token_id: Annotated[str, typer.Argument(help="The token's id, as `outguard token list` shows it.")],
    tenant: TenantOption = "default",
    data_dir: DataDirOption = None,
    config: ConfigOption = None,
) -> None:
    """End a token now."""
    from outguard.flows.issue_token import revoke_token

    async def work(services: Services) -> None:
        await revoke_token(services, ISSUER, tenant=tenant, token_id=token_id)

    with_services(read_settings(config, data_dir=data_dir), work)
    typer.echo(f"{token_id} is revoked")
