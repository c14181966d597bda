"""The parts of `policy.yaml` about people and agents' trust, from their shapes: autonomy, sampling, reviewers."""

from __future__ import annotations

from collections.abc import Iterable

from outguard.domain.autonomy import AutonomyPolicy, ClassMatch, IncidentKind, Level
from outguard.domain.policy import FatiguePolicy, Problem
from outguard.domain.sampling import SamplingPolicy, Stratum
from outguard.domain.topic import TopicIndex
from outguard.policy.constraint import problem_with
from outguard.policy.load import Tree
from outguard.policy.people_schema import AutonomyShape, EvidenceShape, FatigueShape, SamplingShape

_DAY_S = 86_400.0


def check_autonomy(shape: AutonomyShape, tree: Tree) -> Iterable[Problem]:
    """What the shape cannot tell: constraints of their kind, and classes that name something."""
    for name, value in shape.constraints.items():
        if (words := problem_with(name, value)) is not None:
            yield tree.problem(("autonomy", "constraints", name), words)
    for each, match in shape.classes.items():
        if match.topics is None and match.risk_tags is None:
            yield tree.problem(("autonomy", "classes", each.value), "needs topics or risk_tags")
    if shape.demotion.error_rate_above < shape.promotion.max_error_rate:
        yield tree.problem(("autonomy", "demotion", "error_rate_above"), "below promotion.max_error_rate")


def autonomy_of(shape: AutonomyShape) -> AutonomyPolicy:
    """The compiled section; classes that it does not name keep their default."""
    default = AutonomyPolicy()
    named = {
        each: ClassMatch(
            topics=TopicIndex((glob, True) for glob in match.topics or ()),
            risk_tags=frozenset(match.risk_tags or ()),
        )
        for each, match in shape.classes.items()
    }
    return AutonomyPolicy(
        initial_level=Level(shape.initial_level),
        min_successful_actions=shape.promotion.min_successful_actions,
        max_error_rate=shape.promotion.max_error_rate,
        review_period_s=shape.promotion.review_period_days * _DAY_S,
        error_rate_above=shape.demotion.error_rate_above,
        min_actions=shape.demotion.min_actions,
        levels_down={
            IncidentKind.POLICY_VIOLATION: shape.demotion.policy_violation,
            IncidentKind.SAFETY_INCIDENT: shape.demotion.safety_incident,
        },
        constraints=shape.constraints,
        classes={**default.classes, **named},
    )


def sampling_of(shape: SamplingShape | None) -> SamplingPolicy:
    """The compiled section; without one nothing is sampled."""
    if shape is None:
        return SamplingPolicy()
    weights = {Stratum(name): weight for name, weight in shape.weights.items()}
    return SamplingPolicy(
        rate=shape.rate,
        weights=weights if shape.mode == "stratified" else {},
        amount_usd_above=shape.mandatory.amount_usd_above,
        affected_users_above=shape.mandatory.affected_users_above,
        first_time_action=shape.mandatory.first_time_action,
        review_target_s=shape.review_target_s,
    )


def fatigue_of(shape: FatigueShape | None) -> FatiguePolicy:
    """The compiled section; without one the bounds hold and no second look is drawn."""
    return FatiguePolicy() if shape is None else FatiguePolicy(**shape.model_dump())


def evidence_of(shape: EvidenceShape | None) -> tuple[str, ...]:
    """The fields without which a ruling on an action is refused."""
    return shape.required_fields if shape is not None and shape.reject_if_incomplete else ()
