"""Whatever a server or the network does, nothing may be sent or executed unless the answer clearly says so."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import grpc
import pytest

from outguard.client import AsyncClient, Client, Money, Recipient, ReplyState, Verdict
from outguard.client import wire as wires
from outguard.client.decision import ActionDecision, ReplyDecision
from outguard.errors import CallFailedError, HeldReplyError, InvalidInputError
from outguard.v1 import gate_pb2, reply_pb2, types_pb2

TOKEN = "og_" + "tok-1_" + "0" * 64
MARIA = Recipient(customer_id="c-1")
Behaviour = Callable[[bytes, Any], Awaitable[bytes]]


def sendable_answer(**more: Any) -> reply_pb2.ReplyAnswer:
    """An answer that lets a text go."""
    fields: dict[str, Any] = {
        "reply_id": "rep-1",
        "verdict": types_pb2.VERDICT_ALLOW,
        "state": reply_pb2.REPLY_STATE_SENDABLE,
        "content": types_pb2.Content(text="Hello"),
    }
    return reply_pb2.ReplyAnswer(**{**fields, **more})


def allowed_record(**more: Any) -> gate_pb2.ActionRecord:
    """An answer that lets an action run."""
    fields: dict[str, Any] = {
        "action_id": "act-1",
        "decision": gate_pb2.GATE_DECISION_ALLOW,
        "state": types_pb2.LEDGER_STATE_APPROVED,
    }
    return gate_pb2.ActionRecord(**{**fields, **more})


@asynccontextmanager
async def fake_server(behave: Behaviour) -> AsyncIterator[str]:
    """A server that behaves as told, whatever is asked."""

    class Anything(grpc.GenericRpcHandler):  # type: ignore[type-arg]  # generic in the stubs alone
        def service(self, handler_call_details: grpc.HandlerCallDetails) -> Any:  # noqa: ARG002
            return grpc.unary_unary_rpc_method_handler(behave)

    server = grpc.aio.server()
    server.add_generic_rpc_handlers((Anything(),))
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    try:
        yield f"127.0.0.1:{port}"
    finally:
        await server.stop(0)


async def ask(address: str, timeout_s: float = 1.0) -> tuple[ReplyDecision, ActionDecision]:
    """Both questions."""
    async with AsyncClient(address, TOKEN, timeout_s=timeout_s) as client:
        reply = await client.evaluate_reply(conversation_id="c", recipient=MARIA, text="Hello")
        action = await client.evaluate_action(conversation_id="c", topic="support.refund")
    return reply, action


def check_closed(reply: ReplyDecision, action: ActionDecision) -> None:
    """Nothing may go, nothing may run, and there is something to tell the customer."""
    assert reply.sendable is None
    assert reply.is_held
    assert reply.holding_message
    with pytest.raises(HeldReplyError):
        reply.text_to_send()
    assert not action.may_execute
    assert reply.error is not None
    assert action.error is not None


@pytest.mark.parametrize("code", [code for code in grpc.StatusCode if code is not grpc.StatusCode.OK])
async def test_every_status_code_holds_and_denies(code: grpc.StatusCode) -> None:
    async def behave(_: bytes, context: Any) -> bytes:
        await context.abort(code, "whatever the server says")
        return b""

    async with fake_server(behave) as address:
        reply, action = await ask(address)
    check_closed(reply, action)
    assert reply.error is not None
    assert reply.error.code == code.name
    assert "whatever" not in repr(reply)


async def test_a_server_that_hangs_holds() -> None:
    async def behave(_: bytes, __: Any) -> bytes:
        await asyncio.sleep(60)
        return b""

    async with fake_server(behave) as address:
        reply, action = await ask(address, timeout_s=0.1)
    check_closed(reply, action)
    assert reply.error is not None
    assert reply.error.code == "DEADLINE_EXCEEDED"


async def test_a_server_that_is_not_there_holds() -> None:
    check_closed(*await ask("127.0.0.1:1", timeout_s=0.3))


async def test_a_connection_that_drops_holds() -> None:
    async def drop(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.close()

    server = await asyncio.start_server(drop, "127.0.0.1", 0)
    async with server:
        port = server.sockets[0].getsockname()[1]
        check_closed(*await ask(f"127.0.0.1:{port}", timeout_s=0.3))


@pytest.mark.parametrize("data", [b"", b"\xff\xff", b"\x0a\x00"], ids=["empty", "garbage", "empty answer"])
async def test_a_malformed_answer_holds(data: bytes) -> None:
    async def behave(_: bytes, __: Any) -> bytes:
        return data

    async with fake_server(behave) as address:
        check_closed(*await ask(address))


async def test_a_closed_client_holds() -> None:
    client = AsyncClient("127.0.0.1:1", TOKEN, timeout_s=0.2)
    await client.evaluate_reply(conversation_id="c", recipient=MARIA, text="Hello")
    await client.close()
    reply = await client.evaluate_reply(conversation_id="c", recipient=MARIA, text="Hello")
    assert reply.sendable is None


@pytest.mark.parametrize(
    "arguments",
    [{"text": "\ud800"}, {"payload": {"a": {1, 2}}}, {"payload": {"a": float("nan")}}, {"payload": {"id": 2**60}}],
    ids=["surrogate", "set", "nan", "inexact integer"],
)
async def test_a_request_that_cannot_be_made_holds(arguments: dict[str, Any]) -> None:
    async with AsyncClient("127.0.0.1:1", TOKEN) as client:
        reply = await client.evaluate_reply(conversation_id="c", recipient=MARIA, **arguments)
    assert reply.sendable is None
    assert reply.error is not None
    assert reply.error.code == "INVALID_ARGUMENT"


async def test_the_blocking_client_holds_too() -> None:
    def work() -> tuple[ReplyDecision, ActionDecision]:
        with Client("127.0.0.1:1", TOKEN, timeout_s=0.3) as client:
            return (
                client.evaluate_reply(conversation_id="c", recipient=MARIA, text="Hello"),
                client.evaluate_action(conversation_id="c", topic="support.refund"),
            )

    check_closed(*await asyncio.to_thread(work))


@pytest.mark.parametrize(
    "change",
    [
        {"verdict": 0},
        {"verdict": 99},
        {"verdict": types_pb2.VERDICT_QUARANTINE},
        {"state": 0},
        {"state": 99},
        {"state": reply_pb2.REPLY_STATE_HELD},
        {"state": reply_pb2.REPLY_STATE_REJECTED},
        {"state": reply_pb2.REPLY_STATE_EXPIRED},
        {"content": None},
        {"content": types_pb2.Content()},
        {"content": types_pb2.Content(subject="only a subject")},
        {"reply_id": ""},
    ],
    ids=repr,
)
def test_an_answer_that_is_not_clear_in_every_field_holds(change: dict[str, Any]) -> None:
    decision = ReplyDecision.of(sendable_answer(**change), holding_message="one moment")
    assert decision.sendable is None
    assert decision.holding_message == "one moment"


@pytest.mark.parametrize(
    ("change", "text"),
    [
        ({}, "Hello"),
        ({"verdict": types_pb2.VERDICT_REDACT}, "Hello"),
        ({"verdict": types_pb2.VERDICT_QUARANTINE, "state": reply_pb2.REPLY_STATE_RELEASED}, "Hello"),
        ({"verdict": types_pb2.VERDICT_QUARANTINE, "shadow": True}, "Hello"),
        ({"content": types_pb2.Content(text="")}, ""),
    ],
    ids=repr,
)
def test_only_clear_answers_are_sendable(change: dict[str, Any], text: str) -> None:
    assert ReplyDecision.of(sendable_answer(**change), holding_message="").text_to_send() == text


@pytest.mark.parametrize(
    "change",
    [
        {"decision": 0},
        {"decision": 99},
        {"decision": gate_pb2.GATE_DECISION_DENY},
        {"decision": gate_pb2.GATE_DECISION_REQUIRE_APPROVAL},
        {"decision": gate_pb2.GATE_DECISION_DENY, "shadow": True},
        {"state": 0},
        {"state": types_pb2.LEDGER_STATE_EXECUTED},
        {"state": types_pb2.LEDGER_STATE_PENDING},
        {"action_id": ""},
    ],
    ids=repr,
)
def test_an_action_that_is_not_clearly_allowed_may_not_run(change: dict[str, Any]) -> None:
    assert not ActionDecision.of(allowed_record(**change), holding_message="").may_execute


def test_a_clearly_allowed_action_may_run() -> None:
    assert ActionDecision.of(allowed_record(), holding_message="").may_execute
    bounded = allowed_record(decision=gate_pb2.GATE_DECISION_ALLOW_WITH_CONSTRAINTS)
    assert ActionDecision.of(bounded, holding_message="").may_execute


@pytest.mark.parametrize("use", [bool, str, list, len, "{}".format, lambda one: f"{one}"])
def test_a_decision_cannot_pass_for_a_yes_or_for_words(use: Callable[[Any], object]) -> None:
    reply = ReplyDecision.of(sendable_answer(), holding_message="")
    action = ActionDecision.of(allowed_record(), holding_message="")
    for decision in (reply, action):
        with pytest.raises(TypeError):
            use(decision)


def test_repr_holds_no_content() -> None:
    answer = sendable_answer(content=types_pb2.Content(text="for Maria only", subject="for Maria only"))
    decision = ReplyDecision.of(answer, holding_message="")
    assert "Maria" not in repr(decision)
    with pytest.raises(TypeError):
        str(decision.sendable)


def test_words_cannot_be_swapped() -> None:
    decision = ReplyDecision.of(sendable_answer(), holding_message="")
    with pytest.raises(AttributeError):
        decision.sendable = None  # type: ignore[misc]


@pytest.mark.parametrize("code", [grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.CANCELLED])
async def test_what_passes_is_retried_with_the_same_request_id(
    code: grpc.StatusCode, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wires, "FIRST_PAUSE_S", 0.001)
    seen: list[str] = []

    async def behave(data: bytes, context: Any) -> bytes:
        seen.append(reply_pb2.EvaluateReplyRequest.FromString(data).request_id)
        if len(seen) < 3:
            await context.abort(code, "")
        return reply_pb2.EvaluateReplyResponse(answer=sendable_answer()).SerializeToString()

    async with fake_server(behave) as address, AsyncClient(address, TOKEN) as client:
        decision = await client.evaluate_reply(conversation_id="c", recipient=MARIA, text="Hello")
    assert decision.text_to_send() == "Hello"
    assert len(seen) == 3
    assert len(set(seen)) == 1


@pytest.mark.parametrize("code", [grpc.StatusCode.INTERNAL, grpc.StatusCode.ABORTED, grpc.StatusCode.UNKNOWN])
async def test_nothing_else_is_retried(code: grpc.StatusCode) -> None:
    seen: list[bytes] = []

    async def behave(data: bytes, context: Any) -> bytes:
        seen.append(data)
        await context.abort(code, "")
        return b""

    async with fake_server(behave) as address, AsyncClient(address, TOKEN) as client:
        await client.evaluate_reply(conversation_id="c", recipient=MARIA, text="Hello")
    assert len(seen) == 1


async def test_retries_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wires, "FIRST_PAUSE_S", 0.001)
    seen: list[bytes] = []

    async def behave(data: bytes, context: Any) -> bytes:
        seen.append(data)
        await context.abort(grpc.StatusCode.UNAVAILABLE, "")
        return b""

    async with fake_server(behave) as address, AsyncClient(address, TOKEN) as client:
        with pytest.raises(CallFailedError):
            await client.report_outcome("act-1", "EXECUTED")
    assert len(seen) == wires.ATTEMPTS


async def test_wait_reply_ends_with_its_time() -> None:
    async def behave(_: bytes, __: Any) -> bytes:
        held = sendable_answer(state=reply_pb2.REPLY_STATE_HELD, verdict=types_pb2.VERDICT_QUARANTINE, content=None)
        await asyncio.sleep(0.01)
        return reply_pb2.WaitReplyResponse(answer=held).SerializeToString()

    async with fake_server(behave) as address, AsyncClient(address, TOKEN) as client:
        decision = await client.wait_reply("rep-1", timeout_s=0.05)
    assert (decision.verdict, decision.state) == (Verdict.QUARANTINE, ReplyState.HELD)


@pytest.mark.parametrize("target", ["example.org:443", "10.0.0.1:1", "[2001:db8::1]:1"])
def test_plaintext_does_not_leave_this_machine(target: str) -> None:
    with pytest.raises(InvalidInputError, match="plaintext"):
        AsyncClient(target, TOKEN, tls=False)
    assert wires.Target(address=target, token=TOKEN).credentials() is not None
    assert wires.Target(address=target, token=TOKEN, allow_plaintext=True).credentials() is None


@pytest.mark.parametrize("target", ["127.0.0.1:1", "localhost:1", "[::1]:1"])
def test_loopback_is_plaintext_unless_asked(target: str) -> None:
    assert wires.Target(address=target, token=TOKEN).credentials() is None
    assert wires.Target(address=target, token=TOKEN, tls=True).credentials() is not None


@pytest.mark.parametrize("target", ["", "127.0.0.1", "dns:///127.0.0.1:1", "127.0.0.1:1/x", "a b:1"])
def test_odd_targets_are_refused(target: str) -> None:
    with pytest.raises(InvalidInputError):
        AsyncClient(target, TOKEN)


@pytest.mark.parametrize("token", ["", "og x", "og_\n", "og_\u00e9"])
def test_odd_tokens_are_refused_and_never_shown(token: str) -> None:
    with pytest.raises(InvalidInputError) as caught:
        AsyncClient("127.0.0.1:1", token)
    assert not token or token not in str(caught.value)


def test_a_client_does_not_show_its_token() -> None:
    assert TOKEN not in repr(AsyncClient("127.0.0.1:1", TOKEN)) + repr(wires.Target(address="a:1", token=TOKEN))


def test_floats_are_no_money() -> None:
    with pytest.raises(InvalidInputError):
        Money(amount=4.5, currency="USD").to_proto()  # type: ignore[arg-type]
