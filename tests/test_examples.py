"""R14: the refund workflow runs whole against a real server: analyse, decide, human review, process."""

from __future__ import annotations

import importlib.util
import shutil
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from decimal import Decimal
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from outguard.cli.credentials import Person
from outguard.cli.local_server import LocalServer, local_server
from outguard.client import Client, ReviewClient, ReviewItem
from outguard.domain.policy import Policy
from outguard.domain.principal import Role

ROOT = Path(__file__).resolve().parents[1]
EXAMPLES = ROOT / "examples"
PATIENCE_S = 60.0


def people(policy: Policy) -> Sequence[Person]:
    del policy
    return (
        Person(id="refund-desk", role=Role.AGENT, topics=("shop.*", "escalate")),
        Person(id="vera", role=Role.REVIEWER),
        Person(id="sena", role=Role.SENIOR_REVIEWER),
    )


def load() -> ModuleType:
    spec = importlib.util.spec_from_file_location("refund_workflow", EXAMPLES / "refund_workflow.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def workflow() -> ModuleType:
    return load()


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalServer]:
    """The shipped rules with the example's, and a reviewer's twenty minutes made two seconds."""
    rules = tmp_path_factory.mktemp("rules") / "rules"
    shutil.copytree(ROOT / "rules", rules)
    shutil.copy(EXAMPLES / "refund_policy" / "refund_flow.yaml", rules / "gate" / "refund_flow.yaml")
    shutil.copy(EXAMPLES / "refund_policy" / "shop.yaml", rules / "authority" / "shop.yaml")
    policy = (rules / "policy.yaml").read_text("utf-8")
    assert "escalate_after_sec: 1200" in policy
    (rules / "policy.yaml").write_text(policy.replace("escalate_after_sec: 1200", "escalate_after_sec: 2"), "utf-8")
    with local_server(people, rules=rules) as running:
        yield running


class Shop:
    """One customer's desk, with everything that was said and paid."""

    def __init__(self, workflow: ModuleType, client: Client, name: str) -> None:
        self.said: list[str] = []
        self.provider = workflow.Provider()
        self.desk = workflow.RefundDesk(
            client=client, provider=self.provider, send=self.said.append, patience_s=PATIENCE_S
        )
        self._request = workflow.Request
        self._name = name
        self._count = 0

    def refund(self, amount: str) -> str:
        """Ask for one refund, in a conversation of its own."""
        self._count += 1
        outcome: str = self.desk.handle(
            self._request(
                conversation_id=f"{self._name}-{self._count}",
                customer_id=f"customer-{self._name}",
                order=f"ORD-{self._name}-{self._count}",
                amount=Decimal(amount),
            )
        )
        return outcome


@pytest.fixture
def shop(workflow: ModuleType, server: LocalServer, request: pytest.FixtureRequest) -> Iterator[Shop]:
    with Client(server.address, server.tokens["refund-desk"], timeout_s=30) as client:
        yield Shop(workflow, client, request.node.name.replace("_", "-")[-30:])


def waiting_item(reviewer: ReviewClient, shop_name: str, kind: str = "APPROVAL") -> ReviewItem:
    """The item of this shop's, once it is there."""
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline:
        for item in reviewer.list_items(kinds=[kind], page_size=500):
            if item.conversation_id.startswith(shop_name):
                return item
        time.sleep(0.05)
    raise AssertionError("no item came")


def rule_beside(server: LocalServer, person: str, shop: Shop, kind: str, **more: Any) -> threading.Thread:
    """A reviewer at work while the desk waits."""

    def work() -> None:
        with ReviewClient(server.address, server.tokens[person], timeout_s=30) as reviewer:
            item = waiting_item(reviewer, shop._name)
            deadline = time.monotonic() + PATIENCE_S
            while more.get("once_escalated") and not item.senior_only and time.monotonic() < deadline:
                time.sleep(0.1)
                item = waiting_item(reviewer, shop._name)
            claimed = reviewer.claim_item(item.item_id)
            reviewer.rule_item(item.item_id, claimed.token, kind, reason="looked at the order")

    thread = threading.Thread(target=work)
    thread.start()
    return thread


def test_a_small_refund_is_paid_at_once_and_told(shop: Shop) -> None:
    assert shop.refund("40.00") == "refunded"
    assert [amount for _, amount in shop.provider.paid] == [Decimal("40.00")]
    assert "$40.00" in shop.said[-1]


def test_a_larger_refund_waits_for_a_person_and_is_paid_within_the_constraint(shop: Shop, server: LocalServer) -> None:
    reviewer = rule_beside(server, "vera", shop, "approve")
    assert shop.refund("250.00") == "refunded"
    reviewer.join()
    holding, told = shop.said
    assert "checking" in holding
    assert "$250.00" in told


def test_what_a_person_denies_is_not_paid(shop: Shop, server: LocalServer) -> None:
    reviewer = rule_beside(server, "vera", shop, "deny")
    assert shop.refund("250.00") == "refused"
    reviewer.join()
    assert shop.provider.paid == []


def test_a_refund_that_nobody_looks_at_is_escalated_to_a_senior_reviewer(shop: Shop, server: LocalServer) -> None:
    reviewer = rule_beside(server, "sena", shop, "approve", once_escalated=True)
    assert shop.refund("250.00") == "refunded"
    reviewer.join()


def test_an_approved_refund_above_the_constraint_is_handed_over(shop: Shop, server: LocalServer) -> None:
    """People approve the action; the constraint bounds what it may pay all the same."""
    reviewer = rule_beside(server, "vera", shop, "approve")
    assert shop.refund("600.00") == "handed over"
    reviewer.join()
    assert shop.provider.paid == []


def test_the_fourth_refund_of_a_customer_is_seen_first(shop: Shop, server: LocalServer) -> None:
    assert [shop.refund("10.00") for _ in range(3)] == ["refunded"] * 3
    reviewer = rule_beside(server, "vera", shop, "deny")
    assert shop.refund("10.00") == "refused"
    reviewer.join()
    assert len(shop.provider.paid) == 3


def test_a_denied_ticket_takes_the_money_back(shop: Shop, server: LocalServer) -> None:
    assert shop.refund("40.00") == "refunded"
    with ReviewClient(server.address, server.tokens["vera"], timeout_s=30) as reviewer:
        item = waiting_item(reviewer, shop._name, kind="TICKET")
        claimed = reviewer.claim_item(item.item_id)
        reviewer.rule_item(item.item_id, claimed.token, "deny", reason="the order had arrived")
        assert shop.desk.undo_what_is_asked(timeout_s=PATIENCE_S) == 1
        assert len(shop.provider.taken_back) == 1
        assert reviewer.get_roll_back(item.subject_id).state == "DONE"
