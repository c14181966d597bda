"""The flow in this process, by rules alone: judged, sealed, on the record and durable, without gRPC between."""

from __future__ import annotations

import uuid
from pathlib import Path
from tempfile import TemporaryDirectory

from outguard.bench.inprocess import PROFILE, customer_of, recipient_of
from outguard.bench.load import Measured, measure_full
from outguard.bench.text import bench_replies
from outguard.bootstrap import build_system
from outguard.config import exact_settings
from outguard.domain.principal import Principal, Role
from outguard.domain.reply import Reply
from outguard.flows.evaluate_reply import evaluate_reply

BUDGET_S = 30.0


async def measure_flow(seconds: float, *, callers: int) -> Measured:
    """`callers` at once over a fresh SQLite store, after a tenth of the time for warming up."""
    with TemporaryDirectory(prefix="outguard-") as folder:
        settings = exact_settings(data_dir=Path(folder), evaluation_budget_ms=int(BUDGET_S * 1000), nlp_model="none")
        system = await build_system(settings)
        principal = Principal(id="bench-agent", role=Role.AGENT, tenant="default", topics=("support.*",))
        source = enumerate(bench_replies())

        async def call() -> None:
            number, reply = next(source)
            await evaluate_reply(
                system.services,
                principal,
                request_id=str(uuid.uuid4()),
                reply=Reply(
                    conversation_id=f"bench-{number}", channel="email", recipient=recipient_of(reply), text=reply.text
                ),
                customer=customer_of(reply),
                profile=PROFILE,
                budget_s=BUDGET_S,
            )

        try:
            await measure_full(call, seconds / 10, callers=callers)
            return await measure_full(call, seconds, callers=callers)
        finally:
            await system.services.store.close()
