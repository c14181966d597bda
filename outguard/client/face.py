"""What all clients share: opening, closing, calling; and the sync face, made from the async methods."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from types import TracebackType
from typing import Any, Concatenate, Generic, ParamSpec, Self, TypeVar
from uuid import uuid4

from google.protobuf.message import Message

from outguard.client.decision import DEFAULT_HOLDING_MESSAGE
from outguard.client.wire import AsyncWire, SyncWire, Target, Wire, call, drive

M = TypeVar("M", bound=Message)
P = ParamSpec("P")
R = TypeVar("R")
DEFAULT_TIMEOUT_S = 5.0


class Face:
    """A connection to one server with one credential.

    Args:
        target: `HOST:PORT`.
        token: the bearer credential, `og_...`.
        tls: None means TLS, except to a loopback address.
        root_certificates: PEM; None trusts what gRPC ships.
        allow_plaintext: let plaintext leave this machine (where a proxy encrypts).
        timeout_s: the deadline of a call, retries included, where the call names none.
        holding_message: what to tell the customer where the server could not be asked.

    Raises:
        InvalidInputError: if target or token is malformed, or plaintext would leave this machine.
    """

    _wire_class: type[AsyncWire | SyncWire] = AsyncWire

    def __init__(
        self,
        target: str,
        token: str,
        *,
        tls: bool | None = None,
        root_certificates: bytes | None = None,
        allow_plaintext: bool = False,
        timeout_s: float = DEFAULT_TIMEOUT_S,
        holding_message: str = DEFAULT_HOLDING_MESSAGE,
    ) -> None:
        self._wire: Wire = self._wire_class(
            Target(
                address=target,
                token=token,
                tls=tls,
                root_certificates=root_certificates,
                allow_plaintext=allow_plaintext,
            )
        )
        self._timeout_s = timeout_s
        self._holding_message = holding_message

    def __repr__(self) -> str:
        return f"{type(self).__name__}()"

    async def _call(self, method: str, request: Message, response: type[M], timeout_s: float | None = None) -> M:
        return await call(self._wire, method, request, response, timeout_s=timeout_s or self._timeout_s)

    @staticmethod
    def _request_id(given: str | None) -> str:
        return given or str(uuid4())


class AsyncFace(Face):
    """Closes with `async with`."""

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """Let go of the connection."""
        await self._wire.close()


class SyncFace(Face):
    """Closes with `with`."""

    _wire_class = SyncWire

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the connection."""
        drive(self._wire.close())


class blocking(Generic[P, R]):  # noqa: N801 - reads as a decorator
    """The sync form of an async client's method: same arguments, same answer, same errors."""

    def __init__(self, method: Callable[Concatenate[Any, P], Coroutine[Any, Any, R]]) -> None:
        self._method = method
        self.__doc__ = method.__doc__

    def __get__(self, instance: object, owner: type) -> Callable[P, R]:
        """Bind to a sync client."""

        def run(*args: P.args, **kwargs: P.kwargs) -> R:
            return drive(self._method(instance, *args, **kwargs))

        run.__doc__ = self.__doc__
        return run
