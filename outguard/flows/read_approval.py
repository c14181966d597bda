"""What became of an approval: read it, or wait for people to decide."""

from __future__ import annotations

from outguard.domain.action import Action
from outguard.domain.principal import Principal, Role
from outguard.domain.review import Approval, ApprovalState
from outguard.errors import NotFoundError
from outguard.flows.expire_approval import expire_if_due
from outguard.flows.roll_back_record import open_action
from outguard.flows.services import Services


async def get_approval(services: Services, principal: Principal, *, approval_id: str) -> Approval:
    """The approval as it stands now.

    Raises:
        NotFoundError: if there is none, or another agent asked for it.
    """
    approval = await services.store.get_approval(principal.tenant, approval_id)
    if principal.role is Role.AGENT and approval.requested_by != principal.id:
        raise NotFoundError("no such approval", field="approval_id")
    return await expire_if_due(services, approval)


async def wait_approval(services: Services, principal: Principal, *, approval_id: str, timeout_s: float) -> Approval:
    """As `get_approval`, but while it is PENDING waits up to `timeout_s` (bounded) for a decision."""
    deadline = services.clock.monotonic() + min(timeout_s, services.limits.max_wait_s)
    approval = await get_approval(services, principal, approval_id=approval_id)
    while approval.state is ApprovalState.PENDING:
        left = deadline - services.clock.monotonic()
        if left <= 0:
            break
        until_expiry = (approval.expires_at - services.clock.now()).total_seconds()
        await services.store.wait_for_change(
            principal.tenant,
            approval_id,
            version=approval.version,
            timeout_s=max(0.0, min(left, until_expiry)),
        )
        approval = await get_approval(services, principal, approval_id=approval_id)
    return approval


async def resume_from(services: Services, principal: Principal, approval: Approval) -> Action | None:
    """What the asking agent needs to go on, also after a restart: the literal action with its `resume_state` (R11).

    None for anybody else: what people see of an action they read through its item, on the record.
    """
    if principal.role is not Role.AGENT or approval.requested_by != principal.id:
        return None
    return open_action(services, await services.store.get_action(approval.tenant, approval.action_id))
