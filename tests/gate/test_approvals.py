from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from outguard.domain.action import Tier
from outguard.domain.principal import Role
from outguard.domain.review import Approval, ApprovalState, Ruling, RulingKind
from outguard.errors import (
    ApprovalMismatchError,
    ConflictError,
    ForbiddenError,
    InvalidInputError,
    MakerIsCheckerError,
    OutguardError,
)
from outguard.gate.approvals import cancel, consume, expire, sign

NOW = datetime(2026, 11, 21, tzinfo=UTC)
LATER = NOW + timedelta(hours=1)
S = ApprovalState


def approval(needed: int = 1, state: ApprovalState = S.PENDING) -> Approval:
    return Approval(
        approval_id="apr-1",
        tenant="default",
        action_id="act-1",
        digest="sha256:a",
        policy_snapshot="v1:a",
        tier=Tier.T3,
        required_approvals=needed,
        state=state,
        requested_by="agent-1",
        created_at=NOW,
        expires_at=LATER,
        item_id="itm-1",
    )


def ruling(who: str, kind: RulingKind = RulingKind.APPROVE, role: Role = Role.REVIEWER, at: datetime = NOW) -> Ruling:
    return Ruling(ruling_id=f"rul-{who}", reviewer_id=who, role=role, kind=kind, reason="", at=at)


def signed(*people: str, needed: int = 1) -> Approval:
    record = approval(needed)
    for person in people:
        record = sign(record, ruling(person), maker_id="agent-1")
    return record


def use(record: Approval, **changes: object) -> Approval:
    values: dict[str, object] = {"digest": "sha256:a", "policy_snapshot": "v1:a", "agent_id": "agent-1", "now": NOW}
    return consume(record, **values | changes)  # type: ignore[arg-type]


def test_one_approval_is_enough_for_one() -> None:
    record = signed("ann")
    assert (record.state, record.decided_at, record.version) == (S.APPROVED, NOW, 2)


def test_two_approvals_take_two_people() -> None:
    assert signed("ann", needed=2).state is S.PENDING
    assert signed("ann", needed=2).decided_at is None
    assert signed("ann", "bob", needed=2).state is S.APPROVED
    with pytest.raises(MakerIsCheckerError):
        signed("ann", "ann", needed=2)


def test_no_number_of_approvals_below_one_is_enough() -> None:
    assert signed("ann", needed=0).state is S.APPROVED
    with pytest.raises(ApprovalMismatchError, match="lacks"):
        use(approval(0, S.APPROVED))


@pytest.mark.parametrize("who", ["agent-1", "maker"])
def test_whoever_made_or_asked_cannot_sign(who: str) -> None:
    with pytest.raises(MakerIsCheckerError):
        sign(approval(), ruling(who), maker_id="maker")


def test_one_denial_rejects() -> None:
    record = sign(signed("ann", needed=2), ruling("bob", RulingKind.DENY), maker_id="agent-1")
    assert (record.state, record.decided_at) == (S.REJECTED, NOW)


def test_an_escalation_changes_nothing_but_is_a_signature() -> None:
    record = sign(approval(), ruling("ann", RulingKind.ESCALATE), maker_id="agent-1")
    assert record.state is S.PENDING
    with pytest.raises(MakerIsCheckerError):
        sign(record, ruling("ann"), maker_id="agent-1")
    assert sign(record, ruling("bob"), maker_id="agent-1").state is S.APPROVED


@pytest.mark.parametrize("kind", [RulingKind.RELEASE, RulingKind.EDIT_AND_RELEASE, RulingKind.REJECT])
def test_rulings_on_replies_are_none_on_approvals(kind: RulingKind) -> None:
    with pytest.raises(InvalidInputError):
        sign(approval(), ruling("ann", kind), maker_id="agent-1")


@pytest.mark.parametrize("role", [Role.AGENT, Role.ADMIN, Role.AUDITOR])
def test_only_reviewers_sign(role: Role) -> None:
    with pytest.raises(ForbiddenError):
        sign(approval(), ruling("ann", role=role), maker_id="agent-1")


def test_a_senior_approval_takes_a_senior_reviewer() -> None:
    with pytest.raises(ForbiddenError):
        sign(approval(), ruling("ann"), maker_id="agent-1", senior_only=True)
    senior = ruling("ann", role=Role.SENIOR_REVIEWER)
    assert sign(approval(), senior, maker_id="agent-1", senior_only=True).state is S.APPROVED


@pytest.mark.parametrize("state", [state for state in S if state is not S.PENDING])
def test_only_a_pending_approval_is_signed(state: ApprovalState) -> None:
    with pytest.raises(ConflictError):
        sign(approval(state=state), ruling("ann"), maker_id="agent-1")


def test_too_late_is_too_late_to_sign() -> None:
    with pytest.raises(ConflictError):
        sign(approval(), ruling("ann", at=LATER), maker_id="agent-1")


def test_an_approval_is_used_once() -> None:
    record = use(signed("ann"))
    assert record.state is S.CONSUMED
    assert record.version == 3
    with pytest.raises(ApprovalMismatchError):
        use(record)


@pytest.mark.parametrize(
    "changes",
    [{"digest": "sha256:b"}, {"policy_snapshot": "v1:b"}, {"agent_id": "agent-2"}, {"now": LATER}],
)
def test_an_approval_is_good_for_the_very_action_policy_agent_and_time(changes: dict[str, object]) -> None:
    with pytest.raises(ApprovalMismatchError):
        use(signed("ann"), **changes)


@pytest.mark.parametrize("state", [state for state in S if state is not S.APPROVED])
def test_what_is_not_approved_cannot_be_used(state: ApprovalState) -> None:
    with pytest.raises(ApprovalMismatchError):
        use(replace(signed("ann"), state=state))


def test_a_forged_state_without_signatures_is_worth_nothing() -> None:
    with pytest.raises(ApprovalMismatchError, match="lacks"):
        use(replace(signed("ann"), required_approvals=2))


@pytest.mark.parametrize("state", list(S))
def test_only_what_lives_expires_or_is_withdrawn(state: ApprovalState) -> None:
    record = approval(state=state)
    if state in {S.PENDING, S.APPROVED}:
        assert expire(record, LATER).state is S.EXPIRED
        assert cancel(record, NOW).state is S.CANCELLED
        return
    with pytest.raises(ConflictError):
        expire(record, LATER)
    with pytest.raises(ConflictError):
        cancel(record, NOW)


def test_nothing_expires_before_its_time() -> None:
    with pytest.raises(ConflictError):
        expire(approval(), NOW)


STEPS = st.lists(
    st.tuples(st.sampled_from(["sign", "use", "expire", "cancel"]), st.sampled_from(["agent-1", "ann", "bob", "cy"])),
    max_size=12,
)


@given(STEPS, st.integers(1, 2))
def test_no_sequence_uses_an_approval_twice_or_unsigned(steps: list[tuple[str, str]], needed: int) -> None:
    record, used = approval(needed), 0
    for step, who in steps:
        before = record
        try:
            if step == "sign":
                record = sign(record, ruling(who), maker_id="agent-1")
            elif step == "use":
                record = use(record)
                used += 1
                people = {each.reviewer_id for each in before.rulings}
                assert len(people) >= needed
                assert "agent-1" not in people
            else:
                record = cancel(record, NOW) if step == "cancel" else expire(record, LATER)
        except OutguardError:
            assert record == before
        else:
            assert record.version == before.version + 1
    assert used <= 1
