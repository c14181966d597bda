"""The reviewer's client: list, look, claim, rule."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import cast

from outguard.client.action import ActionView, RollBack
from outguard.client.agent import Approval, ask_roll_back
from outguard.client.face import AsyncFace, Face, SyncFace, blocking
from outguard.client.values import Content, Customer, Finding, Recipient, Ruling, name_of, number_of, time_of
from outguard.client.wire import AsyncWire, stream
from outguard.v1 import gate_pb2, review_pb2, types_pb2


@dataclass(frozen=True, kw_only=True, slots=True)
class ReviewItem:
    """One entry of the queue; holds no content. `token` is the fencing token of the claim, 0 without one."""

    item_id: str
    kind: str
    state: str
    subject_id: str
    conversation_id: str
    queue: str
    tier: str
    rule_id: str
    reason: str
    maker_id: str
    required_rulings: int
    created_at: datetime
    due_at: datetime
    priority: int
    senior_only: bool
    claimed_by: str
    token: int
    rulings: tuple[Ruling, ...]

    @classmethod
    def of(cls, item: review_pb2.ReviewItem) -> ReviewItem:
        """Read the message."""
        return cls(
            item_id=item.item_id,
            kind=name_of(review_pb2.ItemKind, item.kind, "ITEM_KIND_"),
            state=name_of(review_pb2.ItemState, item.state, "ITEM_STATE_"),
            subject_id=item.subject_id,
            conversation_id=item.conversation_id,
            queue=item.queue,
            tier="" if item.tier == 0 else name_of(types_pb2.Tier, item.tier, "TIER_"),
            rule_id=item.rule_id,
            reason=item.reason,
            maker_id=item.maker_id,
            required_rulings=item.required_rulings,
            created_at=time_of(item.create_time),
            due_at=time_of(item.due_time),
            priority=item.priority,
            senior_only=item.senior_only,
            claimed_by=item.claim.reviewer_id,
            token=item.claim.token,
            rulings=tuple(Ruling.of(one) for one in item.rulings),
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class ItemView:
    """An item with its clear text: a reply's `original` to `customer`, or an `action` with its `approval`."""

    item: ReviewItem
    findings: tuple[Finding, ...] = ()
    recipient: Recipient | None = None
    original: Content | None = None
    proposed: Content | None = None
    customer: Customer | None = None
    last_user: str = field(default="", repr=False)
    action: ActionView | None = None
    decision_reason: str = ""
    approval: Approval | None = None
    roll_back: RollBack | None = None
    reversibility: str = ""

    @classmethod
    def of(cls, view: review_pb2.GetItemResponse) -> ItemView:
        """Read the message."""
        has = view.HasField
        return cls(
            item=ReviewItem.of(view.item),
            findings=tuple(Finding.of(one) for one in view.reply.findings),
            recipient=_recipient(view.recipient) if has("recipient") else None,
            original=Content.of(view.original) if has("original") else None,
            proposed=Content.of(view.proposed) if has("proposed") else None,
            customer=_customer(view.customer) if has("customer") else None,
            last_user=view.last_user,
            action=ActionView.of(view.action) if has("action") else None,
            decision_reason=view.record.reason,
            approval=Approval.of(view.approval) if has("approval") else None,
            roll_back=RollBack.of(view.roll_back) if has("roll_back") else None,
            reversibility=view.reversibility,
        )


def _recipient(value: types_pb2.Recipient) -> Recipient:
    return Recipient(customer_id=value.customer_id, display_name=value.display_name, address=value.address)


def _customer(value: types_pb2.Customer) -> Customer:
    return Customer(
        id=value.id,
        name=value.name,
        emails=tuple(value.emails),
        phones=tuple(value.phones),
        known_values=tuple(value.known_values),
    )


@dataclass(frozen=True, kw_only=True, slots=True)
class ResolvedPseudonym:
    """What a pseudonym stands for, and until when it can be asked."""

    value: str = field(repr=False)
    type: str
    expires_at: datetime


class _ReviewMethods(Face):
    async def list_items(
        self,
        *,
        states: Sequence[str] = (),
        kinds: Sequence[str] = (),
        queues: Sequence[str] = (),
        page_size: int = 0,
        page_token: str = "",
    ) -> tuple[ReviewItem, ...]:
        """A page of what waits, most urgent first; `page_token` is the last item id of the page before."""
        request = review_pb2.ListItemsRequest(
            states=[number_of(review_pb2.ItemState, one, "ITEM_STATE_", "states") for one in states],
            kinds=[number_of(review_pb2.ItemKind, one, "ITEM_KIND_", "kinds") for one in kinds],
            queues=queues,
            page_size=page_size,
            page_token=page_token,
        )
        response = await self._call("ReviewService/ListItems", request, review_pb2.ListItemsResponse)
        return tuple(ReviewItem.of(item) for item in response.items)

    async def get_item(self, item_id: str) -> ItemView:
        """The item with its clear text; the read is on the record."""
        request = review_pb2.GetItemRequest(item_id=item_id)
        return ItemView.of(await self._call("ReviewService/GetItem", request, review_pb2.GetItemResponse))

    async def claim_item(self, item_id: str) -> ReviewItem:
        """Take the item; its `token` goes with every later step."""
        request = review_pb2.ClaimItemRequest(request_id=self._request_id(None), item_id=item_id)
        return ReviewItem.of((await self._call("ReviewService/ClaimItem", request, review_pb2.ClaimItemResponse)).item)

    async def renew_claim(self, item_id: str, token: int) -> ReviewItem:
        """Extend the lease."""
        request = review_pb2.RenewClaimRequest(request_id=self._request_id(None), item_id=item_id, token=token)
        response = await self._call("ReviewService/RenewClaim", request, review_pb2.RenewClaimResponse)
        return ReviewItem.of(response.item)

    async def abandon_claim(self, item_id: str, token: int) -> ReviewItem:
        """Give the item back."""
        request = review_pb2.AbandonClaimRequest(request_id=self._request_id(None), item_id=item_id, token=token)
        response = await self._call("ReviewService/AbandonClaim", request, review_pb2.AbandonClaimResponse)
        return ReviewItem.of(response.item)

    async def resolve_pseudonym(self, conversation_id: str, pseudonym: str) -> ResolvedPseudonym:
        """What a pseudonym of a sent reply stands for; senior reviewers only, and the read is on the record."""
        request = review_pb2.ResolvePseudonymRequest(conversation_id=conversation_id, pseudonym=pseudonym)
        response = await self._call("ReviewService/ResolvePseudonym", request, review_pb2.ResolvePseudonymResponse)
        return ResolvedPseudonym(value=response.value, type=response.type, expires_at=time_of(response.expire_time))

    async def rule_item(
        self,
        item_id: str,
        token: int,
        kind: str,
        *,
        reason: str,
        defect: str | None = None,
        edited: Content | None = None,
        request_id: str | None = None,
    ) -> ReviewItem:
        """Decide: "release", "edit_and_release" (`edited`), "reject" (`defect`), "approve", "deny" or "escalate"."""
        request = review_pb2.RuleItemRequest(
            request_id=self._request_id(request_id),
            item_id=item_id,
            token=token,
            kind=number_of(types_pb2.RulingKind, kind, "RULING_KIND_", "kind"),
            reason=reason,
            defect=types_pb2.DEFECT_UNSPECIFIED
            if defect is None
            else number_of(types_pb2.Defect, defect, "DEFECT_", "defect"),
            edited=None if edited is None else edited.to_proto(),
        )
        return ReviewItem.of((await self._call("ReviewService/RuleItem", request, review_pb2.RuleItemResponse)).item)

    async def roll_back_action(self, action_id: str, *, reason: str, request_id: str | None = None) -> RollBack:
        """Ask for an executed action to be undone; a T4 one waits for a second person."""
        return await ask_roll_back(self, action_id, reason=reason, request_id=request_id)

    async def override_ruling(
        self,
        item_id: str,
        new_decision: str,
        *,
        rule_id: str,
        reason: str,
        ruling_id: str = "",
        request_id: str | None = None,
    ) -> ReviewItem:
        """Reverse the ruling that closed an item ("deny", "reject", "approve", "release"), or re-route ("escalate")."""
        request = review_pb2.OverrideRulingRequest(
            request_id=self._request_id(request_id),
            item_id=item_id,
            ruling_id=ruling_id,
            rule_id=rule_id,
            new_decision=number_of(types_pb2.RulingKind, new_decision, "RULING_KIND_", "new_decision"),
            reason=reason,
        )
        response = await self._call("ReviewService/OverrideRuling", request, review_pb2.OverrideRulingResponse)
        return ReviewItem.of(response.item)

    async def get_roll_back(self, action_id: str) -> RollBack:
        """How far a roll-back is."""
        request = gate_pb2.GetRollBackRequest(action_id=action_id)
        response = await self._call("GateService/GetRollBack", request, gate_pb2.GetRollBackResponse)
        return RollBack.of(response.roll_back)


class AsyncReviewClient(_ReviewMethods, AsyncFace):
    """For reviewers, async. Every method raises CallFailedError if the call does not succeed."""

    async def watch_items(
        self,
        *,
        states: Sequence[str] = (),
        kinds: Sequence[str] = (),
        queues: Sequence[str] = (),
        cursor: str = "",
    ) -> AsyncIterator[tuple[ReviewItem | None, str]]:
        """Items as they open and change, each with the cursor to go on from after it; the first one is None.

        Without a cursor the most urgent waiting items follow. The stream ends when the server stops.
        """
        request = review_pb2.WatchItemsRequest(
            states=[number_of(review_pb2.ItemState, one, "ITEM_STATE_", "states") for one in states],
            kinds=[number_of(review_pb2.ItemKind, one, "ITEM_KIND_", "kinds") for one in kinds],
            queues=queues,
            cursor=cursor,
        )
        wire = cast("AsyncWire", self._wire)
        async for told in stream(wire, "ReviewService/WatchItems", request, review_pb2.WatchItemsResponse):
            yield (ReviewItem.of(told.item) if told.HasField("item") else None), told.cursor


class ReviewClient(SyncFace):
    """For reviewers, blocking; each method as on `AsyncReviewClient`."""

    list_items = blocking(_ReviewMethods.list_items)
    get_item = blocking(_ReviewMethods.get_item)
    claim_item = blocking(_ReviewMethods.claim_item)
    renew_claim = blocking(_ReviewMethods.renew_claim)
    abandon_claim = blocking(_ReviewMethods.abandon_claim)
    resolve_pseudonym = blocking(_ReviewMethods.resolve_pseudonym)
    rule_item = blocking(_ReviewMethods.rule_item)
    roll_back_action = blocking(_ReviewMethods.roll_back_action)
    override_ruling = blocking(_ReviewMethods.override_ruling)
    get_roll_back = blocking(_ReviewMethods.get_roll_back)
