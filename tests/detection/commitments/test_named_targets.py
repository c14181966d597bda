"""Of several orders named in one sentence, a deed is told of the one that its words are about."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path

import pytest

from outguard.detection.commitments.detector import CommitmentDetector
from outguard.detection.commitments.targets import named_before, targets_of_sum
from outguard.detection.document import Document
from outguard.domain.action import LedgerEntry, LedgerState
from outguard.domain.authority import Authority, AuthorityProfile
from outguard.domain.context import ReplyContext
from outguard.domain.finding import Status
from outguard.domain.money import Money
from outguard.domain.reply import Recipient

RULES = Path(__file__).parents[3] / "rules"
KINDS = {
    "refund": "support.refund",
    "replacement": "support.replacement",
    "account_change": "support.account_change",
}
CONTEXT = ReplyContext(
    recipient=Recipient(),
    customer=None,
    profile=AuthorityProfile(
        name="shop",
        company="Shop",
        commitments={kind: Authority(kind=kind, requires_action=topic) for kind, topic in KINDS.items()},
    ),
    ledger=(),
    now=datetime(2026, 1, 5, 12, tzinfo=UTC),
)


@lru_cache
def detector() -> CommitmentDetector:
    files = {
        f"detectors/{path.name}": path.read_text(encoding="utf-8") for path in (RULES / "detectors").glob("*.yaml")
    }
    return CommitmentDetector(files)


def statuses(text: str, *ledger: LedgerEntry) -> list[Status | None]:
    found = detector().detect(Document(text=text), replace(CONTEXT, ledger=ledger))
    return [one.status for one in found]


def done(topic: str, target: str, amount: str | None = None) -> LedgerEntry:
    money = None if amount is None else Money.parse(amount, "EUR")
    return LedgerEntry(action_id=f"act-{target}", topic=topic, state=LedgerState.EXECUTED, amount=money, target=target)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("The €94.00 for INV-64411 has been returned and INV-64410 counts as paid", ("inv64411",)),
        ("The €94.00 for your order INV-64411 is back, unlike INV-64410", ("inv64411",)),
        ("We returned €94.00 for INV-64411 and INV-64410", ("inv64411", "inv64410")),
        ("For INV-64410 and INV-64411 we returned €94.00", ("inv64410", "inv64411")),
        ("INV-64410 is paid, €94.00 came in last week and INV-64411 is open", ("inv64410", "inv64411")),
    ],
)
def test_a_sum_is_told_of_what_stands_right_behind_it(text: str, told: tuple[str, ...]) -> None:
    assert targets_of_sum(text, text.index("94.00") + 5) == told


def test_what_goes_on_without_an_order_is_about_the_last_one_named() -> None:
    text = "ORD-11111 left today, ORD-22222 waits: a set is packed."
    assert named_before(text, text.index("a set")) == ("ord22222",)
    assert named_before(text, 4) == ()


def test_a_refund_of_one_invoice_does_not_back_that_of_another() -> None:
    text = "The €94.00 for INV-64411 has been returned and INV-64410 counts as paid."
    assert Status.UNBACKED in statuses(text, done("support.refund", "INV-64410", "94.00"))
    assert set(statuses(text, done("support.refund", "INV-64411", "94.00"))) == {Status.BACKED}


def test_a_second_replacement_needs_a_deed_of_its_own() -> None:
    text = "ORD-24013 has been sent out again. And ORD-24099, too: we have sent you a replacement."
    one = done("support.replacement", "ORD-24013")
    assert Status.UNBACKED in statuses(text, one)
    assert set(statuses(text, one, done("support.replacement", "ORD-24099"))) == {Status.BACKED}


def test_a_deed_of_another_kind_on_the_order_named_before_backs_nothing() -> None:
    text = "The address of ORD-24013 has been changed, and we have sent you a replacement."
    assert Status.UNBACKED in statuses(text, done("support.account_change", "ORD-24013"))
