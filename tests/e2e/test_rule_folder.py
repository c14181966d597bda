"""A rule folder with three errors: all three are told at once, by file and line, and no server starts on it."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from e2e_server import MARK, People, clean_environment

from outguard.bootstrap import read_rules, shipped_rules
from outguard.v1 import policy_pb2

ERRORS = (
    ("policy.yaml", "    on_timeout: deny", "    on_timeout: perhaps"),
    ("authority/retail.yaml", None, "nonsense: 1\n"),
    ("gate/signals.yaml", None, "rules: [\n"),
)


@pytest.fixture
def broken(tmp_path: Path) -> tuple[Path, set[tuple[str, int]]]:
    """A copy of the shipped rules with three errors, and where they are."""
    folder = tmp_path / "rules"
    shutil.copytree(shipped_rules(), folder)
    places = set()
    for name, old, new in ERRORS:
        path = folder / name
        text = path.read_text()
        if old is None:
            text = text.rstrip("\n") + "\n" + new
        else:
            assert old in text
            text = text.replace(old, new, 1)
        path.write_text(text)
        places.add((name, text[: text.index(new)].count("\n") + 1))
    return folder, places


def outguard(*arguments: str, text: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [sys.executable, "-m", "outguard", *arguments],
        input=text,
        capture_output=True,
        timeout=60,
        check=False,
        env=clean_environment({}),
    )


def told(output: str) -> set[tuple[str, int]]:
    """The places that an output names."""
    return {(name, int(line)) for name, line in re.findall(r"([\w/]+\.yaml):(\d+)", output)}


def test_lint_tells_all_three(broken: tuple[Path, set[tuple[str, int]]]) -> None:
    folder, places = broken
    done = outguard("policy", "lint", str(folder))
    assert done.returncode == 1
    assert near(told(done.stdout.decode()), places)


def test_the_server_does_not_start(broken: tuple[Path, set[tuple[str, int]]], tmp_path: Path) -> None:
    folder, places = broken
    data_dir = tmp_path / "data"
    done = outguard("serve", "--rules", str(folder), "--data-dir", str(data_dir), "--listen", "127.0.0.1:0")
    assert done.returncode == 2
    assert near(told(done.stderr.decode()), places)
    assert b"Traceback" not in done.stderr
    assert not data_dir.exists()


async def test_validate_policy_tells_all_three(broken: tuple[Path, set[tuple[str, int]]], people: People) -> None:
    folder, places = broken
    request = policy_pb2.ValidatePolicyRequest(files=read_rules(folder))
    answer = await people["sena"].call("PolicyService/ValidatePolicy", request, policy_pb2.ValidatePolicyResponse, 60.0)
    assert near({(problem.file, problem.line) for problem in answer.problems}, places)
    assert all(problem.message for problem in answer.problems)


def near(found: set[tuple[str, int]], wanted: set[tuple[str, int]]) -> bool:
    """Whether each wanted place is found on its line, or on the next one, where YAML notices."""
    return all((name, line) in found or (name, line + 1) in found for name, line in wanted)


def test_check_answers_lone_surrogates_and_other_broken_lines(tmp_path: Path) -> None:
    """One answer a line, without a text to send and without the words that were sent."""
    lines = [
        b'{"id": "a", "text": "%s \\ud800"}' % MARK.encode(),
        b'{"id": "b", "text": "%s \xed\xa0\x80"}' % MARK.encode(),
        b'{"id": "c", "text": "%s", "extra\\udfff": 1}' % MARK.encode(),
        b'{"id": "d", "text": NaN}',
        b"[" * 100_000,
        b'{"id": "e", "text": "%s' % MARK.encode(),
        b'{"id": "f", "text": "Thank you for your message, it is good to hear from you."}',
    ]
    file = tmp_path / "lines.jsonl"
    file.write_bytes(b"\n".join(lines) + b"\n")
    done = outguard("check", str(file))
    assert done.returncode == 1
    answers = done.stdout.decode().splitlines()
    assert len(answers) == len(lines)
    assert all('"error"' in answer and MARK not in answer for answer in answers[:-1])
    assert '"verdict": "ALLOW"' in answers[-1]
    assert MARK.encode() not in done.stderr
    assert b"Traceback" not in done.stderr
