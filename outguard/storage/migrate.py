"""Brings a database's schema up to date with Alembic, in one transaction, one process at a time."""

from __future__ import annotations

from importlib import import_module
from importlib.resources import files

from sqlalchemy import Connection, inspect, text

from outguard.errors import OutguardError
from outguard.storage import migrations
from outguard.storage.engine import Database
from outguard.storage.faults import translate

_LOCK = text("SELECT pg_advisory_xact_lock(7085216901)")
_VERSION = text("SELECT version_num FROM alembic_version")
_HEAD = "head"


async def migrate(database: Database, *, revision: str = _HEAD) -> None:
    """Upgrade to `revision`; does nothing where the database is there already.

    Raises:
        ConfigError: if the database was made by a later release of outguard.
        UnavailableError: if the database does not answer.
    """
    await _run(database, revision, is_down=False)


async def migrate_down(database: Database, *, revision: str) -> None:
    """Downgrade to `revision` (`base` removes everything): for tests and for taking back a failed release."""
    await _run(database, revision, is_down=True)


def newest() -> str:
    """The newest revision that this release has; a revision's file begins with it."""
    names = (path.name for path in files(migrations).joinpath("versions").iterdir())
    return max(name.partition("_")[0] for name in names if name.endswith(".py"))


async def _run(database: Database, revision: str, *, is_down: bool) -> None:
    def work(connection: Connection) -> None:
        if connection.dialect.name == "postgresql":
            connection.execute(_LOCK)
        if revision == _HEAD and _is_at(connection, newest()):
            return
        if not connection.in_transaction():
            connection.begin()  # tells Alembic that the transaction is ours to end
        import_module("outguard.storage.revise").revise(connection, revision, is_down=is_down)

    try:
        await database.write(work)
    except OutguardError:
        raise
    except Exception as error:  # noqa: BLE001 - every driver error becomes one of ours
        raise translate(error) from None


def _is_at(connection: Connection, revision: str) -> bool:
    if not inspect(connection).has_table("alembic_version"):
        return False
    return connection.execute(_VERSION).scalars().all() == [revision]
