"""The gRPC server: build, serve, drain.

Health is told per service and follows the store: a server that cannot write the record is NOT_SERVING. Reflection is
opt-in. Health and reflection are the only methods that need no credential.
"""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Protocol

import grpc
from google.protobuf.descriptor import ServiceDescriptor
from grpc_health.v1 import health, health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection

from outguard.config import Settings
from outguard.errors import ConfigError, UnavailableError
from outguard.flows.services import Services
from outguard.observability import get_logger
from outguard.server.audit_service import AuditHandlers
from outguard.server.gate_service import GateHandlers
from outguard.server.interceptors import MAX_CONCURRENT, MAX_WAITING, Authenticates, Guard
from outguard.server.policy_service import PolicyHandlers
from outguard.server.reply_service import ReplyHandlers
from outguard.server.review_service import ReviewHandlers
from outguard.server.source_service import SourceHandlers
from outguard.v1 import audit_pb2, gate_pb2, policy_pb2, reply_pb2, review_pb2, source_pb2

MAX_MESSAGE_BYTES = 4 * 1024 * 1024
HEALTH_EVERY_S = 5.0
LAST_CALLS_S = 0.25
"""How long a stopping server still takes the calls that are on their way to it; gRPC would cancel them."""
SERVING = health_pb2.HealthCheckResponse.SERVING
NOT_SERVING = health_pb2.HealthCheckResponse.NOT_SERVING
_OPTIONS: tuple[tuple[str, int], ...] = (
    ("grpc.max_receive_message_length", MAX_MESSAGE_BYTES),
    ("grpc.max_send_message_length", 4 * MAX_MESSAGE_BYTES),
    ("grpc.keepalive_time_ms", 60_000),
    ("grpc.keepalive_timeout_ms", 20_000),
    ("grpc.keepalive_permit_without_calls", 1),
    ("grpc.http2.min_recv_ping_interval_without_data_ms", 10_000),
)


class HealthChecker(Protocol):
    """What tells health (`grpc_health.v1.health.aio.HealthServicer`, which has no types)."""

    async def set(self, service: str, status: health_pb2.HealthCheckResponse.ServingStatus.ValueType) -> None:
        """Tell the state of one service."""
        ...

    async def enter_graceful_shutdown(self) -> None:
        """Tell NOT_SERVING for all, for good."""
        ...


class Handlers(Protocol):
    """An object with one method per method of its service."""


def services_of(services: Services) -> tuple[tuple[ServiceDescriptor, Handlers], ...]:
    """Every service with its handlers."""
    return (
        (gate_pb2.DESCRIPTOR.services_by_name["GateService"], GateHandlers(services)),
        (reply_pb2.DESCRIPTOR.services_by_name["ReplyService"], ReplyHandlers(services)),
        (review_pb2.DESCRIPTOR.services_by_name["ReviewService"], ReviewHandlers(services)),
        (audit_pb2.DESCRIPTOR.services_by_name["AuditService"], AuditHandlers(services)),
        (policy_pb2.DESCRIPTOR.services_by_name["PolicyService"], PolicyHandlers(services)),
        (source_pb2.DESCRIPTOR.services_by_name["SourceService"], SourceHandlers(services)),
    )


@dataclass(frozen=True, kw_only=True, slots=True)
class RunningServer:
    """A started server. `port` is the bound one; closing the store stays with whoever opened it."""

    server: grpc.aio.Server
    port: int
    address: str
    drain_s: float
    health: HealthChecker
    watch: asyncio.Task[None]
    guard: Guard

    async def stop(self, grace_s: float | None = None) -> None:
        """Say NOT_SERVING, take no more calls, let the running ones end within `grace_s` (default: the setting).

        Who waits for a ruling is answered at once, with what is so far.
        """
        self.watch.cancel()
        with suppress(asyncio.CancelledError):
            await self.watch
        await self.health.enter_graceful_shutdown()
        self.guard.let_go()
        grace = self.drain_s if grace_s is None else grace_s
        last_calls = min(LAST_CALLS_S, grace / 2)
        await asyncio.sleep(last_calls)
        await self.server.stop(grace - last_calls)

    async def run_until_signal(
        self, announce: Callable[[], Awaitable[None]] | None = None, *, stop: asyncio.Event | None = None
    ) -> None:
        """Serve until SIGTERM or SIGINT, or until `stop` is set, then drain.

        `announce` runs once a signal ends the server gracefully.
        """
        stop = stop or asyncio.Event()
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, stop.set)
        try:
            if announce is not None:
                await announce()
            await stop.wait()
            get_logger().info("draining", port=self.port)
        finally:
            for number in (signal.SIGTERM, signal.SIGINT):
                loop.remove_signal_handler(number)
            await self.stop()


async def serve(services: Services, authenticator: Authenticates, settings: Settings) -> RunningServer:
    """Start serving where `settings.listen` says.

    Raises:
        ConfigError: if the settings are not safe, a key file is unreadable or the address cannot be bound.
    """
    settings.verify()
    credentials = _credentials(settings)
    return await start_server(
        services,
        authenticator,
        listen=settings.listen,
        credentials=credentials,
        has_reflection=settings.reflection,
        max_concurrent=settings.max_concurrent,
        max_waiting=settings.max_waiting,
        drain_s=settings.drain_s,
        shares_port=settings.workers > 1,
    )


async def start_server(
    services: Services,
    authenticator: Authenticates,
    *,
    listen: str = "127.0.0.1:0",
    credentials: grpc.ServerCredentials | None = None,
    has_reflection: bool = False,
    max_concurrent: int = MAX_CONCURRENT,
    max_waiting: int = MAX_WAITING,
    drain_s: float = 10.0,
    shares_port: bool = False,
) -> RunningServer:
    """Start serving; port 0 takes a free one, told by `port`. With `shares_port` other processes may serve there too.

    Raises:
        ConfigError: if the address cannot be bound.
    """
    guard = Guard(authenticator, max_concurrent=max_concurrent, max_waiting=max_waiting)
    # The guard counts and refuses with a reason; gRPC's own bound is for what it does not see, such as health watches.
    options = (*_OPTIONS, ("grpc.so_reuseport", int(shares_port)))
    server = grpc.aio.server(options=options, maximum_concurrent_rpcs=2 * (max_concurrent + max_waiting))
    described = services_of(services)
    server.add_generic_rpc_handlers(tuple(guard.guarded(service, handlers) for service, handlers in described))
    names = [service.full_name for service, _ in described]
    checker = health.aio.HealthServicer()  # type: ignore[attr-defined]
    health_pb2_grpc.add_HealthServicer_to_server(checker, server)
    if has_reflection:
        reflection.enable_server_reflection([*names, health.SERVICE_NAME, reflection.SERVICE_NAME], server)
    port = _bind(server, listen, credentials)
    await _tell(services, checker, names)
    await server.start()
    get_logger().info("serving", port=port, tls=credentials is not None)
    return RunningServer(
        server=server,
        port=port,
        address=f"{listen.rpartition(':')[0]}:{port}",
        drain_s=drain_s,
        health=checker,
        watch=asyncio.create_task(_watch(services, checker, names), name="outguard-health"),
        guard=guard,
    )


def _bind(server: grpc.aio.Server, listen: str, credentials: grpc.ServerCredentials | None) -> int:
    try:
        port = server.add_secure_port(listen, credentials) if credentials else server.add_insecure_port(listen)
    except RuntimeError:
        port = 0
    if port == 0:
        raise ConfigError("listen: the address cannot be bound; is another server running there?")
    return port


def _credentials(settings: Settings) -> grpc.ServerCredentials | None:
    if settings.tls_cert_file is None or settings.tls_key_file is None:
        return None
    try:
        pair = (settings.tls_key_file.read_bytes(), settings.tls_cert_file.read_bytes())
    except OSError as error:
        raise ConfigError("tls_cert_file, tls_key_file: cannot be read") from error
    return grpc.ssl_server_credentials([pair])


async def _watch(services: Services, checker: HealthChecker, names: list[str]) -> None:
    while True:
        await asyncio.sleep(HEALTH_EVERY_S)
        await _tell(services, checker, names)


async def _tell(services: Services, checker: HealthChecker, names: list[str]) -> None:
    status = SERVING
    try:
        await services.store.ping()
    except UnavailableError:
        status = NOT_SERVING
    except Exception as error:  # noqa: BLE001 - whatever it is, the record cannot be trusted to be written
        get_logger().error("health check failed", exc_info=error)
        status = NOT_SERVING
    for name in ("", *names):
        await checker.set(name, status)
