"""Actions as rows of ACTIONS."""

from __future__ import annotations

import json
from typing import Any

from outguard.canonical import plain
from outguard.domain.action import ActionRecord, GateDecision, LedgerEntry, LedgerState, Tier
from outguard.storage.rows.values import Values, dump, micros, moment_of, money_of


def action_row(action: ActionRecord) -> Values:
    """An action in the order of ACTIONS."""
    amount = action.amount
    return (
        action.tenant,
        action.action_id,
        action.version,
        action.agent_id,
        action.conversation_id,
        action.customer_id,
        action.topic,
        action.digest,
        action.decision.value,
        action.tier.value,
        action.rule_id,
        action.reason,
        dump(plain(action.constraints)),
        action.policy_snapshot,
        action.state.value,
        None if amount is None else str(amount.amount),
        None if amount is None else amount.currency,
        action.target,
        action.approval_id,
        action.holding_message,
        action.agent_build,
        action.degraded,
        action.shadow,
        micros(action.created_at),
        micros(action.updated_at),
        action.sealed,
        action.retry_after_s,
        action.device_hash,
        action.name_hash,
    )


def action_of(row: Any) -> ActionRecord:
    """The action of a row of ACTIONS."""
    return ActionRecord(
        action_id=row.action_id,
        tenant=row.tenant,
        agent_id=row.agent_id,
        conversation_id=row.conversation_id,
        customer_id=row.customer_id,
        topic=row.topic,
        digest=row.digest,
        decision=GateDecision(row.decision),
        tier=Tier(row.tier),
        rule_id=row.rule_id,
        reason=row.reason,
        constraints=json.loads(row.constraints),
        policy_snapshot=row.policy_snapshot,
        state=LedgerState(row.state),
        created_at=moment_of(row.created_at),
        updated_at=moment_of(row.updated_at),
        sealed=row.sealed,
        amount=money_of(row.amount, row.currency),
        target=row.target,
        approval_id=row.approval_id,
        holding_message=row.holding_message,
        agent_build=row.agent_build,
        degraded=bool(row.degraded),
        shadow=bool(row.shadow),
        retry_after_s=row.retry_after_s,
        device_hash=row.device_hash,
        name_hash=row.name_hash,
        version=row.version,
    )


def ledger_entry_of(row: Any) -> LedgerEntry:
    """What the ledger shows of a row of ACTIONS."""
    return LedgerEntry(
        action_id=row.action_id,
        topic=row.topic,
        state=LedgerState(row.state),
        amount=money_of(row.amount, row.currency),
        target=row.target,
        at=moment_of(row.updated_at),
    )
