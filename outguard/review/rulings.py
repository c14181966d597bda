"""What a ruling does to an item, pure.

An item closes at once on reject or deny, and else when `required_rulings` different people, none of them a maker, have
released or approved it as it stands. Nobody rules twice. An escalation is recorded and never counts. An edit makes its
reviewer a maker too (`makers_of`) and voids the releases before it, which spoke of other words; it is enough by itself
only where one ruling is required and a scan has passed the new words.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from types import MappingProxyType

from outguard.domain.action import Tier
from outguard.domain.principal import Principal
from outguard.domain.review import (
    Approval,
    ApprovalState,
    ItemKind,
    ItemState,
    ReviewItem,
    Ruling,
    RulingKind,
)
from outguard.domain.sampling import SECOND_REVIEWS
from outguard.errors import ConflictError, ForbiddenError, InvalidInputError
from outguard.review.queue import check_claim, check_reviewer

_ON_DEEDS = frozenset({RulingKind.APPROVE, RulingKind.DENY, RulingKind.ESCALATE})
ALLOWED: Mapping[ItemKind, frozenset[RulingKind]] = MappingProxyType(
    {
        ItemKind.REPLY: frozenset(
            {RulingKind.RELEASE, RulingKind.EDIT_AND_RELEASE, RulingKind.REJECT, RulingKind.ESCALATE}
        ),
        ItemKind.APPROVAL: _ON_DEEDS,
        ItemKind.TICKET: _ON_DEEDS,
        ItemKind.SAMPLE: _ON_DEEDS,
        ItemKind.ROLL_BACK: _ON_DEEDS,
        ItemKind.PROMOTION: _ON_DEEDS,
    }
)
"""The rulings each kind of item takes."""

_GRANTS = frozenset({RulingKind.RELEASE, RulingKind.APPROVE})
_REFUSALS = frozenset({RulingKind.REJECT, RulingKind.DENY})


def rule(
    item: ReviewItem,
    ruling: Ruling,
    reviewer: Principal,
    token: int,
    *,
    now: datetime,
    edit_passed: bool = False,
) -> ReviewItem:
    """Record the ruling and do what it says; the claim is used up.

    `edit_passed` tells, for edit-and-release, that the edited words were scanned again and may go. Without
    it, or where more than one ruling is required, the item goes back to the queue for somebody else.

    Raises:
        InvalidInputError: if a reject names no defect.
        ForbiddenError: if the ruling names another person or role than the reviewer, or the reviewer may not
            rule.
        MakerIsCheckerError: if the reviewer made the subject or has ruled on this item.
        StaleClaimError: if the claim has run out or is not the last one made.
        ConflictError: if the item is finished, or its kind takes no such ruling.
    """
    if ruling.kind not in ALLOWED[item.kind]:
        raise ConflictError(f"an item of kind {item.kind} takes no ruling {ruling.kind}")
    if ruling.kind is RulingKind.REJECT and ruling.defect is None:
        raise InvalidInputError("a rejected reply needs its defect named", field="defect")
    if ruling.reviewer_id != reviewer.id or ruling.role is not reviewer.role:
        raise ForbiddenError("a ruling must carry the identity and role of the one who gives it")
    check_reviewer(item, reviewer)
    check_claim(item, reviewer, token, now=now)
    is_edit = ruling.kind is RulingKind.EDIT_AND_RELEASE
    ruled = replace(
        item,
        state=ItemState.OPEN,
        claim=None,
        rulings=(*item.rulings, ruling),
        senior_only=item.senior_only or ruling.kind is RulingKind.ESCALATE,
        version=item.version + 1,
    )
    is_enough = (
        (edit_passed and item.required_rulings == 1) if is_edit else _grants(ruled) >= max(1, item.required_rulings)
    )
    if ruling.kind in _REFUSALS or (ruling.kind is not RulingKind.ESCALATE and is_enough):
        return replace(ruled, state=ItemState.CLOSED, closed_at=now)
    return ruled


def is_granted(item: ReviewItem) -> bool:
    """Whether the item was closed by a ruling that lets its subject go."""
    if item.state is not ItemState.CLOSED or not item.rulings:
        return False
    last = item.rulings[-1].kind
    if last is RulingKind.EDIT_AND_RELEASE:
        return item.required_rulings == 1
    return last in _GRANTS and _grants(item) >= max(1, item.required_rulings)


def visible_to(item: ReviewItem, principal: Principal) -> ReviewItem:
    """The item as this principal may see it.

    While an item that takes more than one person (or is T4) waits, a reviewer who has not ruled on it sees
    none of the rulings of others (R28), and of a second look not whose word it is about (R30). Principals who cannot
    rule see all.
    """
    if item.stratum in SECOND_REVIEWS and item.state in {ItemState.OPEN, ItemState.CLAIMED} and principal.is_reviewer:
        return replace(item, maker_id="", stratum="", probability=None)
    is_blind = item.required_rulings > 1 or item.tier is Tier.T4
    is_waiting = item.state in {ItemState.OPEN, ItemState.CLAIMED}
    if is_blind and is_waiting and _could_be_swayed(item.rulings, principal):
        return replace(item, rulings=())
    return item


def approval_visible_to(approval: Approval, principal: Principal) -> Approval:
    """The approval as this principal may see it, by the same rule as `visible_to`."""
    is_blind = approval.required_approvals > 1 or approval.tier is Tier.T4
    is_waiting = approval.state is ApprovalState.PENDING
    if is_blind and is_waiting and _could_be_swayed(approval.rulings, principal):
        return replace(approval, rulings=())
    return approval


def _could_be_swayed(rulings: tuple[Ruling, ...], principal: Principal) -> bool:
    """Whether this is a reviewer who has yet to make up their mind."""
    return principal.is_reviewer and all(ruling.reviewer_id != principal.id for ruling in rulings)


def _grants(item: ReviewItem) -> int:
    """How many releases or approvals of the subject as it stands are on the item."""
    count = 0
    for ruling in item.rulings:
        if ruling.kind is RulingKind.EDIT_AND_RELEASE:
            count = 0
        elif ruling.kind in _GRANTS:
            count += 1
    return count
