"""The part of GateService about agents' levels of autonomy: convert, call the flow, convert."""

from __future__ import annotations

from outguard.domain.autonomy import IncidentKind
from outguard.errors import InvalidInputError
from outguard.flows import report_incident
from outguard.flows.services import Services
from outguard.server.convert import MAX_WORDS, read_count, read_id, read_request_id, read_text
from outguard.server.convert_gate import write_standing
from outguard.server.interceptors import Caller
from outguard.v1 import gate_pb2

DEFAULT_PAGE = 50
_KINDS = {
    gate_pb2.INCIDENT_KIND_POLICY_VIOLATION: IncidentKind.POLICY_VIOLATION,
    gate_pb2.INCIDENT_KIND_SAFETY_INCIDENT: IncidentKind.SAFETY_INCIDENT,
}


class AutonomyHandlers:
    """One method per method about levels."""

    _services: Services

    async def ReportIncident(  # noqa: N802 - the proto's name
        self, request: gate_pb2.ReportIncidentRequest, caller: Caller
    ) -> gate_pb2.ReportIncidentResponse:
        """Record what went wrong."""
        kind = _KINDS.get(request.kind)
        if kind is None:
            raise InvalidInputError("kind is unspecified or has an unknown value", field="kind")
        standing = await report_incident.report_incident(
            self._services,
            caller.principal,
            request_id=read_request_id(request.request_id),
            agent_id=read_id(request.agent_id, "agent_id"),
            topic=read_id(request.topic, "topic"),
            kind=kind,
            reason=read_text(request.reason, "reason", MAX_WORDS),
        )
        return gate_pb2.ReportIncidentResponse(standing=write_standing(standing))

    async def ListStandings(  # noqa: N802
        self, request: gate_pb2.ListStandingsRequest, caller: Caller
    ) -> gate_pb2.ListStandingsResponse:
        """Tell levels."""
        page = read_count(request.page_size, "page_size") or DEFAULT_PAGE
        limit = min(page, self._services.limits.max_page)
        found = await report_incident.list_standings(
            self._services,
            caller.principal,
            after=read_text(request.page_token, "page_token", MAX_WORDS),
            limit=limit,
        )
        return gate_pb2.ListStandingsResponse(
            standings=[write_standing(one) for one in found],
            next_page_token=found[-1].standing_id if len(found) == limit else "",
        )
