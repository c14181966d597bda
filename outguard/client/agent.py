"""The agent runtime's client: ask before acting, report what happened, ask before sending."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, cast

from google.protobuf.duration_pb2 import Duration

from outguard.client.action import RollBack, RollBackTask
from outguard.client.decision import ActionDecision, ReplyDecision, ReplyState
from outguard.client.face import AsyncFace, Face, SyncFace, blocking
from outguard.client.values import (
    Attachment,
    Content,
    Customer,
    Money,
    Recipient,
    Ruling,
    dict_of,
    name_of,
    number_of,
    struct_of,
    time_of,
)
from outguard.client.wire import AsyncWire, stream
from outguard.errors import CallFailedError, OutguardError
from outguard.v1 import gate_pb2, reply_pb2, types_pb2

POLL_S = 30.0
_GRACE_S = 2.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Approval:
    """Where a held action stands."""

    approval_id: str
    action_id: str
    state: str
    tier: str
    required_approvals: int
    expires_at: datetime
    rulings: tuple[Ruling, ...]
    is_automatic: bool = False
    resume_state: bytes = field(default=b"", repr=False)

    @property
    def is_pending(self) -> bool:
        """Whether people have yet to decide."""
        return self.state == "PENDING"

    @property
    def is_approved(self) -> bool:
        """Whether asking again with `approval_id` may be allowed; only that answer lets the action run."""
        return self.state == "APPROVED"

    @classmethod
    def of(cls, approval: gate_pb2.Approval, resume_state: bytes = b"") -> Approval:
        """Read the message."""
        return cls(
            approval_id=approval.approval_id,
            action_id=approval.action_id,
            state=name_of(gate_pb2.ApprovalState, approval.state, "APPROVAL_STATE_"),
            tier=name_of(types_pb2.Tier, approval.tier, "TIER_"),
            required_approvals=approval.required_approvals,
            expires_at=time_of(approval.expire_time),
            rulings=tuple(Ruling.of(one) for one in approval.rulings),
            is_automatic=approval.automatic,
            resume_state=resume_state,
        )


class _AgentMethods(Face):
    async def evaluate_reply(  # noqa: PLR0913 - named arguments, nearly all optional
        self,
        *,
        conversation_id: str,
        recipient: Recipient,
        text: str | None = None,
        subject: str | None = None,
        payload: Mapping[str, Any] | None = None,
        attachments: Sequence[Attachment] = (),
        channel: str = "",
        customer: Customer | None = None,
        profile: str = "",
        last_user: str = "",
        confidence: float | None = None,
        sources: Sequence[str] = (),
        agent_build: str = "",
        request_id: str | None = None,
        timeout_s: float | None = None,
    ) -> ReplyDecision:
        """May these words go? Never raises for a failed call: that is a held reply with `error` set."""
        try:
            content = Content(subject=subject, text=text, payload=payload, attachments=tuple(attachments)).to_proto()
            request = reply_pb2.EvaluateReplyRequest(
                request_id=self._request_id(request_id),
                reply=reply_pb2.Reply(
                    conversation_id=conversation_id,
                    channel=channel,
                    recipient=recipient.to_proto(),
                    subject=subject,
                    text=text,
                    payload=content.payload if payload is not None else None,
                    attachments=content.attachments,
                ),
                customer=None if customer is None else customer.to_proto(),
                profile=profile,
                last_user=last_user,
                confidence=confidence,
                sources=sources,
                agent_build=agent_build,
            )
            response = await self._call(
                "ReplyService/EvaluateReply", request, reply_pb2.EvaluateReplyResponse, timeout_s
            )
            return ReplyDecision.of(response.answer, holding_message=self._holding_message)
        except Exception as error:  # noqa: BLE001 - whatever it is, the reply is held
            return ReplyDecision.held(_failure(error), holding_message=self._holding_message)

    async def get_reply(self, reply_id: str, *, timeout_s: float | None = None) -> ReplyDecision:
        """What became of a reply; a failed call is a held reply with `error` set."""
        try:
            request = reply_pb2.GetReplyRequest(reply_id=reply_id)
            response = await self._call("ReplyService/GetReply", request, reply_pb2.GetReplyResponse, timeout_s)
            return ReplyDecision.of(response.answer, holding_message=self._holding_message)
        except Exception as error:  # noqa: BLE001 - whatever it is, the reply is held
            return ReplyDecision.held(_failure(error), holding_message=self._holding_message, reply_id=reply_id)

    async def wait_reply(self, reply_id: str, *, timeout_s: float = 60.0) -> ReplyDecision:
        """Wait up to `timeout_s` for a ruling on a held reply; a failed call is a held reply with `error` set."""
        deadline = time.monotonic() + timeout_s
        while True:
            left = max(0.0, deadline - time.monotonic())
            try:
                request = reply_pb2.WaitReplyRequest(reply_id=reply_id, timeout=_duration(min(left, POLL_S)))
                response = await self._call(
                    "ReplyService/WaitReply", request, reply_pb2.WaitReplyResponse, min(left, POLL_S) + _GRACE_S
                )
                decision = ReplyDecision.of(response.answer, holding_message=self._holding_message)
            except Exception as error:  # noqa: BLE001 - whatever it is, the reply is held
                return ReplyDecision.held(_failure(error), holding_message=self._holding_message, reply_id=reply_id)
            if decision.state is not ReplyState.HELD or decision.error or time.monotonic() >= deadline:
                return decision

    async def evaluate_action(  # noqa: PLR0913 - named arguments, nearly all optional
        self,
        *,
        conversation_id: str,
        topic: str,
        arguments: Mapping[str, Any] | None = None,
        amount: Money | None = None,
        target: str | None = None,
        customer_id: str | None = None,
        recipient: str | None = None,
        text: str | None = None,
        risk_tags: Sequence[str] = (),
        confidence: float | None = None,
        anomaly_score: float | None = None,
        retry_count: int = 0,
        affected_users: int = 0,
        first_time_action: bool = False,
        reasoning: str = "",
        agent_build: str = "",
        agent_chain: Sequence[str] = (),
        resume_state: bytes = b"",
        customer_words: str | None = None,
        customer_name: str | None = None,
        device: str | None = None,
        approval_id: str = "",
        explain: bool = False,
        request_id: str | None = None,
        timeout_s: float | None = None,
    ) -> ActionDecision:
        """May the agent do this? Never raises for a failed call: that is a denied action with `error` set.

        After an approval ask again with the same action, a new request_id and `approval_id`.
        """
        try:
            action = gate_pb2.Action(
                conversation_id=conversation_id,
                topic=topic,
                risk_tags=risk_tags,
                arguments=struct_of(arguments or {}),
                amount=None if amount is None else amount.to_proto(),
                target=target,
                customer_id=customer_id,
                recipient=recipient,
                text=text,
                confidence=confidence,
                anomaly_score=anomaly_score,
                retry_count=retry_count,
                affected_users=affected_users,
                first_time_action=first_time_action,
                reasoning=reasoning,
                agent_build=agent_build,
                agent_chain=agent_chain,
                resume_state=resume_state,
                customer_words=customer_words,
                customer_name=customer_name,
                device=device,
            )
            request = gate_pb2.EvaluateActionRequest(
                request_id=self._request_id(request_id), action=action, approval_id=approval_id, explain=explain
            )
            response = await self._call(
                "GateService/EvaluateAction", request, gate_pb2.EvaluateActionResponse, timeout_s
            )
            elapsed_s = response.elapsed.seconds + response.elapsed.nanos / 1e9
            decision = ActionDecision.of(response.record, holding_message=self._holding_message, elapsed_s=elapsed_s)
            return replace(decision, explanation=dict_of(response.explanation))
        except Exception as error:  # noqa: BLE001 - whatever it is, the action is denied
            return ActionDecision.denied(_failure(error), holding_message=self._holding_message)

    async def report_outcome(
        self, action_id: str, outcome: str, *, detail: str = "", request_id: str | None = None
    ) -> ActionDecision:
        """Say what became of an allowed action: "EXECUTED", "FAILED" or "ROLLED_BACK".

        Raises:
            InvalidInputError: for another word.
            CallFailedError: if it is not on the record; try again with the same request_id.
        """
        request = gate_pb2.ReportOutcomeRequest(
            request_id=self._request_id(request_id),
            action_id=action_id,
            outcome=number_of(types_pb2.LedgerState, outcome, "LEDGER_STATE_", "outcome"),
            detail=detail,
        )
        response = await self._call("GateService/ReportOutcome", request, gate_pb2.ReportOutcomeResponse)
        return ActionDecision.of(response.record, holding_message="")

    async def cancel_action(self, action_id: str, *, reason: str = "", request_id: str | None = None) -> ActionDecision:
        """Take back an action that has not run.

        Raises:
            CallFailedError: if it is not cancelled.
        """
        request = gate_pb2.CancelActionRequest(
            request_id=self._request_id(request_id), action_id=action_id, reason=reason
        )
        response = await self._call("GateService/CancelAction", request, gate_pb2.CancelActionResponse)
        return ActionDecision.of(response.record, holding_message="")

    async def get_approval(self, approval_id: str) -> Approval:
        """Where an approval stands.

        Raises:
            CallFailedError: if it cannot be read.
        """
        request = gate_pb2.GetApprovalRequest(approval_id=approval_id)
        response = await self._call("GateService/GetApproval", request, gate_pb2.GetApprovalResponse)
        return Approval.of(response.approval, response.action.resume_state)

    async def resume_action(self, approval_id: str, *, request_id: str | None = None) -> ActionDecision:
        """Ask again for the very action that was approved, word for word; for runtimes that were started anew, too.

        Never raises for a failed call: that is a denied action with `error` set.
        """
        try:
            asked = gate_pb2.GetApprovalRequest(approval_id=approval_id)
            found = await self._call("GateService/GetApproval", asked, gate_pb2.GetApprovalResponse)
            request = gate_pb2.EvaluateActionRequest(
                request_id=self._request_id(request_id), action=found.action, approval_id=approval_id
            )
            response = await self._call("GateService/EvaluateAction", request, gate_pb2.EvaluateActionResponse)
            return ActionDecision.of(response.record, holding_message=self._holding_message)
        except Exception as error:  # noqa: BLE001 - whatever it is, the action is denied
            return ActionDecision.denied(_failure(error), holding_message=self._holding_message)

    async def wait_approval(self, approval_id: str, *, timeout_s: float = 60.0) -> Approval:
        """Wait up to `timeout_s` for people to decide; the answer may still be PENDING.

        Raises:
            CallFailedError: if it cannot be read.
        """
        deadline = time.monotonic() + timeout_s
        while True:
            left = min(POLL_S, max(0.0, deadline - time.monotonic()))
            request = gate_pb2.WaitApprovalRequest(approval_id=approval_id, timeout=_duration(left))
            response = await self._call(
                "GateService/WaitApproval", request, gate_pb2.WaitApprovalResponse, left + _GRACE_S
            )
            approval = Approval.of(response.approval, response.action.resume_state)
            if not approval.is_pending or time.monotonic() >= deadline:
                return approval

    async def roll_back_action(self, action_id: str, *, reason: str, request_id: str | None = None) -> RollBack:
        """Ask for an action of the agent's own to be undone (T1 and T2, within the window); then `wait_roll_backs`.

        Raises:
            CallFailedError: if it may not be undone this way.
        """
        return await ask_roll_back(self, action_id, reason=reason, request_id=request_id)

    async def wait_roll_backs(self, *, timeout_s: float = 60.0) -> tuple[RollBackTask, ...]:
        """What this agent must undo now, those due first in front; waits up to `timeout_s` for the first one.

        Raises:
            CallFailedError: if it cannot be read.
        """
        deadline = time.monotonic() + timeout_s
        while True:
            left = min(POLL_S, max(0.0, deadline - time.monotonic()))
            request = gate_pb2.WaitRollBacksRequest(timeout=_duration(left))
            response = await self._call(
                "GateService/WaitRollBacks", request, gate_pb2.WaitRollBacksResponse, left + _GRACE_S
            )
            if response.tasks or time.monotonic() >= deadline:
                return tuple(RollBackTask.of(task) for task in response.tasks)

    async def report_roll_back(
        self, action_id: str, outcome: str, *, detail: str = "", request_id: str | None = None
    ) -> RollBack:
        """Say what came of a roll-back: "DONE" or "FAILED".

        Raises:
            InvalidInputError: for another word.
            CallFailedError: if it is not on the record; try again with the same request_id.
        """
        request = gate_pb2.ReportRollBackRequest(
            request_id=self._request_id(request_id),
            action_id=action_id,
            outcome=number_of(gate_pb2.RollBackState, outcome, "ROLL_BACK_STATE_", "outcome"),
            detail=detail,
        )
        response = await self._call("GateService/ReportRollBack", request, gate_pb2.ReportRollBackResponse)
        return RollBack.of(response.roll_back)


async def ask_roll_back(face: Face, action_id: str, *, reason: str, request_id: str | None) -> RollBack:
    """Ask for a roll-back, as an agent or as a reviewer."""
    request = gate_pb2.RollBackActionRequest(
        request_id=face._request_id(request_id),  # noqa: SLF001 - the clients' own call
        action_id=action_id,
        reason=reason,
    )
    response = await face._call("GateService/RollBackAction", request, gate_pb2.RollBackActionResponse)  # noqa: SLF001
    return RollBack.of(response.roll_back)


class AsyncClient(_AgentMethods, AsyncFace):
    """For agent runtimes, async."""

    async def watch_approvals(self, *, cursor: str = "") -> AsyncIterator[tuple[Approval | None, str]]:
        """This agent's approvals as they open and change, each with the cursor to go on from after it.

        The first one is None, with the cursor alone; without a cursor the live ones follow. The stream ends when the
        server stops: call again with the last cursor.

        Raises:
            CallFailedError: if it could not begin, or broke off.
        """
        request = gate_pb2.WatchApprovalsRequest(cursor=cursor)
        wire = cast("AsyncWire", self._wire)
        async for told in stream(wire, "GateService/WatchApprovals", request, gate_pb2.WatchApprovalsResponse):
            yield (Approval.of(told.approval) if told.HasField("approval") else None), told.cursor


class Client(SyncFace):
    """For agent runtimes, blocking; each method as on `AsyncClient`. Usable from several threads."""

    evaluate_reply = blocking(_AgentMethods.evaluate_reply)
    get_reply = blocking(_AgentMethods.get_reply)
    wait_reply = blocking(_AgentMethods.wait_reply)
    evaluate_action = blocking(_AgentMethods.evaluate_action)
    report_outcome = blocking(_AgentMethods.report_outcome)
    cancel_action = blocking(_AgentMethods.cancel_action)
    get_approval = blocking(_AgentMethods.get_approval)
    wait_approval = blocking(_AgentMethods.wait_approval)
    resume_action = blocking(_AgentMethods.resume_action)
    roll_back_action = blocking(_AgentMethods.roll_back_action)
    wait_roll_backs = blocking(_AgentMethods.wait_roll_backs)
    report_roll_back = blocking(_AgentMethods.report_roll_back)


def _duration(seconds: float) -> Duration:
    return Duration(seconds=int(seconds), nanos=int(seconds % 1 * 1e9))


def _failure(error: Exception) -> CallFailedError:
    """Any failure as one kind of error; never the text of an unknown one, which may hold content."""
    if isinstance(error, CallFailedError):
        return error
    if isinstance(error, OutguardError):
        return CallFailedError(error.message, code="INVALID_ARGUMENT", cause=error.reason, field=error.field)
    kind = type(error).__name__
    return CallFailedError(f"the request could not be made ({kind})", code="INVALID_ARGUMENT", cause="INVALID_INPUT")
