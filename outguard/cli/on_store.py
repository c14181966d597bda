"""Running work on the store of a data folder, without a server."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from outguard.config import Settings
    from outguard.flows.services import Services

_T = TypeVar("_T")


def with_services(settings: Settings, work: Callable[[Services], Awaitable[_T]]) -> _T:
    """Open store, keys and policy (no detectors), do `work`, close."""

    async def run() -> _T:
        from outguard.bootstrap import build_system

        system = await build_system(settings, is_judging=False)
        try:
            return await work(system.services)
        finally:
            await system.services.store.close()

    return asyncio.run(run())
