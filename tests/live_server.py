"""A real server on loopback over fakes, with a credential per role, for tests of server and client."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from uuid import uuid4

from fakes import FakeClock, FakeIds, FakeLottery, FakeSealer, FakeSigner, MemoryStore

from outguard.auth import Authenticator, new_token
from outguard.bootstrap import rules_of
from outguard.detection.document import Document
from outguard.detection.payload_rules import PayloadRules
from outguard.domain.context import ReplyContext
from outguard.domain.finding import Category, Finding, Status
from outguard.domain.policy import Policy
from outguard.domain.principal import Principal, Role
from outguard.flows.issue_token import issue_token
from outguard.flows.judge_reply import ReplyJudge
from outguard.flows.limits import Limits
from outguard.flows.services import Services
from outguard.policy.compile import compile_policy
from outguard.policy.source import PolicySource
from outguard.server.app import RunningServer, start_server

MARKS = {
    "PROMISE": (Category.COMMITMENT, "REFUND", Status.UNBACKED),
    "SECRET": (Category.SECRET, "API_KEY", Status.LIVE),
}
SECOND_SENIOR = "second_senior"


class MarkScanner:
    """Finds the words of `MARKS`; raises on CRASH."""

    def scan(self, documents: Sequence[Document], context: ReplyContext) -> list[Finding]:
        del context
        found = []
        for document in documents:
            if "CRASH" in document.text:
                raise RuntimeError(f"a detector broke on {document.text}")
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


@dataclass(frozen=True, kw_only=True)
class World:
    """A running server with its insides and bearer strings by role."""

    running: RunningServer
    services: Services
    store: MemoryStore
    clock: FakeClock
    bearers: dict[str, str]

    @property
    def address(self) -> str:
        return self.running.address

    def metadata(self, role: str) -> tuple[tuple[str, str], ...]:
        return (("authorization", f"Bearer {self.bearers[role]}"),)


@cache
def shipped_policy() -> Policy:
    """The shipped policy, compiled once."""
    return compile_policy(rules_of(None))


def build_services() -> tuple[Services, MemoryStore, FakeClock]:
    """Services over fakes with the shipped policy."""
    store, clock, limits = MemoryStore(), FakeClock(), Limits(max_wait_s=2.0, evaluation_budget_s=20.0)
    services = Services(
        store=store,
        sealer=FakeSealer(),
        signer=FakeSigner(),
        clock=clock,
        ids=FakeIds(),
        lottery=FakeLottery(),
        judge=ReplyJudge(MarkScanner(), limits, PayloadRules(())),
        policies=PolicySource(shipped_policy()),
        limits=limits,
    )
    return services, store, clock


async def issue(services: Services, principal: Principal, *, ttl_s: float = 3600) -> str:
    """A bearer string for `principal`."""
    token, bearer = new_token(principal, now=services.clock.now(), ttl_s=ttl_s)
    await issue_token(services, "root", token)
    return bearer


@asynccontextmanager
async def world(**bounds: int) -> AsyncIterator[World]:
    """A server for one test; `bounds` are `max_concurrent` and `max_waiting`."""
    services, store, clock = build_services()
    bearers = {}
    for role in Role:
        topics = ("*",) if role is Role.AGENT else ()
        principal = Principal(id=f"{role.value}-1", role=role, tenant="default", topics=topics)
        bearers[role.value] = await issue(services, principal)
    second = Principal(id="senior-2", role=Role.SENIOR_REVIEWER, tenant="default")
    bearers[SECOND_SENIOR] = await issue(services, second)
    other = Principal(id="agent-2", role=Role.AGENT, tenant="default", topics=("*",))
    bearers["other_agent"] = await issue(services, other)
    bearers["expired"] = await issue(services, Principal(id="late", role=Role.AGENT, tenant="default"), ttl_s=1)
    clock.advance(timedelta(seconds=2).total_seconds())
    running = await start_server(services, Authenticator(store, clock), has_reflection=True, **bounds)  # type: ignore[arg-type]
    try:
        yield World(running=running, services=services, store=store, clock=clock, bearers=bearers)
    finally:
        await running.stop(0)


def new_id() -> str:
    """A request id."""
    return str(uuid4())
