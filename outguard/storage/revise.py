"""Runs Alembic's steps on a connection. Apart from `migrate`, since Alembic takes a tenth of a start to import."""

from __future__ import annotations

from alembic import command
from alembic.config import Config
from alembic.util import CommandError
from sqlalchemy import Connection

from outguard.errors import ConfigError

_LOCATION = "outguard.storage:migrations"


def revise(connection: Connection, revision: str, *, is_down: bool) -> None:
    """Upgrade or downgrade to `revision`.

    Raises:
        ConfigError: if the database was made by a later release of outguard.
    """
    config = Config()
    config.set_main_option("script_location", _LOCATION)
    config.attributes["connection"] = connection
    try:
        (command.downgrade if is_down else command.upgrade)(config, revision)
    except CommandError:
        raise ConfigError("the database's schema is of a later release of outguard", field="store_url") from None
