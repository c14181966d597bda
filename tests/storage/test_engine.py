"""Which databases are opened, and how safely."""

from __future__ import annotations

import asyncio
import sqlite3
import stat
import sys
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest
from sqlalchemy import URL, Connection, make_url, text
from sqlalchemy.exc import DBAPIError, OperationalError

from outguard.errors import ConfigError, InvalidInputError, UnavailableError
from outguard.storage import statements
from outguard.storage.engine import Database, open_database
from outguard.storage.faults import is_outage
from outguard.storage.sqlite import SqliteDatabase, _set_up
from outguard.storage.store import open_store


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    """An empty database with one table."""
    opened = open_database(database_url)
    await opened.write(lambda connection: connection.execute(text("DROP TABLE IF EXISTS t")))
    await opened.write(lambda connection: connection.execute(text("CREATE TABLE t (x TEXT PRIMARY KEY)")))
    yield opened
    await opened.write(lambda connection: connection.execute(text("DROP TABLE t")))
    await opened.close()


def _insert(connection: Connection) -> None:
    connection.execute(text("INSERT INTO t VALUES ('a')"))


def _count(connection: Connection) -> int:
    return len(connection.execute(text("SELECT x FROM t")).all())


@pytest.mark.parametrize(
    "url",
    [
        "",
        "nonsense",
        "mysql://root@host/db",
        "sqlite://",
        "sqlite:///:memory:",
        "sqlite:///file:x?mode=memory&uri=true",
    ],
)
def test_a_database_that_keeps_nothing_is_refused(url: str) -> None:
    with pytest.raises(ConfigError):
        open_database(url)


def test_a_refused_url_is_not_repeated() -> None:
    password = "pass" + "word-1"
    with pytest.raises(ConfigError) as caught:
        open_database(f"mysql://root:{password}@host/db")
    assert password not in str(caught.value)


def test_a_file_that_cannot_be_made_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="No such file"):
        open_database(f"sqlite:///{tmp_path}/missing/store.db")


@pytest.mark.parametrize("form", ["sqlite:///{}", "sqlite+aiosqlite:///{}", "sqlite+pysqlite:///{}"])
async def test_the_file_is_its_owners_alone(tmp_path: Path, form: str) -> None:
    path = tmp_path / "store.db"
    store = await open_store(form.format(path))
    try:
        modes = _modes(tmp_path)
    finally:
        await store.close()
    assert modes.keys() == {"store.db", "store.db-wal", "store.db-shm"}
    assert set(modes.values()) == {0o600}


async def test_sqlite_is_opened_durable(tmp_path: Path) -> None:
    database = SqliteDatabase(_url(tmp_path))

    def pragmas(connection: Connection) -> list[object]:
        names = ("journal_mode", "synchronous", "foreign_keys")
        return [connection.exec_driver_sql(f"PRAGMA {name}").scalar_one() for name in names]

    for way in (database.read, database.write, database.look_up):
        assert await way(pragmas) == ["wal", 2, 1]
    await database.close()


async def test_work_that_raises_is_rolled_back(database: Database) -> None:
    def work(connection: Connection) -> None:
        _insert(connection)
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await database.write(work)
    assert await database.read(_count) == 0


async def test_a_write_is_seen_by_every_way_of_reading(database: Database) -> None:
    await database.write(_insert)
    assert await database.read(_count) == 1
    assert await database.look_up(_count) == 1


async def test_a_value_without_a_form_is_the_callers_fault(database: Database) -> None:
    query = text("SELECT x FROM t WHERE x = :value")
    for way in (database.read, database.look_up):
        with pytest.raises(InvalidInputError):
            await way(lambda connection: connection.execute(query, {"value": "lone \ud800 surrogate"}).all())


async def test_a_broken_statement_is_an_outage(database: Database) -> None:
    for way in (database.read, database.look_up):
        with pytest.raises(UnavailableError) as caught:
            await way(lambda connection: connection.execute(text("SELECT secret_word FROM nowhere")).all())
        assert "secret_word" not in str(caught.value)


async def test_a_closed_database_is_unavailable(database_url: str) -> None:
    database = open_database(database_url)
    await database.write(lambda connection: connection.execute(text("SELECT 1")))
    await database.close()
    await database.close()
    for way in (database.read, database.look_up, database.write):
        with pytest.raises(UnavailableError):
            await way(lambda connection: connection.execute(text("SELECT 1")))


async def test_a_server_that_does_not_answer_is_unavailable() -> None:
    with pytest.raises(UnavailableError):
        await open_store("postgresql://nobody@127.0.0.1:9/none")


@pytest.mark.postgres
async def test_reads_and_writes_go_on_after_the_server_cut_the_connections(postgres_url: str) -> None:
    database = open_database(postgres_url)
    other = open_database(postgres_url)
    cut = text("""
        SELECT pg_terminate_backend(pid) FROM pg_stat_activity
        WHERE pid <> pg_backend_pid() AND datname = current_database()
    """)
    one = text("SELECT 1")
    for way in (database.read, database.look_up):
        assert await way(lambda connection: connection.execute(one).scalar_one()) == 1
        await other.write(lambda connection: connection.execute(cut))
        assert await way(lambda connection: connection.execute(one).scalar_one()) == 1
    await database.close()
    await other.close()


@pytest.mark.postgres
@pytest.mark.parametrize("run", [statements.run, statements.run_count])
async def test_a_cut_connection_is_given_up(
    postgres_url: str, run: Callable[[Connection, str, tuple[()]], object]
) -> None:
    database = open_database(postgres_url)

    def work(connection: Connection) -> None:
        run(connection, "SELECT pg_terminate_backend(pg_backend_pid())", ())

    with pytest.raises(DBAPIError) as caught:
        await database.write(work)
    assert caught.value.connection_invalidated
    assert is_outage(caught.value)
    assert await database.write(lambda connection: statements.run(connection, "SELECT 1", ())) == [(1,)]
    await database.close()


def test_postgres_without_its_driver_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "asyncpg", None)
    with pytest.raises(ConfigError, match="postgres"):
        open_database("postgresql://nobody@127.0.0.1:9/none")


def test_a_file_system_without_write_ahead_logging_is_refused() -> None:
    class Cursor:
        def execute(self, _statement: str) -> Cursor:
            return self

        def fetchone(self) -> tuple[str]:
            return ("delete",)

        def close(self) -> None: ...

    class Connection:
        cursor = Cursor

    with pytest.raises(ConfigError):
        _set_up(Connection(), None)


async def test_a_ping_notices_a_store_that_cannot_write(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = await open_store(f"sqlite:///{tmp_path / 'store.db'}")
    await store.ping()
    other = sqlite3.connect(tmp_path / "store.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    monkeypatch.setattr("outguard.storage.store._PING_TIMEOUT_S", 0.05)
    monkeypatch.setattr("outguard.storage.sqlite.BUSY_TIMEOUT_S", 0.2)
    with pytest.raises(UnavailableError):
        await store.ping()
    monkeypatch.setattr("outguard.storage.store._PING_TIMEOUT_S", 5)
    with pytest.raises(UnavailableError):
        await store.ping()
    other.close()
    await store.ping()
    await store.close()


async def test_a_writer_waits_for_the_lock_of_another_process(tmp_path: Path) -> None:
    database = SqliteDatabase(_url(tmp_path))
    await database.write(lambda connection: connection.execute(text("CREATE TABLE t (x TEXT PRIMARY KEY)")))
    other = sqlite3.connect(tmp_path / "store.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    waiting = asyncio.create_task(database.write(_insert))
    await asyncio.sleep(0.05)
    assert not waiting.done()
    assert await database.look_up(_count) == 0
    other.execute("COMMIT")
    await waiting
    assert await database.look_up(_count) == 1
    other.close()
    await database.close()


async def test_a_lock_that_is_never_let_go_is_an_outage(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("outguard.storage.sqlite.BUSY_TIMEOUT_S", 0.05)
    database = SqliteDatabase(_url(tmp_path))
    await database.write(lambda connection: connection.execute(text("CREATE TABLE t (x TEXT PRIMARY KEY)")))
    other = sqlite3.connect(tmp_path / "store.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(OperationalError):
        await database.write(_insert)
    other.execute("COMMIT")
    other.close()
    await database.write(_insert)
    assert await database.look_up(_count) == 1
    await database.close()


async def test_a_cancelled_write_leaves_the_connection_usable(tmp_path: Path) -> None:
    database = SqliteDatabase(_url(tmp_path))
    await database.write(lambda connection: connection.execute(text("CREATE TABLE t (x TEXT PRIMARY KEY)")))
    writing = asyncio.create_task(database.write(_insert))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    writing.cancel()
    with pytest.raises(asyncio.CancelledError):
        await writing
    await database.write(lambda connection: connection.execute(text("INSERT INTO t VALUES ('b')")))
    assert await database.look_up(_count) in {1, 2}
    await database.close()


async def test_a_read_only_file_is_no_store(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    path.write_bytes(b"this is no database at all, but a text of some length" * 40)
    with pytest.raises(UnavailableError):
        await open_store(f"sqlite:///{path}")


def _url(folder: Path) -> URL:
    return make_url(f"sqlite:///{folder / 'store.db'}")


def _modes(folder: Path) -> dict[str, int]:
    return {one.name: stat.S_IMODE(one.stat().st_mode) for one in folder.iterdir()}
