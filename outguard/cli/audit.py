"""`outguard audit`: take the record out of a store, and check it without one."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from outguard.bench.corpus import read_lines
from outguard.cli.on_store import with_services
from outguard.cli.output import print_json, text_output
from outguard.cli.settings import ConfigOption, DataDirOption, read_settings
from outguard.cli.token import TenantOption
from outguard.domain.principal import Principal, Role
from outguard.errors import ConfigError, IntegrityError

if TYPE_CHECKING:
    from outguard.audit.export import ExportReport
    from outguard.flows.services import Services

app = typer.Typer(no_args_is_help=True, help="Export the audit log, and verify an export offline.")
_PAGE = 500


@app.command()
def export(
    out: Annotated[
        Path | None, typer.Option("--out", dir_okay=False, help="Write here, not to standard output.")
    ] = None,
    tenant: TenantOption = "default",
    data_dir: DataDirOption = None,
    config: ConfigOption = None,
) -> None:
    """Write the whole audit log as JSON lines, closed by a signed checkpoint; a server may be running."""

    async def work(services: Services) -> int:
        with text_output(out) as write:
            return await write_export(services, tenant, write)

    size = with_services(read_settings(config, data_dir=data_dir), work)
    typer.echo(f"{size} entries of tenant {tenant}", err=True)


@app.command()
def key(tenant: TenantOption = "default", data_dir: DataDirOption = None, config: ConfigOption = None) -> None:
    """Print the verifier key that auditors of this log should be given, by another way than the log."""

    async def work(services: Services) -> str:
        from outguard.flows.read_audit import origin_of

        return services.signer.verifier_key(origin_of(services, tenant))

    typer.echo(with_services(read_settings(config, data_dir=data_dir), work))


@app.command()
def verify(
    file: Annotated[str, typer.Argument(metavar="FILE", help="An export, plain or gzipped; - reads standard input.")],
    key: Annotated[str, typer.Option("--key", help="The verifier key you trust (see `outguard audit key`).")] = "",
    key_file: Annotated[
        Path | None, typer.Option("--key-file", exists=True, dir_okay=False, help="The same, in a file.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document for machines.")] = False,
) -> None:
    """Check an export offline: every entry, its order, the tree's root and the signature. Status 1 if it fails."""
    if key_file is not None and key:
        raise ConfigError("give --key or --key-file, not both")
    trusted = key_file.read_text(encoding="utf-8").strip() if key_file else key
    report = verify_file(file, trusted or None)
    if as_json:
        print_json(report_row(report))
    else:
        for problem in report.problems:
            typer.echo(f"PROBLEM {problem}")
        for warning in report.warnings:
            typer.echo(f"warning {warning}")
        said = "verified" if report.is_valid else "NOT valid"
        typer.echo(f"{said}: {report.size} entries of {report.origin or 'an unknown log'}")
    if not report.is_valid:
        raise typer.Exit(1)


async def write_export(services: Services, tenant: str, write: Callable[[str], object]) -> int:
    """Write the log as it is now, page by page; how many entries it has."""
    from outguard.audit.export import checkpoint_line, entry_line, header_line
    from outguard.flows.read_audit import get_checkpoint

    auditor = Principal(id="outguard-cli", role=Role.AUDITOR, tenant=tenant)
    checkpoint = await get_checkpoint(services, auditor)
    verifier_key = services.signer.verifier_key(checkpoint.origin)
    size = checkpoint.head.size
    write(header_line(origin=checkpoint.origin, verifier_key=verifier_key, tenant=tenant, size=size))
    done = 0
    while done < size:
        entries = await services.store.list_entries(tenant, start=done, limit=min(_PAGE, size - done))
        if not entries:
            raise IntegrityError(f"the store holds {done} entries, but {size} are signed for")
        for entry in entries:
            write(entry_line(entry.index, entry.data))
        done += len(entries)
    write(checkpoint_line(checkpoint.note))
    return size


def verify_file(file: str, verifier_key: str | None) -> ExportReport:
    """Check an export file.

    Raises:
        InvalidInputError: if it cannot be read, or the key is malformed.
    """
    from outguard.audit.export import verify_export

    return verify_export(_lines(file), verifier_key=verifier_key)


def report_row(report: ExportReport) -> dict[str, object]:
    """The report in JSON types."""
    return {
        "valid": report.is_valid,
        "tenant": report.tenant,
        "origin": report.origin,
        "entries": report.size,
        "first_bad_index": report.first_bad_index,
        "problems": list(report.problems),
        "warnings": list(report.warnings),
    }


def _lines(file: str) -> Iterator[str]:
    for line in read_lines(file):
        yield line.data.decode("utf-8", errors="replace") if line.problem is None else ""
