"""Streams that can be resumed: what changed, told by the record itself.

Every change writes an entry in the tenant's tree, so its index is a cursor that holds on every replica and across
restarts. A stream tells the state of a thing as it is when told, each change at least once; a first message gives the
cursor from which the stream goes on.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from dataclasses import dataclass
from typing import Any

from outguard.domain.audit import Entry, EntryKind
from outguard.domain.principal import Principal
from outguard.domain.review import Approval, ItemKind, ItemState, ReviewItem
from outguard.errors import InvalidInputError, NotFoundError
from outguard.flows.expire_approval import expire_if_due
from outguard.flows.review_item import list_items
from outguard.flows.services import Services
from outguard.review.rulings import visible_to

_PAGE = 200
_GATHER_S = 0.05
"""Changes come in bursts: this long they are gathered before the record is read again."""
_ITEM_KEYS = ("item_id", "opened_item_id", "second_item_id")
_OF_ITEMS = frozenset({EntryKind.ITEM_CLAIMED, EntryKind.CLAIM_RENEWED, EntryKind.CLAIM_ABANDONED})


@dataclass(frozen=True, kw_only=True, slots=True)
class Told:
    """One message of a stream; go on from `cursor` after it. The first one holds the cursor alone."""

    cursor: str
    approval: Approval | None = None
    item: ReviewItem | None = None


async def watch_approvals(services: Services, principal: Principal, *, cursor: str = "") -> AsyncGenerator[Told, None]:
    """The agent's approvals as they open and change; without a cursor those that are live come first.

    Raises:
        InvalidInputError: if the cursor is none of ours.
    """
    start = await _start(services, principal, cursor)
    yield Told(cursor=str(start))
    if not cursor:
        for approval in await services.store.list_live_approvals(principal.tenant, principal.id, _PAGE):
            yield Told(cursor=str(start), approval=await expire_if_due(services, approval))
    async for entry in _tail(services, principal.tenant, start):
        details = _details(entry)
        approval_id = details.get("approval_id")
        if isinstance(approval_id, str) and principal.id in {entry.principal_id, details.get("agent")}:
            approval = await services.store.get_approval(principal.tenant, approval_id)
            if approval.requested_by == principal.id:
                told = await expire_if_due(services, approval)
                yield Told(cursor=str(entry.index + 1), approval=told)


async def watch_items(
    services: Services,
    principal: Principal,
    *,
    states: Sequence[ItemState] = (),
    kinds: Sequence[ItemKind] = (),
    queues: Sequence[str] = (),
    cursor: str = "",
) -> AsyncGenerator[Told, None]:
    """Items as they open and change; without a cursor the most urgent ones that wait come first.

    `states` chooses what is told; without it every change is, so that a reader sees items leave.

    Raises:
        InvalidInputError: if the cursor is none of ours.
    """
    start = await _start(services, principal, cursor)
    yield Told(cursor=str(start))
    if not cursor:
        waiting = states or (ItemState.OPEN, ItemState.CLAIMED)
        for item in await list_items(services, principal, states=waiting, kinds=kinds, queues=queues, limit=_PAGE):
            yield Told(cursor=str(start), item=item)
    async for entry in _tail(services, principal.tenant, start):
        for item_id in await _item_ids(services, principal.tenant, entry):
            found = await _find_item(services, principal, item_id)
            if (
                found is not None
                and (not states or found.state in states)
                and (not kinds or found.kind in kinds)
                and (not queues or found.queue in queues)
            ):
                yield Told(cursor=str(entry.index + 1), item=found)


async def _start(services: Services, principal: Principal, cursor: str) -> int:
    size = (await services.store.head(principal.tenant)).size
    if not cursor:
        return size
    if not (cursor.isascii() and cursor.isdigit() and len(cursor) < 19 and int(cursor) <= size):
        raise InvalidInputError("the cursor is none of this stream's", field="cursor")
    return int(cursor)


async def _tail(services: Services, tenant: str, start: int) -> AsyncIterator[Entry]:
    at = start
    while True:
        entries = await services.store.list_entries(tenant, start=at, limit=_PAGE)
        for entry in entries:
            yield entry
            at = entry.index + 1
        if not entries:
            await services.store.wait_for_change(tenant, tenant, version=at, timeout_s=services.limits.max_wait_s)
            await asyncio.sleep(_GATHER_S)


def _details(entry: Entry) -> dict[str, Any]:
    details = json.loads(entry.data)["details"]
    return details if isinstance(details, dict) else {}


async def _item_ids(services: Services, tenant: str, entry: Entry) -> list[str]:
    """The items that an entry is about."""
    details = _details(entry)
    ids = [entry.subject_id] if entry.kind in _OF_ITEMS else []
    ids += [details[key] for key in _ITEM_KEYS if isinstance(details.get(key), str)]
    sampling = details.get("sampling")
    if isinstance(sampling, dict) and isinstance(sampling.get("item_id"), str):
        ids.append(sampling["item_id"])
    if not ids and isinstance(details.get("approval_id"), str):
        try:
            ids.append((await services.store.get_approval(tenant, details["approval_id"])).item_id)
        except NotFoundError:
            return []
    return list(dict.fromkeys(ids))


async def _find_item(services: Services, principal: Principal, item_id: str) -> ReviewItem | None:
    try:
        return visible_to(await services.store.get_item(principal.tenant, item_id), principal)
    except NotFoundError:
        return None
