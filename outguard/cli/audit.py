"""`outguard audit`: take the record out of a server, and check it without one."""

from __future__ import annotations

import typer

app = typer.Typer(no_args_is_help=True, help="Export the audit log and verify an export offline.")
