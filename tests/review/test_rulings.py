"""Rulings: enough different people, none of them the maker, and blind where two must sign."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from fake_review import NOW, person, ruling_of, waiting_item
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant
from hypothesis.stateful import rule as step

from outguard.domain.action import Tier
from outguard.domain.principal import Principal, Role
from outguard.domain.review import Approval, ApprovalState, ItemKind, ItemState, ReviewItem, RulingKind
from outguard.errors import (
    ConflictError,
    ForbiddenError,
    InvalidInputError,
    MakerIsCheckerError,
    OutguardError,
    StaleClaimError,
)
from outguard.review.queue import abandon, claim, expire, makers_of, renew
from outguard.review.rulings import approval_visible_to, is_granted, rule, visible_to

ANN, BEN, CAT = person("ann"), person("ben"), person("cat")
SUE = person("sue", Role.SENIOR_REVIEWER)
GRANT = {ItemKind.REPLY: RulingKind.RELEASE, ItemKind.APPROVAL: RulingKind.APPROVE}
REFUSE = {ItemKind.REPLY: RulingKind.REJECT, ItemKind.APPROVAL: RulingKind.DENY}


def says(item: ReviewItem, who: Principal, kind: RulingKind, *, edit_passed: bool = False) -> ReviewItem:
    """Claim and rule."""
    held = claim(item, who, now=NOW, lease_s=60)
    return rule(held, ruling_of(who, kind), who, held.claims_made, now=NOW, edit_passed=edit_passed)


@pytest.mark.parametrize("kind", GRANT)
def test_one_grant_closes_an_item_that_needs_one(kind: ItemKind) -> None:
    item = says(waiting_item(kind), ANN, GRANT[kind])
    assert (item.state, item.closed_at, item.claim) == (ItemState.CLOSED, NOW, None)
    assert (item.version, len(item.rulings)) == (3, 1)
    assert is_granted(item)


@pytest.mark.parametrize("kind", REFUSE)
@pytest.mark.parametrize("required", [1, 2])
def test_one_refusal_closes_at_once(kind: ItemKind, required: int) -> None:
    item = says(waiting_item(kind, required=required), ANN, REFUSE[kind])
    assert item.state is ItemState.CLOSED
    assert not is_granted(item)


def test_refusal_after_a_grant_wins() -> None:
    item = says(waiting_item(ItemKind.APPROVAL, required=2), ANN, RulingKind.APPROVE)
    item = says(item, BEN, RulingKind.DENY)
    assert item.state is ItemState.CLOSED
    assert not is_granted(item)


def test_two_needed_are_two_people() -> None:
    item = says(waiting_item(ItemKind.APPROVAL, required=2), ANN, RulingKind.APPROVE)
    assert (item.state, item.claim, item.closed_at) == (ItemState.OPEN, None, None)
    assert not is_granted(item)
    with pytest.raises(MakerIsCheckerError):
        says(item, ANN, RulingKind.APPROVE)
    item = says(item, BEN, RulingKind.APPROVE)
    assert item.state is ItemState.CLOSED
    assert is_granted(item)


def test_maker_cannot_rule_even_with_a_claim() -> None:
    held = replace(claim(waiting_item(), ANN, now=NOW, lease_s=60), maker_id="ann")
    with pytest.raises(MakerIsCheckerError):
        rule(held, ruling_of(ANN, RulingKind.RELEASE), ANN, 1, now=NOW)


ALL_KINDS = {
    ItemKind.REPLY: {"release", "edit_and_release", "reject", "escalate"},
    ItemKind.APPROVAL: {"approve", "deny", "escalate"},
    ItemKind.TICKET: {"approve", "deny", "escalate"},
    ItemKind.SAMPLE: {"approve", "deny", "escalate"},
    ItemKind.ROLL_BACK: {"approve", "deny", "escalate"},
    ItemKind.PROMOTION: {"approve", "deny", "escalate"},
}


@pytest.mark.parametrize("item_kind", ItemKind)
@pytest.mark.parametrize("kind", RulingKind)
def test_each_kind_of_item_takes_its_rulings_only(item_kind: ItemKind, kind: RulingKind) -> None:
    item = waiting_item(item_kind)
    if kind.value in ALL_KINDS[item_kind]:
        assert says(item, ANN, kind).rulings[0].kind is kind
    else:
        with pytest.raises(ConflictError, match="takes no ruling"):
            says(item, ANN, kind)


def test_rejection_names_its_defect() -> None:
    held = claim(waiting_item(), ANN, now=NOW, lease_s=60)
    with pytest.raises(InvalidInputError):
        rule(held, replace(ruling_of(ANN, RulingKind.REJECT), defect=None), ANN, 1, now=NOW)


def test_nobody_signs_for_another_or_above_their_role() -> None:
    held = claim(waiting_item(), ANN, now=NOW, lease_s=60)
    for ruling in (
        ruling_of(BEN, RulingKind.RELEASE),
        replace(ruling_of(ANN, RulingKind.RELEASE), role=Role.SENIOR_REVIEWER),
    ):
        with pytest.raises(ForbiddenError):
            rule(held, ruling, ANN, 1, now=NOW)


@pytest.mark.parametrize(("who", "token", "after_s"), [(ANN, 0, 0), (ANN, 2, 0), (BEN, 1, 0), (ANN, 1, 60)])
def test_stale_holder_cannot_rule(who: Principal, token: int, after_s: int) -> None:
    held = claim(waiting_item(), ANN, now=NOW, lease_s=60)
    now = NOW + timedelta(seconds=after_s)
    with pytest.raises(StaleClaimError):
        rule(held, ruling_of(who, RulingKind.RELEASE), who, token, now=now)


def test_finished_item_takes_no_ruling() -> None:
    closed = says(waiting_item(), ANN, RulingKind.RELEASE)
    with pytest.raises(ConflictError, match="finished"):
        rule(closed, ruling_of(BEN, RulingKind.REJECT), BEN, 1, now=NOW)


def test_escalating_asks_for_a_senior_and_counts_for_nothing() -> None:
    item = says(waiting_item(), ANN, RulingKind.ESCALATE)
    assert (item.state, item.senior_only, item.claim) == (ItemState.OPEN, True, None)
    assert len(item.rulings) == 1
    with pytest.raises(ForbiddenError):
        says(item, BEN, RulingKind.RELEASE)
    assert is_granted(says(item, SUE, RulingKind.RELEASE))


def test_edit_that_passed_the_scan_is_enough_where_one_is_needed() -> None:
    item = says(waiting_item(), ANN, RulingKind.EDIT_AND_RELEASE, edit_passed=True)
    assert item.state is ItemState.CLOSED
    assert makers_of(item) == {"maker", "ann"}
    assert is_granted(item)


def test_edit_that_did_not_pass_needs_somebody_else() -> None:
    item = says(waiting_item(), ANN, RulingKind.EDIT_AND_RELEASE)
    assert (item.state, item.claim) == (ItemState.OPEN, None)
    assert makers_of(item) == {"maker", "ann"}
    with pytest.raises(MakerIsCheckerError):
        says(item, ANN, RulingKind.RELEASE)
    with pytest.raises(MakerIsCheckerError):
        says(item, person("maker"), RulingKind.RELEASE)
    assert is_granted(says(item, BEN, RulingKind.RELEASE))


def test_edit_voids_releases_of_the_old_words() -> None:
    item = says(waiting_item(required=2), ANN, RulingKind.RELEASE)
    item = says(item, BEN, RulingKind.EDIT_AND_RELEASE, edit_passed=True)
    assert item.state is ItemState.OPEN
    item = says(item, CAT, RulingKind.RELEASE)
    assert item.state is ItemState.OPEN
    assert is_granted(says(item, SUE, RulingKind.RELEASE))


def test_expired_item_is_not_granted() -> None:
    item = says(waiting_item(ItemKind.APPROVAL, required=2), ANN, RulingKind.APPROVE)
    assert not is_granted(expire(item, now=NOW))


def test_item_that_asks_for_no_ruling_still_needs_one() -> None:
    assert not is_granted(replace(waiting_item(required=0), state=ItemState.CLOSED))
    assert not is_granted(says(waiting_item(ItemKind.APPROVAL, required=0), ANN, RulingKind.DENY))


def test_second_signer_sees_nothing_of_the_first_until_ruled() -> None:
    item = says(waiting_item(ItemKind.APPROVAL, required=2), ANN, RulingKind.APPROVE)
    assert visible_to(item, BEN).rulings == ()
    assert visible_to(claim(item, BEN, now=NOW, lease_s=60), BEN).rulings == ()
    assert visible_to(item, ANN) == item
    assert visible_to(item, person("auditor", Role.AUDITOR)) == item
    closed = says(item, BEN, RulingKind.APPROVE)
    assert visible_to(closed, BEN) == visible_to(closed, CAT) == closed


def test_escalated_t4_is_blind_too_but_lesser_items_show_why() -> None:
    for tier, shown in ((Tier.T4, 0), (Tier.T3, 1)):
        item = says(waiting_item(ItemKind.APPROVAL, tier=tier), ANN, RulingKind.ESCALATE)
        assert len(visible_to(item, SUE).rulings) == shown


def test_approval_is_as_blind_as_its_item() -> None:
    approval = Approval(
        approval_id="apr-1",
        tenant="default",
        action_id="act-1",
        digest="sha256:00",
        policy_snapshot="v1:0",
        tier=Tier.T4,
        required_approvals=2,
        state=ApprovalState.PENDING,
        requested_by="maker",
        created_at=NOW,
        expires_at=NOW,
        item_id="item-1",
        rulings=(ruling_of(ANN, RulingKind.APPROVE),),
    )
    assert approval_visible_to(approval, BEN).rulings == ()
    assert approval_visible_to(approval, ANN) == approval
    assert approval_visible_to(approval, person("agent", Role.AGENT)) == approval
    done = replace(approval, state=ApprovalState.APPROVED)
    assert approval_visible_to(done, BEN) == done


PEOPLE = (
    person("maker"),
    ANN,
    BEN,
    CAT,
    SUE,
    person("sam", Role.SENIOR_REVIEWER),
    person("root", Role.ADMIN),
)
people = st.sampled_from(PEOPLE)


class Queue(RuleBasedStateMachine):
    """Any sequence of calls by anybody, with any token, as time goes by."""

    def __init__(self) -> None:
        super().__init__()
        self.now = NOW
        self.item = waiting_item()
        self.edits_passed: list[bool] = []

    @step(kind=st.sampled_from([ItemKind.REPLY, ItemKind.APPROVAL]), required=st.integers(1, 3))
    def start_over(self, kind: ItemKind, required: int) -> None:
        self.item, self.edits_passed = waiting_item(kind, required=required), []

    @step(seconds=st.integers(0, 90))
    def wait(self, seconds: int) -> None:
        self.now += timedelta(seconds=seconds)

    def accept(self, new: ReviewItem) -> None:
        assert new.version == self.item.version + 1
        assert new.claims_made >= self.item.claims_made
        assert new.rulings[: len(self.item.rulings)] == self.item.rulings
        assert self.item.state not in {ItemState.CLOSED, ItemState.EXPIRED}
        self.item = new

    @step(who=people)
    def claim(self, who: Principal) -> None:
        held = self.item.claim
        try:
            new = claim(self.item, who, now=self.now, lease_s=60)
        except OutguardError:
            return
        assert held is None or held.reviewer_id == who.id or held.expires_at <= self.now
        assert new.claims_made == self.item.claims_made + 1
        self.accept(new)

    @step(who=people, back=st.integers(0, 1), act=st.sampled_from([renew, abandon]))
    def keep_or_let_go(self, who: Principal, back: int, act: object) -> None:
        token = self.item.claims_made - back
        try:
            if act is renew:
                self.accept(renew(self.item, who, token, now=self.now, lease_s=60))
            else:
                self.accept(abandon(self.item, who, token, now=self.now))
        except OutguardError:
            pass

    @step(who=people, kind=st.sampled_from(RulingKind), back=st.integers(0, 1), passed=st.booleans())
    def rule(self, who: Principal, kind: RulingKind, back: int, passed: bool) -> None:  # noqa: FBT001
        held, token = self.item.claim, self.item.claims_made - back
        try:
            new = rule(self.item, ruling_of(who, kind), who, token, now=self.now, edit_passed=passed)
        except OutguardError:
            return
        assert held is not None
        assert (held.reviewer_id, held.token) == (who.id, token)
        assert self.now < held.expires_at
        self.edits_passed.append(passed)
        self.accept(new)

    @step(who=people, kind=st.sampled_from(RulingKind), passed=st.booleans())
    def claim_and_rule(self, who: Principal, kind: RulingKind, passed: bool) -> None:  # noqa: FBT001
        self.claim(who)
        self.rule(who, kind, 0, passed)

    @invariant()
    def nobody_rules_twice_nor_on_their_own(self) -> None:
        names = [ruling.reviewer_id for ruling in self.item.rulings]
        assert len(names) == len(set(names))
        assert not {"maker", "root"} & set(names)

    @invariant()
    def granted_items_have_enough_checkers(self) -> None:
        if not is_granted(self.item):
            return
        rulings = self.item.rulings
        if rulings[-1].kind is RulingKind.EDIT_AND_RELEASE:
            assert self.item.required_rulings == 1
            assert self.edits_passed[-1]
            return
        edits = [at for at, one in enumerate(rulings) if one.kind is RulingKind.EDIT_AND_RELEASE]
        since = rulings[edits[-1] + 1 if edits else 0 :]
        checkers = {one.reviewer_id for one in since if one.kind in GRANT.values()}
        assert len(checkers - makers_of(self.item)) >= self.item.required_rulings
        assert not any(one.kind in REFUSE.values() for one in rulings)

    @invariant()
    def after_an_escalation_only_seniors_rule(self) -> None:
        kinds = [ruling.kind for ruling in self.item.rulings]
        if RulingKind.ESCALATE in kinds:
            after = self.item.rulings[kinds.index(RulingKind.ESCALATE) + 1 :]
            assert all(ruling.role is Role.SENIOR_REVIEWER for ruling in after)


TestQueue = Queue.TestCase
TestQueue.settings = settings(max_examples=60, stateful_step_count=30)
