"""Where a reply is judged: short ones in turn on the loop, long ones and files on a thread, which nobody waits for.

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
from outguard.domain.source import RegisteredTexts
from outguard.errors import OutguardError
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

    It is held too while the tenant's registered texts cannot be had, or nobody can tell whose values it holds. Where it
    holds another customer's, it is judged again knowing that.
    """
    aside = _Aside(services, content, policy, size, deadline)
    try:
        registered = await aside.registered(tenant)
        known = context if registered is None else replace(context, registered=registered)
        judgement = await aside.judged(known)
        others = await aside.others(tenant, judgement, known)
        return await aside.judged(replace(known, others_values=others)) if others else judgement
    except TimeoutError:
        return held("system.time_budget", "the time budget was used up")
    except _LackingError as lack:
        return held(lack.rule, lack.reason)


class _LackingError(Exception):
    """Something that judging needs cannot be had."""

    def __init__(self, rule: str, reason: str) -> None:
        super().__init__(reason)
        self.rule = rule
        self.reason = reason


class _Aside:
    """One reply on its way; every step raises TimeoutError once the deadline has passed."""

    def __init__(self, services: Services, content: Content, policy: Policy, size: int, deadline: float | None) -> None:
        self._services = services
        self._content = content
        self._policy = policy
        self._deadline = deadline
        self._is_short = size <= INLINE_BYTES and not content.attachments  # a small file may take long to read
        left = self._left()
        self._late = None if deadline is None or left is None else deadline - left * (1 - MODEL_SHARE)

    async def registered(self, tenant: str) -> RegisteredTexts | None:
        """The tenant's registered texts."""
        try:
            return await self._services.registered.of(tenant, timeout_s=self._left())
        except TimeoutError:
            raise
        except Exception:  # noqa: BLE001 - whatever it is, nobody knows what must not be said
            raise _LackingError("system.sources_unavailable", "the registered texts could not be loaded") from None

    async def judged(self, context: ReplyContext) -> Judgement:
        """The judge's answer: in turn on the loop where that is no trouble, else from a thread."""
        clock, late = self._services.clock, self._late
        judge = partial(
            self._services.judge_of(self._policy).judge,
            self._content,
            context,
            self._policy,
            expired=lambda: self._left() == 0,
            is_late=lambda: late is not None and clock.monotonic() >= late,
        )
        if self._is_short and not self._services.judge_of(self._policy).reads_ahead:
            return await self._services.turns.run(judge)
        worker = asyncio.get_running_loop().run_in_executor(self._services.judging, judge)
        return await asyncio.wait_for(worker, timeout=self._left())

    async def others(self, tenant: str, judgement: Judgement, context: ReplyContext) -> frozenset[str]:
        """Keys of the values that are on record as other customers'."""
        wanted = self._services.values.unknown(tenant, judgement.values, context)
        if not wanted:
            return frozenset()
        try:
            looking = self._services.values.foreign(tenant, wanted, context)
            return await (looking if self._deadline is None else asyncio.wait_for(looking, timeout=self._left()))
        except OutguardError:
            raise _LackingError("system.values_unavailable", "whose values these are could not be told") from None

    def _left(self) -> float | None:
        if self._deadline is None:
            return None
        return max(0.0, self._deadline - self._services.clock.monotonic())


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

    cut = partial(services.judge_of(policy).cut_for_release, content, findings, context, policy, expired=expired)
    return await asyncio.get_running_loop().run_in_executor(services.judging, cut)
