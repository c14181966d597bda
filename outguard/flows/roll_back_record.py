"""What a roll-back leaves behind: entries, items, sealed words; for the flows that ask for, rule on and end one."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from outguard.domain.action import Action, ActionRecord
from outguard.domain.audit import EntryDraft, EntryKind
from outguard.domain.policy import Policy
from outguard.domain.principal import Principal
from outguard.domain.review import ItemKind, ItemState, ReviewItem
from outguard.domain.roll_back import HIGHEST_PRIORITY, RollBack
from outguard.flows.content_codec import action_from_plain, decode, encode
from outguard.flows.services import Services

_NOTES = ("outcome_detail", "roll_back_detail", "explanation")
"""What is sealed beside an action without being part of it."""


def open_action(services: Services, record: ActionRecord) -> Action:
    """The literal action of a record."""
    value = decode(services.sealer.open(record.sealed, tenant=record.tenant, subject_id=record.action_id))
    return action_from_plain({key: one for key, one in value.items() if key not in _NOTES})


def failed_item(services: Services, record: ActionRecord, words: str, now: datetime) -> ReviewItem:
    """The item that nothing comes before: something ran that should not stand, and nobody has undone it."""
    policy = services.policies.current
    return ReviewItem(
        item_id=services.ids.new("itm"),
        tenant=record.tenant,
        kind=ItemKind.TICKET,
        state=ItemState.OPEN,
        subject_id=record.action_id,
        conversation_id=record.conversation_id,
        queue=policy.tiers[record.tier].queue or policy.review.queue_for(record.topic),
        tier=record.tier,
        rule_id="gate.roll_back",
        reason=f"{words}; settle it by hand",
        maker_id=record.agent_id,
        required_rulings=1,
        created_at=now,
        due_at=now,
        priority=HIGHEST_PRIORITY,
    )


def entry_of(
    kind: EntryKind, roll_back: RollBack, record: ActionRecord, principal_id: str, now: datetime, **more: Any
) -> EntryDraft:
    """An entry about a roll-back; the reason given stays with the record, for it may name people."""
    return EntryDraft(
        kind=kind,
        principal_id=principal_id,
        at=now,
        subject_id=roll_back.action_id,
        policy_snapshot=record.policy_snapshot,
        agent_build=record.agent_build,
        details={
            "state": roll_back.state,
            "tier": roll_back.tier.name,
            "topic": record.topic,
            "requested_by": roll_back.requested_by,
            "confirmed_by": roll_back.confirmed_by,
            "attempts": roll_back.attempts,
            "item_id": roll_back.item_id,
            **more,
        },
    )


def ended_entry(
    ended: RollBack, record: ActionRecord, principal_id: str, now: datetime, item: ReviewItem | None
) -> EntryDraft:
    """An entry about a roll-back that has ended, and the item it left behind."""
    opened = None if item is None else item.item_id
    return entry_of(EntryKind.ROLL_BACK_ENDED, ended, record, principal_id, now, opened_item_id=opened)


def second_person_item(
    services: Services, policy: Policy, record: ActionRecord, principal: Principal, now: datetime
) -> ReviewItem:
    """What asks the second person."""
    terms = policy.tiers[record.tier]
    return ReviewItem(
        item_id=services.ids.new("itm"),
        tenant=record.tenant,
        kind=ItemKind.ROLL_BACK,
        state=ItemState.OPEN,
        subject_id=record.action_id,
        conversation_id=record.conversation_id,
        queue=terms.queue or policy.review.queue_for(record.topic),
        tier=record.tier,
        rule_id=record.rule_id,
        reason="a second person must agree to undo this",
        maker_id=principal.id,
        required_rulings=1,
        created_at=now,
        due_at=now + timedelta(seconds=terms.review_target_s),
        priority=int(record.tier),
        senior_only=terms.senior_only,
    )


def with_detail(services: Services, record: ActionRecord, detail: str) -> ActionRecord:
    """The record with the runtime's words sealed beside the action."""
    if not detail:
        return record
    value = decode(services.sealer.open(record.sealed, tenant=record.tenant, subject_id=record.action_id))
    sealed = services.sealer.seal(
        encode({**value, "roll_back_detail": detail}), tenant=record.tenant, subject_id=record.action_id
    )
    return replace(record, sealed=sealed.blob)
