"""The options that commands on a data folder share, and how they become settings."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from outguard.config import Settings

ConfigOption = Annotated[
    Path | None, typer.Option("--config", dir_okay=False, help="Settings file (default: outguard.toml, if there).")
]
DataDirOption = Annotated[
    Path | None, typer.Option("--data-dir", file_okay=False, help="Where database and keys are (default: var).")
]


def read_settings(config: Path | None, **overrides: Any) -> Settings:
    """Settings from file and environment, with the options that were given laid over them."""
    from outguard.config import load_settings

    return load_settings(config, **{name: value for name, value in overrides.items() if value is not None})
