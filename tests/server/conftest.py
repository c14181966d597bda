"""A live server per test, and a channel to it."""

from __future__ import annotations

from collections.abc import AsyncIterator

import grpc
import pytest
from live_server import World, world


@pytest.fixture
async def live() -> AsyncIterator[World]:
    async with world() as running:
        yield running


@pytest.fixture
async def channel(live: World) -> AsyncIterator[grpc.aio.Channel]:
    async with grpc.aio.insecure_channel(live.address) as opened:
        yield opened
