"""What an agent wants to do, what the gate said, and what became of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import IntEnum, StrEnum
from typing import Any

from outguard.canonical import digest
from outguard.domain.money import Money


class Tier(IntEnum):
    """How bad it gets when the action is wrong (R1); assigned by policy, never by the agent."""

    T1 = 1
    T2 = 2
    T3 = 3
    T4 = 4


class GateDecision(StrEnum):
    """The gate's answer, ordered by `strictness`."""

    ALLOW = "ALLOW"
    ALLOW_WITH_CONSTRAINTS = "ALLOW_WITH_CONSTRAINTS"
    REQUIRE_APPROVAL = "REQUIRE_APPROVAL"
    DENY = "DENY"

    @property
    def strictness(self) -> int:
        """0 (ALLOW) to 3 (DENY)."""
        return _STRICTNESS[self]


_STRICTNESS = {decision: rank for rank, decision in enumerate(GateDecision)}


class LedgerState(StrEnum):
    """The real state of an action."""

    PENDING = "PENDING"
    APPROVED = "APPROVED"
    DENIED = "DENIED"
    EXECUTED = "EXECUTED"
    FAILED = "FAILED"
    ROLLED_BACK = "ROLLED_BACK"


@dataclass(frozen=True, kw_only=True, slots=True)
class Action:
    """One deed an agent asks leave for.

    `confidence`, `anomaly_score`, `retry_count`, `affected_users` and `risk_tags` are the agent's word: they may only
    make a decision stricter (R1). `customer_words` are the customer's last words, `customer_name` and `device` whom and
    what they come from, all as the channel has them: signals are read from them (R6).
    """

    conversation_id: str
    topic: str
    risk_tags: tuple[str, ...] = ()
    arguments: Mapping[str, Any] = field(default_factory=dict)
    amount: Money | None = None
    target: str | None = None
    customer_id: str | None = None
    recipient: str | None = None
    text: str | None = None
    confidence: float | None = None
    anomaly_score: float | None = None
    retry_count: int = 0
    affected_users: int = 0
    first_time_action: bool = False
    reasoning: str = ""
    agent_build: str = ""
    agent_chain: tuple[str, ...] = ()
    resume_state: bytes = b""
    customer_words: str | None = None
    customer_name: str | None = None
    device: str | None = None

    def digest(self, *, tenant: str, agent_id: str) -> str:
        """What an approval binds (R9): agent, customer, topic, target, arguments, amount, recipient and text."""
        return digest(
            {
                "tenant": tenant,
                "agent": agent_id,
                "conversation": self.conversation_id,
                "customer": self.customer_id,
                "topic": self.topic,
                "target": self.target,
                "arguments": self.arguments,
                "amount": None if self.amount is None else self.amount.amount.normalize(),
                "currency": None if self.amount is None else self.amount.currency,
                "recipient": self.recipient,
                "text": self.text,
            }
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class LedgerEntry:
    """One action of a conversation as replies are judged against it."""

    action_id: str
    topic: str
    state: LedgerState
    amount: Money | None = None
    target: str | None = None
    at: datetime | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class ActionRecord:
    """An action as stored, with the gate's answer. `sealed` holds the whole action, encrypted.

    `retry_after_s` is set where a cap refused it and time helps: after it the same action would fit. `device_hash` and
    `name_hash` are keyed hashes of what the channel said of the customer.
    """

    action_id: str
    tenant: str
    agent_id: str
    conversation_id: str
    customer_id: str | None
    topic: str
    digest: str
    decision: GateDecision
    tier: Tier
    rule_id: str
    reason: str
    constraints: Mapping[str, Any]
    policy_snapshot: str
    state: LedgerState
    created_at: datetime
    updated_at: datetime
    sealed: bytes
    amount: Money | None = None
    target: str | None = None
    approval_id: str | None = None
    holding_message: str = ""
    agent_build: str = ""
    degraded: bool = False
    shadow: bool = False
    retry_after_s: int | None = None
    device_hash: str | None = None
    name_hash: str | None = None
    version: int = 1

    @property
    def ledger_entry(self) -> LedgerEntry:
        """This action as the ledger shows it."""
        return LedgerEntry(
            action_id=self.action_id,
            topic=self.topic,
            state=self.state,
            amount=self.amount,
            target=self.target,
            at=self.updated_at,
        )
