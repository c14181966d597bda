"""The shape of the parts of `policy.yaml` about people and agents' trust."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BeforeValidator, Field

from outguard.domain.autonomy import ActionClass
from outguard.policy.values import Count, Globs, Shape, Share, Word, Words, no_bool

Levels = Annotated[int, BeforeValidator(no_bool), Field(ge=1, le=3)]


class ClassShape(Shape):
    """`autonomy.classes.read`, `prod`, `delete`, `secrets`."""

    topics: Globs | None = None
    risk_tags: Words | None = None


class PromotionShape(Shape):
    """`autonomy.promotion`."""

    min_successful_actions: Annotated[Count, Field(ge=1)] = 50
    max_error_rate: Share = 0.02
    review_period_days: Annotated[float, BeforeValidator(no_bool), Field(gt=0, le=3650, allow_inf_nan=False)] = 7.0


class DemotionShape(Shape):
    """`autonomy.demotion`."""

    error_rate_above: Share = 0.05
    min_actions: Annotated[Count, Field(ge=1)] = 20
    policy_violation: Levels = 1
    safety_incident: Levels = 3


class AutonomyShape(Shape):
    """`autonomy`."""

    initial_level: Annotated[int, BeforeValidator(no_bool), Field(ge=0, le=3)] = 3
    promotion: PromotionShape = PromotionShape()
    demotion: DemotionShape = DemotionShape()
    constraints: dict[Word, Any] = Field(default_factory=dict)
    classes: dict[ActionClass, ClassShape] = Field(default_factory=dict)
