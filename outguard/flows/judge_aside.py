"""Where a reply is judged: short ones at once, long ones and files on a thread, so that nobody waits for another's."""

from __future__ import annotations

import asyncio
from functools import partial

from outguard.domain.context import ReplyContext
from outguard.domain.policy import Policy
from outguard.domain.reply import Content
from outguard.flows.judge_reply import Judgement, held
from outguard.flows.services import Services

INLINE_BYTES = 4 * 1024
"""A request up to this size is judged in a few milliseconds, less than a thread's worth of trouble."""


async def judge_aside(
    services: Services,
    content: Content,
    context: ReplyContext,
    policy: Policy,
    *,
    size: int,
    deadline: float | None = None,
) -> Judgement:
    """The judgement on `content`, whose whole request has `size` bytes; held once `deadline` (monotonic) has passed."""
    clock = services.clock

    def expired() -> bool:
        return deadline is not None and clock.monotonic() >= deadline

    judge = partial(services.judge.judge, content, context, policy, expired=expired)
    if size <= INLINE_BYTES and not content.attachments:  # a small file may take long to read
        return judge()
    worker = asyncio.get_running_loop().run_in_executor(services.judging, judge)
    if deadline is None:
        return await worker
    try:
        return await asyncio.wait_for(worker, timeout=max(0.0, deadline - clock.monotonic()))
    except TimeoutError:
        return held("system.time_budget", "the time budget was used up")
