"""Who holds an item: claims with a lease and a fencing token, pure.

Every claim hands out a token one higher than the last, also to the same person; a call with any but the last
token, or after the lease, is stale. A lapsed claim binds nobody. Nobody claims what they could not rule on.
Each function returns the new item with `version` one higher.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from outguard.domain.principal import Principal, Role
from outguard.domain.review import Claim, ItemState, ReviewItem, RulingKind
from outguard.errors import (
    ConflictError,
    ForbiddenError,
    InvalidInputError,
    MakerIsCheckerError,
    StaleClaimError,
)

MAX_LEASE_S = 24 * 3600.0
ESCALATED = 10
"""How much priority an escalation adds: more than any tier has."""
_DONE = frozenset({ItemState.CLOSED, ItemState.EXPIRED})


def is_waiting(item: ReviewItem, *, now: datetime) -> bool:
    """Whether the item can be claimed by a qualified person now: open, or claimed with a lapsed lease."""
    return item.state is ItemState.OPEN or (item.state is ItemState.CLAIMED and not _is_held(item, now))


def serves(item: ReviewItem, reviewer: Principal, *, default_queue: str) -> bool:
    """Whether the item's queue is one of the reviewer's (the default queue only, for one without skills)."""
    return item.queue in (reviewer.skills or (default_queue,))


def claim(item: ReviewItem, reviewer: Principal, *, now: datetime, lease_s: float) -> ReviewItem:
    """Give the reviewer a new lease; their own running claim is replaced by the new one.

    Raises:
        ForbiddenError: if the principal is no reviewer of this tenant, or the item needs a senior one.
        MakerIsCheckerError: if the reviewer made the subject or has ruled on this item.
        ConflictError: if the item is finished or another reviewer's lease runs.
    """
    check_reviewer(item, reviewer)
    holder = item.claim
    if holder is not None and holder.reviewer_id != reviewer.id and _is_held(item, now):
        raise ConflictError("another reviewer holds this item; try again when the lease has run out")
    token = item.claims_made + 1
    return replace(
        item,
        state=ItemState.CLAIMED,
        claim=Claim(reviewer_id=reviewer.id, token=token, expires_at=_lease_end(now, lease_s)),
        claims_made=token,
        version=item.version + 1,
    )


def renew(item: ReviewItem, reviewer: Principal, token: int, *, now: datetime, lease_s: float) -> ReviewItem:
    """Extend a running claim to `lease_s` from now, with the same token; a lease never gets shorter.

    Raises:
        StaleClaimError: if the claim has run out or is not the last one made.
        ConflictError, ForbiddenError, MakerIsCheckerError: as `claim`.
    """
    check_reviewer(item, reviewer)
    held = check_claim(item, reviewer, token, now=now)
    extended = replace(held, expires_at=max(held.expires_at, _lease_end(now, lease_s)))
    return replace(item, claim=extended, version=item.version + 1)


def abandon(item: ReviewItem, reviewer: Principal, token: int, *, now: datetime) -> ReviewItem:
    """Give the item back to the queue.

    Raises:
        StaleClaimError: if the claim has run out or is not the last one made.
        ConflictError: if the item is finished.
    """
    check_open(item)
    check_claim(item, reviewer, token, now=now)
    return replace(item, state=ItemState.OPEN, claim=None, version=item.version + 1)


def expire(item: ReviewItem, *, now: datetime) -> ReviewItem:
    """End an unfinished item without a ruling: its time is over or its subject was cancelled.

    Raises:
        ConflictError: if the item is finished.
    """
    check_open(item)
    return replace(item, state=ItemState.EXPIRED, claim=None, closed_at=now, version=item.version + 1)


def escalate(item: ReviewItem, *, queue: str, due_at: datetime, now: datetime) -> ReviewItem:
    """Move an unfinished item up: to `queue` (where named), before others of its kind, due anew.

    Whoever holds it may go on; where nobody does, a senior reviewer is needed from now on.

    Raises:
        ConflictError: if the item is finished.
    """
    check_open(item)
    return replace(
        item,
        queue=queue or item.queue,
        priority=item.priority + ESCALATED,
        senior_only=item.senior_only or not _is_held(item, now),
        due_at=due_at,
        version=item.version + 1,
    )


def makers_of(item: ReviewItem) -> frozenset[str]:
    """Whoever made the subject as it stands: its first maker and all who have edited it (R20)."""
    edits = (ruling for ruling in item.rulings if ruling.kind is RulingKind.EDIT_AND_RELEASE)
    return frozenset({item.maker_id, *(edit.reviewer_id for edit in edits)})


def check_open(item: ReviewItem) -> None:
    """Raise ConflictError if the item is finished."""
    if item.state in _DONE:
        raise ConflictError("this item is finished")


def check_reviewer(item: ReviewItem, reviewer: Principal) -> None:
    """Raise unless this principal is one who could rule on this item (see `claim` for the errors)."""
    if not reviewer.is_reviewer or reviewer.tenant != item.tenant:
        raise ForbiddenError("only a reviewer of this tenant may do this")
    check_open(item)
    if reviewer.id in makers_of(item):
        raise MakerIsCheckerError("who made the subject of an item may not review it")
    if any(ruling.reviewer_id == reviewer.id for ruling in item.rulings):
        raise MakerIsCheckerError("nobody rules twice on the same item")
    if item.senior_only and reviewer.role is not Role.SENIOR_REVIEWER:
        raise ForbiddenError("this item needs a senior reviewer")


def check_claim(item: ReviewItem, reviewer: Principal, token: int, *, now: datetime) -> Claim:
    """The running claim, if it is this reviewer's with this token; raises StaleClaimError otherwise."""
    held = item.claim
    is_theirs = held is not None and held.reviewer_id == reviewer.id and held.token == token
    if held is None or not is_theirs or not _is_held(item, now):
        raise StaleClaimError("the claim has run out or was taken over; claim the item again")
    return held


def _is_held(item: ReviewItem, now: datetime) -> bool:
    return item.claim is not None and now < item.claim.expires_at


def _lease_end(now: datetime, lease_s: float) -> datetime:
    if not 0 < lease_s <= MAX_LEASE_S:
        raise InvalidInputError("a lease lasts more than 0 seconds and at most a day", field="lease_s")
    return now + timedelta(seconds=lease_s)
