"""Long replies are judged on a thread, and no longer than anybody waits for them."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime

from flow_values import CUSTOMER, reply_of
from live_server import shipped_policy

from outguard.detection.document import Document
from outguard.detection.payload_rules import PayloadRules
from outguard.domain.context import ReplyContext
from outguard.domain.finding import Finding
from outguard.domain.reply import Content
from outguard.domain.verdict import Verdict
from outguard.flows.judge_aside import INLINE_BYTES, judge_aside
from outguard.flows.judge_reply import Judgement, ReplyJudge
from outguard.flows.services import Services


class ThreadScanner:
    """Remembers where it ran and how many documents it saw; uses up the time after two of them."""

    def __init__(self) -> None:
        self.thread = ""
        self.seen = 0
        self.is_over = False

    def scan(self, documents: Sequence[Document], context: ReplyContext) -> list[Finding]:
        del context
        self.thread = threading.current_thread().name
        for _ in documents:
            self.seen += 1
            self.is_over = self.seen >= 2
        return []


def context_of() -> ReplyContext:
    policy = shipped_policy()
    return ReplyContext(
        recipient=reply_of("").recipient,
        customer=CUSTOMER,
        profile=policy.profiles[policy.default_profile],
        ledger=(),
        now=datetime.now(UTC),
    )


async def judged(services: Services, scanner: ThreadScanner, *, size: int, deadline: float | None) -> Judgement:
    judge = ReplyJudge(scanner, services.limits, PayloadRules(()))
    content = Content(text="one", subject="two", payload={"a": "three", "b": "four"})
    with_judge = replace(services, judge=judge)
    return await judge_aside(
        with_judge, content, context_of(), shipped_policy(), tenant="default", size=size, deadline=deadline
    )


async def test_a_short_reply_is_judged_at_once(services: Services) -> None:
    scanner = ThreadScanner()
    judgement = await judged(services, scanner, size=INLINE_BYTES, deadline=None)
    assert judgement.verdict is Verdict.ALLOW
    assert scanner.thread == threading.main_thread().name


async def test_a_long_reply_is_judged_on_a_thread(services: Services) -> None:
    scanner = ThreadScanner()
    judgement = await judged(services, scanner, size=INLINE_BYTES + 1, deadline=None)
    assert judgement.verdict is Verdict.ALLOW
    assert scanner.thread.startswith("outguard-judge")


async def test_past_the_deadline_nothing_more_is_read(services: Services) -> None:
    scanner = ThreadScanner()
    judgement = await judged(services, scanner, size=1, deadline=services.clock.monotonic())
    assert (judgement.verdict, judgement.degraded_reason) == (Verdict.QUARANTINE, "system.time_budget")
    assert scanner.seen == 0


def test_a_judge_out_of_time_stops_between_documents(services: Services) -> None:
    scanner = ThreadScanner()
    judge = ReplyJudge(scanner, services.limits, PayloadRules(()))
    content = Content(text="one", subject="two", payload={"a": "three", "b": "four"})
    judgement = judge.judge(content, context_of(), shipped_policy(), expired=lambda: scanner.is_over)
    assert (judgement.verdict, judgement.degraded_reason) == (Verdict.QUARANTINE, "system.time_budget")
    assert scanner.seen == 2
