"""The parent of workers: what it starts, starts anew, passes on, and says at the end. Workers here are tiny scripts."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from outguard.cli.supervise import Pace, Supervisor
from outguard.observability import configure_logging

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="workers need signals and a shared port")

SERVE = """
import signal, socket, sys
control, folder = socket.socket(fileno=int(sys.argv[2])), sys.argv[3]
settings = control.makefile().readline()
def hang_up(*_): open(f"{folder}/hup-{sys.argv[1]}", "a").write("x")
signal.signal(signal.SIGHUP, hang_up)
signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
open(f"{folder}/settings-{sys.argv[1]}", "w").write(settings)
open(f"{folder}/starts-{sys.argv[1]}", "a").write("x")
control.send(b"1")
control.recv(1)
"""
DEAF = SERVE.replace("lambda *_: sys.exit(0)", "signal.SIG_IGN").replace(
    "control.recv(1)", "[control.recv(1), signal.pause()]"
)
BROKEN = "import sys; sys.exit(7)"
WAIT_S = 20.0


def supervisor(folder: Path, script: str = SERVE, *, count: int = 2, late_s: float = 10.0) -> Supervisor:
    def command(number: int, control: int) -> Sequence[str]:
        return (sys.executable, "-c", script, str(number), str(control), str(folder))

    pace = Pace(first_s=0.05, most_s=0.2, late_s=late_s)
    return Supervisor(command, count=count, settings='{"a": 1}', drain_s=0.1, pace=pace)


async def until(is_so: Callable[[], bool]) -> None:
    deadline = time.monotonic() + WAIT_S
    while not is_so():
        assert time.monotonic() < deadline
        await asyncio.sleep(0.02)


def written(folder: Path, name: str) -> int:
    path = folder / name
    return len(path.read_text()) if path.exists() else 0


async def run(parent: Supervisor, meanwhile: Callable[[list[int]], object]) -> int:
    """The exit status; `meanwhile` gets the process ids once all serve, then the parent is told to stop."""

    async def on_ready(pids: Sequence[int]) -> None:
        done = meanwhile(list(pids))
        if asyncio.iscoroutine(done):
            await done
        os.kill(os.getpid(), signal.SIGTERM)

    return await parent.run(on_ready)


async def test_all_get_the_settings_and_drain_at_the_signal(tmp_path: Path) -> None:
    pids: list[int] = []
    assert await run(supervisor(tmp_path, count=3), pids.extend) == 0
    assert len(set(pids)) == 3
    assert [json.loads((tmp_path / f"settings-{at}").read_text()) for at in (1, 2, 3)] == [{"a": 1}] * 3
    for pid in pids:
        with pytest.raises(ProcessLookupError):
            os.kill(pid, 0)


async def test_one_that_dies_is_replaced_and_the_others_stay(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    configure_logging(stream=sys.stderr)

    async def kill(pids: list[int]) -> None:
        os.kill(pids[0], signal.SIGKILL)
        await until(lambda: written(tmp_path, "starts-1") == 2)

    assert await run(supervisor(tmp_path), kill) == 0
    assert written(tmp_path, "starts-2") == 1
    said = [json.loads(line) for line in capsys.readouterr().err.splitlines()]
    assert [(one["event"], one["worker"], one["signal"]) for one in said] == [
        ("worker died: another is started", 1, signal.SIGKILL)
    ]


async def test_where_none_can_serve_nothing_is_tried_again(tmp_path: Path) -> None:
    async def on_ready(_: Sequence[int]) -> None:
        raise AssertionError

    assert await supervisor(tmp_path, BROKEN).run(on_ready) == 7


async def test_one_that_does_not_stop_is_killed_and_the_status_says_so(tmp_path: Path) -> None:
    assert await run(supervisor(tmp_path, DEAF, late_s=0.3), list) == 1


async def test_a_hang_up_reaches_all_and_ends_none(tmp_path: Path) -> None:
    async def hang_up(_: list[int]) -> None:
        os.kill(os.getpid(), signal.SIGHUP)
        await until(lambda: written(tmp_path, "hup-1") + written(tmp_path, "hup-2") == 2)

    assert await run(supervisor(tmp_path), hang_up) == 0
    assert written(tmp_path, "starts-1") == written(tmp_path, "starts-2") == 1


async def test_a_stop_while_they_start_is_no_fault(tmp_path: Path) -> None:
    parent = supervisor(tmp_path, "import time; time.sleep(60)")
    asyncio.get_running_loop().call_later(0.3, os.kill, os.getpid(), signal.SIGTERM)

    async def on_ready(_: Sequence[int]) -> None:
        raise AssertionError

    assert await parent.run(on_ready) == 0
