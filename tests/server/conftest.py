"""A live server per test, and a channel to it."""

from __future__ import annotations

import io
from collections.abc import AsyncIterator

import grpc
import pytest
from live_server import World, world

from outguard.observability import configure_logging


@pytest.fixture(autouse=True)
def plain_logs(logging_as_it_was: None) -> None:  # noqa: ARG001 - undoes this
    """Logs as a server writes them: drawing a stack with its variables takes seconds, and callers have deadlines."""
    configure_logging(stream=io.StringIO())


@pytest.fixture
async def live() -> AsyncIterator[World]:
    async with world() as running:
        yield running


@pytest.fixture
async def channel(live: World) -> AsyncIterator[grpc.aio.Channel]:
    async with grpc.aio.insecure_channel(live.address) as opened:
        yield opened
