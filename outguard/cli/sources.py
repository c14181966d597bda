"""`outguard sources`: texts that must not leak, texts that may always be said, canaries."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from outguard.cli.credentials import ISSUER
from outguard.cli.on_store import with_services
from outguard.cli.output import console
from outguard.cli.settings import ConfigOption, DataDirOption, read_settings
from outguard.cli.token import TenantOption
from outguard.domain.principal import Principal, Role
from outguard.domain.source import SourceKind
from outguard.errors import InvalidInputError

if TYPE_CHECKING:
    from outguard.domain.source import SourceRecord
    from outguard.flows.services import Services

app = typer.Typer(no_args_is_help=True, help="Register texts whose words are looked for in every reply, and canaries.")
_PAGE = 500


@app.command()
def add(
    files: Annotated[
        list[Path], typer.Argument(metavar="FILE...", exists=True, help="Text files, JSON lines, or folders of them.")
    ],
    name: Annotated[str, typer.Option("--name", help="The name, for one text (default: the file's).")] = "",
    public: Annotated[bool, typer.Option("--public", help="These may go to anybody.")] = False,
    canary: Annotated[bool, typer.Option("--canary", help="Each file holds one canary.")] = False,
    finding_type: Annotated[
        str, typer.Option("--type", help="What a leak is reported as, such as SYSTEM_PROMPT (default: INTERNAL_NOTE).")
    ] = "",
    tenant: TenantOption = "default",
    data_dir: DataDirOption = None,
    config: ConfigOption = None,
) -> None:
    """Register texts: only keyed hashes of their words are stored. A name that exists is replaced."""
    from outguard.cli.source_files import read_sources

    if public and canary:
        raise InvalidInputError("--public and --canary exclude each other")
    kind = SourceKind.PUBLIC if public else SourceKind.CANARY if canary else None
    texts = [text for file in files for text in read_sources(file, kind=kind, finding_type=finding_type)]
    if name and len(texts) != 1:
        raise InvalidInputError("--name is for one text")

    async def work(services: Services) -> int:
        from uuid import uuid4

        from outguard.flows.sources import add_source

        for text in texts:
            await add_source(
                services,
                _admin(tenant),
                request_id=str(uuid4()),
                name=name or text.name,
                kind=text.kind,
                type_=text.type,
                text=text.text.strip() if canary else text.text,
            )
        return len(texts)

    typer.echo(f"{with_services(read_settings(config, data_dir=data_dir), work)} registered")


@app.command("list")
def list_sources(tenant: TenantOption = "default", data_dir: DataDirOption = None, config: ConfigOption = None) -> None:
    """What is registered, by name."""
    from rich.table import Column, Table

    async def work(services: Services) -> list[SourceRecord]:
        from outguard.flows.sources import list_sources as page_of

        found: list[SourceRecord] = []
        while True:
            after = found[-1].name if found else ""
            page = await page_of(services, _admin(tenant), after=after, limit=_PAGE)
            found += page
            if not page:
                return found

    table = Table("name", "kind", "type", Column("words", justify="right"), "added by", "changed")
    for one in with_services(read_settings(config, data_dir=data_dir), work):
        changed = one.updated_at.strftime("%Y-%m-%d %H:%M")
        table.add_row(one.name, one.kind.value, one.type, str(one.words), one.added_by, changed)
    console().print(table)


@app.command()
def remove(
    name: Annotated[str, typer.Argument(help="The name, as `outguard sources list` shows it.")],
    tenant: TenantOption = "default",
    data_dir: DataDirOption = None,
    config: ConfigOption = None,
) -> None:
    """Forget a text; its hashes are deleted."""

    async def work(services: Services) -> None:
        from uuid import uuid4

        from outguard.flows.sources import remove_source

        await remove_source(services, _admin(tenant), request_id=str(uuid4()), name=name)

    with_services(read_settings(config, data_dir=data_dir), work)
    typer.echo(f"{name} is removed")


@app.command()
def canary(
    name: Annotated[str, typer.Argument(help="What reviewers will see, such as system-prompt-v3.")],
    tenant: TenantOption = "default",
    data_dir: DataDirOption = None,
    config: ConfigOption = None,
) -> None:
    """Make a random canary, register it and print it, once: put it into a prompt or an internal document."""
    import secrets

    text = f"ref-{secrets.token_hex(12)}"

    async def work(services: Services) -> None:
        from uuid import uuid4

        from outguard.flows.sources import add_source

        await add_source(
            services,
            _admin(tenant),
            request_id=str(uuid4()),
            name=name,
            kind=SourceKind.CANARY,
            type_="",
            text=text,
        )

    with_services(read_settings(config, data_dir=data_dir), work)
    typer.echo(text)


def _admin(tenant: str) -> Principal:
    return Principal(id=ISSUER, role=Role.ADMIN, tenant=tenant)
