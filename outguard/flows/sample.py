"""Looking afterwards at some of what ran unseen (R13), and blindly at some of what one reviewer let go (R30)."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from outguard.domain.action import Action, ActionRecord
from outguard.domain.autonomy import ActionClass
from outguard.domain.policy import Policy
from outguard.domain.review import ItemKind, ItemState, ReviewItem, Ruling, RulingKind
from outguard.domain.sampling import SECOND_ACTION, SECOND_REPLY, Case, Estimate, Stratum
from outguard.flows.services import Services
from outguard.gate.sampling import estimate, is_drawn, stratum_of
from outguard.ports import Recall

_INFINITE = Decimal("Infinity")
_GRANTS = frozenset({RulingKind.APPROVE, RulingKind.RELEASE})
_PAGE = 500


@dataclass(frozen=True, kw_only=True, slots=True)
class Drawn:
    """What the draw said of an action: for the record, and the item where a person is to look."""

    details: dict[str, Any]
    item: ReviewItem | None = None


async def draw(services: Services, record: ActionRecord, action: Action, *, now: datetime) -> Drawn:
    """Whether a person looks at an action that is being reported as run.

    What people have seen or will see anyway (it was approved, it has a ticket) is drawn only where it must be, and a
    ticket is look enough. The number comes of a keyed hash of the action's id: no agent can foresee it, and every
    replica draws the same.
    """
    policy = services.policies.current
    has_ticket = record.approval_id is None and policy.tiers[record.tier].opens_ticket
    stratum = await _stratum(services, policy, record, action, now)
    is_seen = record.approval_id is not None or has_ticket
    probability = policy.sampling.probability_of(stratum)
    if is_seen and stratum is not Stratum.MANDATORY:
        return Drawn(details={"stratum": "seen", "probability": 0.0, "drawn": False})
    number = services.lottery.draw(record.tenant, record.action_id, "sample")
    drawn = is_drawn(policy.sampling, stratum, number) and not has_ticket
    details = {"stratum": stratum, "probability": probability, "drawn": drawn}
    if not drawn:
        return Drawn(details=details)
    item = ReviewItem(
        item_id=services.ids.new("itm"),
        tenant=record.tenant,
        kind=ItemKind.SAMPLE,
        state=ItemState.OPEN,
        subject_id=record.action_id,
        conversation_id=record.conversation_id,
        queue=policy.review.queue_for(record.topic, action.risk_tags),
        tier=record.tier,
        rule_id="gate.sampling",
        reason="had to be looked at" if stratum is Stratum.MANDATORY else "drawn for a look afterwards",
        maker_id=record.agent_id,
        required_rulings=1,
        created_at=now,
        due_at=now + timedelta(seconds=policy.sampling.review_target_s),
        probability=probability,
        stratum=stratum.value,
    )
    return Drawn(details={**details, "item_id": item.item_id}, item=item)


async def _stratum(services: Services, policy: Policy, record: ActionRecord, action: Action, now: datetime) -> Stratum:
    classes = policy.autonomy.classes_of(record.topic, action.risk_tags)
    if policy.is_read(record.topic):
        classes |= {ActionClass.READ}
    amount_usd = None
    if record.amount is not None:
        rate = policy.exchange_rates_usd.get(record.amount.currency)
        amount_usd = _INFINITE if rate is None else record.amount.amount * rate
    is_first = action.first_time_action
    if policy.sampling.first_time_action and not is_first and ActionClass.READ not in classes:
        asked = Recall(agent_id=record.agent_id, conversation_id=record.conversation_id, topic=record.topic, since=now)
        is_first = not (await services.store.recall(record.tenant, asked)).did_before
    return stratum_of(
        policy.sampling, classes, amount_usd=amount_usd, affected_users=action.affected_users, is_first=is_first
    )


def second_look(services: Services, item: ReviewItem, ruling: Ruling) -> ReviewItem | None:
    """A blind second look at what one reviewer alone let go, or None where it is not drawn."""
    policy = services.policies.current
    rate = policy.review.fatigue.sampled_second_review_rate
    is_alone = item.state is ItemState.CLOSED and ruling.kind in _GRANTS and item.required_rulings == 1
    if not is_alone or item.kind not in {ItemKind.REPLY, ItemKind.APPROVAL}:
        return None
    if services.lottery.draw(item.tenant, item.item_id, "second_review") >= rate:
        return None
    return ReviewItem(
        item_id=services.ids.new("itm"),
        tenant=item.tenant,
        kind=ItemKind.SAMPLE,
        state=ItemState.OPEN,
        subject_id=item.subject_id,
        conversation_id=item.conversation_id,
        queue=item.queue,
        tier=item.tier,
        rule_id=item.rule_id,
        reason=item.reason,
        maker_id=ruling.reviewer_id,
        required_rulings=1,
        created_at=ruling.at,
        due_at=ruling.at + timedelta(seconds=policy.sampling.review_target_s),
        probability=rate,
        stratum=SECOND_REPLY if item.kind is ItemKind.REPLY else SECOND_ACTION,
    )


async def estimate_rates(services: Services, tenant: str) -> tuple[Estimate, ...]:
    """How much of what ran unseen is wrong, with 95% intervals, from the sampled cases that people have ruled on."""
    return estimate([case async for case in _cases(services, tenant)])


async def _cases(services: Services, tenant: str) -> AsyncIterator[Case]:
    after = ""
    while True:
        page = await services.store.list_items(
            tenant, states=(ItemState.CLOSED,), kinds=(ItemKind.SAMPLE,), after=after, limit=_PAGE
        )
        for item in page:
            if item.probability and item.rulings:
                is_wrong = item.rulings[-1].kind is RulingKind.DENY
                yield Case(probability=item.probability, stratum=item.stratum, is_wrong=is_wrong)
        if len(page) < _PAGE:
            return
        after = page[-1].item_id


def blind(item: ReviewItem) -> bool:
    """Whether rulings on the item's subject must not show: a second look, until it is ruled on (R30)."""
    return item.stratum in {SECOND_REPLY, SECOND_ACTION} and item.state in {ItemState.OPEN, ItemState.CLAIMED}
