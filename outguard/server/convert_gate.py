"""Actions and approvals: proto to domain and back."""

from __future__ import annotations

from google.protobuf.duration_pb2 import Duration

from outguard.domain.action import Action, ActionRecord
from outguard.domain.autonomy import Standing
from outguard.domain.pause import Pause
from outguard.domain.review import Approval
from outguard.domain.roll_back import RollBack
from outguard.errors import InvalidInputError, TooLargeError
from outguard.flows.roll_back import RollBackTask
from outguard.server.convert import (
    MAX_WORDS,
    read_count,
    read_id,
    read_money,
    read_number,
    read_struct,
    read_text,
    read_texts,
    write_money,
    write_ruling,
    write_struct,
    write_time,
)
from outguard.server.enums import APPROVAL_STATE, GATE_DECISION, LEDGER_STATE, PAUSE_SCOPE, ROLL_BACK_STATE, TIER
from outguard.v1 import gate_pb2

MAX_TEXT = 256 * 1024
MAX_RESUME_STATE = 64 * 1024
MAX_TAGS = 50


def read_action(action: gate_pb2.Action) -> Action:
    """The action asked for; an absent one fails for want of a conversation."""
    if len(action.resume_state) > MAX_RESUME_STATE:
        raise TooLargeError(f"resume_state is larger than {MAX_RESUME_STATE} bytes", field="action.resume_state")
    has = action.HasField
    return Action(
        conversation_id=read_id(action.conversation_id, "action.conversation_id"),
        topic=read_id(action.topic, "action.topic"),
        risk_tags=read_texts(action.risk_tags, "action.risk_tags", count=MAX_TAGS),
        arguments=read_struct(action.arguments, "action.arguments"),
        amount=read_money(action.amount, "action.amount") if has("amount") else None,
        target=read_text(action.target, "action.target", MAX_WORDS) if has("target") else None,
        customer_id=read_text(action.customer_id, "action.customer_id") if has("customer_id") else None,
        recipient=read_text(action.recipient, "action.recipient", MAX_WORDS) if has("recipient") else None,
        text=read_text(action.text, "action.text", MAX_TEXT) if has("text") else None,
        confidence=read_number(action.confidence, "action.confidence", most=1.0) if has("confidence") else None,
        anomaly_score=read_number(action.anomaly_score, "action.anomaly_score") if has("anomaly_score") else None,
        retry_count=read_count(action.retry_count, "action.retry_count"),
        affected_users=read_count(action.affected_users, "action.affected_users"),
        first_time_action=action.first_time_action,
        reasoning=read_text(action.reasoning, "action.reasoning", MAX_TEXT),
        agent_build=read_text(action.agent_build, "action.agent_build"),
        agent_chain=read_texts(action.agent_chain, "action.agent_chain", count=MAX_TAGS),
        resume_state=action.resume_state,
        customer_words=read_text(action.customer_words, "action.customer_words", MAX_TEXT)
        if has("customer_words")
        else None,
        customer_name=read_text(action.customer_name, "action.customer_name") if has("customer_name") else None,
        device=read_text(action.device, "action.device") if has("device") else None,
    )


def require_action(request: gate_pb2.EvaluateActionRequest) -> Action:
    """The request's action.

    Raises:
        InvalidInputError: if there is none, or a value in it is out of range.
    """
    if not request.HasField("action"):
        raise InvalidInputError("action is required", field="action")
    return read_action(request.action)


def write_action(action: Action) -> gate_pb2.Action:
    """The literal action, for its reviewer."""
    return gate_pb2.Action(
        conversation_id=action.conversation_id,
        topic=action.topic,
        risk_tags=action.risk_tags,
        arguments=write_struct(action.arguments),
        amount=write_money(action.amount),
        target=action.target,
        customer_id=action.customer_id,
        recipient=action.recipient,
        text=action.text,
        confidence=action.confidence,
        anomaly_score=action.anomaly_score,
        retry_count=action.retry_count,
        affected_users=action.affected_users,
        first_time_action=action.first_time_action,
        reasoning=action.reasoning,
        agent_build=action.agent_build,
        agent_chain=action.agent_chain,
        resume_state=action.resume_state,
        customer_words=action.customer_words,
        customer_name=action.customer_name,
        device=action.device,
    )


def write_action_record(record: ActionRecord) -> gate_pb2.ActionRecord:
    """An action on record; the sealed action stays behind."""
    return gate_pb2.ActionRecord(
        action_id=record.action_id,
        agent_id=record.agent_id,
        conversation_id=record.conversation_id,
        customer_id=record.customer_id,
        topic=record.topic,
        digest=record.digest,
        decision=GATE_DECISION.write(record.decision),  # type: ignore[arg-type]
        tier=TIER.write(record.tier),  # type: ignore[arg-type]
        rule_id=record.rule_id,
        reason=record.reason,
        constraints=write_struct(record.constraints),
        policy_snapshot=record.policy_snapshot,
        state=LEDGER_STATE.write(record.state),  # type: ignore[arg-type]
        create_time=write_time(record.created_at),
        update_time=write_time(record.updated_at),
        amount=write_money(record.amount),
        target=record.target,
        approval_id=record.approval_id or "",
        holding_message=record.holding_message,
        agent_build=record.agent_build,
        degraded=record.degraded,
        shadow=record.shadow,
        retry_after=None if record.retry_after_s is None else Duration(seconds=record.retry_after_s),
    )


def write_approval(approval: Approval) -> gate_pb2.Approval:
    """An approval as its reader may see it."""
    return gate_pb2.Approval(
        approval_id=approval.approval_id,
        action_id=approval.action_id,
        digest=approval.digest,
        policy_snapshot=approval.policy_snapshot,
        tier=TIER.write(approval.tier),  # type: ignore[arg-type]
        required_approvals=approval.required_approvals,
        state=APPROVAL_STATE.write(approval.state),  # type: ignore[arg-type]
        requested_by=approval.requested_by,
        create_time=write_time(approval.created_at),
        expire_time=write_time(approval.expires_at),
        item_id=approval.item_id,
        rulings=[write_ruling(ruling) for ruling in approval.rulings],
        decide_time=write_time(approval.decided_at),
        escalate_time=write_time(approval.escalates_at),
        automatic=approval.is_automatic,
    )


def write_pause(pause: Pause) -> gate_pb2.Pause:
    """A pause in force."""
    return gate_pb2.Pause(
        pause_id=pause.pause_id,
        scope=PAUSE_SCOPE.write(pause.scope),  # type: ignore[arg-type]
        value=pause.value,
        reason=pause.reason,
        paused_by=pause.paused_by,
        pause_time=write_time(pause.paused_at),
    )


def write_roll_back(roll_back: RollBack) -> gate_pb2.RollBack:
    """A roll-back."""
    return gate_pb2.RollBack(
        action_id=roll_back.action_id,
        state=ROLL_BACK_STATE.write(roll_back.state),  # type: ignore[arg-type]
        tier=TIER.write(roll_back.tier),  # type: ignore[arg-type]
        requested_by=roll_back.requested_by,
        reason=roll_back.reason,
        request_time=write_time(roll_back.requested_at),
        due_time=write_time(roll_back.due_at),
        confirmed_by=roll_back.confirmed_by or "",
        item_id=roll_back.item_id or "",
        attempts=roll_back.attempts,
        end_time=write_time(roll_back.ended_at),
    )


def write_task(task: RollBackTask) -> gate_pb2.RollBackTask:
    """What the agent's runtime must undo."""
    return gate_pb2.RollBackTask(
        roll_back=write_roll_back(task.roll_back),
        record=write_action_record(task.record),
        action=write_action(task.action),
    )


def write_standing(standing: Standing) -> gate_pb2.Standing:
    """An agent's level on a topic."""
    return gate_pb2.Standing(
        agent_id=standing.agent_id,
        topic=standing.topic,
        level=int(standing.level),
        since_time=write_time(standing.since),
        changed_by=standing.changed_by,
        cause=standing.cause,
        proposal_item_id=standing.proposal_item_id or "",
    )
