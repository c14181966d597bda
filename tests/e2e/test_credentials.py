"""Who gets in, who may rule, and whose things one sees: by the credential alone."""

from __future__ import annotations

import asyncio

import pytest
from e2e_server import (
    EVALUATE_ACTION,
    EVALUATE_REPLY,
    LEASE_S,
    PROMISE,
    Caller,
    People,
    Refused,
    action,
    new_id,
    reply,
    ruling,
)
from google.protobuf.message import Message

from outguard.client import AsyncClient, Recipient
from outguard.v1 import audit_pb2, gate_pb2, policy_pb2, reply_pb2, review_pb2

UNAUTHENTICATED = Refused("UNAUTHENTICATED", "UNAUTHENTICATED", None)
FORBIDDEN = Refused("PERMISSION_DENIED", "FORBIDDEN", None)


async def held(people: People) -> reply_pb2.ReplyAnswer:
    """A reply of agent-1 that waits for a person."""
    answer = await people["agent-1"].reply(reply(PROMISE))
    assert answer.state == reply_pb2.REPLY_STATE_HELD
    return answer


def claim_of(item_id: str) -> review_pb2.ClaimItemRequest:
    return review_pb2.ClaimItemRequest(request_id=new_id(), item_id=item_id)


@pytest.mark.parametrize("bearer", ["expired", "revoked", "unknown"])
async def test_a_dead_or_unknown_credential_gets_nowhere(people: People, bearer: str) -> None:
    caller = people[bearer]
    assert await caller.refused(EVALUATE_REPLY, reply()) == UNAUTHENTICATED
    assert await caller.refused("ReviewService/ListItems", b"") == UNAUTHENTICATED
    server = people.server
    async with AsyncClient(server.address, server.bearers[bearer]) as client:
        answer = await client.evaluate_reply(conversation_id="c", recipient=Recipient(), text="Hello.")
        assert answer.sendable is None
        deed = await client.evaluate_action(conversation_id="c", topic="support.read.order")
        assert not deed.may_execute


async def test_a_wrong_secret_or_none_gets_nowhere(people: People) -> None:
    good = people.server.bearers["agent-1"]
    for bearer in ("", "og_", good[:-1], good[:-1] + ("0" if good[-1] != "0" else "1"), good + "0", good.upper()):
        assert await Caller(people.channel, bearer).refused(EVALUATE_REPLY, reply()) == UNAUTHENTICATED


@pytest.mark.parametrize(
    ("who", "method"),
    [
        ("vera", EVALUATE_REPLY),
        ("sena", EVALUATE_ACTION),
        ("adam", EVALUATE_ACTION),
        ("agent-1", "ReviewService/ListItems"),
        ("agent-1", "ReviewService/RuleItem"),
        ("agent-1", "AuditService/ListEntries"),
        ("audra", "ReviewService/GetItem"),
        ("adam", "ReviewService/RuleItem"),
        ("vera", "AuditService/ListEntries"),
        ("vera", "PolicyService/ValidatePolicy"),
        ("audra", "ReplyService/GetReply"),
    ],
)
async def test_the_wrong_role_is_refused_before_anything_is_read(people: People, who: str, method: str) -> None:
    assert await people[who].refused(method, b"\xff") == FORBIDDEN


async def test_a_topic_outside_the_credential_is_denied(people: People) -> None:
    record = await people["reader"].action(action())
    assert (record.decision, record.rule_id) == (gate_pb2.GATE_DECISION_DENY, "gate.scope")


async def test_things_of_others_do_not_exist(people: People) -> None:
    """Another agent's, and whatever is another tenant's, whoever asks."""
    answer = await held(people)
    deed = await people["agent-1"].action(action("100.00"))
    cases: list[tuple[str, str, Message]] = [
        ("agent-2", "ReplyService/GetReply", reply_pb2.GetReplyRequest(reply_id=answer.reply_id)),
        ("agent-2", "ReplyService/WaitReply", reply_pb2.WaitReplyRequest(reply_id=answer.reply_id)),
        ("agent-2", "GateService/GetApproval", gate_pb2.GetApprovalRequest(approval_id=deed.approval_id)),
        ("agent-2", "GateService/WaitApproval", gate_pb2.WaitApprovalRequest(approval_id=deed.approval_id)),
        (
            "agent-2",
            "GateService/CancelAction",
            gate_pb2.CancelActionRequest(request_id=new_id(), action_id=deed.action_id),
        ),
        (
            "agent-2",
            "GateService/ReportOutcome",
            gate_pb2.ReportOutcomeRequest(request_id=new_id(), action_id=deed.action_id, outcome=4),  # type: ignore[arg-type]
        ),
        ("foreign-agent", "ReplyService/GetReply", reply_pb2.GetReplyRequest(reply_id=answer.reply_id)),
        ("foreign-agent", EVALUATE_ACTION, action(approval_id=deed.approval_id)),
        ("foreign-senior", "ReviewService/GetItem", review_pb2.GetItemRequest(item_id=answer.item_id)),
        ("foreign-senior", "ReviewService/ClaimItem", claim_of(answer.item_id)),
        ("foreign-senior", "ReviewService/RuleItem", ruling(answer.item_id, 1, "RELEASE")),
        ("vera", "ReviewService/GetItem", review_pb2.GetItemRequest(item_id="itm-none")),
    ]
    for who, method, request in cases:
        assert (await people[who].refused(method, request)).reason == "NOT_FOUND", (who, method)
    everything = audit_pb2.ListEntriesRequest(page_size=500)
    page = await people["foreign-auditor"].call("AuditService/ListEntries", everything, audit_pb2.ListEntriesResponse)
    assert answer.reply_id not in {entry.subject_id for entry in page.entries}
    items = await people["foreign-senior"].call(
        "ReviewService/ListItems", review_pb2.ListItemsRequest(), review_pb2.ListItemsResponse
    )
    assert answer.item_id not in {item.item_id for item in items.items}
    assert {item.subject_id for item in items.items}.isdisjoint({answer.reply_id, deed.action_id})


async def test_the_maker_is_never_the_checker(people: People) -> None:
    """Also with another credential: who made a thing is a person, not a token."""
    answer = await held(people)
    refused = await people["agent-1 reviewing"].refused("ReviewService/ClaimItem", claim_of(answer.item_id))
    assert refused == Refused("PERMISSION_DENIED", "MAKER_IS_CHECKER", None)


async def test_nobody_rules_without_the_claim(people: People) -> None:
    answer = await held(people)
    stale = Refused("FAILED_PRECONDITION", "STALE_CLAIM", None)
    for token in (0, 1, 2**63 - 1):
        assert await people["vera"].refused("ReviewService/RuleItem", ruling(answer.item_id, token, "RELEASE")) == stale
    token = await people["vera"].claim(answer.item_id)
    assert await people["ravi"].refused("ReviewService/RuleItem", ruling(answer.item_id, token, "RELEASE")) == stale
    abandon = review_pb2.AbandonClaimRequest(request_id=new_id(), item_id=answer.item_id, token=token)
    await people["vera"].call("ReviewService/AbandonClaim", abandon, review_pb2.AbandonClaimResponse)
    await people["ravi"].claim(answer.item_id)
    for method, request in (
        ("ReviewService/RuleItem", ruling(answer.item_id, token, "RELEASE")),
        (
            "ReviewService/RenewClaim",
            review_pb2.RenewClaimRequest(request_id=new_id(), item_id=answer.item_id, token=token),
        ),
        ("ReviewService/AbandonClaim", abandon),
    ):
        assert await people["vera"].refused(method, request) == stale


async def test_a_lease_that_ran_out_is_stale(people: People) -> None:
    answer = await held(people)
    token = await people["vera"].claim(answer.item_id)
    await asyncio.sleep(LEASE_S + 0.1)
    refused = await people["vera"].refused("ReviewService/RuleItem", ruling(answer.item_id, token, "RELEASE"))
    assert refused.reason == "STALE_CLAIM"
    await people["ravi"].rule(answer.item_id, await people["ravi"].claim(answer.item_id), "RELEASE")


async def test_an_approval_is_for_its_agent_and_its_action(people: People) -> None:
    request = action("100.00")
    record = await people["agent-1"].action(request)
    item = gate_pb2.GetApprovalRequest(approval_id=record.approval_id)
    approval = (await people["vera"].call("GateService/GetApproval", item, gate_pb2.GetApprovalResponse)).approval
    again = gate_pb2.EvaluateActionRequest(action=request.action, approval_id=record.approval_id)
    mismatch = Refused("FAILED_PRECONDITION", "APPROVAL_MISMATCH", None)

    async def try_(who: str, **more: str) -> Refused:
        one = gate_pb2.EvaluateActionRequest()
        one.CopyFrom(again)
        one.request_id = new_id()
        for name, value in more.items():
            setattr(one.action, name, value)
        return await people[who].refused(EVALUATE_ACTION, one)

    assert await try_("agent-1") == mismatch  # nobody has approved yet
    await people["vera"].rule(approval.item_id, await people["vera"].claim(approval.item_id), "APPROVE")
    assert await try_("agent-2") == mismatch
    assert await try_("agent-1", target="another") == mismatch
    assert await try_("agent-1", customer_id="c-2") == mismatch
    assert await try_("agent-1", conversation_id="another") == mismatch
    again.request_id = new_id()
    assert (await people["agent-1"].action(again)).state == 2
    assert await try_("agent-1") == mismatch  # used up


async def test_a_policy_in_force_is_shown_to_every_role(people: People) -> None:
    for who in ("agent-1", "vera", "sena", "audra", "adam"):
        answer = await people[who].call(
            "PolicyService/GetSnapshot", policy_pb2.GetSnapshotRequest(), policy_pb2.GetSnapshotResponse
        )
        assert answer.policy.snapshot.startswith("v1:")
