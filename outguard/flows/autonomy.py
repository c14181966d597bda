"""Agents' levels (R12): what one may do now, what an incident takes in its own transaction, what a record earns."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from outguard.domain.action import ActionRecord
from outguard.domain.audit import EntryDraft, EntryKind
from outguard.domain.autonomy import Incident, IncidentKind, Level, Standing, Track
from outguard.domain.review import ItemKind, ItemState, ReviewItem, Ruling, RulingKind
from outguard.errors import ConflictError
from outguard.flows.services import Services
from outguard.gate.autonomy import demoted, has_earned, kept, may_be_proposed, promoted, window_start
from outguard.ports import Change, Seen
from outguard.review.queue import expire as expire_item

_WAITING = frozenset({ItemState.OPEN, ItemState.CLAIMED})


@dataclass(frozen=True, kw_only=True, slots=True)
class Evidence:
    """What stands behind a proposal: the level as it is, what was done at it, and since when."""

    standing: Standing
    track: Track
    since: datetime


async def standing_of(services: Services, tenant: str, agent_id: str, topic: str) -> Standing:
    """The agent's level on the topic; the policy's initial one where nothing ever moved it."""
    level = services.policies.current.autonomy.initial_level
    initial = Standing(tenant=tenant, agent_id=agent_id, topic=topic, level=level)
    return await services.store.find_standing(tenant, initial.standing_id) or initial


def seen_standing(standing: Standing) -> Seen:
    """That a change holds only while the agent's level is as it was read."""
    return Seen(kind="standings", record_id=standing.standing_id, version=standing.version)


async def with_incident(
    services: Services,
    change: Change,
    record: ActionRecord,
    kind: IncidentKind,
    *,
    reported_by: str,
    now: datetime,
) -> Change:
    """`change` with an incident of `record`, and the demotion it brings, all in one transaction."""
    incident = Incident(
        incident_id=services.ids.new("inc"),
        tenant=record.tenant,
        agent_id=record.agent_id,
        topic=record.topic,
        kind=kind,
        at=now,
        reported_by=reported_by,
        action_id=record.action_id,
    )
    return await add_incident(services, change, incident)


async def add_incident(services: Services, change: Change, incident: Incident) -> Change:
    """`change` with `incident` and the demotion it brings."""
    policy = services.policies.current.autonomy
    standing = await standing_of(services, incident.tenant, incident.agent_id, incident.topic)
    track = Track(ended=0, errors=0)
    if incident.kind.is_error:
        since = window_start(policy, standing, incident.at)
        others = await services.store.track(
            incident.tenant, incident.agent_id, incident.topic, since=since, without=incident.action_id
        )
        # The action itself counts once, whether the record has its end yet or not.
        track = Track(ended=others.ended + 1, errors=others.errors + 1)
    entries = [*change.entries, _incident_entry(services, incident)]
    after = demoted(policy, standing, incident, track)
    if after is None:
        return replace(change, entries=tuple(entries), incidents=(*change.incidents, incident))
    entries.append(moved_entry(services, standing, after))
    items: Sequence[ReviewItem] = ()
    if standing.proposal_item_id is not None:
        proposal = await services.store.get_item(incident.tenant, standing.proposal_item_id)
        if proposal.state in _WAITING and all(item.item_id != proposal.item_id for item in change.items):
            items = (expire_item(proposal, now=incident.at),)
    return replace(
        change,
        entries=tuple(entries),
        incidents=(*change.incidents, incident),
        standings=(*change.standings, after),
        items=(*change.items, *items),
    )


async def with_progress(services: Services, change: Change, record: ActionRecord, *, now: datetime) -> Change:
    """`change`, which reports that `record` ran, with a proposal for one level more where the evidence is there."""
    policy = services.policies.current.autonomy
    standing = await standing_of(services, record.tenant, record.agent_id, record.topic)
    if standing.level is Level.AUTONOMOUS:
        return change
    if standing.since is None:  # the first action at the policy's initial level: the review period begins
        started = replace(standing, since=now, cause="first_action", version=standing.version + 1)
        return replace(change, standings=(*change.standings, started))
    if not may_be_proposed(policy, standing, now):
        return change
    since = window_start(policy, standing, now)
    others = await services.store.track(
        record.tenant, record.agent_id, record.topic, since=since, without=record.action_id
    )
    track = Track(ended=others.ended + 1, errors=others.errors)
    if not has_earned(policy, track):
        return change
    item = _proposal(services, standing, track, now)
    proposed = replace(standing, proposal_item_id=item.item_id, version=standing.version + 1)
    entry = EntryDraft(
        kind=EntryKind.AUTONOMY_PROPOSED,
        principal_id=record.agent_id,
        at=now,
        subject_id=standing.standing_id,
        policy_snapshot=services.policies.current.snapshot,
        details={
            "agent": standing.agent_id,
            "topic": standing.topic,
            "level": int(standing.level),
            "ended": track.ended,
            "errors": track.errors,
            "item_id": item.item_id,
        },
    )
    return replace(
        change,
        entries=(*change.entries, entry),
        standings=(*change.standings, proposed),
        items=(*change.items, item),
    )


async def evidence_for(services: Services, item: ReviewItem) -> Evidence:
    """What a proposal rests on, as of now."""
    agent_id, _, topic = item.subject_id.partition("/")
    standing = await standing_of(services, item.tenant, agent_id, topic)
    since = window_start(services.policies.current.autonomy, standing, services.clock.now())
    track = await services.store.track(item.tenant, agent_id, topic, since=since)
    return Evidence(standing=standing, track=track, since=since)


async def promotion_ruled(services: Services, item: ReviewItem, ruling: Ruling) -> tuple[Standing, EntryDraft]:
    """What a person's signature makes of a proposal.

    Raises:
        ConflictError: if the proposal no longer stands, or the evidence does not hold any more.
    """
    evidence = await evidence_for(services, item)
    standing = evidence.standing
    if standing.proposal_item_id != item.item_id:
        raise ConflictError("this proposal no longer stands")
    if ruling.kind is RulingKind.APPROVE:
        if not has_earned(services.policies.current.autonomy, evidence.track):
            raise ConflictError("the evidence does not hold any more; deny it")
        after = promoted(standing, by=ruling.reviewer_id, at=ruling.at)
    else:
        after = kept(standing, by=ruling.reviewer_id, at=ruling.at)
    return after, moved_entry(services, standing, after)


def moved_entry(services: Services, before: Standing, after: Standing) -> EntryDraft:
    """An entry about a level: from which to which, and why."""
    return EntryDraft(
        kind=EntryKind.AUTONOMY_CHANGED,
        principal_id=after.changed_by,
        at=after.since or services.clock.now(),
        subject_id=after.standing_id,
        policy_snapshot=services.policies.current.snapshot,
        details={
            "agent": after.agent_id,
            "topic": after.topic,
            "from": int(before.level),
            "to": int(after.level),
            "cause": after.cause,
        },
    )


def _incident_entry(services: Services, incident: Incident) -> EntryDraft:
    return EntryDraft(
        kind=EntryKind.INCIDENT,
        principal_id=incident.reported_by,
        at=incident.at,
        subject_id=incident.action_id or f"{incident.agent_id}/{incident.topic}",
        policy_snapshot=services.policies.current.snapshot,
        details={
            "incident_id": incident.incident_id,
            "agent": incident.agent_id,
            "topic": incident.topic,
            "incident": incident.kind,
        },
    )


def _proposal(services: Services, standing: Standing, track: Track, now: datetime) -> ReviewItem:
    policy = services.policies.current
    period = timedelta(seconds=policy.autonomy.review_period_s)
    return ReviewItem(
        item_id=services.ids.new("itm"),
        tenant=standing.tenant,
        kind=ItemKind.PROMOTION,
        state=ItemState.OPEN,
        subject_id=standing.standing_id,
        conversation_id="",
        queue=policy.review.escalation_queue or policy.review.default_queue,
        tier=None,
        rule_id="gate.autonomy",
        reason=(
            f"level {int(standing.level)} to {int(standing.level) + 1}: {track.successful} of {track.ended} actions"
            f" ended well in {period.days} days ({track.error_rate:.1%} errors)"
        ),
        maker_id=standing.agent_id,
        required_rulings=1,
        created_at=now,
        due_at=now + period,
        senior_only=True,
    )
