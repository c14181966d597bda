"""The parts of `policy.yaml` about people and agents' trust, from their shapes: autonomy."""

from __future__ import annotations

from collections.abc import Iterable

from outguard.domain.autonomy import AutonomyPolicy, ClassMatch, IncidentKind, Level
from outguard.domain.policy import Problem
from outguard.domain.topic import TopicIndex
from outguard.policy.constraint import problem_with
from outguard.policy.load import Tree
from outguard.policy.people_schema import AutonomyShape

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
