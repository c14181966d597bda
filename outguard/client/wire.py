"""How calls travel: channels, credentials, deadlines, retries.

Plaintext goes to loopback only, unless the caller insists. A call is repeated only after UNAVAILABLE, or CANCELLED by a
server that stops, and only because its request_id makes it count once. The same code serves async and sync callers:
`SyncWire` blocks instead of awaiting.
"""

from __future__ import annotations

import asyncio
import ipaddress
import random
import re
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

import grpc
from google.protobuf.message import DecodeError, Message
from google.rpc import error_details_pb2, status_pb2

from outguard.errors import CallFailedError, InvalidInputError

M = TypeVar("M", bound=Message)
T = TypeVar("T")
ATTEMPTS = 4
PASSING = frozenset({"UNAVAILABLE", "CANCELLED"})
FIRST_PAUSE_S = 0.05
MAX_MESSAGE_BYTES = 16 * 1024 * 1024
_TARGET = re.compile(r"(?:\[(?P<six>[0-9a-fA-F:.]+)\]|(?P<host>[A-Za-z0-9.-]+)):[0-9]{1,5}\Z")
_TOKEN = re.compile(r"[\x21-\x7e]{1,500}\Z")
_DETAILS = "grpc-status-details-bin"


@dataclass(frozen=True, kw_only=True)
class Target:
    """Where the server is, and how it is reached.

    Without `root_certificates` TLS trusts what gRPC ships. `tls=None` means: TLS, except to a loopback address.
    """

    address: str
    token: str
    tls: bool | None = None
    root_certificates: bytes | None = None
    allow_plaintext: bool = False

    def __repr__(self) -> str:
        return f"Target({self.address!r})"

    def credentials(self) -> grpc.ChannelCredentials | None:
        """TLS credentials, or None for plaintext.

        Raises:
            InvalidInputError: if the address or token is malformed, or plaintext would leave this machine.
        """
        match = _TARGET.match(self.address)
        if match is None:
            raise InvalidInputError("write the target as HOST:PORT", field="target")
        if not _TOKEN.match(self.token):
            raise InvalidInputError("the token must be og_... without spaces", field="token")
        is_local = _is_loopback(match["six"] or match["host"])
        wants_tls = self.tls
        if wants_tls is None:
            wants_tls = self.root_certificates is not None or not (is_local or self.allow_plaintext)
        if wants_tls:
            return grpc.ssl_channel_credentials(self.root_certificates)
        if not is_local and not self.allow_plaintext:
            raise InvalidInputError("plaintext to another machine needs allow_plaintext=True", field="tls")
        return None


class Wire(Protocol):
    """Sends bytes; raises grpc.RpcError."""

    async def send(self, method: str, data: bytes, timeout_s: float) -> bytes:
        """One call of `method` (`/package.Service/Method`)."""
        ...

    async def pause(self, seconds: float) -> None:
        """Wait before the next attempt."""
        ...

    async def close(self) -> None:
        """Let go of the connection."""
        ...


class AsyncWire:
    """Over grpc.aio; the channel is made at the first call, in the loop that runs then."""

    def __init__(self, target: Target) -> None:
        self._target = target
        self._credentials = target.credentials()
        self._metadata = (("authorization", f"Bearer {target.token}"),)
        self._channel: grpc.aio.Channel | None = None
        self._calls: dict[str, Callable[..., Awaitable[bytes]]] = {}

    async def send(self, method: str, data: bytes, timeout_s: float) -> bytes:
        """As the protocol says."""
        call = self._calls.get(method)
        if call is None:
            call = self._calls[method] = self._open().unary_unary(method, None, None)
        return await call(data, timeout=timeout_s, metadata=self._metadata)

    async def stream(self, method: str, data: bytes) -> AsyncIterator[bytes]:
        """The messages of a stream, until it ends or breaks off."""
        async for answer in self._open().unary_stream(method, None, None)(data, metadata=self._metadata):
            yield bytes(answer)

    async def pause(self, seconds: float) -> None:
        """As the protocol says."""
        await asyncio.sleep(seconds)

    async def close(self) -> None:
        """As the protocol says."""
        if self._channel is not None:
            await self._channel.close(None)

    def _open(self) -> grpc.aio.Channel:
        if self._channel is None:
            address, options = self._target.address, _options(self._credentials)
            if self._credentials is None:
                self._channel = grpc.aio.insecure_channel(address, options)
            else:
                self._channel = grpc.aio.secure_channel(address, self._credentials, options)
        return self._channel


class SyncWire:
    """Over blocking grpc: its coroutines never suspend, so `drive` runs them to their end."""

    def __init__(self, target: Target) -> None:
        credentials = target.credentials()
        options = _options(credentials)
        self._metadata = (("authorization", f"Bearer {target.token}"),)
        if credentials is None:
            self._channel = grpc.insecure_channel(target.address, options)
        else:
            self._channel = grpc.secure_channel(target.address, credentials, options)

    async def send(self, method: str, data: bytes, timeout_s: float) -> bytes:
        """As the protocol says."""
        answer: bytes = self._channel.unary_unary(method, None, None)(data, timeout=timeout_s, metadata=self._metadata)
        return answer

    async def pause(self, seconds: float) -> None:
        """As the protocol says."""
        time.sleep(seconds)  # noqa: ASYNC251 - a blocking wire blocks

    async def close(self) -> None:
        """As the protocol says."""
        self._channel.close()


def drive(work: Coroutine[Any, Any, T]) -> T:
    """Run a coroutine that never suspends, such as a client's method over a `SyncWire`."""
    try:
        work.send(None)
    except StopIteration as done:
        value: T = done.value
        return value
    work.close()
    raise RuntimeError("a blocking call was suspended")


async def call(wire: Wire, method: str, request: Message, response: type[M], *, timeout_s: float) -> M:
    """Call, again after what passes, within `timeout_s` in all.

    Raises:
        CallFailedError: whatever went wrong; nothing may be sent or executed then.
    """
    data = request.SerializeToString()
    deadline = time.monotonic() + timeout_s
    for attempt in range(ATTEMPTS):
        left = deadline - time.monotonic()
        try:
            answer = await wire.send(f"/outguard.v1.{method}", data, max(left, 0.001))
        except grpc.RpcError as error:
            failure = failure_of(error)
        except Exception as error:  # noqa: BLE001 - a closed channel, a closed loop: one error for callers
            raise CallFailedError("the call could not be made", code="UNKNOWN", cause=type(error).__name__) from None
        else:
            return _parse(answer, response)
        pause = random.uniform(0.5, 1.0) * FIRST_PAUSE_S * 2**attempt  # noqa: S311 - jitter
        if failure.code not in PASSING or attempt == ATTEMPTS - 1 or time.monotonic() + pause >= deadline:
            raise failure
        await wire.pause(pause)
    raise AssertionError  # pragma: no cover - the loop returns or raises


async def stream(wire: AsyncWire, method: str, request: Message, response: type[M]) -> AsyncIterator[M]:
    """The messages of a stream, until the server ends it.

    Raises:
        CallFailedError: if it could not begin, or broke off; the last cursor is where to go on.
    """
    try:
        async for answer in wire.stream(f"/outguard.v1.{method}", request.SerializeToString()):
            yield _parse(answer, response)
    except grpc.RpcError as error:
        raise failure_of(error) from None


def failure_of(error: grpc.RpcError) -> CallFailedError:
    """What a failed call says: status, our reason, the server's sentence."""
    code = getattr(error, "code", lambda: None)()
    name = getattr(code, "name", "UNKNOWN")
    reason, field = _details(error)
    message = getattr(error, "details", lambda: "")() if reason else ""
    return CallFailedError(message or f"the call failed: {name}", code=name, cause=reason, field=field)


def _details(error: grpc.RpcError) -> tuple[str, str | None]:
    """ErrorInfo's reason and the first field to blame, of our own domain only."""
    reason, field = "", None
    try:
        trailing: Any = getattr(error, "trailing_metadata", tuple)() or ()
        found = [value for key, value in trailing if key == _DETAILS]
        for detail in status_pb2.Status.FromString(found[0]).details if found else ():
            info, bad = error_details_pb2.ErrorInfo(), error_details_pb2.BadRequest()
            if detail.Unpack(info) and info.domain == "outguard":
                reason = info.reason
            elif detail.Unpack(bad) and bad.field_violations:
                field = bad.field_violations[0].field
    except (DecodeError, AttributeError, TypeError, ValueError):
        return "", None
    return reason, field


def _parse(data: object, response: type[M]) -> M:
    try:
        return response.FromString(data if isinstance(data, bytes) else b"\xff")
    except (DecodeError, TypeError, ValueError, RecursionError):
        raise CallFailedError("the server's answer is malformed", code="INTERNAL", cause="MALFORMED_ANSWER") from None


def _options(credentials: grpc.ChannelCredentials | None) -> tuple[tuple[str, int], ...]:
    limits = (
        ("grpc.max_receive_message_length", MAX_MESSAGE_BYTES),
        ("grpc.enable_retries", 0),
        ("grpc.initial_reconnect_backoff_ms", 100),
        ("grpc.max_reconnect_backoff_ms", 2000),
        ("grpc.use_local_subchannel_pool", 1),  # a connection of its own: several clients spread over several workers
    )
    return limits if credentials is not None else (*limits, ("grpc.enable_http_proxy", 0))


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
