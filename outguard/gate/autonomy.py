"""What an agent's level makes of an answer, and what its record makes of its level (R12). Pure.

A level only ever makes an answer stricter. Deletions and secrets are gated at every level. A level goes up one step at
a time, on evidence and a person's signature; down by itself.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from outguard.domain.action import Action, GateDecision
from outguard.domain.autonomy import ActionClass, AutonomyPolicy, Incident, Level, Standing, Track
from outguard.domain.policy import Policy
from outguard.domain.topic import ESCALATE
from outguard.gate.decide import GateAnswer
from outguard.policy.constraint import merge

RULE = "gate.autonomy"
_NEXT = timedelta(microseconds=1)
_READS = frozenset({ActionClass.READ})
_GATED = {
    Level.SEMI_AUTONOMOUS: frozenset({ActionClass.PROD, ActionClass.DELETE, ActionClass.SECRETS}),
    Level.AUTONOMOUS: frozenset({ActionClass.DELETE, ActionClass.SECRETS}),
}


def is_gated(level: Level, classes: frozenset[ActionClass]) -> bool:
    """Whether a person must look at an action of these classes."""
    if level is Level.SUPERVISED:
        return True
    if level is Level.ASSISTED:
        return classes != _READS
    return bool(classes & _GATED[level])


def at_level(policy: Policy, answer: GateAnswer, action: Action, level: Level) -> GateAnswer:
    """`answer` as strict as the agent's level on the topic wants it."""
    runs = answer.decision in {GateDecision.ALLOW, GateDecision.ALLOW_WITH_CONSTRAINTS}
    if not runs or action.topic == ESCALATE:
        return answer
    autonomy = policy.autonomy
    classes = autonomy.classes_of(action.topic, action.risk_tags)
    if policy.is_read(action.topic):
        classes |= _READS
    if is_gated(level, classes):
        terms = policy.tiers[answer.tier]
        return replace(
            answer,
            decision=GateDecision.REQUIRE_APPROVAL,
            rule_id=RULE,
            reason=f"the agent's level on this topic is {int(level)} ({level.name.lower()}): a person looks first",
            required_approvals=max(1, terms.required_approvals),
            senior_only=terms.senior_only,
            holding_message=terms.holding_message,
            opens_ticket=False,
            matched=(*answer.matched, RULE),
        )
    if level is Level.SEMI_AUTONOMOUS and autonomy.constraints:
        constraints = merge((answer.constraints, autonomy.constraints))
        return replace(answer, decision=GateDecision.ALLOW_WITH_CONSTRAINTS, constraints=constraints)
    return answer


def window_start(policy: AutonomyPolicy, standing: Standing, now: datetime) -> datetime:
    """From when on actions and incidents count: the review period, but only what came after the level was given."""
    start = now - timedelta(seconds=policy.review_period_s)
    return start if standing.since is None else max(start, standing.since + _NEXT)


def demoted(policy: AutonomyPolicy, standing: Standing, incident: Incident, track: Track) -> Standing | None:
    """The standing after `incident`, which `track` counts already; None where the level stays."""
    if incident.kind.is_error:
        is_over = track.ended >= policy.min_actions and track.error_rate > policy.error_rate_above
        down = 1 if is_over else 0
    else:
        down = policy.levels_down[incident.kind]
    level = Level(max(0, standing.level - down))
    if level is standing.level:
        return None
    cause = "error_rate" if incident.kind.is_error else incident.kind.value
    return _moved(standing, level, cause=cause, by=incident.reported_by, at=incident.at)


def may_be_proposed(policy: AutonomyPolicy, standing: Standing, now: datetime) -> bool:
    """Whether it is time to look at the evidence for one level more."""
    return (
        standing.level < Level.AUTONOMOUS
        and standing.proposal_item_id is None
        and standing.since is not None
        and now - standing.since >= timedelta(seconds=policy.review_period_s)
    )


def has_earned(policy: AutonomyPolicy, track: Track) -> bool:
    """Whether the evidence is enough for one level more."""
    return track.successful >= policy.min_successful_actions and track.error_rate <= policy.max_error_rate


def promoted(standing: Standing, *, by: str, at: datetime) -> Standing:
    """One level more, signed by a person."""
    return _moved(standing, Level(min(Level.AUTONOMOUS, standing.level + 1)), cause="promotion", by=by, at=at)


def kept(standing: Standing, *, by: str, at: datetime) -> Standing:
    """The proposal was turned down: the same level, and a new review period."""
    return _moved(standing, standing.level, cause="promotion_denied", by=by, at=at)


def _moved(standing: Standing, level: Level, *, cause: str, by: str, at: datetime) -> Standing:
    return replace(
        standing,
        level=level,
        since=at,
        changed_by=by,
        cause=cause,
        proposal_item_id=None,
        version=standing.version + 1,
    )
