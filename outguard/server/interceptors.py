"""What stands around every handler: room, credential, role, parsing, errors to status. In that order.

Bytes come in and go out here, so that nobody without the right credential and role makes the server parse anything, and
so that a broken message is our INVALID_ARGUMENT and not gRPC's INTERNAL. A method missing from the table is not served.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable
from contextlib import aclosing
from dataclasses import dataclass, replace
from typing import Any, NoReturn, Protocol

import grpc
from google.protobuf.descriptor import MethodDescriptor, ServiceDescriptor
from google.protobuf.message import DecodeError, Message
from google.protobuf.message_factory import GetMessageClass

from outguard.domain.principal import Principal
from outguard.errors import (
    ForbiddenError,
    MalformedRequestError,
    NotImplementedYetError,
    UnauthenticatedError,
    UnknownFieldsError,
)
from outguard.server.methods import METHODS, Method
from outguard.server.room import Room
from outguard.server.status import refusal_of

MARGIN_S = 0.02
"""Kept of the caller's deadline for writing the record and for the way back."""

MAX_CONCURRENT = 256
MAX_WAITING = 1024

Context = grpc.aio.ServicerContext[bytes, bytes]
Handler = Callable[[Any, "Caller"], Awaitable[Message]]
StreamHandler = Callable[[Any, "Caller"], AsyncGenerator[Any, None]]


class Authenticates(Protocol):
    """What turns a bearer string into a principal (`auth.Authenticator`)."""

    async def authenticate(self, bearer: str) -> Principal:
        """Raises UnauthenticatedError."""
        ...


@dataclass(frozen=True, slots=True)
class Caller:
    """Who calls, and how long they still listen (None: for as long as it takes)."""

    principal: Principal
    remaining_s: float | None

    @property
    def budget_s(self) -> float | None:
        """The time a handler may use."""
        return None if self.remaining_s is None else max(0.0, self.remaining_s - MARGIN_S)

    def wait_s(self, wanted_s: float | None, limit_s: float) -> float:
        """How long to wait for a change: as wanted, within the server's limit and the caller's deadline."""
        bounds = [limit_s, wanted_s, self.budget_s]
        return min(bound for bound in bounds if bound is not None)


class Guard:
    """Wraps the handlers of services; at most `max_concurrent` calls are worked on, `max_waiting` more wait."""

    def __init__(
        self,
        authenticator: Authenticates,
        *,
        max_concurrent: int = MAX_CONCURRENT,
        max_waiting: int = MAX_WAITING,
    ) -> None:
        self._authenticator = authenticator
        self._working = Room(max_concurrent, "the server works on as many calls as it may; come back in a moment")
        self._waiting = Room(max_waiting, "as many calls wait as may; ask for the state and come back in a moment")
        self._stopping = asyncio.Event()

    def let_go(self) -> None:
        """Answer every waiting call now, with what is so far, and let no call wait any more."""
        self._stopping.set()

    def guarded(self, service: ServiceDescriptor, servicer: object) -> grpc.GenericRpcHandler[bytes, bytes]:
        """All methods of `service`, each calling the method of that name on `servicer`.

        Raises:
            KeyError: if the table of methods lacks one.
            AttributeError: if the servicer does.
        """
        table = METHODS[service.name]
        handlers: dict[str, grpc.RpcMethodHandler[bytes, bytes]] = {}
        for method in service.methods:
            rule = table[method.name]
            handle = _planned if rule.is_planned else getattr(servicer, method.name)
            if method.server_streaming and not rule.is_planned:
                streaming = self._around_stream(method, rule, handle)
                handlers[method.name] = grpc.unary_stream_rpc_method_handler(streaming)
                continue
            call = self._around(method, rule, handle)
            if method.server_streaming:
                handlers[method.name] = grpc.unary_stream_rpc_method_handler(call)
            else:
                handlers[method.name] = grpc.unary_unary_rpc_method_handler(call)
        return grpc.method_handlers_generic_handler(service.full_name, handlers)

    def _around(self, method: MethodDescriptor, rule: Method, handle: Handler) -> Callable[[bytes, Context], Any]:
        parse = _parser(method, rule)
        enter = self._enter
        room = self._waiting if rule.is_waiting else self._working
        answer = self._wait_for(handle) if rule.is_waiting else handle

        async def call(data: bytes, context: Context) -> bytes:
            caller = None
            try:
                with room:
                    caller = await enter(rule, context)
                    response = await answer(parse(data), caller)
                    return response.SerializeToString()
            except Exception as error:  # noqa: BLE001 - the one place where errors become status
                await _refuse(error, method, caller, context)

        return call

    def _around_stream(
        self, method: MethodDescriptor, rule: Method, handle: StreamHandler
    ) -> Callable[[bytes, Context], AsyncIterator[bytes]]:
        parse = _parser(method, rule)

        async def call(data: bytes, context: Context) -> AsyncIterator[bytes]:
            caller = None
            try:
                with self._waiting:
                    caller = await self._enter(rule, context)
                    async with aclosing(handle(parse(data), caller)) as responses:
                        async for response in self._until_stopping(responses):
                            yield response.SerializeToString()
            except Exception as error:  # noqa: BLE001 - the one place where errors become status
                await _refuse(error, method, caller, context)

        return call

    async def _until_stopping(self, responses: AsyncGenerator[Message, None]) -> AsyncIterator[Message]:
        """What comes until the server stops; the stream then ends well, and the caller goes on elsewhere."""
        stopping = asyncio.create_task(self._stopping.wait(), name="outguard-stopping")
        coming: asyncio.Future[Message] | None = None
        try:
            while not stopping.done():
                coming = asyncio.ensure_future(anext(responses))
                await asyncio.wait((coming, stopping), return_when=asyncio.FIRST_COMPLETED)
                if not coming.done():
                    return
                try:
                    response = coming.result()
                except StopAsyncIteration:
                    return
                yield response
        finally:
            stopping.cancel()
            if coming is not None and not coming.done():
                coming.cancel()
                await asyncio.wait((coming,))

    def _wait_for(self, handle: Handler) -> Handler:
        """`handle`, but when the server stops it is asked again with no time to wait."""

        async def answer(request: Message, caller: Caller) -> Message:
            waiting = asyncio.ensure_future(handle(request, caller))
            stopping = asyncio.create_task(self._stopping.wait(), name="outguard-stopping")
            try:
                await asyncio.wait((waiting, stopping), return_when=asyncio.FIRST_COMPLETED)
                if waiting.done():
                    return await waiting
            finally:
                stopping.cancel()
                waiting.cancel()
            return await handle(request, replace(caller, remaining_s=0.0))

        return answer

    async def _enter(self, rule: Method, context: Context) -> Caller:
        principal = await self._authenticator.authenticate(_bearer(context))
        if principal.role not in rule.roles:
            raise ForbiddenError("this credential's role may not call this method")
        return Caller(principal, context.time_remaining())


async def _planned(request: Message, caller: Caller) -> NoReturn:  # noqa: ARG001 - the shape of a handler
    raise NotImplementedYetError("this method comes in a later release; nothing was done")


async def _refuse(error: Exception, method: MethodDescriptor, caller: Caller | None, context: Context) -> NoReturn:
    refusal = refusal_of(error, method=method.full_name, principal_id="" if caller is None else caller.principal.id)
    await context.abort(refusal.code, refusal.message, refusal.metadata)


def _bearer(context: Context) -> str:
    found = [value for key, value in context.invocation_metadata() or () if key == "authorization"]
    if len(found) != 1:
        raise UnauthenticatedError("send one credential: authorization: Bearer og_...")
    scheme, _, bearer = str(found[0]).partition(" ")
    if scheme.lower() != "bearer":
        raise UnauthenticatedError("send the credential as: authorization: Bearer og_...")
    return bearer.strip()


def _parser(method: MethodDescriptor, rule: Method) -> Callable[[bytes], Message]:
    from_string: Callable[[bytes], Message] = GetMessageClass(method.input_type).FromString

    def parse(data: bytes) -> Message:
        try:
            request = from_string(data)
        except (DecodeError, ValueError, RecursionError):
            raise MalformedRequestError("the request is no valid message of this method") from None
        if rule.is_mutating and _holds_unknown_fields(request):
            raise UnknownFieldsError("the request has fields this server does not know; nothing was done")
        return request

    return parse


def _holds_unknown_fields(request: Message) -> bool:
    """Whether discarding them, at any depth, makes the message shorter; the message is refused then, or unchanged."""
    size = request.ByteSize()
    request.DiscardUnknownFields()
    return request.ByteSize() != size
