"""What became of a reply: read it, or wait for a person to rule on it."""

from __future__ import annotations

from outguard.domain.audit import EntryDraft, EntryKind
from outguard.domain.principal import Principal, Role
from outguard.domain.reply import ReplyRecord, ReplyState
from outguard.errors import NotFoundError
from outguard.flows.evaluate_reply import ReplyAnswer, open_answer
from outguard.flows.services import Services
from outguard.ports import Change


async def get_reply(services: Services, principal: Principal, *, reply_id: str) -> ReplyAnswer:
    """The reply as it stands; words are included only where they may be sent, and handing them out is on the record.

    Raises:
        NotFoundError: if there is none, or another agent made it.
        PausedError: if the service alone let the words go, and automation is paused now.
    """
    return await _answer(services, principal, await _own(services, principal, reply_id))


async def wait_reply(services: Services, principal: Principal, *, reply_id: str, timeout_s: float) -> ReplyAnswer:
    """As `get_reply`, but while the reply is held waits up to `timeout_s` (bounded) for a ruling."""
    record = await _own(services, principal, reply_id)
    deadline = services.clock.monotonic() + min(timeout_s, services.limits.max_wait_s)
    while record.state is ReplyState.HELD:
        left = deadline - services.clock.monotonic()
        if left <= 0:
            break
        await services.store.wait_for_change(principal.tenant, reply_id, version=record.version, timeout_s=left)
        record = await _own(services, principal, reply_id)
    return await _answer(services, principal, record)


async def _own(services: Services, principal: Principal, reply_id: str) -> ReplyRecord:
    record = await services.store.get_reply(principal.tenant, reply_id)
    if principal.role is Role.AGENT and record.agent_id != principal.id:
        raise NotFoundError("no such reply", field="reply_id")
    return record


async def _answer(services: Services, principal: Principal, record: ReplyRecord) -> ReplyAnswer:
    answer = await open_answer(services, record)
    if answer.content is not None:
        entry = EntryDraft(
            kind=EntryKind.REPLY_DELIVERED,
            principal_id=principal.id,
            at=services.clock.now(),
            subject_id=record.reply_id,
            policy_snapshot=record.policy_snapshot,
            agent_build=record.agent_build,
            details={"delivered_mac": record.delivered_mac, "state": record.state},
        )
        await services.store.commit(Change(tenant=record.tenant, entries=(entry,)))
    return answer
