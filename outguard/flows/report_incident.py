"""A person reports that something went wrong: the agent loses its level on the topic in the same transaction (R12)."""

from __future__ import annotations

from outguard.domain.autonomy import Incident, IncidentKind, Standing
from outguard.domain.principal import Principal, Role
from outguard.domain.topic import is_topic
from outguard.errors import ForbiddenError, InvalidInputError, OutguardError
from outguard.flows.autonomy import add_incident, standing_of
from outguard.flows.calls import earlier_subject, known_subject, request_digest
from outguard.flows.services import Services
from outguard.ports import Call, Change

METHOD = "ReportIncident"
MAX_REASON = 2_000
_KINDS = frozenset({IncidentKind.POLICY_VIOLATION, IncidentKind.SAFETY_INCIDENT})


async def report_incident(
    services: Services,
    principal: Principal,
    *,
    request_id: str,
    agent_id: str,
    topic: str,
    kind: IncidentKind,
    reason: str,
) -> Standing:
    """Record a policy violation or a safety incident of an agent on a topic; the level it is left with.

    Raises:
        ForbiddenError: if the principal is neither a reviewer nor an admin.
        InvalidInputError: for another kind, a malformed topic, no agent, or no reason.
        RequestIdReusedError: if the request_id was used with other content.
    """
    if not (principal.is_reviewer or principal.role is Role.ADMIN):
        raise ForbiddenError("only a reviewer or an admin reports incidents")
    if kind not in _KINDS:
        raise InvalidInputError("a person reports a policy_violation or a safety_incident", field="kind")
    if not agent_id or "/" in agent_id:
        raise InvalidInputError("say which agent", field="agent_id")
    if not is_topic(topic):
        raise InvalidInputError("say which topic, without globs", field="topic")
    if not reason.strip() or len(reason) > MAX_REASON:
        raise InvalidInputError(f"give a reason of 1 to {MAX_REASON} characters", field="reason")
    content = {"agent_id": agent_id, "topic": topic, "kind": kind, "reason": reason}
    digest = request_digest(request_id, content)
    now = services.clock.now()
    if await known_subject(services, principal, method=METHOD, request_id=request_id, digest=digest) is None:
        incident = Incident(
            incident_id=services.ids.new("inc"),
            tenant=principal.tenant,
            agent_id=agent_id,
            topic=topic,
            kind=kind,
            at=now,
            reported_by=principal.id,
            reason=reason,
        )
        call = Call(
            principal_id=principal.id,
            method=METHOD,
            request_id=request_id,
            request_digest=digest,
            subject_id=incident.incident_id,
            at=now,
        )
        change = await add_incident(services, Change(tenant=principal.tenant, entries=(), call=call), incident)
        try:
            await services.store.commit(change)
        except OutguardError as error:
            await earlier_subject(services, principal, error, method=METHOD, request_id=request_id, digest=digest)
    return await standing_of(services, principal.tenant, agent_id, topic)


async def list_standings(
    services: Services, principal: Principal, *, after: str = "", limit: int = 100
) -> tuple[Standing, ...]:
    """Agents whose level anything ever moved, by agent and topic; all others are at the policy's initial one."""
    page = max(1, min(limit, services.limits.max_page))
    return await services.store.list_standings(principal.tenant, after=after, limit=page)
