"""What time does by itself. Every replica may sweep: of two that end the same thing one moves it, one reads it."""

from __future__ import annotations

from outguard.flows.end_roll_back import lapse_due
from outguard.flows.expire_approval import expire_due
from outguard.flows.pseudonyms import erase_expired
from outguard.flows.services import Services


async def sweep(services: Services, *, limit: int = 100) -> int:
    """End what has run out, up to `limit` of each kind; how many were looked at."""
    ended = await expire_due(services, limit=limit) + await lapse_due(services, limit=limit)
    ended += await erase_expired(services, limit=limit)
    return ended + await services.values.prune_when_due()
