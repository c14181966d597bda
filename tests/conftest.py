"""Databases for tests that need one: SQLite in a temporary folder, PostgreSQL where a server answers."""

from __future__ import annotations

import asyncio
import logging
import os
import secrets
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import structlog
from fakes import MemoryStore
from hypothesis import settings
from sqlalchemy import make_url
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import create_async_engine

from outguard.ports import Store
from outguard.storage.schema import METADATA
from outguard.storage.store import open_store

settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")  # speed is measured by make bench, never by a test

_DEFAULT_URL = "postgresql://postgres@127.0.0.1:5432/postgres"
DATABASES = ("sqlite", pytest.param("postgres", marks=pytest.mark.postgres))
BACKENDS = ("memory", *DATABASES)


@pytest.fixture(autouse=True)
def logging_as_it_was() -> Iterator[None]:
    """Undo what a test configured: its log stream is closed by the time the next test logs."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    structlog.reset_defaults()
    root.handlers[:] = handlers
    root.setLevel(level)


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """A fresh database on the test server, dropped at the end.

    Without a server the test is skipped, except in CI, where it fails.
    """
    server = os.environ.get("OUTGUARD_TEST_POSTGRES_URL", _DEFAULT_URL)
    name = f"outguard_test_{secrets.token_hex(6)}"
    try:
        asyncio.run(_execute(server, f"CREATE DATABASE {name}"))
    except (ImportError, OSError, TimeoutError, DBAPIError) as error:
        message = f"no PostgreSQL server to test with ({type(error).__name__}); set OUTGUARD_TEST_POSTGRES_URL"
        if os.environ.get("CI") == "true":
            pytest.fail(message)
        pytest.skip(message)
    yield make_url(server).set(database=name).render_as_string(hide_password=False)
    asyncio.run(_execute(server, f"DROP DATABASE {name} WITH (FORCE)"))


@pytest.fixture(params=DATABASES)
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of an empty database of each kind."""
    return _url_of(request, tmp_path)


@pytest.fixture(params=BACKENDS)
def backend_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """As `database_url`, or nothing for the store in memory."""
    return "" if request.param == "memory" else _url_of(request, tmp_path)


@pytest.fixture
async def store(backend_url: str) -> AsyncIterator[Store]:
    """An empty store of each kind."""
    opened: Store = await open_store(backend_url) if backend_url else MemoryStore()
    yield opened
    await opened.close()


def sqlite_url(folder: Path) -> str:
    """A database file in `folder`."""
    return f"sqlite:///{folder / 'store.db'}"


async def _execute(url: str, statement: str) -> None:
    engine = create_async_engine(
        make_url(url).set(drivername="postgresql+asyncpg"),
        connect_args={"timeout": 3},
        isolation_level="AUTOCOMMIT",
    )
    try:
        async with engine.connect() as connection:
            await connection.exec_driver_sql(statement)
    finally:
        await engine.dispose()


def _url_of(request: pytest.FixtureRequest, folder: Path) -> str:
    if request.param == "sqlite":
        return sqlite_url(folder)
    url: str = request.getfixturevalue("postgres_url")
    asyncio.run(_execute(url, f"DROP TABLE IF EXISTS alembic_version, {', '.join(METADATA.tables)}"))
    return url
