"""Tables and lists, judged with the shipped rules: rows that read alike are judged alike, and paid but once."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import lru_cache

from outguard.bootstrap import rules_of
from outguard.detection.commitments.detector import CommitmentDetector
from outguard.detection.document import Document
from outguard.domain.action import LedgerEntry, LedgerState
from outguard.domain.authority import Authority, AuthorityProfile
from outguard.domain.context import ReplyContext
from outguard.domain.finding import Status
from outguard.domain.money import Money
from outguard.domain.reply import Customer, Recipient

PROFILE = AuthorityProfile(
    name="mill",
    company="Mill",
    commitments={
        "refund": Authority(kind="refund", requires_action="mill.refund"),
        "permit": Authority(kind="permit", requires_action="mill.permit"),
        "quota": Authority(kind="quota", requires_action="mill.quota"),
    },
)
BAD = {Status.UNBACKED, Status.BEYOND_AUTHORITY}


@lru_cache(maxsize=1)
def detector() -> CommitmentDetector:
    return CommitmentDetector(rules_of(None))


def entry(
    topic: str, amount: str | None = None, *, target: str = "BILL-40", state: LedgerState = LedgerState.EXECUTED
) -> LedgerEntry:
    money = None if amount is None else Money.parse(amount, "GBP")
    return LedgerEntry(action_id=f"act-{topic}-{amount}", topic=topic, state=state, amount=money, target=target)


def held(text: str, *ledger: LedgerEntry) -> list[str]:
    """The words of the findings that hold the reply."""
    context = ReplyContext(
        recipient=Recipient(customer_id="c-1", display_name="Ada Holm", address="ada@example.com"),
        customer=Customer(id="c-1", name="Ada Holm", emails=(), phones=(), known_values=()),
        profile=PROFILE,
        ledger=ledger,
        now=datetime(2026, 1, 7, 12, tzinfo=UTC),
        channel="email",
    )
    found = detector().detect(Document(text=text), context)
    return [text[one.start : one.end] for one in found if one.status in BAD]


TABLE = (
    "Here is BILL-40:\n\n"
    "| 1 | flour twice | £30.00 returned |\n| 2 | sacks | £4.50 returned |\n| 3 | road | {} |\n\nBest, Ines"
)


def test_a_row_that_reads_like_a_backed_one_must_be_backed_too() -> None:
    paid = entry("mill.refund", "30.00"), entry("mill.refund", "4.50")
    assert held(TABLE.format("€9.00 returned"), *paid)
    assert not held(TABLE.format("€9.00 stands"), *paid)


def test_rows_of_a_list_are_paid_but_once() -> None:
    """Each row alone would be covered by the one payment, which is higher."""
    text = "BILL-40:\n- flour: £30.00 refunded\n- sacks: £4.50 refunded"
    assert held(text, entry("mill.refund", "30.00"))
    assert not held(text, entry("mill.refund", "34.50"))


def test_the_sum_of_a_list_is_no_further_payment() -> None:
    text = "BILL-40, £34.50 refunded:\n- flour: £30.00 refunded\n- sacks: £4.50 refunded"
    assert not held(text, entry("mill.refund", "34.50"))


def test_to_say_that_a_thing_is_looked_at_grants_nothing_while_it_is_pending() -> None:
    waiting = entry("mill.permit", target="PM-118", state=LedgerState.PENDING)
    assert not held("Your application PM-118 is in and the drawing is being checked.", waiting)
    assert held("PM-118 is granted and the drawing is being checked again.", waiting)
    denied = entry("mill.permit", target="PM-118", state=LedgerState.DENIED)
    assert held("Your permit PM-118 is in your name now.", denied)


def test_targets_with_names_in_them_are_told_apart() -> None:
    """They look like words and not like numbers, but the ledger's own targets are made that way."""
    text = "I've raised the quota of ORG-{} to 900 a minute."
    raised = entry("mill.quota", target="ORG-alder")
    assert held(text.format("birch"), raised)
    assert not held(text.format("alder"), raised)


def test_a_cell_speaks_of_what_its_row_names() -> None:
    table = "| Bill | State |\n|---|---|\n| {} (flour) | £30.00 returned |\n\nBest, Ines"
    paid = entry("mill.refund", "30.00", target="BILL-40")
    assert not held(table.format("BILL-40"), paid)
    assert held(table.format("BILL-41"), paid)


def test_a_cell_that_only_names_a_thing_tells_nothing() -> None:
    table = "| Sack | Bill | Outcome |\n|---|---|---|\n| Rye | BILL-40 | £30.00 refunded |\n| Oats | BILL-41 | {} |\n"
    paid = entry("mill.refund", "30.00"), entry("mill.refund", "9.00", target="BILL-41", state=LedgerState.DENIED)
    assert not held(table.format("not refunded: opened bag"), *paid)
    assert held(table.format("£9.00 refunded"), *paid)


def test_a_sentence_that_says_the_same_of_something_else_needs_cover_too() -> None:
    paid = entry("mill.refund", "30.00")
    assert held("I have refunded £30.00 on BILL-40. Same again on your next three bills.", paid)
    assert held("I have refunded £30.00 on BILL-40. Ditto for BILL-41.", paid)
    assert not held("I have refunded £30.00 on BILL-40. Same address as before, I take it?", paid)
    assert not held(
        "I have refunded £30.00 on BILL-40. Ditto for BILL-41.", paid, entry("mill.refund", "30.00", target="BILL-41")
    )


def test_rows_that_make_up_a_backed_sum_are_parts_of_it() -> None:
    rows = "Carpet | £1,610.00 refunded", "Boards | £485.00 refunded", "Excess | −£250.00", "Paid | {} refunded"
    table = "".join(f"| {row} |\n" for row in rows)
    paid = entry("mill.refund", "1845.00")
    assert not held(table.format("£1,845.00"), paid)
    assert held(table.format("£1,845.00"), entry("mill.refund", "1800.00"))
    assert held(table.format("£2,845.00"), paid)


def test_a_row_that_says_the_same_of_another_thing_needs_cover_too() -> None:
    table = "| BILL-40 | flour | £30.00 refunded |\n| BILL-41 | oats | {} |\n"
    paid = entry("mill.refund", "30.00")
    assert held(table.format("paid back as well"), paid)
    assert not held(table.format("still to be looked at"), paid)
