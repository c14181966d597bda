"""Hostile and broken requests over the wire: each is refused by a typed error, denied or held, and never echoed."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from e2e_server import (
    EVALUATE_ACTION,
    EVALUATE_REPLY,
    GOOD,
    MARK,
    PROMISE,
    People,
    Refused,
    action,
    connected,
    length_delimited,
    nested_struct,
    new_id,
    reply,
    ruling,
    serving,
)
from google.protobuf import struct_pb2
from google.protobuf.message import Message

from outguard.client import AsyncClient, Recipient
from outguard.client import ReplyState as ClientState
from outguard.v1 import audit_pb2, gate_pb2, reply_pb2, review_pb2, types_pb2

UNKNOWN = length_delimited(15, MARK.encode())
MALFORMED = Refused("INVALID_ARGUMENT", "MALFORMED_REQUEST", None)


def invalid(field: str) -> Refused:
    return Refused("INVALID_ARGUMENT", "INVALID_INPUT", field)


def too_large(field: str) -> Refused:
    return Refused("INVALID_ARGUMENT", "TOO_LARGE", field)


def struct_of(**values: Any) -> struct_pb2.Struct:
    struct = struct_pb2.Struct()
    struct.update(values)
    return struct


MUTATING: list[tuple[str, str, Message]] = [
    ("agent-1", EVALUATE_REPLY, reply()),
    ("agent-1", EVALUATE_ACTION, action()),
    ("agent-1", "GateService/ReportOutcome", gate_pb2.ReportOutcomeRequest(request_id=new_id(), action_id="a")),
    ("agent-1", "GateService/CancelAction", gate_pb2.CancelActionRequest(request_id=new_id(), action_id="a")),
    ("vera", "ReviewService/ClaimItem", review_pb2.ClaimItemRequest(request_id=new_id(), item_id="i")),
    ("vera", "ReviewService/RenewClaim", review_pb2.RenewClaimRequest(request_id=new_id(), item_id="i")),
    ("vera", "ReviewService/AbandonClaim", review_pb2.AbandonClaimRequest(request_id=new_id(), item_id="i")),
    ("vera", "ReviewService/RuleItem", ruling("i", 1, "RELEASE")),
]


@pytest.mark.parametrize(("who", "method", "request_"), MUTATING, ids=[method for _, method, _ in MUTATING])
async def test_unknown_fields_are_refused_by_every_mutating_method(
    people: People, who: str, method: str, request_: Message
) -> None:
    data = request_.SerializeToString() + UNKNOWN
    assert await people[who].refused(method, data) == Refused("INVALID_ARGUMENT", "UNKNOWN_FIELDS", None)


@pytest.mark.parametrize(("who", "method", "request_"), MUTATING, ids=[method for _, method, _ in MUTATING])
async def test_broken_bytes_are_malformed(people: People, who: str, method: str, request_: Message) -> None:
    whole = request_.SerializeToString()
    assert await people[who].refused(method, b"\xff" * 50) == MALFORMED
    assert await people[who].refused(method, whole[:-1]) == MALFORMED
    assert await people[who].refused(method, length_delimited(1, MARK.encode() + b"\xed\xa0\x80")) == MALFORMED
    assert await people[who].refused(method, length_delimited(1, MARK.encode() + b"\xc3\x28")) == MALFORMED


BAD_ENUMS: list[tuple[str, str, Callable[[int], Message], str]] = [
    (
        "agent-1",
        "GateService/ReportOutcome",
        lambda n: gate_pb2.ReportOutcomeRequest(request_id=new_id(), action_id=MARK, outcome=n),  # type: ignore[arg-type]
        "outcome",
    ),
    ("vera", "ReviewService/RuleItem", lambda n: ruling(MARK, 1, n), "kind"),
    ("vera", "ReviewService/RuleItem", lambda n: ruling(MARK, 1, "REJECT", defect=n), "defect"),
    ("vera", "ReviewService/ListItems", lambda n: review_pb2.ListItemsRequest(states=[n]), "states"),  # type: ignore[list-item]
    ("vera", "ReviewService/ListItems", lambda n: review_pb2.ListItemsRequest(kinds=[n]), "kinds"),  # type: ignore[list-item]
]


@pytest.mark.parametrize("number", [0, 99, -1, 2**31 - 1])
@pytest.mark.parametrize(("who", "method", "make", "field"), BAD_ENUMS, ids=[f"{m}.{f}" for _, m, _, f in BAD_ENUMS])
async def test_bad_enum_values_are_refused(
    people: People, who: str, method: str, make: Callable[[int], Message], field: str, number: int
) -> None:
    assert await people[who].refused(method, make(number)) == invalid(field)


@pytest.mark.parametrize("text", ["", None])
async def test_an_empty_reply_is_refused(people: People, text: str | None) -> None:
    assert await people["agent-1"].refused(EVALUATE_REPLY, reply(text)) == invalid("reply")


@pytest.mark.parametrize(
    "text", [f"{MARK} " * 28_000, "😀" * 300 * 1024, PROMISE * 4_000], ids=["300k", "wide", "dense"]
)
async def test_a_huge_text_is_held(people: People, text: str) -> None:
    answer = await people["agent-1"].reply(reply(text))
    assert answer.verdict == types_pb2.VERDICT_QUARANTINE
    assert answer.state == reply_pb2.REPLY_STATE_HELD
    assert not answer.HasField("content")
    assert answer.item_id
    assert answer.holding_message


async def test_a_reply_of_many_personal_values_is_held_and_stays_on_the_record(tmp_path: Path) -> None:
    """Within the shipped budget it may neither block its neighbours for seconds nor outgrow an audit entry."""
    values = [f"a{number:05d}@b.example" for number in range(12_000)]
    with serving(tmp_path, evaluation_budget_ms=300, nlp_model="none") as server:
        async with connected(server) as people:
            answer = await people["agent-1"].reply(reply(None, payload=struct_of(mails=values)))
            assert answer.state == reply_pb2.REPLY_STATE_HELD
            request = audit_pb2.ListEntriesRequest(subject_id=answer.reply_id)
            page = await people["audra"].call("AuditService/ListEntries", request, audit_pb2.ListEntriesResponse)
            assert [entry.kind for entry in page.entries] == ["reply.decided"]


async def test_the_record_holds_no_payload_keys(people: People) -> None:
    """Keys are the agent's words: entries can never be erased, so they name the payload only."""
    key = f"{MARK}@mail.example"
    answer = await people["agent-1"].reply(reply(None, payload=struct_of(**{key: "call 555-867-5309 now please"})))
    assert answer.findings
    request = audit_pb2.ListEntriesRequest(subject_id=answer.reply_id)
    page = await people["audra"].call("AuditService/ListEntries", request, audit_pb2.ListEntriesResponse)
    assert all(MARK.encode() not in entry.data for entry in page.entries)


async def test_a_payload_nested_a_thousand_deep_is_malformed(people: People) -> None:
    deep = nested_struct(1000)
    for method, request, inner in (
        (EVALUATE_REPLY, reply(), length_delimited(2, length_delimited(6, deep))),
        (EVALUATE_ACTION, action(), length_delimited(2, length_delimited(4, deep))),
    ):
        assert await people["agent-1"].refused(method, request.SerializeToString() + inner) == MALFORMED
    edit = ruling("i", 1, "EDIT_AND_RELEASE").SerializeToString()
    assert await people["vera"].refused("ReviewService/RuleItem", edit + length_delimited(7, deep)) == MALFORMED


async def test_whatever_depth_is_taken_can_be_answered(people: People) -> None:
    """An answer nests the payload deeper than its request: nobody may be told what they cannot read."""
    taken = 0
    for levels in range(20, 45):
        data = reply(None).SerializeToString() + length_delimited(
            2, length_delimited(6, nested_struct(levels, "thank you"))
        )
        try:
            raw = await people["agent-1"].send(EVALUATE_REPLY, data)
        except Exception:  # noqa: BLE001 - refused is fine, and tested above
            break
        answer = reply_pb2.EvaluateReplyResponse.FromString(raw).answer
        assert answer.state in {reply_pb2.REPLY_STATE_SENDABLE, reply_pb2.REPLY_STATE_HELD}
        taken = levels
    assert taken >= 25


async def test_the_sdk_holds_what_it_cannot_even_encode(people: People) -> None:
    payload: dict[str, Any] = {"a": MARK}
    for _ in range(1000):
        payload = {"a": payload}
    server = people.server
    async with AsyncClient(server.address, server.bearers["agent-1"]) as client:
        cases: list[dict[str, Any]] = [
            {"payload": payload},
            {"text": f"{MARK} \ud800"},
            {"payload": {"a": math.nan}},
            {"text": ""},
        ]
        for more in cases:
            answer = await client.evaluate_reply(conversation_id="c", recipient=Recipient(), **more)
            assert answer.state is ClientState.HELD
            assert answer.sendable is None
            assert answer.error is not None
            assert MARK not in repr(answer)
            assert MARK not in str(answer.error)


async def test_a_claim_without_a_ledger_is_held(people: People) -> None:
    """Nothing is known of the conversation, so nothing backs the deed."""
    answer = await people["agent-1"].reply(reply(PROMISE))
    assert answer.state == reply_pb2.REPLY_STATE_HELD
    assert {finding.status for finding in answer.findings} & {
        types_pb2.STATUS_UNBACKED,
        types_pb2.STATUS_BEYOND_AUTHORITY,
    }


@pytest.mark.parametrize(
    "amount", ["NaN", "-NaN", "sNaN", "Infinity", "-1", "-0.01", "1e16", "1e-999999999", "9" * 41, ""]
)
async def test_a_senseless_amount_is_refused(people: People, amount: str) -> None:
    refused = await people["agent-1"].refused(EVALUATE_ACTION, action(amount))
    assert (refused.code, refused.reason) in {("INVALID_ARGUMENT", "INVALID_INPUT"), ("INVALID_ARGUMENT", "TOO_LARGE")}


@pytest.mark.parametrize("amount", ["1000000000000000", "999999.99"])
async def test_a_huge_amount_needs_people(people: People, amount: str) -> None:
    record = await people["agent-1"].action(action(amount))
    assert record.decision == gate_pb2.GATE_DECISION_REQUIRE_APPROVAL
    assert record.tier == types_pb2.TIER_T4


@pytest.mark.parametrize("number", [math.nan, math.inf, -math.inf, -0.5, 1.5, 1e308])
async def test_senseless_numbers_are_refused(people: People, number: float) -> None:
    agent = people["agent-1"]
    assert await agent.refused(EVALUATE_ACTION, action(confidence=number)) == invalid("action.confidence")
    if not 0 <= number < math.inf:
        assert await agent.refused(EVALUATE_ACTION, action(anomaly_score=number)) == invalid("action.anomaly_score")
    if not math.isfinite(number):
        bad = action()
        bad.action.arguments.fields["x"].number_value = number
        assert await agent.refused(EVALUATE_ACTION, bad) == invalid("action.arguments")
        payload = struct_pb2.Struct()
        payload.fields["x"].number_value = number
        assert await agent.refused(EVALUATE_REPLY, reply(payload=payload)) == invalid("reply.payload")


@pytest.mark.parametrize(("field", "value"), [("retry_count", -1), ("affected_users", -(2**63))])
async def test_negative_counts_are_refused(people: People, field: str, value: int) -> None:
    more: dict[str, Any] = {field: value}
    assert await people["agent-1"].refused(EVALUATE_ACTION, action(**more)) == invalid(f"action.{field}")


async def test_ten_thousand_risk_tags_are_too_many(people: People) -> None:
    refused = await people["agent-1"].refused(EVALUATE_ACTION, action(risk_tags=[MARK] * 10_000))
    assert refused == too_large("action.risk_tags")


@pytest.mark.parametrize(
    "topic",
    ["*", "support.*", "support.refun?", "support.[r]efund", "support.refund*", "SUPPORT.refund", "support..refund"],
)
async def test_a_glob_as_a_topic_is_denied(people: People, topic: str) -> None:
    record = await people["agent-1"].action(action(topic=topic))
    assert record.decision == gate_pb2.GATE_DECISION_DENY
    assert record.rule_id == "gate.malformed"


@pytest.mark.parametrize("request_id", ["", MARK, "not-a-uuid", "00000000-0000-0000-0000-00000000000g"])
async def test_a_request_id_is_a_uuid(people: People, request_id: str) -> None:
    request = reply()
    request.request_id = request_id
    assert await people["agent-1"].refused(EVALUATE_REPLY, request) == invalid("request_id")


async def test_a_nul_in_a_name_is_refused_alike_on_every_database(both: People) -> None:
    agent = both["agent-1"]
    assert await agent.refused(EVALUATE_REPLY, reply(conversation_id="a\0b")) == invalid("reply.conversation_id")
    assert await agent.refused(EVALUATE_ACTION, action(target="a\0b")) == invalid("action.target")
    answer = await agent.reply(reply(f"{GOOD}\0"))
    assert answer.reply_id
    answer = await agent.reply(reply(None, payload=struct_of(**{f"card\0{MARK}": "4111 1111 1111 1111"})))
    assert answer.reply_id


async def test_an_unknown_profile_is_refused(people: People) -> None:
    request = reply()
    request.profile = MARK
    assert await people["agent-1"].refused(EVALUATE_REPLY, request) == Refused(
        "INVALID_ARGUMENT", "UNKNOWN_PROFILE", "profile"
    )


async def test_a_reused_request_id_with_other_content_is_refused(both: People) -> None:
    agent = both["agent-1"]
    reused = Refused("ALREADY_EXISTS", "REQUEST_ID_REUSED", "request_id")
    first, other = reply(), reply(f"{GOOD} Bye!")
    other.request_id = first.request_id
    await agent.reply(first)
    assert await agent.refused(EVALUATE_REPLY, other) == reused
    deed, other_deed = action(), action("21.00")
    other_deed.request_id = deed.request_id
    await agent.action(deed)
    assert await agent.refused(EVALUATE_ACTION, other_deed) == reused


async def test_a_list_of_the_same_state_is_one_state(both: People) -> None:
    """However often: a database takes only so many parameters."""
    states = [review_pb2.ITEM_STATE_OPEN] * 40_000
    request = review_pb2.ListItemsRequest(states=states, page_size=2**31 - 1)
    await both["vera"].call("ReviewService/ListItems", request, review_pb2.ListItemsResponse)


@pytest.mark.parametrize("number", [-1, -(2**63), 2**63 - 1])
async def test_places_outside_the_record_are_refused_or_empty(both: People, number: int) -> None:
    audra = both["audra"]
    if number < 0:
        assert await audra.refused("AuditService/ListEntries", audit_pb2.ListEntriesRequest(start=number)) == invalid(
            "start"
        )
    else:
        request = audit_pb2.ListEntriesRequest(start=number)
        assert not (await audra.call("AuditService/ListEntries", request, audit_pb2.ListEntriesResponse)).entries
    proof = audit_pb2.GetInclusionProofRequest(index=number, tree_size=number)
    assert (await audra.refused("AuditService/GetInclusionProof", proof)).reason == "INVALID_INPUT"
    growth = audit_pb2.GetConsistencyProofRequest(first=number, second=number)
    assert (await audra.refused("AuditService/GetConsistencyProof", growth)).reason == "INVALID_INPUT"


async def test_a_reply_too_large_to_be_read_is_never_released_as_it_stands(people: People) -> None:
    """A release cuts secrets and personal data, and here nobody knows where they are."""
    answer = await people["agent-1"].reply(reply(f"{MARK} 4111 1111 1111 1111 " * 12_000))
    seen = review_pb2.GetItemRequest(item_id=answer.item_id)
    view = await people["vera"].call("ReviewService/GetItem", seen, review_pb2.GetItemResponse)
    assert view.original.text
    assert not view.HasField("proposed")
    token = await people["vera"].claim(answer.item_id)
    refused = await people["vera"].refused("ReviewService/RuleItem", ruling(answer.item_id, token, "RELEASE"))
    assert (refused.code, refused.reason) == ("FAILED_PRECONDITION", "STATE_CONFLICT")
    item = await people["vera"].rule(answer.item_id, token, "REJECT")
    assert item.state == review_pb2.ITEM_STATE_CLOSED
