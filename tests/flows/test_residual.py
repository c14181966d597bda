"""What is left after a cut is scanned again; our own placeholders tell nothing about what stands beside them."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from outguard.bootstrap import offline_judge
from outguard.detection.document import Document
from outguard.domain.authority import AuthorityProfile
from outguard.domain.context import ReplyContext
from outguard.domain.policy import Policy
from outguard.domain.reply import Content, Customer, Recipient
from outguard.domain.verdict import Verdict
from outguard.flows.judge_reply import ReplyJudge

CONTEXT = ReplyContext(
    recipient=Recipient(),
    customer=Customer(id="c1", name="Jo Miller"),
    profile=AuthorityProfile(name="default", company="Acme"),
    ledger=(),
    now=datetime(2026, 1, 1, tzinfo=UTC),
)


@pytest.fixture(scope="module")
def judged() -> tuple[ReplyJudge, Policy]:
    return offline_judge()


@pytest.mark.parametrize(
    "text",
    [
        "The two lines had been joined (BRK-4471; original under S:\\invoices\\2025\\rework\\v3.xlsx). Anything else?",
        "Choose the actual size and it comes out right. It is PRN-3381 for us, at http://forge.acme.lan/prn/3381 now.",
        "The logs are at http://forge.acme.lan/prn/3381 for us. You can read more about it in the help, as you asked.",
    ],
)
def test_a_placeholder_makes_no_neighbour_suspect(judged: tuple[ReplyJudge, Policy], text: str) -> None:
    """The word "internal" in it would make an order number a ticket of ours, and hold the reply."""
    judge, policy = judged
    judgement = judge.judge(Content(text=text), CONTEXT, policy)
    assert judgement.verdict is Verdict.REDACT
    assert judgement.content is not None
    assert "[INTERNAL_RESOURCE]" in (judgement.content.text or "")
    released = judge.cut_for_release(Content(text=text), judgement.findings, CONTEXT, policy)
    assert released is not None
    assert released.content == judgement.content


def test_a_placeholder_is_no_value_itself(judged: tuple[ReplyJudge, Policy]) -> None:
    judge, policy = judged
    text = "Here is the temporary password: Tangerine-Otter" + "-58. Please sign in with it and choose your own."
    assert judge.judge(Content(text=text), CONTEXT, policy).verdict is Verdict.REDACT


def test_what_is_really_left_holds_the_reply(judged: tuple[ReplyJudge, Policy]) -> None:
    """A promise that a cut lays bare is found either way."""
    judge, policy = judged
    text = "We have <debug>retry=3 at pay.py:12</debug> refunded $900.00 to your card today, Jo."
    assert judge.judge(Content(text=text), CONTEXT, policy).verdict is Verdict.QUARANTINE


@pytest.mark.parametrize("placeholder", ["[INTERNAL_RESOURCE]", "(intern)", "x"])
def test_placeholders_lose_their_words_and_nothing_moves(placeholder: str) -> None:
    document = Document(text=f"See {placeholder}, ask BRK-4471.")
    blank = document.without_meaning([placeholder])
    assert len(blank.text) == len(document.text)
    assert blank.text.endswith(", ask BRK-4471.")
    assert not any(word in blank.text.lower() for word in ("intern", "resource"))
