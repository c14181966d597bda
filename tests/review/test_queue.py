"""Claims: one holder at a time, fenced, and only by those who could rule."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from fake_review import NOW, person, waiting_item

from outguard.domain.principal import Principal, Role
from outguard.domain.review import ItemState, ReviewItem
from outguard.errors import (
    ConflictError,
    ForbiddenError,
    InvalidInputError,
    MakerIsCheckerError,
    StaleClaimError,
)
from outguard.review.queue import abandon, claim, expire, is_waiting, renew, serves

ANN, BEN = person("ann"), person("ben")
LATER = NOW + timedelta(seconds=61)


def claimed(by: Principal = ANN, item: ReviewItem | None = None) -> ReviewItem:
    return claim(item or waiting_item(), by, now=NOW, lease_s=60)


def test_claim_holds_the_item_for_its_lease() -> None:
    item = claimed()
    assert item.state is ItemState.CLAIMED
    assert item.claim is not None
    assert (item.claim.reviewer_id, item.claim.token) == ("ann", 1)
    assert item.claim.expires_at == NOW + timedelta(seconds=60)
    assert (item.claims_made, item.version) == (1, 2)
    assert not is_waiting(item, now=NOW)


def test_running_claim_keeps_others_out() -> None:
    with pytest.raises(ConflictError):
        claim(claimed(), BEN, now=NOW + timedelta(seconds=59), lease_s=60)


@pytest.mark.parametrize("after_s", [60, 61, 9999])
def test_lapsed_claim_may_be_taken_over_with_a_higher_token(after_s: int) -> None:
    now = NOW + timedelta(seconds=after_s)
    assert is_waiting(claimed(), now=now)
    taken = claim(claimed(), BEN, now=now, lease_s=60)
    assert taken.claim is not None
    assert (taken.claim.reviewer_id, taken.claim.token) == ("ben", 2)


def test_claiming_again_makes_the_own_old_token_stale() -> None:
    again = claim(claimed(), ANN, now=NOW, lease_s=60)
    with pytest.raises(StaleClaimError):
        renew(again, ANN, 1, now=NOW, lease_s=60)
    assert renew(again, ANN, 2, now=NOW, lease_s=60).claims_made == 2


def test_tokens_grow_over_abandoning() -> None:
    free = abandon(claimed(), ANN, 1, now=NOW)
    assert (free.state, free.claim, free.claims_made) == (ItemState.OPEN, None, 1)
    assert is_waiting(free, now=NOW)
    assert claimed(BEN, free).claims_made == 2


def test_renewing_extends_the_same_claim_and_never_shortens_it() -> None:
    renewed = renew(claimed(), ANN, 1, now=NOW + timedelta(seconds=30), lease_s=60)
    assert renewed.claim is not None
    assert (renewed.claim.token, renewed.claim.expires_at) == (1, NOW + timedelta(seconds=90))
    shorter = renew(renewed, ANN, 1, now=NOW, lease_s=1)
    assert shorter.claim is not None
    assert shorter.claim.expires_at == NOW + timedelta(seconds=90)
    assert shorter.version == 4


@pytest.mark.parametrize(("who", "token", "now"), [(ANN, 0, NOW), (ANN, 2, NOW), (BEN, 1, NOW), (ANN, 1, LATER)])
def test_stale_holder_is_recognised(who: Principal, token: int, now: datetime) -> None:
    with pytest.raises(StaleClaimError):
        renew(claimed(), who, token, now=now, lease_s=60)
    with pytest.raises(StaleClaimError):
        abandon(claimed(), who, token, now=now)


def test_unclaimed_item_has_no_holder() -> None:
    with pytest.raises(StaleClaimError):
        renew(waiting_item(), ANN, 0, now=NOW, lease_s=60)


@pytest.mark.parametrize("role", [Role.AGENT, Role.AUDITOR, Role.ADMIN])
def test_only_reviewers_claim(role: Role) -> None:
    with pytest.raises(ForbiddenError):
        claimed(person("ann", role))


def test_reviewer_of_another_tenant_cannot_claim() -> None:
    with pytest.raises(ForbiddenError):
        claimed(replace(ANN, tenant="rival"))


def test_maker_cannot_claim() -> None:
    with pytest.raises(MakerIsCheckerError):
        claimed(person("maker"))


def test_senior_item_needs_a_senior() -> None:
    item = waiting_item(senior_only=True)
    with pytest.raises(ForbiddenError):
        claimed(ANN, item)
    assert claimed(person("sue", Role.SENIOR_REVIEWER), item).claims_made == 1


@pytest.mark.parametrize("state", [ItemState.CLOSED, ItemState.EXPIRED])
def test_finished_item_cannot_be_touched(state: ItemState) -> None:
    item = replace(claimed(), state=state)
    assert not is_waiting(item, now=LATER)
    acts: tuple[Callable[[], object], ...] = (
        lambda: claim(item, ANN, now=NOW, lease_s=60),
        lambda: renew(item, ANN, 1, now=NOW, lease_s=60),
        lambda: abandon(item, ANN, 1, now=NOW),
        lambda: expire(item, now=NOW),
    )
    for act in acts:
        with pytest.raises(ConflictError, match="finished"):
            act()


@pytest.mark.parametrize("lease_s", [0, -1, float("nan"), float("inf"), 86_401])
def test_lease_is_bounded(lease_s: float) -> None:
    with pytest.raises(InvalidInputError):
        claim(waiting_item(), ANN, now=NOW, lease_s=lease_s)


def test_expiring_ends_the_item_and_its_claim() -> None:
    item = expire(claimed(), now=NOW)
    assert (item.state, item.claim, item.closed_at, item.version) == (ItemState.EXPIRED, None, NOW, 3)


def test_reviewer_serves_their_queues_or_the_default_one() -> None:
    item = waiting_item()
    assert serves(item, ANN, default_queue="ops")
    assert not serves(item, ANN, default_queue="finance")
    assert serves(item, replace(ANN, skills=("ops", "x")), default_queue="finance")
    assert not serves(item, replace(ANN, skills=("x",)), default_queue="ops")
