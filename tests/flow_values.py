"""Values that flow tests share: request ids, replies, customers, actions."""

from __future__ import annotations

from uuid import uuid4

from outguard.domain.action import Action
from outguard.domain.money import Money
from outguard.domain.reply import Customer, Recipient, Reply


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
