"""The operator's client: whoever may stop automation, and let it go on."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from outguard.client.face import AsyncFace, Face, SyncFace, blocking
from outguard.client.values import name_of, number_of, time_of
from outguard.v1 import gate_pb2


@dataclass(frozen=True, kw_only=True, slots=True)
class Pause:
    """A pause in force: `scope` is "TENANT", "AGENT" or "TOPIC", `value` the agent's id or the topic glob."""

    pause_id: str
    scope: str
    value: str
    reason: str
    paused_by: str
    paused_at: datetime

    @classmethod
    def of(cls, pause: gate_pb2.Pause) -> Pause:
        """Read the message."""
        return cls(
            pause_id=pause.pause_id,
            scope=name_of(gate_pb2.PauseScope, pause.scope, "PAUSE_SCOPE_"),
            value=pause.value,
            reason=pause.reason,
            paused_by=pause.paused_by,
            paused_at=time_of(pause.pause_time),
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class Pauses:
    """What is paused, who answers for the policy, and who is asked next."""

    pauses: tuple[Pause, ...]
    owner: str
    escalation: tuple[str, ...]


class _OperatorMethods(Face):
    async def pause_automation(
        self, scope: str, value: str = "", *, reason: str, request_id: str | None = None
    ) -> tuple[Pause, ...]:
        """Stop automation for the "tenant", an "agent" or a "topic" glob, at once; all that is paused then."""
        request = gate_pb2.PauseAutomationRequest(
            request_id=self._request_id(request_id),
            scope=number_of(gate_pb2.PauseScope, scope, "PAUSE_SCOPE_", "scope"),
            value=value,
            reason=reason,
        )
        response = await self._call("GateService/PauseAutomation", request, gate_pb2.PauseAutomationResponse)
        return _pauses(response.pauses)

    async def resume_automation(
        self, scope: str, value: str = "", *, reason: str, request_id: str | None = None
    ) -> tuple[Pause, ...]:
        """Take back every pause of exactly this scope and value; all that is still paused."""
        request = gate_pb2.ResumeAutomationRequest(
            request_id=self._request_id(request_id),
            scope=number_of(gate_pb2.PauseScope, scope, "PAUSE_SCOPE_", "scope"),
            value=value,
            reason=reason,
        )
        response = await self._call("GateService/ResumeAutomation", request, gate_pb2.ResumeAutomationResponse)
        return _pauses(response.pauses)

    async def list_pauses(self) -> Pauses:
        """What is paused now."""
        request = gate_pb2.ListPausesRequest()
        response = await self._call("GateService/ListPauses", request, gate_pb2.ListPausesResponse)
        return Pauses(pauses=_pauses(response.pauses), owner=response.owner, escalation=tuple(response.escalation))


def _pauses(pauses: Iterable[gate_pb2.Pause]) -> tuple[Pause, ...]:
    return tuple(Pause.of(one) for one in pauses)


class AsyncOperatorClient(_OperatorMethods, AsyncFace):
    """For senior reviewers and admins, async. Every method raises CallFailedError if the call does not succeed."""


class OperatorClient(SyncFace):
    """For senior reviewers and admins, blocking; each method as on `AsyncOperatorClient`."""

    pause_automation = blocking(_OperatorMethods.pause_automation)
    resume_automation = blocking(_OperatorMethods.resume_automation)
    list_pauses = blocking(_OperatorMethods.list_pauses)
