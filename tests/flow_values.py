"""Values and steps that flow tests share: request ids, replies, customers, actions, and what people do with them."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from fakes import FakeClock, FakeIds, FakeLottery, FakeSealer, FakeSigner, MemoryStore

from outguard.domain.action import Action, ActionRecord, LedgerState
from outguard.domain.money import Money
from outguard.domain.policy import Policy
from outguard.domain.principal import Principal
from outguard.domain.reply import Customer, Recipient, Reply
from outguard.domain.review import Defect, ReviewItem, RulingKind
from outguard.flows.check_action import evaluate_action
from outguard.flows.limits import Limits
from outguard.flows.report_outcome import report_outcome
from outguard.flows.review_item import claim_item
from outguard.flows.rule_item import rule_item
from outguard.flows.services import Services
from outguard.policy.source import PolicySource


def new_id() -> str:
    """A request id as clients make them."""
    return str(uuid4())


def reply_of(text: str) -> Reply:
    """A reply with this text."""
    return Reply(
        conversation_id="conv-1",
        channel="email",
        recipient=Recipient(customer_id="c-1", display_name="Maria Lopez", address="maria@example.com"),
        text=text,
    )


CUSTOMER = Customer(id="c-1", name="Maria Lopez", emails=("maria@example.com",))


def refund(amount: str = "20.00", **more: object) -> Action:
    """A refund of that many dollars."""
    fields: dict[str, object] = {
        "conversation_id": "conv-1",
        "topic": "support.refund",
        "arguments": {"order": "ORD-1"},
        "amount": Money.parse(amount, "USD"),
        "target": "ORD-1",
        "customer_id": "c-1",
    }
    return Action(**{**fields, **more})  # type: ignore[arg-type]


def gate_services(policy: Policy) -> Services:
    """Services of the gate alone, over a store in memory."""
    judge: Any = None
    return Services(
        store=MemoryStore(),
        sealer=FakeSealer(),
        signer=FakeSigner(),
        clock=FakeClock(),
        ids=FakeIds(),
        judge=judge,
        policies=PolicySource(policy),
        lottery=FakeLottery(),
        limits=Limits(),
    )


async def ask(services: Services, agent: Principal, action: Action, approval_id: str | None = None) -> ActionRecord:
    """Ask for an action, or use an approval up for it."""
    return await evaluate_action(services, agent, request_id=new_id(), action=action, approval_id=approval_id)


async def report(services: Services, agent: Principal, record: ActionRecord, outcome: LedgerState) -> ActionRecord:
    """Say what became of an action."""
    return await report_outcome(services, agent, request_id=new_id(), action_id=record.action_id, outcome=outcome)


async def rule_on(
    services: Services, person: Principal, item_id: str, kind: RulingKind = RulingKind.APPROVE
) -> ReviewItem:
    """Claim an item and rule on it."""
    item = await claim_item(services, person, item_id=item_id)
    assert item.claim is not None
    return await rule_item(
        services,
        person,
        request_id=new_id(),
        item_id=item_id,
        token=item.claim.token,
        kind=kind,
        reason="looked at the order",
        defect=Defect.OTHER if kind is RulingKind.REJECT else None,
    )


async def sign(
    services: Services, person: Principal, approval_id: str, kind: RulingKind = RulingKind.APPROVE
) -> ReviewItem:
    """Rule on an approval."""
    approval = await services.store.get_approval(person.tenant, approval_id)
    return await rule_on(services, person, approval.item_id, kind)
