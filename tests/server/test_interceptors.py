"""Who gets in, what is parsed, and what a refused caller hears."""

from __future__ import annotations

import io
import json
from typing import Any

import grpc
import pytest
from google.rpc import error_details_pb2, status_pb2
from live_server import World, new_id

from outguard.domain.principal import Role
from outguard.flows.issue_token import revoke_token
from outguard.observability import configure_logging
from outguard.server import interceptors
from outguard.server.methods import METHODS, PACKAGE
from outguard.v1 import gate_pb2, reply_pb2, types_pb2

CASES = [
    (f"/{PACKAGE}.{service}/{name}", rule.roles)
    for service, methods in METHODS.items()
    for name, rule in methods.items()
]
EVALUATE = "/outguard.v1.ReplyService/EvaluateReply"


async def call(
    channel: grpc.aio.Channel, method: str, data: bytes, metadata: tuple[tuple[str, str], ...] = ()
) -> bytes:
    """Send hand-made bytes."""
    if method.endswith(("/WatchItems", "/WatchApprovals", "/StreamEntries")):
        async for answer in channel.unary_stream(method, None, None)(data, metadata=metadata, timeout=10):
            return bytes(answer)
        return b""
    return bytes(await channel.unary_unary(method, None, None)(data, metadata=metadata, timeout=10))


async def code_of(channel: grpc.aio.Channel, method: str, metadata: tuple[tuple[str, str], ...]) -> grpc.StatusCode:
    """The status of an empty request."""
    try:
        await call(channel, method, b"", metadata)
    except grpc.aio.AioRpcError as error:
        return error.code()
    return grpc.StatusCode.OK


async def refused(
    channel: grpc.aio.Channel, method: str, data: bytes, metadata: tuple[tuple[str, str], ...] = ()
) -> tuple[grpc.StatusCode, str, str | None]:
    """The code, reason and field of a refused call."""
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await call(channel, method, data, metadata)
    trailing: Any = caught.value.trailing_metadata()
    status = status_pb2.Status.FromString(dict(trailing)["grpc-status-details-bin"])
    assert status.code == caught.value.code().value[0]
    info, bad = error_details_pb2.ErrorInfo(), error_details_pb2.BadRequest()
    assert status.details[0].Unpack(info)
    assert info.domain == "outguard"
    has_field = len(status.details) > 1 and status.details[1].Unpack(bad)
    return caught.value.code(), info.reason, bad.field_violations[0].field if has_field else None


def evaluation(**more: object) -> reply_pb2.EvaluateReplyRequest:
    """A valid request."""
    fields: dict[str, object] = {
        "request_id": new_id(),
        "reply": reply_pb2.Reply(
            conversation_id="conv-1",
            channel="email",
            recipient=types_pb2.Recipient(customer_id="c-1"),
            text="Hello, your parcel is on its way to you today.",
        ),
    }
    return reply_pb2.EvaluateReplyRequest(**{**fields, **more})  # type: ignore[arg-type]


def length_delimited(number: int, payload: bytes) -> bytes:
    """One field of the wire format."""
    size, length = len(payload), b""
    while size > 127:
        length += bytes([size & 127 | 128])
        size >>= 7
    return bytes([number << 3 | 2]) + length + bytes([size]) + payload


@pytest.mark.parametrize(("method", "roles"), CASES)
async def test_every_method_needs_a_credential_of_its_roles(
    live: World, channel: grpc.aio.Channel, method: str, roles: frozenset[Role]
) -> None:
    assert await refused(channel, method, b"") == (grpc.StatusCode.UNAUTHENTICATED, "UNAUTHENTICATED", None)
    for role in set(Role) - roles:
        answer = await refused(channel, method, b"", live.metadata(role))
        assert answer == (grpc.StatusCode.PERMISSION_DENIED, "FORBIDDEN", None), role
    for role in roles:
        entered = {grpc.StatusCode.OK, grpc.StatusCode.INVALID_ARGUMENT, grpc.StatusCode.UNIMPLEMENTED}
        assert await code_of(channel, method, live.metadata(role)) in entered, role


@pytest.mark.parametrize(
    "header",
    ["", "Bearer", "Bearer ", "Bearer og_x_y", "Basic {good}", "{good}", "Bearer {good}0", "Bearer {expired}"],
)
async def test_wrong_credentials_are_unauthenticated(live: World, channel: grpc.aio.Channel, header: str) -> None:
    value = header.format(good=live.bearers["agent"], expired=live.bearers["expired"])
    answer = await refused(channel, EVALUATE, b"", (("authorization", value),))
    assert answer[:2] == (grpc.StatusCode.UNAUTHENTICATED, "UNAUTHENTICATED")


async def test_two_credentials_are_refused(live: World, channel: grpc.aio.Channel) -> None:
    twice = live.metadata("agent") + live.metadata("admin")
    assert (await refused(channel, EVALUATE, b"", twice))[1] == "UNAUTHENTICATED"


async def test_a_revoked_credential_is_refused(live: World, channel: grpc.aio.Channel) -> None:
    token_id = live.bearers["agent"].split("_")[1]
    await revoke_token(live.services, "root", tenant="default", token_id=token_id)
    live.clock.advance(60)
    assert (await refused(channel, EVALUATE, b"", live.metadata("agent")))[1] == "UNAUTHENTICATED"


@pytest.mark.parametrize(
    "data",
    [
        b"\xff\xff\xff",
        length_delimited(1, b"\xff\xfe invalid utf-8"),
        length_delimited(2, length_delimited(5, b"caf\xe9")),
        length_delimited(2, b"\x05"),
    ],
    ids=["garbage", "utf8", "utf8 nested", "truncated"],
)
async def test_broken_messages_are_malformed_requests(live: World, channel: grpc.aio.Channel, data: bytes) -> None:
    answer = await refused(channel, EVALUATE, data, live.metadata("agent"))
    assert answer[:2] == (grpc.StatusCode.INVALID_ARGUMENT, "MALFORMED_REQUEST")


@pytest.mark.parametrize(("levels", "is_read"), [(25, True), (40, False), (1000, False)])
async def test_payload_depth_is_bounded(live: World, channel: grpc.aio.Channel, levels: int, is_read: bool) -> None:  # noqa: FBT001 - a case
    struct = b""
    for _ in range(levels):
        value = length_delimited(5, struct)
        struct = length_delimited(1, length_delimited(1, b"a") + length_delimited(2, value))
    request = evaluation()
    data = request.SerializeToString() + length_delimited(2, length_delimited(6, struct))
    if is_read:
        assert await call(channel, EVALUATE, data, live.metadata("agent"))
    else:
        answer = await refused(channel, EVALUATE, data, live.metadata("agent"))
        assert answer[:2] == (grpc.StatusCode.INVALID_ARGUMENT, "MALFORMED_REQUEST")


async def test_a_message_over_the_limit_is_refused_by_the_transport(live: World, channel: grpc.aio.Channel) -> None:
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await call(channel, EVALUATE, b"\0" * (4 * 1024 * 1024 + 1), live.metadata("agent"))
    assert caught.value.code() is grpc.StatusCode.RESOURCE_EXHAUSTED


@pytest.mark.parametrize("place", ["top", "nested", "in a map"])
async def test_unknown_fields_in_a_mutating_call_are_refused(
    live: World, channel: grpc.aio.Channel, place: str
) -> None:
    unknown = length_delimited(15, b"hold this reply whatever you find")
    value = length_delimited(3, b"text") + unknown
    payload = length_delimited(1, length_delimited(1, b"a") + length_delimited(2, value))
    addition = {
        "top": unknown,
        "nested": length_delimited(2, unknown),
        "in a map": length_delimited(2, length_delimited(6, payload)),
    }[place]
    data = evaluation().SerializeToString() + addition
    answer = await refused(channel, EVALUATE, data, live.metadata("agent"))
    assert answer[:2] == (grpc.StatusCode.INVALID_ARGUMENT, "UNKNOWN_FIELDS")


async def test_unknown_fields_in_a_read_are_ignored(live: World, channel: grpc.aio.Channel) -> None:
    data = length_delimited(1, b"rep-none") + length_delimited(15, b"newer")
    answer = await refused(channel, "/outguard.v1.ReplyService/GetReply", data, live.metadata("agent"))
    assert answer[1] == "NOT_FOUND"


async def test_an_unexpected_error_tells_nothing_but_an_incident(
    live: World, channel: grpc.aio.Channel, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def breaks(*_: object, **__: object) -> None:
        raise RuntimeError("secret sauce")

    log = io.StringIO()
    configure_logging(stream=log)
    monkeypatch.setattr(live.store, "commit", breaks)
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await call(channel, EVALUATE, evaluation().SerializeToString(), live.metadata("agent"))
    assert caught.value.code() is grpc.StatusCode.INTERNAL
    details = caught.value.details() or ""
    assert details.startswith("internal error, incident inc-")
    assert "secret sauce" not in repr(caught.value.trailing_metadata())
    lines = [json.loads(line) for line in log.getvalue().splitlines()]
    assert any(details.rpartition(" ")[2] in line["event"] for line in lines)
    assert "secret sauce" not in log.getvalue()


async def test_a_lost_store_is_unavailable(live: World, channel: grpc.aio.Channel) -> None:
    await call(channel, EVALUATE, evaluation().SerializeToString(), live.metadata("agent"))
    live.store.is_down = True
    answer = await refused(channel, EVALUATE, evaluation().SerializeToString(), live.metadata("agent"))
    assert answer[:2] == (grpc.StatusCode.UNAVAILABLE, "UNAVAILABLE")


async def test_a_reused_request_id_is_refused(live: World, channel: grpc.aio.Channel) -> None:
    first, agent = evaluation(), live.metadata("agent")
    await call(channel, EVALUATE, first.SerializeToString(), agent)
    second = evaluation(request_id=first.request_id, last_user="other")
    answer = await refused(channel, EVALUATE, second.SerializeToString(), agent)
    assert answer == (grpc.StatusCode.ALREADY_EXISTS, "REQUEST_ID_REUSED", "request_id")


@pytest.mark.parametrize("confidence", [-0.1, 1.1, float("nan"), float("inf")])
async def test_a_confidence_out_of_range_is_refused(live: World, channel: grpc.aio.Channel, confidence: float) -> None:
    request = evaluation(confidence=confidence)
    answer = await refused(channel, EVALUATE, request.SerializeToString(), live.metadata("agent"))
    assert answer == (grpc.StatusCode.INVALID_ARGUMENT, "INVALID_INPUT", "confidence")


async def test_an_agents_doubt_holds_its_reply(live: World, channel: grpc.aio.Channel) -> None:
    evaluate = channel.unary_unary(EVALUATE, None, None)
    for confidence, verdict in ((0.9, types_pb2.VERDICT_ALLOW), (0.0, types_pb2.VERDICT_QUARANTINE)):
        data = await evaluate(evaluation(confidence=confidence).SerializeToString(), metadata=live.metadata("agent"))
        assert reply_pb2.EvaluateReplyResponse.FromString(bytes(data)).answer.verdict == verdict


@pytest.mark.parametrize("outcome", [0, 99, -1, types_pb2.LEDGER_STATE_PENDING])
async def test_bad_enum_numbers_are_refused(live: World, channel: grpc.aio.Channel, outcome: int) -> None:
    request = gate_pb2.ReportOutcomeRequest(
        request_id=new_id(),
        action_id="act-1",
        outcome=outcome,  # type: ignore[arg-type]
    )
    method = "/outguard.v1.GateService/ReportOutcome"
    answer = await refused(channel, method, request.SerializeToString(), live.metadata("agent"))
    assert answer == (grpc.StatusCode.INVALID_ARGUMENT, "INVALID_INPUT", "outcome")


async def test_the_callers_deadline_is_the_budget(
    live: World, channel: grpc.aio.Channel, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A caller with less time left than the margin leaves the judge none: the reply is held."""
    monkeypatch.setattr(interceptors, "MARGIN_S", 60.0)
    evaluate = channel.unary_unary(EVALUATE, None, None)
    data = await evaluate(evaluation().SerializeToString(), metadata=live.metadata("agent"), timeout=30)
    answer = reply_pb2.EvaluateReplyResponse.FromString(bytes(data)).answer
    assert answer.verdict == types_pb2.VERDICT_QUARANTINE
    assert answer.degraded
