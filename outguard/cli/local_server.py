"""A real server on loopback for demo, replay and bench: its own process, its own empty store, gone afterwards."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from outguard.cli.credentials import Person, issue
from outguard.errors import UnavailableError

if TYPE_CHECKING:
    from outguard.domain.policy import Policy

START_LIMIT_S = 60.0
PATIENT_MS = 20_000
"""The evaluation budget where what is decided counts, not how soon: a stall of the machine may hold nothing back."""
STOP_LIMIT_S = 20.0
_POLL_S = 0.02


@dataclass(frozen=True, kw_only=True, slots=True)
class LocalServer:
    """A running server: where it listens, bearer tokens by principal id, its log's key, how long it took to start.

    `workers` are the processes below `pid`, where there are several.
    """

    address: str
    tokens: dict[str, str]
    verifier_key: str
    pid: int
    start_s: float
    log: Path
    workers: tuple[int, ...] = ()

    @property
    def serving(self) -> tuple[int, ...]:
        """The processes that answer."""
        return self.workers or (self.pid,)


@contextmanager
def local_server(
    people: Callable[[Policy], Sequence[Person]],
    *,
    rules: Path | None = None,
    model: str | None = None,
    workers: int = 1,
    budget_ms: int = PATIENT_MS,
) -> Iterator[LocalServer]:
    """Start a server with tokens for `people`, and stop it afterwards; None stands for the shipped rules and model.

    `budget_ms` is the time that one evaluation may take.

    Raises:
        UnavailableError: if it does not come up.
    """
    with TemporaryDirectory(prefix="outguard-") as folder:
        data_dir = Path(folder)
        tokens, verifier_key = asyncio.run(_prepare(data_dir, people, rules))
        ready, log = data_dir / "ready.json", data_dir / "server.log"
        command = [sys.executable, "-m", "outguard", "serve", "--data-dir", folder]
        command += ["--listen", "127.0.0.1:0", "--ready-file", str(ready)]
        command += ["--rules", str(rules.resolve())] if rules else []
        command += ["--model", model] if model else []
        command += ["--workers", str(workers)] if workers > 1 else []
        environment = _clean_environment() | {"OUTGUARD_EVALUATION_BUDGET_MS": str(budget_ms)}
        started = time.perf_counter()
        with log.open("wb") as output:
            process = subprocess.Popen(  # noqa: S603 - our own command, no shell
                command, cwd=folder, env=environment, stdin=subprocess.DEVNULL, stdout=output, stderr=output
            )
        try:
            told = _wait_ready(process, ready, log)
            start_s = time.perf_counter() - started
            yield LocalServer(
                address=str(told["address"]),
                tokens=tokens,
                verifier_key=verifier_key,
                pid=process.pid,
                start_s=start_s,
                log=log,
                workers=tuple(told.get("workers", ())),
            )
        finally:
            _stop(process)


async def _prepare(
    data_dir: Path, people: Callable[[Policy], Sequence[Person]], rules: Path | None
) -> tuple[dict[str, str], str]:
    from outguard.bootstrap import build_system
    from outguard.config import exact_settings
    from outguard.flows.read_audit import origin_of

    system = await build_system(exact_settings(data_dir=data_dir, rules_dir=rules), is_judging=False)
    try:
        services = system.services
        tokens = await issue(services, people(services.policies.current), days=1)
        return tokens, services.signer.verifier_key(origin_of(services, "default"))
    finally:
        await system.services.store.close()


def _wait_ready(process: subprocess.Popen[bytes], ready: Path, log: Path) -> dict[str, Any]:
    deadline = time.perf_counter() + START_LIMIT_S
    while time.perf_counter() < deadline:
        if ready.is_file():
            told: dict[str, Any] = json.loads(ready.read_text(encoding="utf-8"))
            return told
        if process.poll() is not None:
            lines = log.read_text(encoding="utf-8", errors="replace").strip().splitlines()
            raise UnavailableError(f"the server did not start: {lines[-1] if lines else 'no output'}")
        time.sleep(_POLL_S)
    raise UnavailableError(f"the server was not ready after {START_LIMIT_S:.0f} s")


def _stop(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(STOP_LIMIT_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _clean_environment() -> dict[str, str]:
    """This process's environment without settings of another server; the package is found where it was found here."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith("OUTGUARD_")}
    package_home = str(Path(__file__).resolve().parents[2])
    kept["PYTHONPATH"] = os.pathsep.join(part for part in (package_home, kept.get("PYTHONPATH", "")) if part)
    return kept
