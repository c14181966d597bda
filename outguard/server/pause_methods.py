"""The part of GateService that pauses automation: convert, call the flow, convert."""

from __future__ import annotations

from outguard.flows import pause
from outguard.flows.services import Services
from outguard.server.convert import MAX_WORDS, read_request_id, read_text
from outguard.server.convert_gate import write_pause
from outguard.server.enums import PAUSE_SCOPE
from outguard.server.interceptors import Caller
from outguard.v1 import gate_pb2


class PauseHandlers:
    """One method per method about pauses."""

    _services: Services

    async def PauseAutomation(  # noqa: N802
        self, request: gate_pb2.PauseAutomationRequest, caller: Caller
    ) -> gate_pb2.PauseAutomationResponse:
        """Stop automation."""
        board = await pause.pause_automation(
            self._services,
            caller.principal,
            request_id=read_request_id(request.request_id),
            scope=PAUSE_SCOPE.read(request.scope, "scope"),
            value=read_text(request.value, "value"),
            reason=read_text(request.reason, "reason", MAX_WORDS),
        )
        return gate_pb2.PauseAutomationResponse(pauses=[write_pause(one) for one in board.pauses])

    async def ResumeAutomation(  # noqa: N802
        self, request: gate_pb2.ResumeAutomationRequest, caller: Caller
    ) -> gate_pb2.ResumeAutomationResponse:
        """Let automation go on."""
        board = await pause.resume_automation(
            self._services,
            caller.principal,
            request_id=read_request_id(request.request_id),
            scope=PAUSE_SCOPE.read(request.scope, "scope"),
            value=read_text(request.value, "value"),
            reason=read_text(request.reason, "reason", MAX_WORDS),
        )
        return gate_pb2.ResumeAutomationResponse(pauses=[write_pause(one) for one in board.pauses])

    async def ListPauses(  # noqa: N802
        self,
        request: gate_pb2.ListPausesRequest,  # noqa: ARG002 - the shape of a handler
        caller: Caller,
    ) -> gate_pb2.ListPausesResponse:
        """Tell what is paused."""
        board, owner = await pause.list_pauses(self._services, caller.principal)
        return gate_pb2.ListPausesResponse(
            pauses=[write_pause(one) for one in board.pauses], owner=owner.name, escalation=owner.escalation
        )
