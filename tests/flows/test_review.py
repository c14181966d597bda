"""Rulings on replies: what goes out is what was shown, an edit is judged anew, a ruling happens once."""

from __future__ import annotations

from dataclasses import replace

import pytest
from fakes import FakeClock
from flow_values import CUSTOMER, new_id, reply_of

from outguard.domain.principal import Principal
from outguard.domain.reply import Content, ReplyState
from outguard.domain.review import Defect, ItemState, ReviewItem, RulingKind
from outguard.errors import (
    ConflictError,
    InvalidInputError,
    MakerIsCheckerError,
    OutguardError,
    RequestIdReusedError,
    StaleClaimError,
)
from outguard.flows.evaluate_reply import evaluate_reply
from outguard.flows.read_reply import get_reply, wait_reply
from outguard.flows.review_item import abandon_claim, claim_item, get_item, list_items, renew_claim
from outguard.flows.rule_item import rule_item
from outguard.flows.services import Services

HELD = "Dear NAME, I PROMISE your money back. The key is SECRET, goodbye for now."


async def hold(services: Services, agent: Principal, text: str = HELD) -> tuple[str, str]:
    answer = await evaluate_reply(services, agent, request_id=new_id(), reply=reply_of(text), customer=CUSTOMER)
    assert answer.record.item_id is not None
    return answer.record.reply_id, answer.record.item_id


async def rule(
    services: Services,
    person: Principal,
    item: ReviewItem,
    kind: RulingKind,
    *,
    request_id: str = "",
    defect: Defect | None = None,
    edited: Content | None = None,
) -> ReviewItem:
    assert item.claim is not None
    return await rule_item(
        services,
        person,
        request_id=request_id or new_id(),
        item_id=item.item_id,
        token=item.claim.token,
        kind=kind,
        reason="checked with the order",
        defect=defect,
        edited=edited,
    )


async def test_a_release_sends_exactly_what_was_shown(
    services: Services, agent: Principal, reviewer: Principal
) -> None:
    """R20; a live secret is cut whoever releases."""
    reply_id, item_id = await hold(services, agent)
    item = await claim_item(services, reviewer, item_id=item_id)
    view = await get_item(services, reviewer, item_id=item_id)
    assert view.original is not None
    assert view.original.text == HELD
    closed = await rule(services, reviewer, item, RulingKind.RELEASE)
    assert closed.state is ItemState.CLOSED
    answer = await wait_reply(services, agent, reply_id=reply_id, timeout_s=0)
    assert answer.record.state is ReplyState.RELEASED
    assert answer.content == view.proposed
    assert "PROMISE" in (answer.content.text or "" if answer.content else "")
    assert "SECRET" not in (answer.content.text or "" if answer.content else "")


async def test_a_rejected_reply_never_goes(services: Services, agent: Principal, reviewer: Principal) -> None:
    reply_id, item_id = await hold(services, agent)
    item = await claim_item(services, reviewer, item_id=item_id)
    await rule(services, reviewer, item, RulingKind.REJECT, defect=Defect.HALLUCINATION)
    answer = await get_reply(services, agent, reply_id=reply_id)
    assert answer.record.state is ReplyState.REJECTED
    assert answer.content is None


async def test_a_clean_edit_is_released(services: Services, agent: Principal, reviewer: Principal) -> None:
    reply_id, item_id = await hold(services, agent)
    item = await claim_item(services, reviewer, item_id=item_id)
    edited = Content(text="Dear NAME, we are looking into your refund.")
    await rule(services, reviewer, item, RulingKind.EDIT_AND_RELEASE, edited=edited)
    answer = await get_reply(services, agent, reply_id=reply_id)
    assert answer.content == edited


async def test_an_edit_with_findings_waits_for_somebody_else(
    services: Services, agent: Principal, reviewer: Principal, senior: Principal
) -> None:
    """R20, R28: an edit makes its author the maker."""
    reply_id, item_id = await hold(services, agent)
    item = await claim_item(services, reviewer, item_id=item_id)
    edited = Content(text="Dear NAME, I PROMISE it all the same.")
    again = await rule(services, reviewer, item, RulingKind.EDIT_AND_RELEASE, edited=edited)
    assert again.state is ItemState.OPEN
    assert (await get_reply(services, agent, reply_id=reply_id)).content is None
    with pytest.raises(MakerIsCheckerError):
        await claim_item(services, reviewer, item_id=item_id)
    other = await claim_item(services, senior, item_id=item_id)
    await rule(services, senior, other, RulingKind.RELEASE)
    answer = await get_reply(services, agent, reply_id=reply_id)
    assert answer.content is not None
    assert answer.content.text == edited.text


async def test_a_stale_claim_cannot_rule(
    services: Services, agent: Principal, reviewer: Principal, senior: Principal, clock: FakeClock
) -> None:
    _, item_id = await hold(services, agent)
    first = await claim_item(services, reviewer, item_id=item_id)
    with pytest.raises(ConflictError):
        await claim_item(services, senior, item_id=item_id)
    clock.advance(services.limits.claim_lease_s + 1)
    second = await claim_item(services, senior, item_id=item_id)
    with pytest.raises(StaleClaimError):
        await rule(services, reviewer, first, RulingKind.RELEASE)
    assert first.claim is not None
    with pytest.raises(StaleClaimError):
        await renew_claim(services, reviewer, item_id=item_id, token=first.claim.token)
    await rule(services, senior, second, RulingKind.RELEASE)


async def test_an_abandoned_item_can_be_claimed_at_once(
    services: Services, agent: Principal, reviewer: Principal, senior: Principal
) -> None:
    _, item_id = await hold(services, agent)
    item = await claim_item(services, reviewer, item_id=item_id)
    assert item.claim is not None
    await abandon_claim(services, reviewer, item_id=item_id, token=item.claim.token)
    taken = await claim_item(services, senior, item_id=item_id)
    assert taken.claim is not None
    assert taken.claim.reviewer_id == senior.id


async def test_a_ruling_is_answered_from_the_record_when_repeated(
    services: Services, agent: Principal, reviewer: Principal
) -> None:
    _, item_id = await hold(services, agent)
    item = await claim_item(services, reviewer, item_id=item_id)
    request_id = new_id()
    first = await rule(services, reviewer, item, RulingKind.RELEASE, request_id=request_id)
    size = (await services.store.head("default")).size
    again = await rule(services, reviewer, item, RulingKind.RELEASE, request_id=request_id)
    assert again == first
    assert (await services.store.head("default")).size == size
    with pytest.raises(RequestIdReusedError):
        await rule(services, reviewer, item, RulingKind.REJECT, request_id=request_id, defect=Defect.LEAK)


async def test_a_closed_item_takes_no_second_ruling(services: Services, agent: Principal, reviewer: Principal) -> None:
    _, item_id = await hold(services, agent)
    item = await claim_item(services, reviewer, item_id=item_id)
    await rule(services, reviewer, item, RulingKind.REJECT, defect=Defect.LEAK)
    with pytest.raises(OutguardError):
        await rule(services, reviewer, item, RulingKind.RELEASE)


@pytest.mark.parametrize(
    ("kind", "defect", "edited"),
    [
        (RulingKind.REJECT, None, None),
        (RulingKind.EDIT_AND_RELEASE, None, None),
        (RulingKind.EDIT_AND_RELEASE, None, Content()),
        (RulingKind.RELEASE, None, Content(text="sneaked in")),
    ],
)
async def test_an_incomplete_ruling_is_refused(
    services: Services,
    agent: Principal,
    reviewer: Principal,
    kind: RulingKind,
    defect: Defect | None,
    edited: Content | None,
) -> None:
    _, item_id = await hold(services, agent)
    item = await claim_item(services, reviewer, item_id=item_id)
    with pytest.raises(InvalidInputError):
        await rule(services, reviewer, item, kind, defect=defect, edited=edited)


async def test_reading_clear_text_is_on_the_record(services: Services, agent: Principal, reviewer: Principal) -> None:
    """R34, R36."""
    reply_id, item_id = await hold(services, agent)
    await get_item(services, reviewer, item_id=item_id)
    entry = (await services.store.list_entries("default"))[-1]
    assert entry.kind == "content.read"
    assert (entry.principal_id, entry.subject_id) == (reviewer.id, reply_id)


async def test_lists_show_only_the_tenant(services: Services, agent: Principal, reviewer: Principal) -> None:
    await hold(services, agent)
    assert len(await list_items(services, reviewer)) == 1
    assert await list_items(services, replace(reviewer, tenant="other")) == ()


async def test_a_reply_that_was_never_read_whole_is_read_before_it_is_released(
    services: Services, agent: Principal, reviewer: Principal
) -> None:
    """A time budget that ran out hides no secret from the cuts that a release makes."""
    reply = reply_of("Please use the key SECRET when you sign in tomorrow.")
    answer = await evaluate_reply(services, agent, request_id=new_id(), reply=reply, customer=CUSTOMER, budget_s=0.0)
    assert answer.record.degraded_reason == "system.time_budget"
    item_id = answer.record.item_id or ""
    view = await get_item(services, reviewer, item_id=item_id)
    assert view.proposed is not None
    assert "SECRET" not in (view.proposed.text or "")
    claimed = await claim_item(services, reviewer, item_id=item_id)
    assert claimed.claim is not None
    await rule_item(
        services,
        reviewer,
        request_id=new_id(),
        item_id=item_id,
        token=claimed.claim.token,
        kind=RulingKind.RELEASE,
        reason="fine",
    )
    released = await get_reply(services, agent, reply_id=answer.record.reply_id)
    assert released.content == view.proposed


async def test_a_reply_that_cannot_be_read_whole_is_not_released_as_it_stands(
    services: Services, agent: Principal, reviewer: Principal
) -> None:
    reply = reply_of("CRASH")
    answer = await evaluate_reply(services, agent, request_id=new_id(), reply=reply, customer=CUSTOMER)
    item_id = answer.record.item_id or ""
    assert (await get_item(services, reviewer, item_id=item_id)).proposed is None
    claimed = await claim_item(services, reviewer, item_id=item_id)
    assert claimed.claim is not None
    with pytest.raises(ConflictError, match="edit or reject"):
        await rule_item(
            services,
            reviewer,
            request_id=new_id(),
            item_id=item_id,
            token=claimed.claim.token,
            kind=RulingKind.RELEASE,
            reason="fine",
        )
