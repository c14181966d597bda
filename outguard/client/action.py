"""Actions as reviewers and agents read them back, and their roll-backs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from outguard.client.values import dict_of, name_of, time_of
from outguard.v1 import gate_pb2, types_pb2


@dataclass(frozen=True, kw_only=True, slots=True)
class ActionView:
    """The literal action that would run, or ran."""

    topic: str
    arguments: Mapping[str, Any] = field(repr=False)
    amount: str
    currency: str
    target: str
    customer_id: str
    recipient: str = field(repr=False)
    text: str = field(repr=False)
    reasoning: str = field(repr=False)
    agent_chain: tuple[str, ...]
    conversation_id: str = ""
    risk_tags: tuple[str, ...] = ()
    resume_state: bytes = field(default=b"", repr=False)

    @classmethod
    def of(cls, action: gate_pb2.Action) -> ActionView:
        """Read the message."""
        return cls(
            topic=action.topic,
            arguments=dict_of(action.arguments),
            amount=action.amount.amount,
            currency=action.amount.currency,
            target=action.target,
            customer_id=action.customer_id,
            recipient=action.recipient,
            text=action.text,
            reasoning=action.reasoning,
            agent_chain=tuple(action.agent_chain),
            conversation_id=action.conversation_id,
            risk_tags=tuple(action.risk_tags),
            resume_state=action.resume_state,
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class RollBack:
    """How far the roll-back of an action is: "WAITING", "REQUESTED", "DONE", "FAILED", "REFUSED" or "EXPIRED"."""

    action_id: str
    state: str
    tier: str
    requested_by: str
    reason: str = field(repr=False)
    due_at: datetime
    confirmed_by: str
    item_id: str
    attempts: int

    @classmethod
    def of(cls, roll_back: gate_pb2.RollBack) -> RollBack:
        """Read the message."""
        return cls(
            action_id=roll_back.action_id,
            state=name_of(gate_pb2.RollBackState, roll_back.state, "ROLL_BACK_STATE_"),
            tier=name_of(types_pb2.Tier, roll_back.tier, "TIER_"),
            requested_by=roll_back.requested_by,
            reason=roll_back.reason,
            due_at=time_of(roll_back.due_time),
            confirmed_by=roll_back.confirmed_by,
            item_id=roll_back.item_id,
            attempts=roll_back.attempts,
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class RollBackTask:
    """What the agent's runtime must undo, with the literal action that ran."""

    action_id: str
    conversation_id: str
    roll_back: RollBack
    action: ActionView

    @classmethod
    def of(cls, task: gate_pb2.RollBackTask) -> RollBackTask:
        """Read the message."""
        return cls(
            action_id=task.record.action_id,
            conversation_id=task.record.conversation_id,
            roll_back=RollBack.of(task.roll_back),
            action=ActionView.of(task.action),
        )
