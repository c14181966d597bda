"""Who may undo what, and until when (R2). Pure: old record in, new record (version + 1) out.

Invariants: only what ran is undone; T1 and T2 within their window, by their agent or a reviewer; T3 by a person; T4 by
two different people. A roll-back always ends.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from outguard.domain.action import ActionRecord, LedgerState, Tier
from outguard.domain.policy import TierPolicy
from outguard.domain.principal import Principal, Role
from outguard.domain.roll_back import RollBack, RollBackState
from outguard.errors import ConflictError, ForbiddenError, MakerIsCheckerError


def window_end(action: ActionRecord, terms: TierPolicy) -> datetime | None:
    """Until when an executed action may be rolled back; None: for as long as people want to (T3, T4).

    What ran is not written again but by its roll-back, so `updated_at` is when it ran.
    """
    if not terms.rollback_window_s and action.tier >= Tier.T3:
        return None
    return action.updated_at + timedelta(seconds=terms.rollback_window_s)


def ask(
    action: ActionRecord,
    terms: TierPolicy,
    principal: Principal,
    *,
    reason: str,
    now: datetime,
    earlier: RollBack | None = None,
    item_id: str | None = None,
) -> RollBack:
    """Ask for the roll-back of `action`; a T4 one waits for a second person, whom `item_id` asks.

    Raises:
        ConflictError: if the action did not run (or is undone), its window is over, or a roll-back goes on already.
        ForbiddenError: if the principal may not: an agent above T2, a person where a senior one is wanted.
    """
    if action.state is not LedgerState.EXECUTED:
        raise ConflictError(f"the action is {action.state}; only one that ran can be rolled back")
    if earlier is not None and earlier.state.is_live:
        raise ConflictError("this action's roll-back is under way")
    _check_may(action, terms, principal)
    end = window_end(action, terms)
    if end is not None and now > end:
        raise ConflictError("the roll-back window is over; a person must settle it another way")
    waits = action.tier is Tier.T4
    limit_s = terms.approval_timeout_s if waits else terms.rollback_timeout_s
    return RollBack(
        action_id=action.action_id,
        tenant=action.tenant,
        agent_id=action.agent_id,
        tier=action.tier,
        state=RollBackState.WAITING if waits else RollBackState.REQUESTED,
        requested_by=principal.id,
        reason=reason,
        requested_at=now,
        due_at=now + timedelta(seconds=limit_s),
        item_id=item_id,
        attempts=1 if earlier is None else earlier.attempts + 1,
        version=1 if earlier is None else earlier.version + 1,
    )


def _check_may(action: ActionRecord, terms: TierPolicy, principal: Principal) -> None:
    if principal.role is Role.AGENT:
        if principal.id != action.agent_id or action.tier >= Tier.T3:
            raise ForbiddenError("a person must ask for this roll-back")
    elif not principal.is_reviewer:
        raise ForbiddenError("only the agent or a reviewer asks for a roll-back")
    elif terms.senior_only and principal.role is not Role.SENIOR_REVIEWER:
        raise ForbiddenError("a senior reviewer must ask for this roll-back")


def confirm(roll_back: RollBack, person_id: str, terms: TierPolicy, *, now: datetime) -> RollBack:
    """The second person agrees: the agent's runtime must undo it now.

    Raises:
        ConflictError: if it waits for nobody (any more).
        MakerIsCheckerError: if the person asked for it.
    """
    _check_second(roll_back, person_id, now)
    return replace(
        roll_back,
        state=RollBackState.REQUESTED,
        confirmed_by=person_id,
        due_at=now + timedelta(seconds=terms.rollback_timeout_s),
        version=roll_back.version + 1,
    )


def refuse(roll_back: RollBack, person_id: str, *, now: datetime) -> RollBack:
    """The second person says no (errors as `confirm`)."""
    _check_second(roll_back, person_id, now)
    return _ended(roll_back, RollBackState.REFUSED, now)


def finish(roll_back: RollBack, *, done: bool, now: datetime) -> RollBack:
    """What the agent's runtime made of it.

    Raises:
        ConflictError: if it is not REQUESTED.
    """
    if roll_back.state is not RollBackState.REQUESTED:
        raise ConflictError(f"the roll-back is {roll_back.state}, not REQUESTED")
    return _ended(roll_back, RollBackState.DONE if done else RollBackState.FAILED, now)


def lapse(roll_back: RollBack, *, now: datetime) -> RollBack:
    """End a roll-back that nobody answered in time: EXPIRED without a second person, FAILED without the runtime.

    Raises:
        ConflictError: if it has ended, or its time is not up.
    """
    if not roll_back.state.is_live or now < roll_back.due_at:
        raise ConflictError("the roll-back has ended or its time is not up")
    waited = roll_back.state is RollBackState.WAITING
    return _ended(roll_back, RollBackState.EXPIRED if waited else RollBackState.FAILED, now)


def _check_second(roll_back: RollBack, person_id: str, now: datetime) -> None:
    if roll_back.state is not RollBackState.WAITING or now >= roll_back.due_at:
        raise ConflictError("the roll-back waits for nobody")
    if person_id == roll_back.requested_by:
        raise MakerIsCheckerError("whoever asked for a roll-back cannot be its second person")


def _ended(roll_back: RollBack, state: RollBackState, now: datetime) -> RollBack:
    return replace(roll_back, state=state, ended_at=now, version=roll_back.version + 1)
