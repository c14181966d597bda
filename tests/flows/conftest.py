"""Services over fakes: a store in memory, the shipped policy, and a scanner that finds marked words."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from fakes import FakeClock, FakeIds, FakeLottery, FakeSealer, FakeSigner, MemoryStore

from outguard.bootstrap import rules_of
from outguard.detection.document import Document
from outguard.detection.payload_rules import PayloadRules
from outguard.domain.context import ReplyContext
from outguard.domain.finding import Category, Finding, Status
from outguard.domain.policy import Policy
from outguard.domain.principal import Principal, Role
from outguard.flows.judge_reply import ReplyJudge
from outguard.flows.limits import Limits
from outguard.flows.services import Services
from outguard.policy.compile import compile_policy
from outguard.policy.source import PolicySource

MARKS = {
    "PROMISE": (Category.COMMITMENT, "REFUND", Status.UNBACKED),
    "SECRET": (Category.SECRET, "API_KEY", Status.LIVE),
    "NAME": (Category.PII, "PERSON", Status.OWN),
}


class MarkScanner:
    """Finds the words of `MARKS`; raises on CRASH."""

    def scan(self, documents: Sequence[Document], context: ReplyContext) -> list[Finding]:  # noqa: ARG002
        found = []
        for document in documents:
            if "CRASH" in document.text:
                raise RuntimeError("a detector broke")
            for word, (category, kind, status) in MARKS.items():
                at = document.text.find(word)
                if at >= 0:
                    found.append(
                        Finding(
                            category=category,
                            type=kind,
                            status=status,
                            start=at,
                            end=at + len(word),
                            score=0.9,
                            rule=f"mark.{word.lower()}",
                            field=document.field,
                        )
                    )
        return found


@pytest.fixture(scope="session")
def policy() -> Policy:
    return compile_policy(rules_of(None))


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def services(policy: Policy, clock: FakeClock) -> Services:
    limits = Limits(evaluation_budget_s=20.0)  # a stall of the machine holds nothing
    return Services(
        store=MemoryStore(),
        sealer=FakeSealer(),
        signer=FakeSigner(),
        clock=clock,
        ids=FakeIds(),
        lottery=FakeLottery(),
        judge=ReplyJudge(MarkScanner(), limits, PayloadRules(())),
        policies=PolicySource(policy),
        limits=limits,
    )


@pytest.fixture
def agent() -> Principal:
    return Principal(id="agent-1", role=Role.AGENT, tenant="default", topics=("*",))


@pytest.fixture
def reviewer() -> Principal:
    return Principal(id="rev-ada", role=Role.REVIEWER, tenant="default")


@pytest.fixture
def senior() -> Principal:
    return Principal(id="sen-bo", role=Role.SENIOR_REVIEWER, tenant="default")


@pytest.fixture
def second_senior() -> Principal:
    return Principal(id="sen-cy", role=Role.SENIOR_REVIEWER, tenant="default")


@pytest.fixture
def auditor() -> Principal:
    return Principal(id="aud-di", role=Role.AUDITOR, tenant="default")
