"""Brings a database's schema up to date with Alembic, in one transaction, one process at a time."""

from __future__ import annotations

from collections.abc import Callable

from alembic import command
from alembic.config import Config
from alembic.util import CommandError
from sqlalchemy import Connection, text

from outguard.errors import ConfigError
from outguard.storage.engine import Database
from outguard.storage.faults import translate

_LOCATION = "outguard.storage:migrations"
_LOCK = text("SELECT pg_advisory_xact_lock(7085216901)")


async def migrate(database: Database, *, revision: str = "head") -> None:
    """Upgrade to `revision`; does nothing where the database is there already.

    Raises:
        ConfigError: if the database was made by a later release of outguard.
        UnavailableError: if the database does not answer.
    """
    await _run(database, revision, command.upgrade)


async def migrate_down(database: Database, *, revision: str) -> None:
    """Downgrade to `revision` (`base` removes everything): for tests and for taking back a failed release."""
    await _run(database, revision, command.downgrade)


async def _run(database: Database, revision: str, step: Callable[[Config, str], None]) -> None:
    config = Config()
    config.set_main_option("script_location", _LOCATION)

    def work(connection: Connection) -> None:
        if connection.dialect.name == "postgresql":
            connection.execute(_LOCK)
        if not connection.in_transaction():
            connection.begin()  # tells Alembic that the transaction is ours to end
        config.attributes["connection"] = connection
        step(config, revision)

    try:
        await database.write(work)
    except CommandError:
        raise ConfigError("the database's schema is of a later release of outguard", field="store_url") from None
    except Exception as error:  # noqa: BLE001 - every driver error becomes one of ours
        raise translate(error) from None
