"""Many callers, one query: keys asked for while a fetch runs are all answered by the next one.

A fetch begins only after the question was asked, so an answer is never older than the call. A fetch that fails for
many keys is done again key by key, so that one bad key fails only its own caller.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Hashable, Mapping, Sequence
from typing import Generic, TypeVar

from outguard.errors import OutguardError, UnavailableError
from outguard.storage.faults import translate

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class Coalescer(Generic[K, V]):
    """Answers single keys from batched fetches; a key that the fetch does not return is None."""

    def __init__(self, fetch: Callable[[Sequence[K]], Awaitable[Mapping[K, V]]], *, max_keys: int = 256) -> None:
        self._fetch = fetch
        self._max_keys = max_keys
        self._asked: dict[K, list[asyncio.Future[V | None]]] = {}
        self._task: asyncio.Task[None] | None = None

    async def get(self, key: K) -> V | None:
        """The value of `key`, or None.

        Raises:
            UnavailableError, InvalidInputError: what the fetch raised.
        """
        answer: asyncio.Future[V | None] = asyncio.get_running_loop().create_future()
        self._asked.setdefault(key, []).append(answer)
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._run(), name="outguard-fetch")
        return await answer

    async def _run(self) -> None:
        part: dict[K, list[asyncio.Future[V | None]]] = {}
        try:
            while self._asked:
                keys = list(self._asked)[: self._max_keys]
                part = {key: self._asked.pop(key) for key in keys}
                await self._serve(part)
        finally:  # only a cancelled task leaves anything here
            for key in part:
                _answer(part[key], UnavailableError("the store has stopped reading"))
            for answers in self._asked.values():
                _answer(answers, UnavailableError("the store has stopped reading"))
            self._asked.clear()

    async def _serve(self, part: Mapping[K, list[asyncio.Future[V | None]]]) -> None:
        try:
            found = await self._fetch(list(part))
        except Exception as error:  # noqa: BLE001 - every caller is answered
            fault = translate(error)
            if len(part) == 1 or isinstance(fault, UnavailableError):
                for answers in part.values():
                    _answer(answers, fault)
                return
            for key, answers in part.items():
                await self._serve({key: answers})
            return
        for key, answers in part.items():
            _answer(answers, found.get(key))


def _answer(answers: Sequence[asyncio.Future[V | None]], value: V | OutguardError | None) -> None:
    for answer in answers:
        if answer.done():
            continue
        if isinstance(value, OutguardError):
            answer.set_exception(type(value)(value.message, field=value.field))
        else:
            answer.set_result(value)
