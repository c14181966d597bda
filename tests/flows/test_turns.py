"""What waits at the same time is judged together, in order, and nobody's fault is another's."""

from __future__ import annotations

import asyncio
from functools import partial

import pytest

from outguard.flows.turns import Turns


class Clock:
    """Moves with every look."""

    def __init__(self, step_s: float = 1.0) -> None:
        self.now = 0.0
        self._step_s = step_s

    def __call__(self) -> float:
        self.now += self._step_s
        return self.now


async def test_jobs_that_wait_together_run_together_and_in_order() -> None:
    turns: Turns[int] = Turns(lambda: 0.0)
    steps: list[str] = []

    def work(number: int) -> int:
        steps.append(f"did {number}")
        return number

    async def ask(number: int) -> int:
        steps.append(f"asked {number}")
        answer = await turns.run(lambda: work(number))
        steps.append(f"told {number}")
        return answer

    assert await asyncio.gather(*map(ask, range(3))) == [0, 1, 2]
    assert steps == [f"{what} {number}" for what in ("asked", "did", "told") for number in range(3)]


async def test_a_turn_that_took_its_time_lets_the_loop_go_on() -> None:
    turns: Turns[None] = Turns(Clock(), turn_s=1.5)
    steps: list[str] = []

    async def ask(number: int) -> None:
        await turns.run(lambda: steps.append(f"did {number}"))

    asking = [asyncio.create_task(ask(number)) for number in range(4)]
    for _ in range(2):
        await asyncio.sleep(0)
    steps.append("something else")
    await asyncio.gather(*asking)
    assert sorted(steps) == ["did 0", "did 1", "did 2", "did 3", "something else"]
    assert steps.index("something else") < steps.index("did 2")


async def test_one_that_fails_fails_alone() -> None:
    turns: Turns[int] = Turns(lambda: 0.0)

    def broken() -> int:
        raise RuntimeError("a detector broke")

    answers = await asyncio.gather(
        turns.run(lambda: 1), turns.run(broken), turns.run(lambda: 3), return_exceptions=True
    )
    assert [answers[0], answers[2]] == [1, 3]
    assert isinstance(answers[1], RuntimeError)


async def test_what_nobody_waits_for_any_more_is_not_done() -> None:
    turns: Turns[None] = Turns(lambda: 0.0)
    done: list[int] = []
    asking = [asyncio.create_task(turns.run(partial(done.append, at))) for at in range(3)]
    await asyncio.sleep(0)
    asking[1].cancel()
    with pytest.raises(asyncio.CancelledError):
        await asking[1]
    await asyncio.gather(asking[0], asking[2])
    assert done == [0, 2]


async def test_a_turn_comes_again_after_all_was_done() -> None:
    turns: Turns[int] = Turns(lambda: 0.0)
    for number in range(3):
        assert await turns.run(partial(int, number)) == number


async def test_a_busy_server_judges_together_what_comes_one_by_one() -> None:
    """Over gRPC the loop is handed one call in each of its rounds."""
    clock = Clock(step_s=0.0)
    turns: Turns[None] = Turns(clock)
    steps: list[str] = []

    def work(number: int) -> None:
        steps.append(f"did {number}")
        clock.now += 0.001

    async def ask(number: int) -> None:
        steps.append(f"asked {number}")
        await turns.run(lambda: work(number))

    await ask(0)
    asking = []
    for number in (1, 2, 3):
        asking.append(asyncio.create_task(ask(number)))
        await asyncio.sleep(0)
    await asyncio.gather(*asking)
    assert steps == ["asked 0", "did 0", "asked 1", "asked 2", "asked 3", "did 1", "did 2", "did 3"]


async def test_a_server_that_is_not_busy_judges_at_once() -> None:
    clock = Clock()
    turns: Turns[None] = Turns(clock)
    for _ in range(2):
        clock.now += 10  # a turn takes two looks at this clock
        asking = asyncio.create_task(turns.run(lambda: None))
        for _ in range(3):
            await asyncio.sleep(0)
        assert asking.done()
        await asking


async def test_who_waits_is_not_kept_waiting_by_those_who_keep_coming() -> None:
    clock = Clock()
    turns: Turns[None] = Turns(clock)
    await turns.run(lambda: None)
    clock.now -= 1.0  # a look at this clock takes longer than a server stays busy
    first = asyncio.create_task(turns.run(lambda: None))
    await asyncio.sleep(0)
    others = []
    while not first.done():
        others.append(asyncio.create_task(turns.run(lambda: None)))
        await asyncio.sleep(0.0001)
        assert len(others) < 1000
    await asyncio.gather(first, *others)
