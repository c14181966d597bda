"""The command line as a whole: quick help, one line for an expected error, and the right status."""

from __future__ import annotations

import subprocess
import sys

import pytest
import typer

from outguard.cli import main
from outguard.cli.main import app
from outguard.errors import ConfigError, InvalidInputError, OutguardError, PolicyError

HEAVY = ("grpc", "presidio_analyzer", "sqlalchemy", "spacy", "outguard.bootstrap", "re2")


@pytest.fixture
def failing(monkeypatch: pytest.MonkeyPatch) -> list[BaseException]:
    """A command line whose only command raises what the list holds."""
    errors: list[BaseException] = []
    broken = typer.Typer()

    @broken.command()
    def fail() -> None:
        raise errors[0]

    monkeypatch.setattr(main, "typer_app", broken)
    return errors


def test_help_loads_nothing_heavy() -> None:
    code = f"""
import sys
from outguard.cli.main import app
status = app(["--help"])
heavy = [name for name in {HEAVY!r} if name in sys.modules]
sys.exit(f"status {{status}}, loaded {{heavy}}" if status or heavy else 0)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert "check" in done.stdout


def test_the_module_runs_as_a_command() -> None:
    done = subprocess.run([sys.executable, "-m", "outguard", "--version"], capture_output=True, text=True, check=False)
    assert done.returncode == 0
    assert done.stdout.startswith("outguard ")


@pytest.mark.parametrize("error", [InvalidInputError("bad file"), ConfigError("bad file"), OutguardError("bad file")])
def test_an_expected_error_is_one_line_and_status_2(
    failing: list[BaseException], capsys: pytest.CaptureFixture[str], error: OutguardError
) -> None:
    failing.append(error)
    assert app([]) == 2
    captured = capsys.readouterr()
    assert (captured.out, captured.err) == ("", "outguard: bad file\n")


def test_policy_problems_are_all_printed(failing: list[BaseException], capsys: pytest.CaptureFixture[str]) -> None:
    failing.append(PolicyError("2 problems", problems=("a.yaml:1: x", "b.yaml:2: y")))
    assert app([]) == 2
    assert capsys.readouterr().err == "outguard: 2 problems\n  a.yaml:1: x\n  b.yaml:2: y\n"


def test_an_unknown_command_is_status_2(capsys: pytest.CaptureFixture[str]) -> None:
    assert app(["conquer"]) == 2
    assert "conquer" in capsys.readouterr().err


def test_an_interrupt_is_status_130(failing: list[BaseException]) -> None:
    failing.append(KeyboardInterrupt())
    assert app([]) in {1, 130}


def test_a_fault_of_ours_is_not_hidden(failing: list[BaseException]) -> None:
    failing.append(RuntimeError("a bug"))
    with pytest.raises(RuntimeError):
        app([])
