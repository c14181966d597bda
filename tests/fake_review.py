"""People and items for tests of the queue."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from outguard.domain.action import Tier
from outguard.domain.principal import Principal, Role
from outguard.domain.review import Defect, ItemKind, ItemState, ReviewItem, Ruling, RulingKind

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


def person(name: str, role: Role = Role.REVIEWER) -> Principal:
    return Principal(id=name, role=role, tenant="default")


def waiting_item(
    kind: ItemKind = ItemKind.REPLY, *, required: int = 1, senior_only: bool = False, tier: Tier | None = None
) -> ReviewItem:
    """An open item that `maker` made."""
    return ReviewItem(
        item_id="item-1",
        tenant="default",
        kind=kind,
        state=ItemState.OPEN,
        subject_id="subject-1",
        conversation_id="conversation-1",
        queue="ops",
        tier=tier,
        rule_id="rule-1",
        reason="held",
        maker_id="maker",
        required_rulings=required,
        created_at=NOW,
        due_at=NOW + timedelta(minutes=15),
        senior_only=senior_only,
    )


def ruling_of(who: Principal, kind: RulingKind, at: datetime = NOW) -> Ruling:
    """What `who` says; a reject names a defect."""
    return Ruling(
        ruling_id=f"rul-{who.id}-{kind}",
        reviewer_id=who.id,
        role=who.role,
        kind=kind,
        reason="because",
        at=at,
        defect=Defect.OTHER if kind is RulingKind.REJECT else None,
    )
