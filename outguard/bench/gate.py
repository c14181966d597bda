"""How long the gate takes to decide in process: signals read from a real store, rules matched, caps claimed.

A policy of N rules has a tenth of them on everything (as the shipped signals are) up to 20, the rest on topics of their
own; a sixth carry a CEL condition. Actions go round the topics; the record holds what earlier rounds left.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from tempfile import TemporaryDirectory
from typing import Any

from outguard.bench.score import percentiles
from outguard.bootstrap import rules_of
from outguard.domain.action import Action, ActionRecord, GateDecision, LedgerState, Tier
from outguard.domain.audit import EntryDraft, EntryKind
from outguard.domain.money import Money
from outguard.domain.policy import Policy
from outguard.domain.principal import Principal, Role
from outguard.gate.caps import claims_of
from outguard.gate.decide import decide
from outguard.gate.signals import compute
from outguard.policy.compile import compile_policy
from outguard.ports import Change, Recall, Store
from outguard.storage.store import open_store

SIZES = (100, 1_000)
_TOPICS = 50
_EVERYWHERE = 20
_PAST = 20
_WORDS = "Yes, that is correct. Please go ahead and refund the $20.00 for order ORD-1001 to my card."
AGENT = Principal(id="bench-agent", role=Role.AGENT, tenant="bench", topics=("bench.*",))


def rules_of_size(count: int) -> str:
    """`gate/bench.yaml` with `count` rules."""
    everywhere = min(_EVERYWHERE, count // 10)
    lines = ["rules:"]
    for at in range(count):
        topics = '["bench.*"]' if at < everywhere else f"[bench.topic-{at % _TOPICS}]"
        key = f"amount_usd_above: {1000 + at}"
        if at % 6 == 0:
            key = f"when: \"has_amount && amount_usd > {1000 + at}.0 && consent != 'refused'\""
        elif at % 6 == 1:
            key = "risk_tags: [never]"
        lines.append(f"  - {{id: bench.{at}, match: {{topics: {topics}, {key}}}, tier: T3, reason: bench}}")
    lines.append("  - {id: bench.listed, match: {topics: [bench.*]}, tier: T1, reason: bench}")
    return "\n".join(lines) + "\n"


def bench_policy(files: Mapping[str, str], count: int) -> Policy:
    """The policy of `files` with the bench's `count` rules instead of its own gate rules' files."""
    kept = {name: text for name, text in files.items() if not name.startswith("gate/")}
    return compile_policy({**kept, "gate/bench.yaml": rules_of_size(count)})


def an_action(number: int) -> Action:
    """One of the actions asked about."""
    return Action(
        conversation_id=f"conv-{number % _TOPICS}",
        topic=f"bench.topic-{number % _TOPICS}",
        risk_tags=("write", "financial"),
        arguments={"order": f"ORD-{1000 + number % _TOPICS}"},
        amount=Money(amount=Decimal("20.00"), currency="USD"),
        target=f"ORD-{1000 + number % _TOPICS}",
        customer_id=f"c-{number % _TOPICS}",
        customer_words=_WORDS,
    )


async def fill(store: Store, now: datetime) -> None:
    """Put earlier actions on record: `_PAST` in each conversation."""
    records = []
    for number in range(_TOPICS * _PAST):
        action = an_action(number)
        at = now - timedelta(minutes=1 + number // _TOPICS)
        records.append(
            ActionRecord(
                action_id=f"act-{number}",
                tenant=AGENT.tenant,
                agent_id=AGENT.id,
                conversation_id=action.conversation_id,
                customer_id=action.customer_id,
                topic=f"bench.topic-{(number * 7) % _TOPICS}",
                digest="",
                decision=GateDecision.ALLOW,
                tier=Tier.T1,
                rule_id="bench",
                reason="",
                constraints={},
                policy_snapshot="",
                state=LedgerState.EXECUTED,
                created_at=at,
                updated_at=at,
                sealed=b"",
                amount=action.amount,
                target=action.target,
            )
        )
    entry = EntryDraft(kind=EntryKind.ACTION_DECIDED, principal_id=AGENT.id, at=now, subject_id="bench")
    await store.commit(Change(tenant=AGENT.tenant, entries=(entry,), actions=tuple(records)))


async def measure(
    store: Store, policy: Policy, *, seconds: float, clock: Callable[[], float] = time.process_time
) -> dict[str, Any]:
    """Times of whole decisions, and of matching rules alone, in milliseconds of this process."""
    now = datetime.now(UTC)
    whole: list[float] = []
    rules: list[float] = []
    until = clock() + seconds
    number = 0
    while clock() < until or number < _TOPICS:
        action = an_action(number)
        started = clock()
        history = await store.recall(
            AGENT.tenant,
            Recall(
                agent_id=AGENT.id,
                conversation_id=action.conversation_id,
                topic=action.topic,
                since=now - timedelta(days=30),
                customer_id=action.customer_id,
                with_amounts=True,
            ),
        )
        signals = compute(policy, action, history=history, now=now)
        before = clock()
        decide(policy, action, AGENT, signals)
        after = clock()
        claims_of(policy, action, agent_id=AGENT.id)
        whole.append((clock() - started) * 1000)
        rules.append((after - before) * 1000)
        number += 1
        if number % _TOPICS == 0:
            await asyncio.sleep(0)
    return {"decisions": number, "whole_cpu_ms": percentiles(whole), "rules_cpu_ms": percentiles(rules)}


async def measure_gate(seconds: float) -> dict[str, Any]:
    """The times for each of `SIZES`, over a fresh SQLite store with a filled record."""
    result: dict[str, Any] = {}
    with TemporaryDirectory(prefix="outguard-") as folder:
        store = await open_store(f"sqlite:///{folder}/bench.db")
        try:
            await fill(store, datetime.now(UTC))
            for size in SIZES:
                policy = bench_policy(rules_of(None), size)
                await measure(store, policy, seconds=seconds / 20)
                result[str(size)] = await measure(store, policy, seconds=seconds / 2)
        finally:
            await store.close()
    return result
