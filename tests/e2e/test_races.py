"""Many calls in the same moment, on each database: one record, one winner, and the same answer for the same call."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable, Iterable
from typing import TypeVar

import grpc
import pytest
from e2e_server import (
    EVALUATE_ACTION,
    EVALUATE_REPLY,
    GOOD,
    PROMISE,
    Caller,
    People,
    action,
    new_id,
    refusal_in,
    reply,
    ruling,
)
from google.protobuf.message import Message

from outguard.v1 import audit_pb2, gate_pb2, reply_pb2, review_pb2, types_pb2

T = TypeVar("T")
M = TypeVar("M", bound=Message)
AT_ONCE = 32


async def outcomes(calls: Iterable[Awaitable[T]]) -> tuple[list[T], Counter[str]]:
    """The answers, and how the others were refused: by reason."""
    answers: list[T] = []
    refused: Counter[str] = Counter()
    for one in await asyncio.gather(*calls, return_exceptions=True):
        if isinstance(one, grpc.aio.AioRpcError):
            refused[refusal_in(one).reason] += 1
        elif isinstance(one, BaseException):
            raise one
        else:
            answers.append(one)
    return answers, refused


async def all_at_once(caller: Caller, method: str, request: Message, response: type[M]) -> list[M]:
    """The answers to the same call, sent `AT_ONCE` times."""
    answers, refused = await outcomes(caller.call(method, request, response) for _ in range(AT_ONCE))
    assert not refused
    return answers


async def kinds_of(both: People, subject_id: str) -> list[str]:
    """What the record says of a subject."""
    request = audit_pb2.ListEntriesRequest(subject_id=subject_id)
    page = await both["audra"].call("AuditService/ListEntries", request, audit_pb2.ListEntriesResponse)
    return [entry.kind for entry in page.entries]


async def held_item(both: People) -> str:
    """A held reply's item."""
    answer = await both["agent-1"].reply(reply(PROMISE))
    assert answer.state == reply_pb2.REPLY_STATE_HELD
    return answer.item_id


async def approved(both: People) -> tuple[gate_pb2.EvaluateActionRequest, gate_pb2.ActionRecord]:
    """An action that one person has approved, and the request that asks for it again."""
    request = action("100.00")
    record = await both["agent-1"].action(request)
    assert record.decision == gate_pb2.GATE_DECISION_REQUIRE_APPROVAL
    item_id = await item_of(both, record.approval_id)
    await both["vera"].rule(item_id, await both["vera"].claim(item_id), "APPROVE")
    again = gate_pb2.EvaluateActionRequest()
    again.CopyFrom(request)
    again.request_id, again.approval_id = new_id(), record.approval_id
    return again, record


async def item_of(both: People, approval_id: str) -> str:
    """The item of an approval."""
    request = gate_pb2.GetApprovalRequest(approval_id=approval_id)
    answer = await both["vera"].call("GateService/GetApproval", request, gate_pb2.GetApprovalResponse)
    return answer.approval.item_id


@pytest.mark.parametrize("text", [GOOD, PROMISE], ids=["sendable", "held"])
async def test_the_same_reply_at_once_is_one_record(both: People, text: str) -> None:
    answers = await all_at_once(both["agent-1"], EVALUATE_REPLY, reply(text), reply_pb2.EvaluateReplyResponse)
    assert len({answer.SerializeToString(deterministic=True) for answer in answers}) == 1
    assert await kinds_of(both, answers[0].answer.reply_id) == ["reply.decided"]


@pytest.mark.parametrize("amount", ["20.00", "100.00"])
async def test_the_same_action_at_once_is_one_record(both: People, amount: str) -> None:
    answers = await all_at_once(both["agent-1"], EVALUATE_ACTION, action(amount), gate_pb2.EvaluateActionResponse)
    assert len({answer.record.SerializeToString(deterministic=True) for answer in answers}) == 1
    assert await kinds_of(both, answers[0].record.action_id) == ["action.decided"]


async def test_one_of_two_contents_takes_a_request_id(both: People) -> None:
    request, other = reply(), reply(f"{GOOD} Bye!")
    other.request_id = request.request_id
    answers, refused = await outcomes(both["agent-1"].reply(one) for one in (request, other) * 8)
    assert len({answer.reply_id for answer in answers}) == 1
    assert (len(answers), refused) == (8, Counter(REQUEST_ID_REUSED=8))


async def test_the_same_use_of_an_approval_at_once_is_one_use(both: People) -> None:
    again, record = await approved(both)
    answers = await all_at_once(both["agent-1"], EVALUATE_ACTION, again, gate_pb2.EvaluateActionResponse)
    assert {answer.record.decision for answer in answers} <= {
        gate_pb2.GATE_DECISION_ALLOW,
        gate_pb2.GATE_DECISION_ALLOW_WITH_CONSTRAINTS,
    }
    assert (await kinds_of(both, record.action_id)).count("approval.consumed") == 1


async def test_of_many_uses_of_an_approval_exactly_one_counts(both: People) -> None:
    """Two agents and many processes of one: whoever comes second, or is not the one who asked, is refused."""
    again, record = await approved(both)
    mine: list[gate_pb2.EvaluateActionRequest] = []
    theirs: list[gate_pb2.EvaluateActionRequest] = []
    for _ in range(AT_ONCE // 2):
        for group in (mine, theirs):
            one = gate_pb2.EvaluateActionRequest()
            one.CopyFrom(again)
            one.request_id = new_id()
            group.append(one)
    calls = [both["agent-1"].action(one) for one in mine] + [both["agent-2"].action(one) for one in theirs]
    answers, refused = await outcomes(calls)
    assert [answer.agent_id for answer in answers] == ["agent-1"]
    assert set(refused) <= {"APPROVAL_MISMATCH", "VERSION_CONFLICT"}
    assert (await kinds_of(both, record.action_id)).count("approval.consumed") == 1


async def test_of_two_reviewers_one_claims(both: People) -> None:
    item_id = await held_item(both)
    tokens, refused = await outcomes(both[name].claim(item_id) for name in ("vera", "ravi", "sena", "sven"))
    assert len(tokens) == 1
    assert set(refused) <= {"STATE_CONFLICT", "VERSION_CONFLICT"}


async def test_of_two_rulings_in_one_moment_exactly_one_wins(both: People) -> None:
    item_id = await held_item(both)
    token = await both["vera"].claim(item_id)
    rulings = [("vera", "RELEASE"), ("vera", "REJECT"), ("ravi", "RELEASE"), ("ravi", "REJECT")] * 4
    answers, refused = await outcomes(both[name].rule(item_id, token, kind) for name, kind in rulings)
    assert len(answers) == 1
    assert answers[0].state == review_pb2.ITEM_STATE_CLOSED
    assert len(answers[0].rulings) == 1
    assert answers[0].rulings[0].reviewer_id == "vera"
    assert set(refused) <= {"STALE_CLAIM", "VERSION_CONFLICT", "STATE_CONFLICT", "MAKER_IS_CHECKER"}
    subject = answers[0].subject_id
    assert (await kinds_of(both, subject)).count("item.ruled") == 1
    stands = reply_pb2.GetReplyRequest(reply_id=subject)
    answer = (await both["agent-1"].call("ReplyService/GetReply", stands, reply_pb2.GetReplyResponse)).answer
    released = answers[0].rulings[0].kind == types_pb2.RULING_KIND_RELEASE
    assert answer.state == (reply_pb2.REPLY_STATE_RELEASED if released else reply_pb2.REPLY_STATE_REJECTED)
    assert answer.HasField("content") == released


async def test_the_same_ruling_at_once_is_one_ruling(both: People) -> None:
    item_id = await held_item(both)
    request = ruling(item_id, await both["vera"].claim(item_id), "RELEASE")
    answers = await all_at_once(both["vera"], "ReviewService/RuleItem", request, review_pb2.RuleItemResponse)
    assert {len(answer.item.rulings) for answer in answers} == {1}
    assert (await kinds_of(both, answers[0].item.subject_id)).count("item.ruled") == 1


async def test_the_same_outcome_at_once_is_one_outcome(both: People) -> None:
    """And no refused report beside it."""
    record = await both["agent-1"].action(action())
    request = gate_pb2.ReportOutcomeRequest(
        request_id=new_id(), action_id=record.action_id, outcome=types_pb2.LEDGER_STATE_EXECUTED
    )
    answers = await all_at_once(both["agent-1"], "GateService/ReportOutcome", request, gate_pb2.ReportOutcomeResponse)
    assert {answer.record.state for answer in answers} == {types_pb2.LEDGER_STATE_EXECUTED}
    assert await kinds_of(both, record.action_id) == ["action.decided", "action.outcome"]


async def test_the_same_cancellation_at_once_is_one(both: People) -> None:
    record = await both["agent-1"].action(action("100.00"))
    request = gate_pb2.CancelActionRequest(request_id=new_id(), action_id=record.action_id)
    answers = await all_at_once(both["agent-1"], "GateService/CancelAction", request, gate_pb2.CancelActionResponse)
    assert {answer.record.state for answer in answers} == {types_pb2.LEDGER_STATE_DENIED}
    assert await kinds_of(both, record.action_id) == ["action.decided", "action.cancelled"]


async def test_an_action_is_cancelled_or_run_never_both(both: People) -> None:
    record = await both["agent-1"].action(action())
    cancel = gate_pb2.CancelActionRequest(request_id=new_id(), action_id=record.action_id)
    report = gate_pb2.ReportOutcomeRequest(
        request_id=new_id(), action_id=record.action_id, outcome=types_pb2.LEDGER_STATE_EXECUTED
    )
    agent = both["agent-1"]
    answers, refused = await outcomes(
        [
            agent.send("GateService/CancelAction", cancel.SerializeToString()),
            agent.send("GateService/ReportOutcome", report.SerializeToString()),
        ]
    )
    assert len(answers) == 1
    assert set(refused) <= {"STATE_CONFLICT", "VERSION_CONFLICT"}


async def test_two_seniors_sign_once_each_and_neither_sways_the_other(both: People) -> None:
    record = await both["agent-1"].action(action("5000.00"))
    assert record.tier == types_pb2.TIER_T4
    item_id = await item_of(both, record.approval_id)
    await both["sena"].rule(item_id, await both["sena"].claim(item_id), "APPROVE")
    seen = review_pb2.GetItemRequest(item_id=item_id)
    view = await both["sven"].call("ReviewService/GetItem", seen, review_pb2.GetItemResponse)
    assert not view.item.rulings
    assert not view.approval.rulings
    claim = review_pb2.ClaimItemRequest(request_id=new_id(), item_id=item_id)
    assert (await both["sena"].refused("ReviewService/ClaimItem", claim)).reason == "MAKER_IS_CHECKER"
    assert (await both["vera"].refused("ReviewService/ClaimItem", claim)).reason == "FORBIDDEN"
    item = await both["sven"].rule(item_id, await both["sven"].claim(item_id), "APPROVE")
    assert item.state == review_pb2.ITEM_STATE_CLOSED
