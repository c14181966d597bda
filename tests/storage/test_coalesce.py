"""Questions asked together are answered together, and fail alone."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence

import pytest

from outguard.errors import InvalidInputError, UnavailableError
from outguard.storage.coalesce import Coalescer


class Numbers:
    """Squares of the keys, one fetch at a time; the negative ones cannot be asked for."""

    def __init__(self) -> None:
        self.fetches: list[list[int]] = []
        self.gate = asyncio.Event()
        self.gate.set()
        self.is_down = False

    async def fetch(self, keys: Sequence[int]) -> Mapping[int, int]:
        """The squares of even keys."""
        self.fetches.append(list(keys))
        await self.gate.wait()
        if self.is_down:
            raise UnavailableError("down")
        if min(keys) < 0:
            raise InvalidInputError("negative", field="key")
        return {key: key * key for key in keys if key % 2 == 0}


async def test_keys_asked_for_together_are_fetched_together() -> None:
    numbers = Numbers()
    squares = Coalescer(numbers.fetch)
    assert await asyncio.gather(*(squares.get(key) for key in (2, 3, 4, 2))) == [4, None, 16, 4]
    assert numbers.fetches == [[2, 3, 4]]


async def test_a_question_during_a_fetch_waits_for_the_next() -> None:
    numbers = Numbers()
    squares = Coalescer(numbers.fetch)
    numbers.gate.clear()
    first = asyncio.create_task(squares.get(2))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    second = asyncio.create_task(squares.get(2))
    await asyncio.sleep(0)
    numbers.gate.set()
    assert (await first, await second) == (4, 4)
    assert numbers.fetches == [[2], [2]]


async def test_a_fetch_is_bounded() -> None:
    numbers = Numbers()
    squares = Coalescer(numbers.fetch, max_keys=3)
    await asyncio.gather(*(squares.get(key) for key in range(7)))
    assert numbers.fetches == [[0, 1, 2], [3, 4, 5], [6]]


async def test_a_bad_key_fails_alone() -> None:
    squares = Coalescer(Numbers().fetch)
    answers = await asyncio.gather(*(squares.get(key) for key in (2, -1, 4)), return_exceptions=True)
    assert answers[::2] == [4, 16]
    assert isinstance(answers[1], InvalidInputError)
    assert answers[1].field == "key"


async def test_an_outage_fails_all_at_once_and_passes() -> None:
    numbers = Numbers()
    squares = Coalescer(numbers.fetch)
    numbers.is_down = True
    answers = await asyncio.gather(*(squares.get(key) for key in (2, 4)), return_exceptions=True)
    assert all(isinstance(answer, UnavailableError) for answer in answers)
    assert len(numbers.fetches) == 1
    numbers.is_down = False
    assert await squares.get(2) == 4


async def test_a_caller_that_gives_up_disturbs_nobody() -> None:
    numbers = Numbers()
    squares = Coalescer(numbers.fetch)
    numbers.gate.clear()
    first, second = (asyncio.create_task(squares.get(2)) for _ in range(2))
    await asyncio.sleep(0.01)
    first.cancel()
    numbers.gate.set()
    assert await second == 4


async def test_a_stopped_reader_answers_everyone() -> None:
    numbers = Numbers()
    squares = Coalescer(numbers.fetch, max_keys=1)
    numbers.gate.clear()
    asked = [asyncio.create_task(squares.get(key)) for key in (2, 4)]
    await asyncio.sleep(0.01)
    assert squares._task is not None
    squares._task.cancel()
    for answer in await asyncio.gather(*asked, return_exceptions=True):
        with pytest.raises(UnavailableError):
            raise answer  # type: ignore[misc]
