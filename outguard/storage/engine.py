"""A database as the rest of storage sees it, opened by its URL. Nobody else knows which one it is.

Work is a plain function of a connection, run whole. What was acknowledged survives a power cut.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol, TypeVar

from sqlalchemy import Connection, Dialect, make_url
from sqlalchemy.exc import ArgumentError

from outguard.errors import ConfigError

T = TypeVar("T")


class Database(Protocol):
    """One database, opened."""

    dialect: Dialect
    answers_at_once: bool
    """Whether `look_up` never waits, so that collecting several look-ups into one gains nothing."""

    async def look_up(self, work: Callable[[Connection], T]) -> T:
        """Read a few rows by their keys. Otherwise as `read`."""
        ...

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
        ConfigError: if the URL is malformed, of another kind, or not durable. Connecting may come later.
    """
    from outguard.storage.postgres import PostgresDatabase  # noqa: PLC0415 - only one of the two is needed
    from outguard.storage.sqlite import SqliteDatabase  # noqa: PLC0415

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
