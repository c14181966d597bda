"""Migrations: up and down on both databases, with data; the result is exactly the schema that the code uses."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, inspect, text
from store_values import TENANT, a_call, a_change, a_full_reply, check_tree

from outguard.errors import ConfigError, UnavailableError
from outguard.storage import migrations
from outguard.storage.engine import Database, open_database
from outguard.storage.migrate import migrate, migrate_down, newest
from outguard.storage.schema import METADATA
from outguard.storage.store import SqlStore, open_store

_SCRIPTS = Path(migrations.__file__).parent


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    """An empty database."""
    opened = open_database(database_url)
    yield opened
    await opened.close()


async def _tables(database: Database) -> set[str]:
    return set(await database.read(lambda connection: inspect(connection).get_table_names()))


async def test_the_migrated_schema_is_the_codes_schema(database: Database) -> None:
    def differences(connection: Connection) -> list[Any]:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        return list(compare_metadata(context, METADATA))

    await migrate(database)
    assert await database.read(differences) == []


def test_the_newest_revision_is_alembics_head() -> None:
    assert ScriptDirectory(str(_SCRIPTS)).get_current_head() == newest()


async def test_a_start_on_a_migrated_database_needs_no_alembic(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    await migrate(database)
    monkeypatch.setitem(sys.modules, "outguard.storage.revise", None)
    await migrate(database)


async def test_migrating_twice_changes_nothing(database_url: str) -> None:
    store = await open_store(database_url)
    await store.commit(a_change(replies=(a_full_reply(),)))
    await store.close()
    store = await open_store(database_url)
    assert await store.get_reply(TENANT, "reply-1") == a_full_reply()
    await store.close()


async def test_every_step_goes_down_and_up_on_data(database_url: str) -> None:
    store = await open_store(database_url)
    await store.commit(a_change(replies=(a_full_reply(),), call=a_call()))
    await store.close()
    revisions = [one.revision for one in ScriptDirectory(str(_SCRIPTS)).walk_revisions()]
    for below in (*revisions[1:], "base"):
        database = open_database(database_url)
        await migrate_down(database, revision=below)
        if below == "base":
            assert await _tables(database) == {"alembic_version"}
        await migrate(database)
        assert set(METADATA.tables) < await _tables(database)
        await database.close()
    store = await open_store(database_url)
    await store.commit(a_change(replies=(a_full_reply(),), call=a_call()))
    assert await check_tree(store) == 1
    await store.close()


async def test_processes_that_start_together_migrate_once(database_url: str) -> None:
    stores: list[SqlStore] = await asyncio.gather(*(open_store(database_url) for _ in range(4)))
    await asyncio.gather(*(store.ping() for store in stores))
    for store in stores:
        await store.close()


async def test_a_database_of_a_later_release_is_refused(database_url: str) -> None:
    await (await open_store(database_url)).close()
    database = open_database(database_url)
    await database.write(lambda connection: connection.execute(text("UPDATE alembic_version SET version_num = '9999'")))
    await database.close()
    with pytest.raises(ConfigError):
        await open_store(database_url)


async def test_a_failed_migration_leaves_the_database_as_it_was(database: Database) -> None:
    await database.write(lambda connection: connection.execute(text("CREATE TABLE tokens (x INTEGER)")))
    with pytest.raises(UnavailableError):
        await migrate(database)
    assert await _tables(database) <= {"tokens", "alembic_version"}
