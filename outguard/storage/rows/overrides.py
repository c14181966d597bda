"""Overrides as rows of OVERRIDES."""

from __future__ import annotations

from typing import Any

from outguard.domain.override import Override, OverrideKind
from outguard.domain.review import RulingKind
from outguard.storage.rows.values import Values, micros, moment_of


def override_row(override: Override) -> Values:
    """An override in the order of OVERRIDES."""
    return (
        override.tenant,
        override.override_id,
        override.version,
        override.item_id,
        override.ruling_id,
        override.by,
        override.whom,
        override.rule_id,
        override.new_decision.value,
        override.reason,
        override.kind.value,
        micros(override.at),
    )


def override_of(row: Any) -> Override:
    """The override of a row of OVERRIDES."""
    return Override(
        override_id=row.override_id,
        tenant=row.tenant,
        item_id=row.item_id,
        ruling_id=row.ruling_id,
        by=row.overridden_by,
        whom=row.whom,
        rule_id=row.rule_id,
        new_decision=RulingKind(row.new_decision),
        reason=row.reason,
        kind=OverrideKind(row.kind),
        at=moment_of(row.at),
        version=row.version,
    )
