"""Opens a database by its URL: SQLite in a file, or PostgreSQL. Nobody else knows which one it is.

Work is a plain function of a connection; a whole transaction is one hop to the database's thread (SQLite) or one
greenlet (PostgreSQL), because on this path hops cost more than queries. What was acknowledged survives a power cut.
"""

from __future__ import annotations

import asyncio
import os
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Protocol, TypeVar

from sqlalchemy import Connection, Dialect, Engine, create_engine, event, make_url
from sqlalchemy.engine import URL
from sqlalchemy.exc import ArgumentError, DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from outguard.errors import ConfigError, UnavailableError
from outguard.storage.faults import translate

T = TypeVar("T")
BUSY_TIMEOUT_S = 5.0
_COMMAND_TIMEOUT_S = 30.0
_READERS = 2
_PRAGMAS = (
    f"PRAGMA busy_timeout = {int(BUSY_TIMEOUT_S * 1000)}",
    "PRAGMA synchronous = FULL",
    "PRAGMA foreign_keys = ON",
    "PRAGMA wal_autocheckpoint = 4000",
    "PRAGMA cache_size = -32000",
)


class Database(Protocol):
    """One database, opened."""

    dialect: Dialect

    async def read(self, work: Callable[[Connection], T]) -> T:
        """Run statements that change nothing; each sees everything acknowledged before it.

        Raises:
            UnavailableError, InvalidInputError: as `faults.translate` says.
        """
        ...

    async def write(self, work: Callable[[Connection], T]) -> T:
        """Run `work` in one durable transaction, rolled back if it raises. Errors of the driver pass through."""
        ...

    async def close(self) -> None:
        """Let go of all connections."""
        ...


def open_database(url: str) -> Database:
    """The database behind `sqlite:///FILE` or `postgresql://USER:PASSWORD@HOST:PORT/NAME`.

    Raises:
        ConfigError: if the URL is malformed, of another kind, or not durable. Connecting comes later.
    """
    try:
        parsed = make_url(url)
    except ArgumentError:
        raise ConfigError("the store URL is malformed", field="store_url") from None
    kind = parsed.get_backend_name()
    if kind == "sqlite":
        return SqliteDatabase(parsed)
    if kind == "postgresql":
        return PostgresDatabase(parsed)
    raise ConfigError("the store URL must begin with sqlite:/// or postgresql://", field="store_url")


class SqliteDatabase:
    """A file in WAL mode. One thread writes; a few threads read beside it."""

    def __init__(self, url: URL) -> None:
        path = url.database
        if not path or path.startswith((":memory:", "file:")):
            raise ConfigError("the store needs a file: a database in memory keeps nothing", field="store_url")
        self._create_file(path)
        self._writing = _sqlite_engine(url)
        event.listen(self._writing, "begin", lambda connection: connection.exec_driver_sql("BEGIN IMMEDIATE"))
        self._reading = _sqlite_engine(url).execution_options(isolation_level="AUTOCOMMIT")
        self.dialect: Dialect = self._writing.dialect
        self._writer = ThreadPoolExecutor(1, thread_name_prefix="outguard-write")
        self._readers = ThreadPoolExecutor(_READERS, thread_name_prefix="outguard-read")
        self._local = threading.local()
        self._connections: list[Connection] = []
        self._is_closed = False

    async def read(self, work: Callable[[Connection], T]) -> T:
        """As `Database`."""
        try:
            return await self._submit(self._readers, self._read, work)
        except Exception as error:  # noqa: BLE001 - every driver error becomes one of ours
            raise translate(error) from None

    async def write(self, work: Callable[[Connection], T]) -> T:
        """As `Database`."""
        return await self._submit(self._writer, self._write, work)

    async def close(self) -> None:
        """As `Database`."""
        if not self._is_closed:
            self._is_closed = True
            await asyncio.to_thread(self._shut)

    def _shut(self) -> None:
        self._writer.shutdown()
        self._readers.shutdown()
        for connection in self._connections:
            connection.close()
        self._writing.dispose()
        self._reading.dispose()

    async def _submit(self, pool: ThreadPoolExecutor, function: Callable[..., T], work: Any) -> T:
        if self._is_closed:
            raise UnavailableError("the store is closed")
        return await asyncio.get_running_loop().run_in_executor(pool, function, work)

    def _connection(self, engine: Engine) -> Connection:
        connection: Connection | None = getattr(self._local, "connection", None)
        if connection is None:
            connection = self._local.connection = engine.connect()
            self._connections.append(connection)
        return connection

    def _read(self, work: Callable[[Connection], T]) -> T:
        return work(self._connection(self._reading))

    def _write(self, work: Callable[[Connection], T]) -> T:
        connection = self._connection(self._writing)
        with connection.begin():
            return work(connection)

    @staticmethod
    def _create_file(path: str) -> None:
        """Make the file readable by its owner alone: it holds sealed content and the hashes of tokens."""
        try:
            os.close(os.open(path, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600))
        except OSError as error:
            raise ConfigError(
                f"the store's file cannot be opened for writing ({error.strerror})", field="store_url"
            ) from None


def _sqlite_engine(url: URL) -> Engine:
    # Statements come in many sizes (see `statements`): keep every one of them prepared.
    options = {"check_same_thread": False, "cached_statements": 512, "timeout": BUSY_TIMEOUT_S}
    engine = create_engine(url.set(drivername="sqlite+pysqlite"), connect_args=options, hide_parameters=True)
    event.listen(engine, "connect", _set_up_sqlite)
    return engine


def _set_up_sqlite(connection: Any, _record: object) -> None:
    connection.isolation_level = None  # transactions begin where we say so
    cursor = connection.cursor()
    for pragma in _PRAGMAS:
        cursor.execute(pragma)
    mode = cursor.execute("PRAGMA journal_mode = WAL").fetchone()[0]
    cursor.close()
    if mode != "wal":
        raise ConfigError("the store's file is on a file system that cannot do write-ahead logging")


class PostgresDatabase:
    """A PostgreSQL server, shared by any number of replicas."""

    def __init__(self, url: URL) -> None:
        options = {"timeout": BUSY_TIMEOUT_S, "command_timeout": _COMMAND_TIMEOUT_S}
        try:
            self._engine: AsyncEngine = create_async_engine(
                url.set(drivername="postgresql+asyncpg"),
                connect_args={**options, "server_settings": {"application_name": "outguard"}},
                hide_parameters=True,
                pool_size=10,
                max_overflow=10,
                pool_timeout=BUSY_TIMEOUT_S,
            )
        except ImportError:
            raise ConfigError("PostgreSQL needs the extra outguard[postgres]", field="store_url") from None
        event.listen(self._engine.sync_engine, "connect", _set_up_postgres)
        self._reading = self._engine.execution_options(isolation_level="AUTOCOMMIT")
        self.dialect: Dialect = self._engine.dialect
        self._is_closed = False

    async def read(self, work: Callable[[Connection], T]) -> T:
        """As `Database`; once more on a fresh connection if the first one had died in the pool."""
        self._check_open()
        try:
            try:
                return await self._read(work)
            except DBAPIError as error:
                if not error.connection_invalidated:
                    raise
            return await self._read(work)
        except Exception as error:  # noqa: BLE001 - every driver error becomes one of ours
            raise translate(error) from None

    async def write(self, work: Callable[[Connection], T]) -> T:
        """As `Database`."""
        self._check_open()
        async with self._engine.begin() as connection:
            return await connection.run_sync(work)

    async def close(self) -> None:
        """As `Database`."""
        self._is_closed = True
        await self._engine.dispose()

    async def _read(self, work: Callable[[Connection], T]) -> T:
        async with self._reading.connect() as connection:
            return await connection.run_sync(work)

    def _check_open(self) -> None:
        if self._is_closed:
            raise UnavailableError("the store is closed")


def _set_up_postgres(connection: Any, _record: object) -> None:
    """Refuse to lose what was acknowledged: a server set to lazy commits is asked for real ones."""
    cursor = connection.cursor()
    cursor.execute(
        "SELECT set_config('synchronous_commit', 'on', false) WHERE current_setting('synchronous_commit') = 'off'"
    )
    cursor.close()
