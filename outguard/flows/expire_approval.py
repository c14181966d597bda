"""Approvals always end (R10): past its expiry an approval is EXPIRED, its item too, and its action will not run."""

from __future__ import annotations

from dataclasses import replace

from outguard.domain.action import LedgerState
from outguard.domain.audit import EntryDraft, EntryKind
from outguard.domain.review import Approval, ApprovalState, ItemState
from outguard.errors import VersionConflictError
from outguard.flows.services import Services
from outguard.gate.approvals import expire
from outguard.ports import Change
from outguard.review.queue import expire as expire_item

SYSTEM = "system"
"""The principal of what time does by itself."""


async def expire_if_due(services: Services, approval: Approval) -> Approval:
    """`approval`, expired on the record if its time is up; read anew if somebody else changed it meanwhile."""
    now = services.clock.now()
    if approval.state not in {ApprovalState.PENDING, ApprovalState.APPROVED} or now < approval.expires_at:
        return approval
    ended = expire(approval, now)
    action = await services.store.get_action(approval.tenant, approval.action_id)
    item = await services.store.get_item(approval.tenant, approval.item_id)
    waits = item.state in {ItemState.OPEN, ItemState.CLAIMED}
    entry = EntryDraft(
        kind=EntryKind.APPROVAL_EXPIRED,
        principal_id=SYSTEM,
        at=now,
        subject_id=approval.action_id,
        policy_snapshot=approval.policy_snapshot,
        agent_build=action.agent_build,
        details={"approval_id": approval.approval_id, "was": approval.state},
    )
    change = Change(
        tenant=approval.tenant,
        entries=(entry,),
        approvals=(ended,),
        actions=(
            replace(
                action,
                state=LedgerState.DENIED,
                reason="the approval expired",
                updated_at=now,
                version=action.version + 1,
            ),
        ),
        items=(expire_item(item, now=now),) if waits else (),
    )
    try:
        await services.store.commit(change)
    except VersionConflictError:
        return await services.store.get_approval(approval.tenant, approval.approval_id)
    return ended


async def expire_due(services: Services, *, limit: int = 100) -> int:
    """Expire up to `limit` approvals whose time is up; how many were looked at."""
    due = await services.store.list_due_approvals(services.clock.now(), limit)
    for approval in due:
        await expire_if_due(services, approval)
    return len(due)
