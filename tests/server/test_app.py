"""The server binds, tells its health, drains, and keeps its extras opt-in."""

from __future__ import annotations

import asyncio

import grpc
import pytest
from grpc_health.v1 import health_pb2, health_pb2_grpc
from live_server import World, build_services, new_id

from outguard.auth import Authenticator
from outguard.errors import ConfigError
from outguard.server import app
from outguard.server.methods import METHODS, PACKAGE
from outguard.v1 import gate_pb2

NAMES = ["", *(f"{PACKAGE}.{name}" for name in METHODS)]
REFLECTION = "/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo"


async def health_of(channel: grpc.aio.Channel, service: str) -> int:
    stub = health_pb2_grpc.HealthStub(channel)
    answer = await stub.Check(health_pb2.HealthCheckRequest(service=service), timeout=5)
    return int(answer.status)


@pytest.mark.parametrize("name", NAMES)
async def test_health_needs_no_credential(channel: grpc.aio.Channel, name: str) -> None:
    assert await health_of(channel, name) == app.SERVING


async def test_health_follows_the_store(
    live: World, channel: grpc.aio.Channel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(app, "HEALTH_EVERY_S", 0.01)
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
