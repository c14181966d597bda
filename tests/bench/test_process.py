"""Memory of a process, where it can be told."""

from __future__ import annotations

import os
import shutil

import pytest

from outguard.bench.process import cpu_seconds, resident_bytes


@pytest.mark.skipif(shutil.which("ps") is None, reason="there is no ps here")
def test_our_own_memory_is_told_in_bytes() -> None:
    found = resident_bytes(os.getpid())
    assert found is not None
    assert found > 5_000_000


def test_a_process_that_is_not_there_has_none() -> None:
    assert resident_bytes(2**22 + 12345) is None


def test_without_ps_there_is_no_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    assert resident_bytes(os.getpid()) is None


def test_processor_time_grows_with_work() -> None:
    before = cpu_seconds(os.getpid())
    if before is None:
        pytest.skip("the system does not tell")
    while (now := cpu_seconds(os.getpid())) is not None and now <= before:
        sum(range(10_000))
    assert now is not None


def test_a_process_that_is_not_there_used_no_time_that_could_be_told() -> None:
    assert cpu_seconds(2**22 + 12345) is None
