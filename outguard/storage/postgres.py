"""PostgreSQL, shared by any number of replicas."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from sqlalchemy import Connection, Dialect, event
from sqlalchemy.engine import URL
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from outguard.errors import ConfigError, UnavailableError
from outguard.storage.faults import translate

T = TypeVar("T")
CONNECT_TIMEOUT_S = 5.0
COMMAND_TIMEOUT_S = 30.0
_POOL = 10


class PostgresDatabase:
    """As `engine.Database`."""

    def __init__(self, url: URL) -> None:
        options = {"timeout": CONNECT_TIMEOUT_S, "command_timeout": COMMAND_TIMEOUT_S}
        try:
            self._engine: AsyncEngine = create_async_engine(
                url.set(drivername="postgresql+asyncpg"),
                connect_args={**options, "server_settings": {"application_name": "outguard"}},
                hide_parameters=True,
                pool_size=_POOL,
                max_overflow=0,
                pool_timeout=CONNECT_TIMEOUT_S,
            )
        except ImportError:
            raise ConfigError("PostgreSQL needs the extra outguard[postgres]", field="store_url") from None
        event.listen(self._engine.sync_engine, "connect", _set_up)
        self._reading = self._engine.execution_options(isolation_level="AUTOCOMMIT")
        self.dialect: Dialect = self._engine.dialect
        self.answers_at_once = False
        self._is_closed = False

    async def look_up(self, work: Callable[[Connection], T]) -> T:
        """As `Database`."""
        return await self.read(work)

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


def _set_up(connection: Any, _record: object) -> None:
    """Lose nothing that was acknowledged: a server set to lazy commits is asked for real ones."""
    cursor = connection.cursor()
    cursor.execute(
        "SELECT set_config('synchronous_commit', 'on', false) WHERE current_setting('synchronous_commit') = 'off'"
    )
    cursor.close()
