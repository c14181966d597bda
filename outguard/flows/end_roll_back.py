"""How a roll-back goes on without its asker: a second person rules, a ticket is denied, or nobody answers in time."""

from __future__ import annotations

from outguard.domain.action import Tier
from outguard.domain.audit import EntryDraft, EntryKind
from outguard.domain.principal import Principal
from outguard.domain.review import ItemState, ReviewItem, Ruling, RulingKind
from outguard.domain.roll_back import RollBack, RollBackState
from outguard.errors import ConflictError, OutguardError, VersionConflictError
from outguard.flows.expire_approval import SYSTEM
from outguard.flows.roll_back_record import ended_entry, entry_of, failed_item
from outguard.flows.services import Services
from outguard.gate.roll_back import ask, confirm, lapse, refuse
from outguard.ports import Change
from outguard.review.queue import expire as expire_item

_WAITING = frozenset({ItemState.OPEN, ItemState.CLAIMED})


async def ruled_on(services: Services, item: ReviewItem, ruling: Ruling) -> tuple[RollBack, EntryDraft]:
    """What the second person's ruling makes of the roll-back that waited for them.

    Raises:
        ConflictError: if it no longer waits.
    """
    roll_back = await services.store.find_roll_back(item.tenant, item.subject_id)
    if roll_back is None or roll_back.item_id != item.item_id:
        raise ConflictError("the roll-back waits for nobody")
    record = await services.store.get_action(item.tenant, item.subject_id)
    if ruling.kind is RulingKind.APPROVE:
        terms = services.policies.current.tiers[record.tier]
        agreed = confirm(roll_back, ruling.reviewer_id, terms, now=ruling.at)
        return agreed, entry_of(EntryKind.ROLL_BACK_REQUESTED, agreed, record, ruling.reviewer_id, ruling.at)
    refused = refuse(roll_back, ruling.reviewer_id, now=ruling.at)
    return refused, entry_of(EntryKind.ROLL_BACK_ENDED, refused, record, ruling.reviewer_id, ruling.at)


async def on_denied_ticket(
    services: Services, item: ReviewItem, reviewer: Principal, ruling: Ruling
) -> tuple[RollBack, EntryDraft] | None:
    """One-click reversal: a denied ticket asks for the roll-back where it still may be; None where it may not."""
    record = await services.store.get_action(item.tenant, item.subject_id)
    earlier = await services.store.find_roll_back(item.tenant, item.subject_id)
    terms = services.policies.current.tiers[record.tier]
    if record.tier >= Tier.T3:
        return None
    try:
        asked = ask(record, terms, reviewer, reason=ruling.reason, now=ruling.at, earlier=earlier)
    except OutguardError:
        return None
    return asked, entry_of(EntryKind.ROLL_BACK_REQUESTED, asked, record, reviewer.id, ruling.at)


async def lapse_if_due(services: Services, roll_back: RollBack) -> RollBack:
    """`roll_back`, ended on the record if its time is up; read anew if somebody else changed it meanwhile."""
    now = services.clock.now()
    if not roll_back.state.is_live or now < roll_back.due_at:
        return roll_back
    ended = lapse(roll_back, now=now)
    record = await services.store.get_action(roll_back.tenant, roll_back.action_id)
    words = "the roll-back was not reported in time"
    if ended.state is RollBackState.EXPIRED:
        words = "nobody confirmed the roll-back in time"
    items = [failed_item(services, record, words, now)]
    if ended.state is RollBackState.EXPIRED and roll_back.item_id is not None:
        asked = await services.store.get_item(roll_back.tenant, roll_back.item_id)
        if asked.state in _WAITING:
            items.append(expire_item(asked, now=now))
    entry = ended_entry(ended, record, SYSTEM, now, items[0])
    change = Change(tenant=roll_back.tenant, entries=(entry,), roll_backs=(ended,), items=tuple(items))
    try:
        await services.store.commit(change)
    except VersionConflictError:
        moved = await services.store.find_roll_back(roll_back.tenant, roll_back.action_id)
        return moved or roll_back
    return ended


async def lapse_due(services: Services, *, limit: int = 100) -> int:
    """End up to `limit` roll-backs whose time is up; how many were looked at."""
    due = await services.store.list_due_roll_backs(services.clock.now(), limit)
    for roll_back in due:
        await lapse_if_due(services, roll_back)
    return len(due)
