"""The same call twice in one moment: one effect, one answer, whatever the first did to the second's ground."""

from __future__ import annotations

import asyncio
from collections import Counter

import pytest
from fakes import MemoryStore
from flow_values import CUSTOMER, new_id, refund, reply_of

from outguard.domain.action import LedgerState
from outguard.domain.principal import Principal
from outguard.domain.review import RulingKind
from outguard.errors import ConflictError, DuplicateCallError, UnavailableError
from outguard.flows.calls import earlier_subject
from outguard.flows.check_action import evaluate_action
from outguard.flows.evaluate_reply import evaluate_reply
from outguard.flows.report_outcome import cancel_action, report_outcome
from outguard.flows.review_item import claim_item
from outguard.flows.rule_item import rule_item
from outguard.flows.services import Services

TWINS = 8


@pytest.fixture(autouse=True)
def _slow_reads(services: Services, monkeypatch: pytest.MonkeyPatch) -> None:
    """Reads that let others in between, each twin a little later than the one before, as a real database does."""
    store = services.store
    assert isinstance(store, MemoryStore)
    find_call, calls = store.find_call, iter(range(1, 10_000))

    async def slow(tenant: str, principal_id: str, method: str, request_id: str) -> object:
        found = await find_call(tenant, principal_id, method, request_id)
        for _ in range(next(calls)):
            await asyncio.sleep(0)
        return found

    monkeypatch.setattr(store, "find_call", slow)


def kinds(services: Services) -> Counter[str]:
    store = services.store
    assert isinstance(store, MemoryStore)
    return Counter(entry.kind.value for log in store._entries.values() for entry in log)


async def test_twins_of_an_outcome_are_one(services: Services, agent: Principal) -> None:
    record = await evaluate_action(services, agent, request_id=new_id(), action=refund())
    request_id = new_id()
    answers = await asyncio.gather(
        *(
            report_outcome(
                services, agent, request_id=request_id, action_id=record.action_id, outcome=LedgerState.EXECUTED
            )
            for _ in range(TWINS)
        )
    )
    assert {answer.state for answer in answers} == {LedgerState.EXECUTED}
    assert kinds(services)["action.outcome"] == 1
    assert kinds(services)["action.outcome_refused"] == 0


async def test_twins_of_a_cancellation_are_one(services: Services, agent: Principal) -> None:
    record = await evaluate_action(services, agent, request_id=new_id(), action=refund("100.00"))
    request_id = new_id()
    answers = await asyncio.gather(
        *(
            cancel_action(services, agent, request_id=request_id, action_id=record.action_id, reason="")
            for _ in range(TWINS)
        )
    )
    assert {answer.state for answer in answers} == {LedgerState.DENIED}
    assert kinds(services)["action.cancelled"] == 1


async def test_twins_of_a_ruling_and_of_an_approvals_use_are_one(
    services: Services, agent: Principal, reviewer: Principal
) -> None:
    record = await evaluate_action(services, agent, request_id=new_id(), action=refund("100.00"))
    approval = await services.store.get_approval("default", record.approval_id or "")
    item = await claim_item(services, reviewer, item_id=approval.item_id)
    assert item.claim is not None
    token, request_id = item.claim.token, new_id()
    ruled = await asyncio.gather(
        *(
            rule_item(
                services,
                reviewer,
                request_id=request_id,
                item_id=item.item_id,
                token=token,
                kind=RulingKind.APPROVE,
                reason="fine",
            )
            for _ in range(TWINS)
        )
    )
    assert {len(one.rulings) for one in ruled} == {1}
    assert kinds(services)["item.ruled"] == 1
    request_id = new_id()
    used = await asyncio.gather(
        *(
            evaluate_action(
                services, agent, request_id=request_id, action=refund("100.00"), approval_id=approval.approval_id
            )
            for _ in range(TWINS)
        )
    )
    assert {one.action_id for one in used} == {record.action_id}
    assert kinds(services)["approval.consumed"] == 1


async def test_a_failure_without_a_twin_stays_what_it_is(services: Services, agent: Principal) -> None:
    async def subject(error: ConflictError | UnavailableError | DuplicateCallError) -> str:
        return await earlier_subject(services, agent, error, method="M", request_id=new_id(), digest="d")

    with pytest.raises(ConflictError, match="mine"):
        await subject(ConflictError("mine"))
    with pytest.raises(UnavailableError, match="mine"):
        await subject(UnavailableError("mine"))
    with pytest.raises(UnavailableError, match="could not be read"):
        await subject(DuplicateCallError("internal"))


async def test_an_outage_is_never_answered_from_the_record(services: Services, agent: Principal) -> None:
    """The caller must hear that nothing was written for this call."""
    request_id = new_id()
    reply = reply_of("Hello NAME, your order is on its way.")
    await evaluate_reply(services, agent, request_id=request_id, reply=reply, customer=CUSTOMER)
    with pytest.raises(UnavailableError):
        await earlier_subject(
            services, agent, UnavailableError("x"), method="EvaluateReply", request_id=request_id, digest="d"
        )
