"""The operator's client: whoever may stop automation, let it go on, and report what went wrong."""

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


@dataclass(frozen=True, kw_only=True, slots=True)
class Standing:
    """An agent's level of autonomy on a topic, 0 to 3; `since` is None where only the initial level applies."""

    agent_id: str
    topic: str
    level: int
    since: datetime | None
    changed_by: str
    cause: str
    proposal_item_id: str

    @classmethod
    def of(cls, standing: gate_pb2.Standing) -> Standing:
        """Read the message."""
        return cls(
            agent_id=standing.agent_id,
            topic=standing.topic,
            level=standing.level,
            since=time_of(standing.since_time) if standing.HasField("since_time") else None,
            changed_by=standing.changed_by,
            cause=standing.cause,
            proposal_item_id=standing.proposal_item_id,
        )


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

    async def report_incident(
        self, agent_id: str, topic: str, kind: str, *, reason: str, request_id: str | None = None
    ) -> Standing:
        """Report a "policy_violation" or "safety_incident"; the level that the agent is left with on the topic."""
        request = gate_pb2.ReportIncidentRequest(
            request_id=self._request_id(request_id),
            agent_id=agent_id,
            topic=topic,
            kind=number_of(gate_pb2.IncidentKind, kind, "INCIDENT_KIND_", "kind"),
            reason=reason,
        )
        response = await self._call("GateService/ReportIncident", request, gate_pb2.ReportIncidentResponse)
        return Standing.of(response.standing)

    async def list_standings(self, *, page_size: int = 0, page_token: str = "") -> tuple[Standing, ...]:
        """A page of levels that anything ever moved; go on with `AGENT/TOPIC` of the last one."""
        request = gate_pb2.ListStandingsRequest(page_size=page_size, page_token=page_token)
        response = await self._call("GateService/ListStandings", request, gate_pb2.ListStandingsResponse)
        return tuple(Standing.of(one) for one in response.standings)


def _pauses(pauses: Iterable[gate_pb2.Pause]) -> tuple[Pause, ...]:
    return tuple(Pause.of(one) for one in pauses)


class AsyncOperatorClient(_OperatorMethods, AsyncFace):
    """For senior reviewers and admins, async. Every method raises CallFailedError if the call does not succeed."""


class OperatorClient(SyncFace):
    """For senior reviewers and admins, blocking; each method as on `AsyncOperatorClient`."""

    pause_automation = blocking(_OperatorMethods.pause_automation)
    resume_automation = blocking(_OperatorMethods.resume_automation)
    list_pauses = blocking(_OperatorMethods.list_pauses)
    report_incident = blocking(_OperatorMethods.report_incident)
    list_standings = blocking(_OperatorMethods.list_standings)
