"""The Makefile: every target says what it is for, and the newcomer's ones are there."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
TEXT = (ROOT / "Makefile").read_text(encoding="utf-8")
WANTED = {"help", "demo", "serve", "test", "gen", "format", "lint", "floors", "types", "check", "eval", "bench"}
TARGETS = set(re.findall(r"^([a-z-]+):", TEXT, flags=re.MULTILINE))


def test_every_wanted_target_exists() -> None:
    assert set() == WANTED - TARGETS


def test_every_target_has_its_help_text() -> None:
    assert set(re.findall(r"^([a-z-]+):.*## \S", TEXT, flags=re.MULTILINE)) == TARGETS


def test_every_target_is_phony() -> None:
    phony = re.search(r"^\.PHONY: (.*)$", TEXT, flags=re.MULTILINE)
    assert phony is not None
    assert set(phony[1].split()) == TARGETS


@pytest.mark.skipif(shutil.which("make") is None, reason="make is not installed")
def test_help_is_what_a_bare_make_prints() -> None:
    make = shutil.which("make") or "make"
    done = subprocess.run([make, "-C", str(ROOT), "--no-print-directory"], capture_output=True, text=True, check=True)
    assert all(f"make {target} " in done.stdout for target in WANTED)
