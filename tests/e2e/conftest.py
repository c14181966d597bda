"""One server on SQLite and one on PostgreSQL for the whole session; each log is checked for content at the end."""

from __future__ import annotations

import asyncio
import os
import secrets
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager

import asyncpg  # type: ignore[import-untyped]
import pytest
from e2e_server import LEASE_S, MAX_WAITING, People, Server, connected, execute, serving
from sqlalchemy import make_url

_DEFAULT_URL = "postgresql://postgres@127.0.0.1:5432/postgres"


@pytest.fixture(scope="session")
def sqlite_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server on the embedded database."""
    with serving(tmp_path_factory.mktemp("sqlite"), claim_lease_s=LEASE_S, max_waiting=MAX_WAITING) as server:
        yield server


@pytest.fixture(scope="session")
def postgres_admin() -> str:
    """The URL of a database that is not the tests' own."""
    return os.environ.get("OUTGUARD_TEST_POSTGRES_URL", _DEFAULT_URL)


@contextmanager
def made_database(admin: str) -> Iterator[str]:
    """A database of its own, dropped at the end; without a server the test is skipped, except in CI, where it fails."""
    name = f"outguard_e2e_{secrets.token_hex(6)}"
    try:
        asyncio.run(execute(admin, f"CREATE DATABASE {name}"))
    except (OSError, TimeoutError, asyncpg.PostgresError) as error:
        message = f"no PostgreSQL server to test with ({type(error).__name__}); set OUTGUARD_TEST_POSTGRES_URL"
        if os.environ.get("CI") == "true":
            pytest.fail(message)
        pytest.skip(message)
    yield make_url(admin).set(database=name).render_as_string(hide_password=False)
    asyncio.run(execute(admin, f"DROP DATABASE {name} WITH (FORCE)"))


@pytest.fixture(scope="session")
def postgres_database(postgres_admin: str) -> Iterator[str]:
    """The database of `postgres_server` alone: what it sealed, a server with other keys cannot read."""
    with made_database(postgres_admin) as url:
        yield url


@pytest.fixture
def fresh_postgres_database(postgres_admin: str) -> Iterator[str]:
    """An empty database for one test."""
    with made_database(postgres_admin) as url:
        yield url


@pytest.fixture(scope="session")
def postgres_server(tmp_path_factory: pytest.TempPathFactory, postgres_database: str) -> Iterator[Server]:
    """A server on PostgreSQL."""
    folder = tmp_path_factory.mktemp("postgres")
    with serving(folder, database_url=postgres_database, claim_lease_s=LEASE_S) as server:
        yield server


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def server(request: pytest.FixtureRequest) -> Server:
    """Each of the two."""
    running: Server = request.getfixturevalue(f"{request.param}_server")
    return running


@pytest.fixture
async def people(sqlite_server: Server) -> AsyncIterator[People]:
    """Callers of the server on SQLite."""
    async with connected(sqlite_server) as callers:
        yield callers


@pytest.fixture
async def both(server: Server) -> AsyncIterator[People]:
    """Callers of each of the two servers."""
    async with connected(server) as callers:
        yield callers
