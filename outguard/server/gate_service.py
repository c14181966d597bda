"""GateService: convert, call the flow, convert."""

from __future__ import annotations

import time
from collections.abc import AsyncGenerator

from outguard.flows import check_action, read_approval, report_outcome, watch
from outguard.flows.services import Services
from outguard.review.rulings import approval_visible_to
from outguard.server.autonomy_methods import AutonomyHandlers
from outguard.server.convert import (
    MAX_WORDS,
    read_id,
    read_request_id,
    read_text,
    read_wait,
    write_elapsed,
    write_struct,
)
from outguard.server.convert_gate import require_action, write_action, write_action_record, write_approval
from outguard.server.enums import LEDGER_STATE
from outguard.server.interceptors import Caller
from outguard.server.pause_methods import PauseHandlers
from outguard.server.roll_back_methods import RollBackHandlers
from outguard.v1 import gate_pb2


class GateHandlers(PauseHandlers, RollBackHandlers, AutonomyHandlers):
    """One method per method of the service, with those of its parts."""

    def __init__(self, services: Services) -> None:
        self._services = services

    async def EvaluateAction(  # noqa: N802 - the proto's name
        self, request: gate_pb2.EvaluateActionRequest, caller: Caller
    ) -> gate_pb2.EvaluateActionResponse:
        """Decide one action."""
        started = time.perf_counter_ns()
        record = await check_action.evaluate_action(
            self._services,
            caller.principal,
            request_id=read_request_id(request.request_id),
            action=require_action(request),
            approval_id=read_text(request.approval_id, "approval_id") or None,
            is_explained=request.explain,
        )
        explanation = check_action.explanation_of(self._services, record) if request.explain else None
        elapsed = write_elapsed((time.perf_counter_ns() - started) // 1000)
        return gate_pb2.EvaluateActionResponse(
            record=write_action_record(record),
            elapsed=elapsed,
            explanation=None if explanation is None else write_struct(explanation),
        )

    async def ReportOutcome(  # noqa: N802
        self, request: gate_pb2.ReportOutcomeRequest, caller: Caller
    ) -> gate_pb2.ReportOutcomeResponse:
        """Record what became of an action."""
        record = await report_outcome.report_outcome(
            self._services,
            caller.principal,
            request_id=read_request_id(request.request_id),
            action_id=read_id(request.action_id, "action_id"),
            outcome=LEDGER_STATE.read(request.outcome, "outcome"),
            detail=read_text(request.detail, "detail", MAX_WORDS),
        )
        return gate_pb2.ReportOutcomeResponse(record=write_action_record(record))

    async def GetApproval(  # noqa: N802
        self, request: gate_pb2.GetApprovalRequest, caller: Caller
    ) -> gate_pb2.GetApprovalResponse:
        """Read an approval."""
        approval = await read_approval.get_approval(
            self._services, caller.principal, approval_id=read_id(request.approval_id, "approval_id")
        )
        action = await read_approval.resume_from(self._services, caller.principal, approval)
        return gate_pb2.GetApprovalResponse(
            approval=write_approval(approval_visible_to(approval, caller.principal)),
            action=None if action is None else write_action(action),
        )

    async def WaitApproval(  # noqa: N802
        self, request: gate_pb2.WaitApprovalRequest, caller: Caller
    ) -> gate_pb2.WaitApprovalResponse:
        """Wait for people to decide."""
        wanted = read_wait(request.timeout if request.HasField("timeout") else None, "timeout")
        approval = await read_approval.wait_approval(
            self._services,
            caller.principal,
            approval_id=read_id(request.approval_id, "approval_id"),
            timeout_s=caller.wait_s(wanted, self._services.limits.max_wait_s),
        )
        action = await read_approval.resume_from(self._services, caller.principal, approval)
        return gate_pb2.WaitApprovalResponse(
            approval=write_approval(approval), action=None if action is None else write_action(action)
        )

    async def CancelAction(  # noqa: N802
        self, request: gate_pb2.CancelActionRequest, caller: Caller
    ) -> gate_pb2.CancelActionResponse:
        """Take back an action."""
        record = await report_outcome.cancel_action(
            self._services,
            caller.principal,
            request_id=read_request_id(request.request_id),
            action_id=read_id(request.action_id, "action_id"),
            reason=read_text(request.reason, "reason", MAX_WORDS),
        )
        return gate_pb2.CancelActionResponse(record=write_action_record(record))

    async def WatchApprovals(  # noqa: N802
        self, request: gate_pb2.WatchApprovalsRequest, caller: Caller
    ) -> AsyncGenerator[gate_pb2.WatchApprovalsResponse, None]:
        """Tell approvals as they change."""
        cursor = read_text(request.cursor, "cursor")
        async for told in watch.watch_approvals(self._services, caller.principal, cursor=cursor):
            approval = None if told.approval is None else write_approval(told.approval)
            yield gate_pb2.WatchApprovalsResponse(approval=approval, cursor=told.cursor)
