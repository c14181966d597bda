"""ReviewService: convert, call the flow, convert."""

from __future__ import annotations

from collections.abc import AsyncGenerator

from outguard.domain.review import ItemState
from outguard.flows import override_ruling, pseudonyms, review_item, rule_item, watch
from outguard.flows.services import Services
from outguard.server.convert import (
    MAX_WORDS,
    read_content,
    read_count,
    read_id,
    read_request_id,
    read_text,
    read_texts,
    write_time,
)
from outguard.server.convert_review import write_item, write_view
from outguard.server.enums import DEFECT, ITEM_KIND, ITEM_STATE, RULING_KIND
from outguard.server.interceptors import Caller
from outguard.v1 import review_pb2

DEFAULT_PAGE = 50
WAITING = (ItemState.OPEN, ItemState.CLAIMED)


class ReviewHandlers:
    """One method per method of the service."""

    def __init__(self, services: Services) -> None:
        self._services = services

    async def ListItems(  # noqa: N802 - the proto's name
        self, request: review_pb2.ListItemsRequest, caller: Caller
    ) -> review_pb2.ListItemsResponse:
        """List a page of the queue."""
        page = read_count(request.page_size, "page_size") or DEFAULT_PAGE
        limit = min(page, self._services.limits.max_page)
        items = await review_item.list_items(
            self._services,
            caller.principal,
            states=[ITEM_STATE.read(state, "states") for state in dict.fromkeys(request.states)] or WAITING,
            kinds=[ITEM_KIND.read(kind, "kinds") for kind in dict.fromkeys(request.kinds)],
            queues=read_texts(request.queues, "queues"),
            after=read_text(request.page_token, "page_token"),
            limit=limit,
        )
        return review_pb2.ListItemsResponse(
            items=[write_item(item) for item in items],
            next_page_token=items[-1].item_id if len(items) == limit else "",
        )

    async def GetItem(  # noqa: N802
        self, request: review_pb2.GetItemRequest, caller: Caller
    ) -> review_pb2.GetItemResponse:
        """Read an item with its clear text."""
        view = await review_item.get_item(self._services, caller.principal, item_id=read_id(request.item_id, "item_id"))
        return write_view(view)

    async def ResolvePseudonym(  # noqa: N802
        self, request: review_pb2.ResolvePseudonymRequest, caller: Caller
    ) -> review_pb2.ResolvePseudonymResponse:
        """Turn a pseudonym back."""
        resolved = await pseudonyms.resolve_pseudonym(
            self._services,
            caller.principal,
            conversation_id=read_id(request.conversation_id, "conversation_id"),
            word=read_id(request.pseudonym, "pseudonym"),
        )
        return review_pb2.ResolvePseudonymResponse(
            value=resolved.value,
            type=resolved.pseudonym.type,
            create_time=write_time(resolved.pseudonym.created_at),
            expire_time=write_time(resolved.pseudonym.expires_at),
        )

    async def ClaimItem(  # noqa: N802
        self, request: review_pb2.ClaimItemRequest, caller: Caller
    ) -> review_pb2.ClaimItemResponse:
        """Lease an item."""
        read_request_id(request.request_id)
        item = await review_item.claim_item(
            self._services, caller.principal, item_id=read_id(request.item_id, "item_id")
        )
        return review_pb2.ClaimItemResponse(item=write_item(item))

    async def RenewClaim(  # noqa: N802
        self, request: review_pb2.RenewClaimRequest, caller: Caller
    ) -> review_pb2.RenewClaimResponse:
        """Extend a lease."""
        read_request_id(request.request_id)
        item = await review_item.renew_claim(
            self._services,
            caller.principal,
            item_id=read_id(request.item_id, "item_id"),
            token=read_count(request.token, "token"),
        )
        return review_pb2.RenewClaimResponse(item=write_item(item))

    async def AbandonClaim(  # noqa: N802
        self, request: review_pb2.AbandonClaimRequest, caller: Caller
    ) -> review_pb2.AbandonClaimResponse:
        """Give an item back."""
        read_request_id(request.request_id)
        item = await review_item.abandon_claim(
            self._services,
            caller.principal,
            item_id=read_id(request.item_id, "item_id"),
            token=read_count(request.token, "token"),
        )
        return review_pb2.AbandonClaimResponse(item=write_item(item))

    async def RuleItem(  # noqa: N802
        self, request: review_pb2.RuleItemRequest, caller: Caller
    ) -> review_pb2.RuleItemResponse:
        """Decide a claimed item."""
        item = await rule_item.rule_item(
            self._services,
            caller.principal,
            request_id=read_request_id(request.request_id),
            item_id=read_id(request.item_id, "item_id"),
            token=read_count(request.token, "token"),
            kind=RULING_KIND.read(request.kind, "kind"),
            reason=read_text(request.reason, "reason", MAX_WORDS),
            defect=DEFECT.read_optional(request.defect, "defect"),
            edited=read_content(request.edited, "edited") if request.HasField("edited") else None,
        )
        return review_pb2.RuleItemResponse(item=write_item(item))

    async def OverrideRuling(  # noqa: N802
        self, request: review_pb2.OverrideRulingRequest, caller: Caller
    ) -> review_pb2.OverrideRulingResponse:
        """Reverse a ruling."""
        item = await override_ruling.override_ruling(
            self._services,
            caller.principal,
            request_id=read_request_id(request.request_id),
            item_id=read_id(request.item_id, "item_id"),
            ruling_id=read_text(request.ruling_id, "ruling_id"),
            rule_id=read_id(request.rule_id, "rule_id"),
            new_decision=RULING_KIND.read(request.new_decision, "new_decision"),
            reason=read_text(request.reason, "reason", MAX_WORDS),
        )
        return review_pb2.OverrideRulingResponse(item=write_item(item))

    async def WatchItems(  # noqa: N802
        self, request: review_pb2.WatchItemsRequest, caller: Caller
    ) -> AsyncGenerator[review_pb2.WatchItemsResponse, None]:
        """Tell items as they change."""
        stream = watch.watch_items(
            self._services,
            caller.principal,
            states=[ITEM_STATE.read(state, "states") for state in dict.fromkeys(request.states)],
            kinds=[ITEM_KIND.read(kind, "kinds") for kind in dict.fromkeys(request.kinds)],
            queues=read_texts(request.queues, "queues"),
            cursor=read_text(request.cursor, "cursor"),
        )
        async for told in stream:
            item = None if told.item is None else write_item(told.item)
            yield review_pb2.WatchItemsResponse(item=item, cursor=told.cursor)
