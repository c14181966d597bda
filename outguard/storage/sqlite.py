"""SQLite in a file, in WAL mode, beside any number of other processes on the same file.

Statements of the decision path run on the event loop's own thread: a hop to another thread and the fight for the
interpreter lock cost several times what they do. What truly waits goes to a thread: the write lock when somebody else
has it, the commit (writing and syncing the log), and reads of many rows.
"""

from __future__ import annotations

import asyncio
import os
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

from sqlalchemy import Connection, Dialect, Engine, create_engine, event
from sqlalchemy.engine import URL
from sqlalchemy.exc import DBAPIError, OperationalError

from outguard.errors import ConfigError, UnavailableError
from outguard.storage.faults import translate
from outguard.storage.statements import run_count

T = TypeVar("T")
BUSY_TIMEOUT_S = 5.0
_LOOK_UP_PATIENCE_S = 0.1
_ASK_AGAIN_S = 0.0005
_READERS = 2
_PRAGMAS = (
    "PRAGMA synchronous = FULL",
    "PRAGMA foreign_keys = ON",
    "PRAGMA wal_autocheckpoint = 4000",
    "PRAGMA cache_size = -64000",
)


class SqliteDatabase:
    """As `engine.Database`."""

    def __init__(self, url: URL) -> None:
        path = url.database
        if not path or path.startswith((":memory:", "file:")):
            raise ConfigError("the store needs a file: a database in memory keeps nothing", field="store_url")
        _create_file(path)
        self._engine = _engine(url)
        self.dialect: Dialect = self._engine.dialect
        self.answers_at_once = True
        self._writer = ThreadPoolExecutor(1, thread_name_prefix="outguard-write")
        self._readers = ThreadPoolExecutor(_READERS, thread_name_prefix="outguard-read")
        self._writing = asyncio.Lock()
        self._local = threading.local()
        self._connections: list[Connection] = []
        self._write_connection: Connection | None = None
        self._look_up_connection: Connection | None = None
        self._is_closed = False

    async def look_up(self, work: Callable[[Connection], T]) -> T:
        """As `Database`, on the caller's thread."""
        self._check_open()
        try:
            if self._look_up_connection is None:
                self._look_up_connection = self._connect(patience_s=_LOOK_UP_PATIENCE_S)
            return work(self._look_up_connection)
        except Exception as error:  # noqa: BLE001 - every driver error becomes one of ours
            raise translate(error) from None

    async def read(self, work: Callable[[Connection], T]) -> T:
        """As `Database`, on a thread."""
        self._check_open()
        try:
            return await asyncio.get_running_loop().run_in_executor(self._readers, self._read, work)
        except Exception as error:  # noqa: BLE001 - every driver error becomes one of ours
            raise translate(error) from None

    async def write(self, work: Callable[[Connection], T]) -> T:
        """As `Database`: work on the caller's thread, the commit on another."""
        async with self._writing:
            self._check_open()
            if self._write_connection is None:
                self._write_connection = self._connect(patience_s=0)
            connection = self._write_connection
            await self._begin(connection)
            try:
                result = work(connection)
                await self._wait(_commit, connection)
            except BaseException:
                _roll_back(connection)
                raise
            return result

    async def close(self) -> None:
        """As `Database`."""
        async with self._writing:
            if not self._is_closed:
                self._is_closed = True
                await asyncio.to_thread(self._shut)

    async def _begin(self, connection: Connection) -> None:
        """Take the write lock: at once if it is free, else waiting on the thread."""
        try:
            run_count(connection, "BEGIN IMMEDIATE", ())
        except OperationalError as error:
            if not _is_locked(error):
                raise
            await self._wait(_begin_patiently, connection)

    async def _wait(self, function: Callable[[Connection], None], connection: Connection) -> None:
        """Run what may wait on the thread. Even if the caller is cancelled, it is done when this returns."""
        job = asyncio.get_running_loop().run_in_executor(self._writer, function, connection)
        try:
            await asyncio.shield(job)
        except asyncio.CancelledError:
            await asyncio.wait([job])
            raise

    def _read(self, work: Callable[[Connection], T]) -> T:
        connection: Connection | None = getattr(self._local, "connection", None)
        if connection is None:
            connection = self._local.connection = self._connect(patience_s=BUSY_TIMEOUT_S)
        return work(connection)

    def _connect(self, *, patience_s: float) -> Connection:
        connection = self._engine.connect()
        _be_patient(connection, patience_s)
        self._connections.append(connection)
        return connection

    def _check_open(self) -> None:
        if self._is_closed:
            raise UnavailableError("the store is closed")

    def _shut(self) -> None:
        self._writer.shutdown()
        self._readers.shutdown()
        for connection in self._connections:
            connection.close()
        self._engine.dispose()


def _engine(url: URL) -> Engine:
    options = {"check_same_thread": False, "cached_statements": 256, "timeout": BUSY_TIMEOUT_S}
    engine = create_engine(
        url.set(drivername="sqlite+pysqlite"),
        connect_args=options,
        hide_parameters=True,
        isolation_level="AUTOCOMMIT",  # transactions begin and end where `write` says so
    )
    event.listen(engine, "connect", _set_up)
    return engine


def _set_up(connection: Any, _record: object) -> None:
    cursor = connection.cursor()
    for pragma in _PRAGMAS:
        cursor.execute(pragma)
    mode = cursor.execute("PRAGMA journal_mode = WAL").fetchone()[0]
    cursor.close()
    if mode != "wal":
        raise ConfigError("the store's file is on a file system that cannot do write-ahead logging")


def _be_patient(connection: Connection, seconds: float) -> None:
    """How long a statement waits for a lock that another connection holds."""
    run_count(connection, f"PRAGMA busy_timeout = {int(seconds * 1000)}", ())


def _begin_patiently(connection: Connection) -> None:
    """Ask again and again. SQLite's own waiting sleeps up to 0.1 s at a time, and others take the lock meanwhile."""
    until = time.monotonic() + BUSY_TIMEOUT_S
    while True:
        time.sleep(_ASK_AGAIN_S)
        try:
            run_count(connection, "BEGIN IMMEDIATE", ())
        except OperationalError as error:
            if not _is_locked(error) or time.monotonic() >= until:
                raise
        else:
            return


def _is_locked(error: OperationalError) -> bool:
    """Whether another connection has the lock, and nothing worse."""
    return getattr(error.orig, "sqlite_errorname", "").startswith("SQLITE_BUSY")


def _commit(connection: Connection) -> None:
    run_count(connection, "COMMIT", ())


def _roll_back(connection: Connection) -> None:
    try:
        run_count(connection, "ROLLBACK", ())
    except DBAPIError:  # nothing is open: the statement that failed has rolled back itself
        return


def _create_file(path: str) -> None:
    """Make the file readable by its owner alone: it holds sealed content and the hashes of tokens."""
    try:
        os.close(os.open(path, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600))
    except OSError as error:
        raise ConfigError(
            f"the store's file cannot be opened for writing ({error.strerror})", field="store_url"
        ) from None
