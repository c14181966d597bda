"""The server binds, tells its health, drains, and keeps its extras opt-in."""

from __future__ import annotations

import asyncio
import os
import signal
from datetime import UTC, datetime, timedelta
from pathlib import Path

import grpc
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from grpc_health.v1 import health_pb2, health_pb2_grpc
from live_server import World, build_services, issue, new_id, world

from outguard.auth import Authenticator
from outguard.client import AsyncPolicyClient
from outguard.config import Settings
from outguard.domain.principal import Principal, Role
from outguard.errors import CallFailedError, ConfigError
from outguard.server import app
from outguard.server.methods import METHODS, PACKAGE
from outguard.v1 import gate_pb2, reply_pb2, types_pb2

NAMES = ["", *(f"{PACKAGE}.{name}" for name in METHODS)]
REFLECTION = "/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo"


async def health_of(channel: grpc.aio.Channel, service: str) -> int:
    stub = health_pb2_grpc.HealthStub(channel)
    answer = await stub.Check(health_pb2.HealthCheckRequest(service=service), timeout=5)
    return int(answer.status)


@pytest.mark.parametrize("name", NAMES)
async def test_health_needs_no_credential(channel: grpc.aio.Channel, name: str) -> None:
    assert await health_of(channel, name) == app.SERVING


async def test_health_follows_the_store(live: World, channel: grpc.aio.Channel) -> None:
    live.store.is_down = True
    await app._tell(live.services, live.running.health, NAMES[1:])
    assert {await health_of(channel, name) for name in NAMES} == {app.NOT_SERVING}
    live.store.is_down = False
    await app._tell(live.services, live.running.health, NAMES[1:])
    assert await health_of(channel, "") == app.SERVING


async def test_a_taken_address_is_a_config_error(live: World) -> None:
    services, store, clock = build_services()
    with pytest.raises(ConfigError, match="cannot be bound"):
        await app.start_server(services, Authenticator(store, clock), listen=live.address)


async def test_reflection_is_opt_in() -> None:
    services, store, clock = build_services()
    running = await app.start_server(services, Authenticator(store, clock))
    async with grpc.aio.insecure_channel(running.address) as channel:
        call = channel.stream_stream(REFLECTION, None, None)(iter([b""]), timeout=5)
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await call.read()
    assert caught.value.code() is grpc.StatusCode.UNIMPLEMENTED
    await running.stop(0)


async def test_stopping_lets_running_calls_end(live: World, channel: grpc.aio.Channel) -> None:
    request = gate_pb2.EvaluateActionRequest(
        request_id=new_id(),
        action=gate_pb2.Action(conversation_id="c", topic="support.refund"),
    )
    entered, go = asyncio.Event(), asyncio.Event()
    commit = live.store.commit

    async def slow(change: object) -> object:
        entered.set()
        await go.wait()
        return await commit(change)  # type: ignore[arg-type]

    live.store.commit = slow  # type: ignore[method-assign,assignment]
    call = channel.unary_unary("/outguard.v1.GateService/EvaluateAction", None, None)
    running = asyncio.ensure_future(call(request.SerializeToString(), metadata=live.metadata("agent"), timeout=10))
    await asyncio.wait_for(entered.wait(), 5)
    stopping = asyncio.create_task(live.running.stop(5))
    await asyncio.sleep(0.05)
    go.set()
    answer = gate_pb2.EvaluateActionResponse.FromString(bytes(await running))
    await stopping
    assert answer.record.action_id


async def test_stopping_answers_who_waits_with_what_is_so_far(live: World, channel: grpc.aio.Channel) -> None:
    reply_id = await held_reply(live, channel)
    waiting = asyncio.ensure_future(wait_for(live, channel, reply_id))
    await waits(live, 1)
    started = asyncio.get_running_loop().time()
    await live.running.stop(20)
    answer = reply_pb2.WaitReplyResponse.FromString(await waiting).answer
    assert answer.state == reply_pb2.REPLY_STATE_HELD
    assert asyncio.get_running_loop().time() - started < live.services.limits.max_wait_s / 2


async def test_waiting_calls_take_no_room_from_decisions() -> None:
    async with world(max_concurrent=1, max_waiting=2) as live, grpc.aio.insecure_channel(live.address) as channel:
        reply_id = await held_reply(live, channel)
        waiting = [asyncio.ensure_future(wait_for(live, channel, reply_id)) for _ in range(2)]
        await waits(live, 2)
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await wait_for(live, channel, reply_id)
        assert caught.value.code() is grpc.StatusCode.RESOURCE_EXHAUSTED
        assert "OVERLOADED" in repr(caught.value.trailing_metadata())
        assert await held_reply(live, channel)
        live.running.guard.let_go()
        await asyncio.gather(*waiting)
        assert await wait_for(live, channel, reply_id)


async def test_one_decision_too_many_is_refused_at_once() -> None:
    async with world(max_concurrent=1, max_waiting=1) as live, grpc.aio.insecure_channel(live.address) as channel:
        entered, go = asyncio.Event(), asyncio.Event()
        commit = live.store.commit

        async def slow(change: object) -> object:
            entered.set()
            await go.wait()
            return await commit(change)  # type: ignore[arg-type]

        live.store.commit = slow  # type: ignore[method-assign,assignment]
        first = asyncio.ensure_future(held_reply(live, channel))
        await asyncio.wait_for(entered.wait(), 5)
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await held_reply(live, channel)
        assert caught.value.code() is grpc.StatusCode.RESOURCE_EXHAUSTED
        go.set()
        assert await first


async def held_reply(live: World, channel: grpc.aio.Channel) -> str:
    reply = reply_pb2.Reply(conversation_id="c", recipient=types_pb2.Recipient(), text="I PROMISE your money back.")
    request = reply_pb2.EvaluateReplyRequest(request_id=new_id(), reply=reply)
    call = channel.unary_unary("/outguard.v1.ReplyService/EvaluateReply", None, None)
    data = bytes(await call(request.SerializeToString(), metadata=live.metadata("agent"), timeout=10))
    return reply_pb2.EvaluateReplyResponse.FromString(data).answer.reply_id


async def wait_for(live: World, channel: grpc.aio.Channel, reply_id: str) -> bytes:
    request = reply_pb2.WaitReplyRequest(reply_id=reply_id)
    call = channel.unary_unary("/outguard.v1.ReplyService/WaitReply", None, None)
    return bytes(await call(request.SerializeToString(), metadata=live.metadata("agent"), timeout=30))


async def waits(live: World, count: int) -> None:
    """Return once `count` calls wait."""
    async with asyncio.timeout(5):
        while live.running.guard._waiting.inside < count:  # noqa: ASYNC110 - nothing tells a test
            await asyncio.sleep(0.01)


async def test_a_signal_drains_and_ends() -> None:
    services, store, clock = build_services()
    running = await app.start_server(services, Authenticator(store, clock), drain_s=1)
    serving = asyncio.create_task(running.run_until_signal())
    await asyncio.sleep(0.05)
    os.kill(os.getpid(), signal.SIGTERM)
    await asyncio.wait_for(serving, 5)
    async with grpc.aio.insecure_channel(running.address) as channel:
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await health_of(channel, "")
    assert caught.value.code() is grpc.StatusCode.UNAVAILABLE


def certificate(folder: Path) -> tuple[Path, Path]:
    """A key and a self-signed certificate for localhost."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    signed = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .sign(key, hashes.SHA256())
    )
    key_file, cert_file = folder / "key.pem", folder / "cert.pem"
    key_file.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    cert_file.write_bytes(signed.public_bytes(serialization.Encoding.PEM))
    return key_file, cert_file


async def test_settings_with_a_certificate_serve_tls_only(tmp_path: Path) -> None:
    services, store, clock = build_services()
    principal = Principal(id="admin-1", role=Role.ADMIN, tenant="default")
    bearer = await issue(services, principal)
    key_file, cert_file = certificate(tmp_path)
    settings = Settings(listen="127.0.0.1:0", tls_key_file=key_file, tls_cert_file=cert_file, data_dir=tmp_path)
    running = await app.serve(services, Authenticator(store, clock), settings)
    target = f"localhost:{running.port}"
    try:
        async with AsyncPolicyClient(target, bearer, root_certificates=cert_file.read_bytes()) as client:
            assert (await client.get_snapshot()).snapshot == services.policies.current.snapshot
        async with AsyncPolicyClient(target, bearer, tls=False, timeout_s=0.5) as client:
            with pytest.raises(CallFailedError):
                await client.get_snapshot()
    finally:
        await running.stop(0)


async def test_unsafe_settings_do_not_serve(tmp_path: Path) -> None:
    services, store, clock = build_services()
    with pytest.raises(ConfigError, match="loopback"):
        await app.serve(
            services,
            Authenticator(store, clock),
            Settings(listen="0.0.0.0:0", data_dir=tmp_path),
        )
