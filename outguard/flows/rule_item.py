"""A reviewer's ruling: its effect, its record and the reply's or action's new state in one transaction."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from outguard.domain.action import ActionRecord, LedgerState
from outguard.domain.audit import EntryDraft, EntryKind
from outguard.domain.autonomy import IncidentKind, Standing
from outguard.domain.principal import Principal
from outguard.domain.pseudonym import Pseudonym
from outguard.domain.reply import Content, ReplyRecord, ReplyState
from outguard.domain.review import (
    Approval,
    ApprovalState,
    Defect,
    GivenRuling,
    ItemKind,
    ItemState,
    ReviewItem,
    Ruling,
    RulingKind,
)
from outguard.domain.roll_back import RollBack
from outguard.domain.sampling import SECOND_REPLY
from outguard.domain.verdict import Verdict
from outguard.errors import ConflictError, InvalidInputError, OutguardError
from outguard.flows.autonomy import promotion_ruled, with_incident
from outguard.flows.calls import earlier_subject, known_subject, request_digest
from outguard.flows.content_codec import content_to_plain, decode, encode
from outguard.flows.end_roll_back import on_denied_ticket, ruled_on
from outguard.flows.expire_approval import expire_if_due
from outguard.flows.judge_aside import judge_aside
from outguard.flows.judge_reply import Cut, Judgement
from outguard.flows.pseudonyms import to_store
from outguard.flows.reply_record import finding_summary
from outguard.flows.review_item import context_of, open_request, proposed_cut
from outguard.flows.sample import second_look
from outguard.flows.services import Services
from outguard.gate.approvals import sign
from outguard.ports import Call, Change
from outguard.review.rulings import rule, visible_to

METHOD = "RuleItem"
MAX_REASON = 2_000


@dataclass(frozen=True, kw_only=True, slots=True)
class _Effect:
    """What a ruling changes beside its item."""

    item: ReviewItem
    replies: tuple[ReplyRecord, ...] = ()
    actions: tuple[ActionRecord, ...] = ()
    approvals: tuple[Approval, ...] = ()
    roll_backs: tuple[RollBack, ...] = ()
    standings: tuple[Standing, ...] = ()
    entries: tuple[EntryDraft, ...] = ()
    pseudonyms: tuple[Pseudonym, ...] = ()
    details: dict[str, object]


@dataclass(frozen=True, kw_only=True, slots=True)
class _Edit:
    """A reviewer's words and what the judge says of them."""

    content: Content
    judgement: Judgement


async def rule_item(
    services: Services,
    principal: Principal,
    *,
    request_id: str,
    item_id: str,
    token: int,
    kind: RulingKind,
    reason: str,
    defect: Defect | None = None,
    edited: Content | None = None,
) -> ReviewItem:
    """Rule on a claimed item.

    A release sends the literal words less what policy cuts. An edit is judged anew: if nothing is found it is released,
    else the item goes back to the queue with the edit as its content and the editor as its maker (R20).

    Raises:
        NotFoundError, StaleClaimError, MakerIsCheckerError, ForbiddenError, ConflictError (closed, or a ruling its kind
        of item does not take), InvalidInputError (no reason, a rejection without defect, an edit without content).
    """
    _check(kind, reason, defect, edited)
    content = {
        "item_id": item_id,
        "token": token,
        "kind": kind,
        "reason": reason,
        "defect": defect,
        "edited": None if edited is None else content_to_plain(edited),
    }
    digest = request_digest(request_id, content)
    known = await known_subject(services, principal, method=METHOD, request_id=request_id, digest=digest)
    if known is not None:
        return visible_to(await services.store.get_item(principal.tenant, known), principal)
    now = services.clock.now()
    ruling = Ruling(
        ruling_id=services.ids.new("rul"),
        reviewer_id=principal.id,
        role=principal.role,
        kind=kind,
        reason=reason,
        at=now,
        defect=defect,
    )
    call = Call(
        principal_id=principal.id,
        method=METHOD,
        request_id=request_id,
        request_digest=digest,
        subject_id=item_id,
        at=now,
    )
    try:
        ruled = await _rule(services, principal, ruling, call, token=token, edited=edited)
    except OutguardError as error:
        subject = await earlier_subject(services, principal, error, method=METHOD, request_id=request_id, digest=digest)
        ruled = await services.store.get_item(principal.tenant, subject)
    return visible_to(ruled, principal)


async def _rule(
    services: Services, principal: Principal, ruling: Ruling, call: Call, *, token: int, edited: Content | None
) -> ReviewItem:
    item = await services.store.get_item(principal.tenant, call.subject_id)
    edit = None if edited is None else await _judge_edit(services, item, edited)
    passed = edit is not None and edit.judgement.verdict is Verdict.ALLOW
    ruled = rule(item, ruling, principal, token, now=ruling.at, edit_passed=passed)
    effect = await _effect(services, principal, item, ruled, ruling, edit)
    second = second_look(services, effect.item, ruling)
    if second is not None:
        effect = replace(effect, details={**effect.details, "second_item_id": second.item_id})
    change = Change(
        tenant=item.tenant,
        entries=(_entry(services, principal, item, effect, ruling), *effect.entries),
        call=call,
        items=(effect.item,) if second is None else (effect.item, second),
        replies=effect.replies,
        actions=effect.actions,
        approvals=effect.approvals,
        roll_backs=effect.roll_backs,
        pseudonyms=effect.pseudonyms,
        standings=effect.standings,
        given=(
            GivenRuling(
                ruling_id=ruling.ruling_id,
                tenant=item.tenant,
                reviewer_id=ruling.reviewer_id,
                item_id=item.item_id,
                kind=ruling.kind,
                at=ruling.at,
            ),
        ),
    )
    if ruling.kind is RulingKind.DENY and item.kind in {ItemKind.TICKET, ItemKind.SAMPLE}:
        change = await _found_wrong(services, change, effect.item, ruling)
    await services.store.commit(change)
    return effect.item


async def _found_wrong(services: Services, change: Change, item: ReviewItem, ruling: Ruling) -> Change:
    """A person found that what ran was wrong: it counts against its agent's level."""
    if item.stratum == SECOND_REPLY:
        return change
    record = await services.store.get_action(item.tenant, item.subject_id)
    kind = IncidentKind.FOUND_WRONG
    return await with_incident(services, change, record, kind, reported_by=ruling.reviewer_id, now=ruling.at)


def _check(kind: RulingKind, reason: str, defect: Defect | None, edited: Content | None) -> None:
    if not reason.strip() or len(reason) > MAX_REASON:
        raise InvalidInputError(f"a ruling needs a reason of 1 to {MAX_REASON} characters", field="reason")
    if kind is RulingKind.REJECT and defect is None:
        raise InvalidInputError("a rejection names its defect", field="defect")
    if (kind is RulingKind.EDIT_AND_RELEASE) != (edited is not None):
        raise InvalidInputError("edited content comes with edit_and_release, and only with it", field="edited")
    if edited is not None and not (edited.text or edited.payload or edited.attachments):
        raise InvalidInputError("the edited reply is empty", field="edited")


async def _effect(  # noqa: PLR0917 - what a ruling may touch
    services: Services,
    principal: Principal,
    item: ReviewItem,
    ruled: ReviewItem,
    ruling: Ruling,
    edit: _Edit | None,
) -> _Effect:
    if ruling.kind is RulingKind.ESCALATE:
        queue = services.policies.current.review.escalation_queue
        return _Effect(item=replace(ruled, queue=queue or ruled.queue), details={})
    if item.kind is ItemKind.REPLY:
        return await _reply_effect(services, ruled, ruling, edit)
    if item.kind is ItemKind.APPROVAL:
        return await _approval_effect(services, ruled, ruling)
    return await _other_effect(services, principal, ruled, ruling)


async def _other_effect(services: Services, principal: Principal, ruled: ReviewItem, ruling: Ruling) -> _Effect:
    if ruled.kind is ItemKind.ROLL_BACK:
        roll_back, entry = await ruled_on(services, ruled, ruling)
        return _Effect(item=ruled, roll_backs=(roll_back,), entries=(entry,), details={"roll_back": roll_back.state})
    if ruled.kind is ItemKind.PROMOTION:
        standing, entry = await promotion_ruled(services, ruled, ruling)
        return _Effect(item=ruled, standings=(standing,), entries=(entry,), details={"level": int(standing.level)})
    if ruled.kind is ItemKind.TICKET and ruling.kind is RulingKind.DENY:
        return await _reversal(services, principal, ruled, ruling)
    return _Effect(item=ruled, details={})


async def _reversal(services: Services, principal: Principal, ruled: ReviewItem, ruling: Ruling) -> _Effect:
    """A denied ticket takes the deed back where it still can be."""
    asked = await on_denied_ticket(services, ruled, principal, ruling)
    if asked is None:
        return _Effect(item=ruled, details={"roll_back": None})
    roll_back, entry = asked
    return _Effect(item=ruled, roll_backs=(roll_back,), entries=(entry,), details={"roll_back": roll_back.state})


async def _reply_effect(services: Services, ruled: ReviewItem, ruling: Ruling, edit: _Edit | None) -> _Effect:
    record = await services.store.get_reply(ruled.tenant, ruled.subject_id)
    if record.state is not ReplyState.HELD:
        raise ConflictError(f"the reply is {record.state}; there is nothing to rule on")
    if ruling.kind is RulingKind.REJECT:
        rejected = replace(
            record,
            state=ReplyState.REJECTED,
            holding_message="",
            updated_at=ruling.at,
            version=record.version + 1,
        )
        return _Effect(item=ruled, replies=(rejected,), details={})
    if edit is not None and ruled.state is not ItemState.CLOSED:
        return _edit_held(services, ruled, ruling, edit, record)
    if edit is not None:
        cut = Cut(content=edit.content)
    else:
        reply, customer, _ = open_request(services, record)
        proposed = await proposed_cut(services, record, reply, customer)
        if proposed is None:
            raise ConflictError("nobody knows what would have to be cut from the reply; edit or reject it")
        cut = proposed
    pseudonyms = await to_store(
        services,
        services.policies.current,
        cut.pseudonyms,
        tenant=record.tenant,
        conversation_id=record.conversation_id,
        now=ruling.at,
    )
    released = _released(services, record, cut.content, ruling.at)
    details: dict[str, object] = {
        "delivered_mac": released.delivered_mac,
        "edited": edit is not None,
    }
    return _Effect(item=ruled, replies=(released,), pseudonyms=pseudonyms, details=details)


def _released(services: Services, record: ReplyRecord, content: Content, now: datetime) -> ReplyRecord:
    out = services.sealer.seal(encode(content_to_plain(content)), tenant=record.tenant, subject_id=record.reply_id)
    return replace(
        record,
        state=ReplyState.RELEASED,
        sealed_out=out.blob,
        delivered_mac=out.mac,
        holding_message="",
        updated_at=now,
        version=record.version + 1,
    )


async def _judge_edit(services: Services, item: ReviewItem, edited: Content) -> _Edit:
    if item.kind is not ItemKind.REPLY:
        raise ConflictError("only a reply can be edited")
    record = await services.store.get_reply(item.tenant, item.subject_id)
    reply, customer, _ = open_request(services, record)
    policy = services.policies.current
    context = await context_of(services, record, reply, customer)
    size = len(encode(content_to_plain(edited)))
    return _Edit(
        content=edited, judgement=await judge_aside(services, edited, context, policy, tenant=item.tenant, size=size)
    )


def _edit_held(services: Services, ruled: ReviewItem, ruling: Ruling, edit: _Edit, record: ReplyRecord) -> _Effect:
    """The edit becomes the item's content, its author the maker, and somebody else must rule."""
    data = services.sealer.open(record.sealed, tenant=record.tenant, subject_id=record.reply_id)
    request = decode(data)
    request["reply"]["content"] = content_to_plain(edit.content)
    sealed = services.sealer.seal(encode(request), tenant=record.tenant, subject_id=record.reply_id)
    held = replace(
        record,
        findings=edit.judgement.findings,
        sealed=sealed.blob,
        content_mac=sealed.mac,
        policy_snapshot=services.policies.current.snapshot,
        updated_at=ruling.at,
        version=record.version + 1,
    )
    details: dict[str, object] = {
        "edited": True,
        "input_mac": sealed.mac,
        **finding_summary(edit.judgement.findings),
    }
    return _Effect(item=ruled, replies=(held,), details=details)


async def _approval_effect(services: Services, ruled: ReviewItem, ruling: Ruling) -> _Effect:
    action = await services.store.get_action(ruled.tenant, ruled.subject_id)
    if action.approval_id is None:
        raise ConflictError("the action waits for no approval")
    approval = await expire_if_due(services, await services.store.get_approval(ruled.tenant, action.approval_id))
    if approval.state is not ApprovalState.PENDING:
        raise ConflictError(f"the approval is {approval.state}; it can no longer be ruled on")
    signed = sign(approval, ruling, maker_id=ruled.maker_id, senior_only=ruled.senior_only)
    actions: tuple[ActionRecord, ...] = ()
    if signed.state is not ApprovalState.PENDING:
        approved = signed.state is ApprovalState.APPROVED
        state = LedgerState.APPROVED if approved else LedgerState.DENIED
        actions = (replace(action, state=state, updated_at=ruling.at, version=action.version + 1),)
    details: dict[str, object] = {
        "approval_id": signed.approval_id,
        "approval_state": signed.state,
        "agent": signed.requested_by,
        "evidence": _evidence(services, signed, action, ruling),
    }
    return _Effect(item=ruled, actions=actions, approvals=(signed,), details=details)


def _evidence(services: Services, approval: Approval, action: ActionRecord, ruling: Ruling) -> dict[str, object]:
    """What the record must hold of this ruling (R31).

    Raises:
        ConflictError: if policy requires a field that is not there.
    """
    held = {
        "policy_snapshot": approval.policy_snapshot,
        "job_hash": approval.digest,
        "approver_id": ruling.reviewer_id,
        "decision_ts": ruling.at,
        "agent_build": action.agent_build,
    }
    required = services.policies.current.review.required_evidence
    missing = [name for name in required if not held[name]]
    if missing:
        raise ConflictError(f"the evidence contract wants {', '.join(missing)}; the ruling is not taken")
    return {name: held[name] for name in required}


def _entry(services: Services, principal: Principal, item: ReviewItem, effect: _Effect, ruling: Ruling) -> EntryDraft:
    return EntryDraft(
        kind=EntryKind.ITEM_RULED,
        principal_id=principal.id,
        at=ruling.at,
        subject_id=item.subject_id,
        policy_snapshot=services.policies.current.snapshot,
        details={
            "item_id": item.item_id,
            "ruling_id": ruling.ruling_id,
            "ruling": ruling.kind,
            "defect": ruling.defect,
            "item_state": effect.item.state,
            "waited_ms": int((ruling.at - item.created_at).total_seconds() * 1000),
            **effect.details,
        },
    )
