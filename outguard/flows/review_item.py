"""The reviewers' queue: list, look, claim, renew, let go. Ruling is `rule_item`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial

from outguard.domain.action import Action, ActionRecord
from outguard.domain.audit import EntryDraft, EntryKind
from outguard.domain.context import ReplyContext
from outguard.domain.principal import Principal
from outguard.domain.reply import Content, Customer, Reply, ReplyRecord
from outguard.domain.review import Approval, ItemKind, ItemState, ReviewItem
from outguard.domain.roll_back import RollBack
from outguard.domain.sampling import SECOND_REPLY
from outguard.flows.autonomy import Evidence, evidence_for
from outguard.flows.content_codec import customer_from_plain, decode, reply_from_plain
from outguard.flows.evaluate_reply import profile_of
from outguard.flows.judge_aside import INLINE_BYTES, cut_aside, judge_aside
from outguard.flows.judge_reply import Cut
from outguard.flows.pseudonyms import conversation_key
from outguard.flows.roll_back_record import open_action
from outguard.flows.sample import blind
from outguard.flows.services import Services
from outguard.ports import Change
from outguard.review.fatigue import check_load, check_pace
from outguard.review.queue import abandon, claim, renew
from outguard.review.rulings import approval_visible_to, visible_to

READ_AGAIN_S = 3.0
"""Time for reading a reply whose first reading was cut short."""
_INCOMPLETE = frozenset(
    {
        "system.time_budget",
        "system.detector_failed",
        "system.too_large",
        "system.unreadable",
        "system.sources_unavailable",
        "system.values_unavailable",
    }
)


@dataclass(frozen=True, kw_only=True, slots=True)
class ItemView:
    """An item with the literal content it is about.

    For a reply: `original` is what the agent wrote, `proposed` what a release would send (own cuts applied; None where
    it cannot be released as it stands), `last_user` the customer's last message. For an
    action: `action` is what would run, `approval` what it waits for, `reversibility` how it could be undone. For a
    proposal: `evidence`.
    """

    item: ReviewItem
    reply: ReplyRecord | None = None
    request: Reply | None = None
    original: Content | None = None
    proposed: Content | None = None
    customer: Customer | None = None
    last_user: str = ""
    action: Action | None = None
    action_record: ActionRecord | None = None
    approval: Approval | None = None
    roll_back: RollBack | None = None
    evidence: Evidence | None = None
    reversibility: str = ""


async def list_items(
    services: Services,
    principal: Principal,
    *,
    states: Sequence[ItemState] = (ItemState.OPEN, ItemState.CLAIMED),
    kinds: Sequence[ItemKind] = (),
    queues: Sequence[str] = (),
    after: str = "",
    limit: int = 50,
) -> tuple[ReviewItem, ...]:
    """Waiting items, most urgent first; no content."""
    page = max(1, min(limit, services.limits.max_page))
    items = await services.store.list_items(
        principal.tenant, states=states, kinds=kinds, queues=queues, after=after, limit=page
    )
    return tuple(visible_to(item, principal) for item in items)


async def get_item(services: Services, principal: Principal, *, item_id: str) -> ItemView:
    """The item and its literal content; the read is on the record before the content is returned.

    Raises:
        NotFoundError: if there is none.
    """
    item = await services.store.get_item(principal.tenant, item_id)
    view = await _view(services, principal, item)
    entry = EntryDraft(
        kind=EntryKind.CLEAR_TEXT_READ,
        principal_id=principal.id,
        at=services.clock.now(),
        subject_id=item.subject_id,
        details={"item_id": item_id},
    )
    await services.store.commit(Change(tenant=principal.tenant, entries=(entry,)))
    return view


async def _view(services: Services, principal: Principal, item: ReviewItem) -> ItemView:
    shown = visible_to(item, principal)
    if item.kind is ItemKind.REPLY or item.stratum == SECOND_REPLY:
        record = await services.store.get_reply(item.tenant, item.subject_id)
        reply, customer, last_user = open_request(services, record)
        cut = await proposed_cut(services, record, reply, customer)
        return ItemView(
            item=shown,
            reply=record,
            request=reply,
            original=Content.of(reply),
            proposed=None if cut is None else cut.content,
            customer=customer,
            last_user=last_user,
        )
    if item.kind is ItemKind.PROMOTION:
        return ItemView(item=shown, evidence=await evidence_for(services, item))
    action_record = await services.store.get_action(item.tenant, item.subject_id)
    approval = None
    if action_record.approval_id is not None:
        approval = await services.store.get_approval(item.tenant, action_record.approval_id)
        approval = approval_visible_to(approval, principal)
        if blind(item):
            approval = replace(approval, rulings=())
    return ItemView(
        item=shown,
        action=open_action(services, action_record),
        action_record=action_record,
        approval=approval,
        roll_back=await services.store.find_roll_back(item.tenant, item.subject_id),
        reversibility=services.policies.current.reversibility_of(action_record.topic),
    )


def open_request(services: Services, record: ReplyRecord) -> tuple[Reply, Customer, str]:
    """The reply, the customer and the customer's last message as the agent sent them."""
    data = services.sealer.open(record.sealed, tenant=record.tenant, subject_id=record.reply_id)
    value = decode(data)
    return reply_from_plain(value["reply"]), customer_from_plain(value["customer"]), value["last_user"]


async def context_of(services: Services, record: ReplyRecord, reply: Reply, customer: Customer) -> ReplyContext:
    """What a reply of the past is judged against now."""
    return ReplyContext(
        recipient=reply.recipient,
        customer=customer,
        profile=profile_of(services.policies.current, record.profile),
        ledger=await services.store.list_ledger(record.tenant, record.conversation_id),
        now=services.clock.now(),
        channel=record.channel,
        conversation_key=partial(conversation_key, services, record.tenant, record.conversation_id),
    )


async def proposed_cut(services: Services, record: ReplyRecord, reply: Reply, customer: Customer) -> Cut | None:
    """What a release sends: the literal words, less what policy cuts whoever decides (secrets, personal data).

    A reply that was held before it was read whole is read now, and what is cut is scanned until nothing to cut is left.
    None if that fails: nobody knows what to cut.
    """
    policy, original, findings = services.policies.current, Content.of(reply), record.findings
    context = await context_of(services, record, reply, customer)
    deadline = services.clock.monotonic() + READ_AGAIN_S
    if not _INCOMPLETE.isdisjoint(finding.rule for finding in findings):
        judgement = await judge_aside(
            services, original, context, policy, tenant=record.tenant, size=INLINE_BYTES + 1, deadline=deadline
        )
        findings = judgement.findings
        if not _INCOMPLETE.isdisjoint(finding.rule for finding in findings):
            return None
    return await cut_aside(services, original, findings, context, policy, deadline=deadline)


async def claim_item(services: Services, principal: Principal, *, item_id: str) -> ReviewItem:
    """Lease the item to the caller; the claim's token must come with every later step.

    Raises:
        NotFoundError, ConflictError (held by another, or closed), MakerIsCheckerError, ForbiddenError,
        ReviewerLimitError (enough is held, or a break is due).
    """
    item = await services.store.get_item(principal.tenant, item_id)
    now = services.clock.now()
    await _check_fatigue(services, principal, item, now)
    claimed = claim(item, principal, now=now, lease_s=services.limits.claim_lease_s)
    return await _save(services, principal, claimed, EntryKind.ITEM_CLAIMED)


async def _check_fatigue(services: Services, principal: Principal, item: ReviewItem, now: datetime) -> None:
    """Raise ReviewerLimitError if the reviewer holds enough, or needs a break; claiming anew what one holds is free."""
    policy = services.policies.current.review.fatigue
    if item.claim is not None and item.claim.reviewer_id == principal.id and item.claim.expires_at > now:
        return
    check_load(policy, await services.store.count_claims(principal.tenant, principal.id, now=now))
    latest = await services.store.list_given(principal.tenant, principal.id, policy.cooldown_after_approvals)
    check_pace(policy, latest, now=now)


async def renew_claim(services: Services, principal: Principal, *, item_id: str, token: int) -> ReviewItem:
    """Extend the lease.

    Raises:
        StaleClaimError: if the token is not the current one or the lease has run out.
    """
    item = await services.store.get_item(principal.tenant, item_id)
    now = services.clock.now()
    renewed = renew(item, principal, token, now=now, lease_s=services.limits.claim_lease_s)
    return await _save(services, principal, renewed, EntryKind.CLAIM_RENEWED)


async def abandon_claim(services: Services, principal: Principal, *, item_id: str, token: int) -> ReviewItem:
    """Give the item back to the queue.

    Raises:
        StaleClaimError: if the token is not the current one.
    """
    item = await services.store.get_item(principal.tenant, item_id)
    freed = abandon(item, principal, token, now=services.clock.now())
    return await _save(services, principal, freed, EntryKind.CLAIM_ABANDONED)


async def _save(services: Services, principal: Principal, item: ReviewItem, kind: EntryKind) -> ReviewItem:
    entry = EntryDraft(
        kind=kind,
        principal_id=principal.id,
        at=services.clock.now(),
        subject_id=item.item_id,
        details={
            "subject_id": item.subject_id,
            "claim_token": None if item.claim is None else item.claim.token,
        },
    )
    await services.store.commit(Change(tenant=item.tenant, entries=(entry,), items=(item,)))
    return visible_to(item, principal)
