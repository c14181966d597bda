"""A refund desk as an agent loop: analyse, decide, human review, process (R14). Every step is a call of the gate.

    analyse   read the order                       shop.read.order: runs at once, recorded
    decide    ask for the refund                   below $100 and fewer than 3 earlier refunds: runs at once
    review    wait for people, tell the customer   nobody answers: the service escalates to senior reviewers
    process   pay within the constraint, report    never more than `max_amount_usd`; the reply is judged before it goes

The policy is in `examples/refund_policy/`: put `refund_flow.yaml` into `gate/` and `shop.yaml` into `authority/` of a
copy of the shipped rules, and serve those. The language model and the payment provider are stubs: what matters is what
stands around them.

    python examples/refund_workflow.py --target 127.0.0.1:8443 --token og_... --order ORD-1 --amount 40.00
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal

from outguard.client import ActionDecision, Client, Customer, Money, Recipient

READ = "shop.read.order"
REFUND = "shop.compensation.refund"
PROFILE = "shop"


@dataclass(frozen=True, kw_only=True)
class Request:
    """What a customer wants back."""

    conversation_id: str
    customer_id: str
    order: str
    amount: Decimal
    words: str = "Please refund my order."


@dataclass
class Provider:
    """The payment provider, as a stub that remembers what it was told to do."""

    paid: list[tuple[str, Decimal]] = field(default_factory=list)
    taken_back: list[str] = field(default_factory=list)

    def pay(self, order: str, amount: Decimal) -> None:
        """Pay the customer."""
        self.paid.append((order, amount))

    def take_back(self, order: str) -> None:
        """Reverse a payment."""
        self.taken_back.append(order)


@dataclass(frozen=True, kw_only=True)
class RefundDesk:
    """One agent: `client` asks the gate, `provider` pays, `send` talks to the customer."""

    client: Client
    provider: Provider
    send: Callable[[str], None]
    patience_s: float = 3600.0

    def handle(self, request: Request) -> str:
        """Work on one request: "refunded", "refused", "waiting" (nobody has decided yet) or "handed over"."""
        if not self.analyse(request):
            return self.hand_over(request)
        decision = self.decide(request)
        if decision.needs_approval:
            self.send(decision.holding_message)
            decision = self.review(decision)
            if decision.needs_approval:
                return "waiting"
        if not decision.may_execute:
            self.reply(request, "We are sorry: this refund was not approved. A colleague will explain why.")
            return "refused"
        return self.process(request, decision)

    def analyse(self, request: Request) -> bool:
        """Read the order. An agent's reads are recorded too, and may be denied."""
        read = self.client.evaluate_action(
            conversation_id=request.conversation_id,
            topic=READ,
            target=request.order,
            customer_id=request.customer_id,
        )
        if read.may_execute:
            self.client.report_outcome(read.action_id, "EXECUTED")
        return read.may_execute

    def decide(self, request: Request) -> ActionDecision:
        """Ask for the refund, with all that a reviewer needs and the state to resume from after a restart."""
        return self.client.evaluate_action(
            conversation_id=request.conversation_id,
            topic=REFUND,
            risk_tags=["financial"],
            target=request.order,
            customer_id=request.customer_id,
            arguments={"order": request.order, "reason": "arrived broken"},
            amount=Money(amount=request.amount, currency="USD"),
            reasoning="The customer wrote that the order arrived broken; the order is theirs and was delivered.",
            resume_state=json.dumps({"step": "process", "order": request.order}).encode(),
        )

    def review(self, held: ActionDecision) -> ActionDecision:
        """Wait for people, as long as patience lasts; then ask again for the very action that they saw.

        Nobody has to be asked again here: where no reviewer answers in time, the service moves the item to senior ones.
        """
        approval = self.client.wait_approval(held.approval_id, timeout_s=self.patience_s)
        if approval.is_pending:
            return held
        return self.client.resume_action(held.approval_id)

    def process(self, request: Request, decision: ActionDecision) -> str:
        """Pay within the constraint, say so on the record, and only then tell the customer."""
        limit = Decimal(str(decision.constraints.get("max_amount_usd", 0)))
        if request.amount > limit:
            self.client.cancel_action(decision.action_id, reason="above the constraint")
            return self.hand_over(request)
        try:
            self.provider.pay(request.order, request.amount)
        except OSError:
            self.client.report_outcome(decision.action_id, "FAILED")
            return self.hand_over(request)
        self.client.report_outcome(decision.action_id, "EXECUTED")
        self.reply(request, f"We have refunded ${request.amount} for order {request.order}.")
        return "refunded"

    def hand_over(self, request: Request) -> str:
        """Reach a person; this is never gated."""
        self.client.evaluate_action(conversation_id=request.conversation_id, topic="escalate")
        self.send("I am passing you on to a colleague.")
        return "handed over"

    def reply(self, request: Request, text: str) -> None:
        """Say `text` if it may be said: claims of deeds are held against the ledger, and only what passes is sent."""
        decision = self.client.evaluate_reply(
            conversation_id=request.conversation_id,
            recipient=Recipient(customer_id=request.customer_id),
            customer=Customer(id=request.customer_id, known_values=(request.order,)),
            text=text,
            profile=PROFILE,
            last_user=request.words,
        )
        self.send(decision.holding_message if decision.is_held else decision.text_to_send())

    def undo_what_is_asked(self, *, timeout_s: float = 0.0) -> int:
        """Undo what reviewers want undone and say so; run this beside the loop. How many were undone."""
        tasks = self.client.wait_roll_backs(timeout_s=timeout_s)
        for task in tasks:
            try:
                self.provider.take_back(task.action.target)
            except OSError:
                self.client.report_roll_back(task.action_id, "FAILED")
            else:
                self.client.report_roll_back(task.action_id, "DONE")
        return len(tasks)


def main() -> int:
    """Work on one request from the command line."""
    parser = argparse.ArgumentParser(description="One refund through the gate.")
    parser.add_argument("--target", default="127.0.0.1:8443")
    parser.add_argument("--token", required=True, help="an agent's, for shop.* and escalate")
    parser.add_argument("--order", default="ORD-1")
    parser.add_argument("--customer", default="c-1")
    parser.add_argument("--amount", type=Decimal, default=Decimal("40.00"))
    parser.add_argument("--patience", type=float, default=60.0, help="seconds to wait for people")
    asked = parser.parse_args()
    request = Request(
        conversation_id=f"refund-{asked.order}", customer_id=asked.customer, order=asked.order, amount=asked.amount
    )
    with Client(asked.target, asked.token) as client:
        desk = RefundDesk(client=client, provider=Provider(), send=_say, patience_s=asked.patience)
        outcome = desk.handle(request)
    sys.stdout.write(f"outcome: {outcome}\n")
    return 0 if outcome == "refunded" else 1


def _say(words: str) -> None:
    sys.stdout.write(f"to the customer: {words}\n")


if __name__ == "__main__":
    sys.exit(main())
