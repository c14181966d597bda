"""Approvals always end (R10): what time does to one, on the record, whoever looks first.

Escalated, its item moves up to senior people. At the time-out it is EXPIRED with its item, and its action will not run;
or, where policy says so, it is escalated first, or (T1, T2) approved by nobody. Driven by every read of an approval and
by the sweeper of every replica: of two that move the same one, the second reads what the first wrote.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from outguard.domain.action import ActionRecord, LedgerState
from outguard.domain.audit import EntryDraft, EntryKind
from outguard.domain.review import Approval, ApprovalState, ItemState, ReviewItem
from outguard.errors import VersionConflictError
from outguard.flows.services import Services
from outguard.gate.approvals import approve_unanswered, escalate, expire, is_automatic_due, is_escalation_due
from outguard.ports import Change
from outguard.review.queue import escalate as escalate_item
from outguard.review.queue import expire as expire_item

SYSTEM = "system"
"""The principal of what time does by itself."""
_WAITING = frozenset({ItemState.OPEN, ItemState.CLAIMED})
_LIVE = frozenset({ApprovalState.PENDING, ApprovalState.APPROVED})


async def expire_if_due(services: Services, approval: Approval) -> Approval:
    """`approval` as time leaves it now, on the record; read anew if somebody else changed it meanwhile."""
    now = services.clock.now()
    is_escalating = is_escalation_due(approval, now)
    if not is_escalating and (approval.state not in _LIVE or now < approval.expires_at):
        return approval
    action = await services.store.get_action(approval.tenant, approval.action_id)
    item = await services.store.get_item(approval.tenant, approval.item_id)
    if is_escalating:
        after, change = _escalated(services, approval, action, item, now)
    elif is_automatic_due(approval, now):
        after, change = _approved(approval, action, item, now)
    else:
        after, change = _expired(approval, action, item, now)
    try:
        await services.store.commit(change)
    except VersionConflictError:
        return await services.store.get_approval(approval.tenant, approval.approval_id)
    return after


async def expire_due(services: Services, *, limit: int = 100) -> int:
    """Let time do its work on up to `limit` approvals; how many were looked at."""
    due = await services.store.list_due_approvals(services.clock.now(), limit)
    for approval in due:
        await expire_if_due(services, approval)
    return len(due)


def _escalated(
    services: Services, approval: Approval, action: ActionRecord, item: ReviewItem, now: datetime
) -> tuple[Approval, Change]:
    policy = services.policies.current
    asked = escalate(approval, now)
    items: tuple[ReviewItem, ...] = ()
    if item.state in _WAITING:
        due_at = now + timedelta(seconds=policy.tiers[approval.tier].review_target_s)
        items = (escalate_item(item, queue=policy.review.escalation_queue, due_at=due_at, now=now),)
    entry = _entry(
        EntryKind.APPROVAL_ESCALATED,
        asked,
        action,
        now,
        queue=items[0].queue if items else None,
        expires_at=asked.expires_at,
    )
    return asked, Change(tenant=approval.tenant, entries=(entry,), approvals=(asked,), items=items)


def _approved(approval: Approval, action: ActionRecord, item: ReviewItem, now: datetime) -> tuple[Approval, Change]:
    approved = approve_unanswered(approval, now)
    after = replace(action, state=LedgerState.APPROVED, updated_at=now, version=action.version + 1)
    entry = _entry(EntryKind.APPROVAL_UNANSWERED, approved, action, now, expires_at=approved.expires_at)
    return approved, _change(approved, after, item, entry, now)


def _expired(approval: Approval, action: ActionRecord, item: ReviewItem, now: datetime) -> tuple[Approval, Change]:
    ended = expire(approval, now)
    after = replace(
        action,
        state=LedgerState.DENIED,
        reason="the approval expired",
        updated_at=now,
        version=action.version + 1,
    )
    entry = _entry(EntryKind.APPROVAL_EXPIRED, ended, action, now, was=approval.state)
    return ended, _change(ended, after, item, entry, now)


def _change(approval: Approval, action: ActionRecord, item: ReviewItem, entry: EntryDraft, now: datetime) -> Change:
    return Change(
        tenant=approval.tenant,
        entries=(entry,),
        approvals=(approval,),
        actions=(action,),
        items=(expire_item(item, now=now),) if item.state in _WAITING else (),
    )


def _entry(kind: EntryKind, approval: Approval, action: ActionRecord, now: datetime, **more: Any) -> EntryDraft:
    return EntryDraft(
        kind=kind,
        principal_id=SYSTEM,
        at=now,
        subject_id=approval.action_id,
        policy_snapshot=approval.policy_snapshot,
        agent_build=action.agent_build,
        details={"approval_id": approval.approval_id, "agent": approval.requested_by, **more},
    )
