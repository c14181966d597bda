"""Standings and incidents as rows of STANDINGS and INCIDENTS."""

from __future__ import annotations

from typing import Any

from outguard.domain.autonomy import Incident, IncidentKind, Level, Standing
from outguard.storage.rows.values import Values, micros, micros_or_none, moment_of, moment_or_none


def standing_row(standing: Standing) -> Values:
    """A standing in the order of STANDINGS."""
    return (
        standing.tenant,
        standing.standing_id,
        standing.version,
        standing.agent_id,
        standing.topic,
        standing.level.value,
        micros_or_none(standing.since),
        standing.changed_by,
        standing.cause,
        standing.proposal_item_id,
    )


def standing_of(row: Any) -> Standing:
    """The standing of a row of STANDINGS."""
    return Standing(
        tenant=row.tenant,
        agent_id=row.agent_id,
        topic=row.topic,
        level=Level(row.level),
        since=moment_or_none(row.since),
        changed_by=row.changed_by,
        cause=row.cause,
        proposal_item_id=row.proposal_item_id,
        version=row.version,
    )


def incident_row(incident: Incident) -> Values:
    """An incident in the order of INCIDENTS."""
    return (
        incident.tenant,
        incident.incident_id,
        incident.version,
        incident.agent_id,
        incident.topic,
        incident.kind.value,
        incident.action_id,
        micros(incident.at),
        incident.reported_by,
        incident.reason,
    )


def incident_of(row: Any) -> Incident:
    """The incident of a row of INCIDENTS."""
    return Incident(
        incident_id=row.incident_id,
        tenant=row.tenant,
        agent_id=row.agent_id,
        topic=row.topic,
        kind=IncidentKind(row.kind),
        at=moment_of(row.at),
        reported_by=row.reported_by,
        action_id=row.action_id,
        reason=row.reason,
        version=row.version,
    )
