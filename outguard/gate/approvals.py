"""Who may sign an approval, and what a signed one is good for. Pure: old record in, new record (version + 1) out.

Invariants: nobody signs what they made or asked for; nobody signs twice; APPROVED means that enough different people
said so; an approval is good once, for the very action, policy and agent that it names, until its expiry.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from outguard.domain.action import Tier
from outguard.domain.principal import Role
from outguard.domain.review import Approval, ApprovalState, OnTimeout, Ruling, RulingKind
from outguard.errors import (
    ApprovalMismatchError,
    ConflictError,
    ForbiddenError,
    InvalidInputError,
    MakerIsCheckerError,
)

_SIGNS = frozenset({RulingKind.APPROVE, RulingKind.DENY, RulingKind.ESCALATE})
_REVIEWERS = frozenset({Role.REVIEWER, Role.SENIOR_REVIEWER})
_LIVE = frozenset({ApprovalState.PENDING, ApprovalState.APPROVED})


def sign(approval: Approval, ruling: Ruling, *, maker_id: str, senior_only: bool = False) -> Approval:
    """Add one person's ruling: a denial rejects at once, enough approvals approve, an escalation changes nothing.

    Raises:
        InvalidInputError: the ruling is of a kind that approvals do not take.
        ConflictError: the approval no longer waits, or its time is up.
        MakerIsCheckerError: the person made or asked for the action, or signed before.
        ForbiddenError: the person is no reviewer, or a senior one is wanted.
    """
    if ruling.kind not in _SIGNS:
        raise InvalidInputError("an approval takes approve, deny or escalate", field="kind")
    if approval.state is not ApprovalState.PENDING:
        raise ConflictError(f"the approval is {approval.state}, not PENDING")
    if ruling.at >= approval.expires_at:
        raise ConflictError("the approval's time is up")
    if ruling.role not in _REVIEWERS:
        raise ForbiddenError("only reviewers sign approvals")
    if ruling.reviewer_id in {maker_id, approval.requested_by}:
        raise MakerIsCheckerError("whoever made or asked for an action cannot sign it")
    if any(earlier.reviewer_id == ruling.reviewer_id for earlier in approval.rulings):
        raise MakerIsCheckerError("the same person cannot sign twice")
    if senior_only and ruling.role is not Role.SENIOR_REVIEWER:
        raise ForbiddenError("a senior reviewer is needed")
    state = _state_after(approval, ruling)
    return replace(
        approval,
        state=state,
        rulings=(*approval.rulings, ruling),
        decided_at=None if state is ApprovalState.PENDING else ruling.at,
        version=approval.version + 1,
    )


def consume(approval: Approval, *, digest: str, policy_snapshot: str, agent_id: str, now: datetime) -> Approval:
    """Use an approval up for the action of `digest`.

    Raises:
        ApprovalMismatchError: it is not APPROVED (any more), or was given for another action, policy or agent.
    """
    if approval.state is not ApprovalState.APPROVED:
        raise ApprovalMismatchError(f"the approval is {approval.state}, not APPROVED")
    if now >= approval.expires_at:
        raise ApprovalMismatchError("the approval has expired")
    if approval.digest != digest:
        raise ApprovalMismatchError("the approval is for another action: whatever changed needs a new one")
    if approval.policy_snapshot != policy_snapshot:
        raise ApprovalMismatchError("the policy has changed since the approval was asked for")
    if approval.requested_by != agent_id:
        raise ApprovalMismatchError("the approval was given to another agent")
    if not _is_automatic(approval) and len(_approvers(approval.rulings)) < _needed(approval):
        raise ApprovalMismatchError("the approval lacks a signature")
    return _ended(approval, ApprovalState.CONSUMED, now)


def is_escalation_due(approval: Approval, now: datetime) -> bool:
    """Whether senior people are to be asked now: at its time, or at the time-out where that escalates first."""
    if approval.state is not ApprovalState.PENDING:
        return False
    if now >= approval.expires_at:
        return approval.on_timeout is OnTimeout.ESCALATE
    return approval.escalates_at is not None and now >= approval.escalates_at


def escalate(approval: Approval, now: datetime) -> Approval:
    """Ask senior people. At the time-out they get `extension_s` more, and the next time-out denies: all ends.

    Raises:
        ConflictError: it is not due for that.
    """
    if not is_escalation_due(approval, now):
        raise ConflictError("the approval is not to be escalated now")
    asked = replace(approval, escalates_at=None, version=approval.version + 1)
    if now < approval.expires_at:
        return asked
    more = timedelta(seconds=approval.extension_s)
    return replace(asked, expires_at=now + more, on_timeout=OnTimeout.DENY)


def is_automatic_due(approval: Approval, now: datetime) -> bool:
    """Whether the time-out approves: a T1 or T2 action that policy lets go when nobody says anything."""
    return (
        approval.state is ApprovalState.PENDING
        and approval.on_timeout is OnTimeout.AUTO_APPROVE
        and approval.tier <= Tier.T2
        and now >= approval.expires_at
    )


def approve_unanswered(approval: Approval, now: datetime) -> Approval:
    """Approve by time-out; good for `extension_s`, once, for the same action, like any other.

    Raises:
        ConflictError: it is not due for that, or its tier is above T2.
    """
    if not is_automatic_due(approval, now):
        raise ConflictError("only a T1 or T2 approval whose policy says so is approved by time-out")
    return replace(
        approval,
        state=ApprovalState.APPROVED,
        is_automatic=True,
        decided_at=now,
        expires_at=now + timedelta(seconds=approval.extension_s),
        version=approval.version + 1,
    )


def expire(approval: Approval, now: datetime) -> Approval:
    """End an approval whose time is up; EXPIRED is not REJECTED (R10).

    Raises:
        ConflictError: it has ended already, or its time is not up.
    """
    if approval.state not in _LIVE:
        raise ConflictError(f"the approval is {approval.state} already")
    if now < approval.expires_at:
        raise ConflictError("the approval's time is not up")
    return _ended(approval, ApprovalState.EXPIRED, now)


def cancel(approval: Approval, now: datetime) -> Approval:
    """Withdraw an approval that is not used up.

    Raises:
        ConflictError: it has ended already.
    """
    if approval.state not in _LIVE:
        raise ConflictError(f"the approval is {approval.state} already")
    return _ended(approval, ApprovalState.CANCELLED, now)


def _ended(approval: Approval, state: ApprovalState, now: datetime) -> Approval:
    return replace(approval, state=state, decided_at=approval.decided_at or now, version=approval.version + 1)


def _is_automatic(approval: Approval) -> bool:
    return approval.is_automatic and approval.tier <= Tier.T2


def _needed(approval: Approval) -> int:
    return max(1, approval.required_approvals)


def _approvers(rulings: tuple[Ruling, ...]) -> set[str]:
    return {ruling.reviewer_id for ruling in rulings if ruling.kind is RulingKind.APPROVE}


def _state_after(approval: Approval, ruling: Ruling) -> ApprovalState:
    if ruling.kind is RulingKind.DENY:
        return ApprovalState.REJECTED
    signed = len(_approvers((*approval.rulings, ruling)))
    return ApprovalState.APPROVED if signed >= _needed(approval) else ApprovalState.PENDING
