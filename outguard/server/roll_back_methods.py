"""The part of GateService that undoes actions: convert, call the flow, convert."""

from __future__ import annotations

from outguard.domain.roll_back import RollBackState
from outguard.errors import InvalidInputError
from outguard.flows import roll_back
from outguard.flows.services import Services
from outguard.server.convert import MAX_WORDS, read_id, read_request_id, read_text, read_wait
from outguard.server.convert_gate import write_roll_back, write_task
from outguard.server.enums import ROLL_BACK_STATE
from outguard.server.interceptors import Caller
from outguard.v1 import gate_pb2

_OUTCOMES = {RollBackState.DONE: True, RollBackState.FAILED: False}


class RollBackHandlers:
    """One method per method about roll-backs."""

    _services: Services

    async def RollBackAction(  # noqa: N802 - the proto's name
        self, request: gate_pb2.RollBackActionRequest, caller: Caller
    ) -> gate_pb2.RollBackActionResponse:
        """Ask for an action to be undone."""
        asked = await roll_back.roll_back_action(
            self._services,
            caller.principal,
            request_id=read_request_id(request.request_id),
            action_id=read_id(request.action_id, "action_id"),
            reason=read_text(request.reason, "reason", MAX_WORDS),
        )
        return gate_pb2.RollBackActionResponse(roll_back=write_roll_back(asked))

    async def ReportRollBack(  # noqa: N802
        self, request: gate_pb2.ReportRollBackRequest, caller: Caller
    ) -> gate_pb2.ReportRollBackResponse:
        """Record what came of a roll-back."""
        outcome = ROLL_BACK_STATE.read(request.outcome, "outcome")
        if outcome not in _OUTCOMES:
            raise InvalidInputError("outcome must be DONE or FAILED", field="outcome")
        ended = await roll_back.report_roll_back(
            self._services,
            caller.principal,
            request_id=read_request_id(request.request_id),
            action_id=read_id(request.action_id, "action_id"),
            is_done=_OUTCOMES[outcome],
            detail=read_text(request.detail, "detail", MAX_WORDS),
        )
        return gate_pb2.ReportRollBackResponse(roll_back=write_roll_back(ended))

    async def GetRollBack(  # noqa: N802
        self, request: gate_pb2.GetRollBackRequest, caller: Caller
    ) -> gate_pb2.GetRollBackResponse:
        """Tell how far a roll-back is."""
        found = await roll_back.get_roll_back(
            self._services, caller.principal, action_id=read_id(request.action_id, "action_id")
        )
        return gate_pb2.GetRollBackResponse(roll_back=write_roll_back(found))

    async def WaitRollBacks(  # noqa: N802
        self, request: gate_pb2.WaitRollBacksRequest, caller: Caller
    ) -> gate_pb2.WaitRollBacksResponse:
        """Wait for something to undo."""
        wanted = read_wait(request.timeout if request.HasField("timeout") else None, "timeout")
        tasks = await roll_back.wait_roll_backs(
            self._services,
            caller.principal,
            timeout_s=caller.wait_s(wanted, self._services.limits.max_wait_s),
        )
        return gate_pb2.WaitRollBacksResponse(tasks=[write_task(task) for task in tasks])
