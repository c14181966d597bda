"""Where a reply is judged: short ones at once, long ones and files on a thread, so that nobody waits for another's.

Where a language model reads, every reply goes to a thread: it computes outside the interpreter lock.
"""

from __future__ import annotations

import asyncio
from dataclasses import replace
from functools import partial

from outguard.domain.context import ReplyContext
from outguard.domain.finding import Finding
from outguard.domain.policy import Policy
from outguard.domain.reply import Content
from outguard.flows.judge_reply import Cut, Judgement, held
from outguard.flows.services import Services

INLINE_BYTES = 4 * 1024
"""A request up to this size is judged in a few milliseconds, less than a thread's worth of trouble."""
MODEL_SHARE = 0.5
"""Of the time that is left: past it the model stops reading, and the rules decide alone in the rest."""


async def judge_aside(
    services: Services,
    content: Content,
    context: ReplyContext,
    policy: Policy,
    *,
    tenant: str,
    size: int,
    deadline: float | None = None,
) -> Judgement:
    """The judgement on `content`, whose whole request has `size` bytes; held once `deadline` (monotonic) has passed.

    It is held too while the tenant's registered texts cannot be had.
    """
    clock = services.clock
    left = None if deadline is None else max(0.0, deadline - clock.monotonic())
    late = None if deadline is None or left is None else deadline - left * (1 - MODEL_SHARE)
    try:
        registered = await services.registered.of(tenant, timeout_s=left)
    except TimeoutError:
        return held("system.time_budget", "the time budget was used up")
    except Exception:  # noqa: BLE001 - whatever it is, nobody knows what must not be said
        return held("system.sources_unavailable", "the registered texts could not be loaded")
    if registered is not None:
        context = replace(context, registered=registered)

    def expired() -> bool:
        return deadline is not None and clock.monotonic() >= deadline

    def is_late() -> bool:
        return late is not None and clock.monotonic() >= late

    judge = partial(services.judge.judge, content, context, policy, expired=expired, is_late=is_late)
    is_short = size <= INLINE_BYTES and not content.attachments  # a small file may take long to read
    if is_short and not services.judge.reads_ahead:
        return judge()
    worker = asyncio.get_running_loop().run_in_executor(services.judging, judge)
    if deadline is None:
        return await worker
    try:
        return await asyncio.wait_for(worker, timeout=max(0.0, deadline - clock.monotonic()))
    except TimeoutError:
        return held("system.time_budget", "the time budget was used up")


async def cut_aside(
    services: Services,
    content: Content,
    findings: tuple[Finding, ...],
    context: ReplyContext,
    policy: Policy,
    *,
    deadline: float,
) -> Cut | None:
    """What a release of `content` sends, cut and scanned on a thread; None where that is not done by `deadline`."""
    clock = services.clock

    def expired() -> bool:
        return clock.monotonic() >= deadline

    cut = partial(services.judge.cut_for_release, content, findings, context, policy, expired=expired)
    return await asyncio.get_running_loop().run_in_executor(services.judging, cut)
