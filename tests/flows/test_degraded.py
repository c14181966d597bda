"""A reply that the language model has not read is judged by the rules, says so, and is held where policy wants it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from flow_values import CUSTOMER, reply_of
from live_server import MarkScanner

from outguard.detection.payload_rules import PayloadRules
from outguard.domain.context import ReplyContext
from outguard.domain.finding import Category
from outguard.domain.policy import Policy
from outguard.domain.reply import Content
from outguard.domain.reply_policy import WhenDegraded
from outguard.domain.verdict import Verdict
from outguard.flows.judge_aside import judge_aside
from outguard.flows.judge_reply import Judgement, ReplyJudge
from outguard.flows.limits import Limits
from outguard.flows.services import Services


class FakeModel:
    """Reads, or says why not; remembers what, where and whether it forgot."""

    def __init__(self, gap: str = "") -> None:
        self.gap = gap
        self.texts: list[str] = []
        self.threads: list[str] = []
        self.was_late: list[bool] = []
        self.forgot = 0

    def read_ahead(self, texts: Sequence[str], is_late: Callable[[], bool]) -> str:
        self.texts.extend(texts)
        self.threads.append(threading.current_thread().name)
        self.was_late.append(is_late())
        return self.gap

    def forget(self) -> None:
        self.forgot += 1


def context_of(policy: Policy, channel: str = "chat") -> ReplyContext:
    return ReplyContext(
        recipient=reply_of("").recipient,
        customer=CUSTOMER,
        profile=policy.profiles[policy.default_profile],
        ledger=(),
        now=datetime.now(UTC),
        channel=channel,
    )


def judged(model: FakeModel, policy: Policy, text: str = "All is well here.", channel: str = "chat") -> Judgement:
    judge = ReplyJudge(MarkScanner(), Limits(), PayloadRules(()), model)
    return judge.judge(Content(text=text), context_of(policy, channel), policy)


def holding(policy: Policy, **channels: WhenDegraded) -> Policy:
    return replace(policy, reply=replace(policy.reply, degraded_channels=channels))


def test_a_reply_that_was_read_is_not_degraded(policy: Policy) -> None:
    judgement = judged(FakeModel(), policy)
    assert (judgement.verdict, judgement.degraded) == (Verdict.ALLOW, False)


@pytest.mark.parametrize("gap", ["model.missing", "model.slow", "model.failed", "model.too_long"])
def test_rules_decide_alone_and_the_answer_says_why(policy: Policy, gap: str) -> None:
    judgement = judged(FakeModel(gap), policy)
    assert (judgement.verdict, judgement.degraded, judgement.degraded_reason) == (Verdict.ALLOW, True, gap)
    assert judged(FakeModel(gap), policy, "a PROMISE").verdict is Verdict.QUARANTINE


def test_a_channel_may_ask_for_the_stricter_verdict(policy: Policy) -> None:
    strict = holding(policy, voice=WhenDegraded.QUARANTINE)
    judgement = judged(FakeModel("model.slow"), strict, channel="voice")
    assert (judgement.verdict, judgement.content, judgement.degraded) == (Verdict.QUARANTINE, None, True)
    assert judgement.findings[-1].category is Category.SYSTEM
    assert judged(FakeModel("model.slow"), strict, channel="chat").verdict is Verdict.ALLOW
    assert judged(FakeModel(), strict, channel="voice").verdict is Verdict.ALLOW


def test_what_is_left_after_redaction_is_read_too(policy: Policy) -> None:
    model = FakeModel()
    judgement = judged(model, policy, "Please keep the SECRET for yourself, dear customer.")
    assert judgement.verdict is Verdict.REDACT
    assert len(model.texts) == 2


def test_texts_are_forgotten_whatever_happens(policy: Policy) -> None:
    model = FakeModel()
    assert judged(model, policy, "CRASH").verdict is Verdict.QUARANTINE
    assert model.forgot == 1


async def test_where_a_model_reads_even_a_short_reply_leaves_the_loop_free(services: Services, policy: Policy) -> None:
    model = FakeModel()
    with_model = replace(services, judge=ReplyJudge(MarkScanner(), services.limits, PayloadRules(()), model))
    deadline = services.clock.monotonic() + 60
    content = Content(text="All is well here.")
    judgement = await judge_aside(
        with_model, content, context_of(policy), policy, tenant="default", size=10, deadline=deadline
    )
    assert judgement.verdict is Verdict.ALLOW
    assert model.threads[0].startswith("outguard-judge")
    assert model.was_late == [False]


async def test_the_model_may_not_use_up_the_whole_budget(services: Services, policy: Policy) -> None:
    now = services.clock.monotonic()
    times = iter([now, now + 0.6])

    class Clock:
        """Half of the second is over when the model asks."""

        def monotonic(self) -> float:
            return next(times, now + 0.6)

        def now(self) -> datetime:
            return services.clock.now()

    model = FakeModel()
    judge = ReplyJudge(MarkScanner(), services.limits, PayloadRules(()), model)
    late = replace(services, judge=judge, clock=Clock())
    content = Content(text="All is well here.")
    judgement = await judge_aside(
        late, content, context_of(policy), policy, tenant="default", size=10, deadline=now + 1
    )
    assert model.was_late == [True]
    assert judgement.verdict is Verdict.ALLOW
