"""The protos keep their rules, and the generated code is what they give."""

from __future__ import annotations

import importlib
import re
import runpy
import subprocess
import sys
import tomllib
from importlib.metadata import PackageNotFoundError, version
from itertools import pairwise
from pathlib import Path

import pytest
from google.protobuf.descriptor import FileDescriptor

ROOT = Path(__file__).resolve().parents[1]
SOURCES = sorted((ROOT / "protos" / "outguard" / "v1").glob("*.proto"))
FILES: list[FileDescriptor] = [
    importlib.import_module(f"outguard.v1.{source.stem}_pb2").DESCRIPTOR for source in SOURCES
]


def pins() -> dict[str, str]:
    """The exact versions of the dev extra."""
    dev = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["optional-dependencies"]["dev"]
    return dict(pin.split("==") for pin in dev if "==" in pin)


def is_installed(name: str) -> bool:
    try:
        return version(name) == pins()[name]
    except PackageNotFoundError:
        return False


def test_generated_code_is_what_the_protos_give(tmp_path: Path) -> None:
    if not (is_installed("grpcio-tools") and is_installed("mypy-protobuf")):
        pytest.skip("needs grpcio-tools and mypy-protobuf as pinned in pyproject.toml")
    command = [sys.executable, str(ROOT / "scripts" / "gen_protos.py"), "--output", str(tmp_path)]
    subprocess.run(command, check=True, capture_output=True)
    made, kept = tmp_path / "outguard" / "v1", ROOT / "outguard" / "v1"
    names = sorted(path.name for path in made.iterdir())
    assert names == sorted(path.name for path in kept.iterdir() if path.name != "__pycache__")
    assert [name for name in names if (made / name).read_bytes() != (kept / name).read_bytes()] == []


def test_another_generator_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    script = runpy.run_path(str(ROOT / "scripts" / "gen_protos.py"))
    monkeypatch.setitem(script["check_generators"].__globals__, "version", lambda _: "0.1")
    with pytest.raises(SystemExit, match="pins"):
        script["check_generators"]()


def test_runtime_floor_is_the_version_of_the_generated_code() -> None:
    stamp = re.search(r"Python Version: ([\d.]+)", (ROOT / "outguard/v1/types_pb2.py").read_text())
    floors = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["dependencies"]
    assert stamp
    assert f"protobuf>={stamp[1]}" in floors


@pytest.mark.parametrize("file", FILES, ids=lambda file: str(file.name))
def test_only_google_protobuf_is_imported(file: FileDescriptor) -> None:
    assert file.package == "outguard.v1"
    assert all(one.name.startswith(("google/protobuf/", "outguard/v1/")) for one in file.dependencies)


@pytest.mark.parametrize("file", FILES, ids=lambda file: str(file.name))
def test_zero_of_every_enum_is_unspecified(file: FileDescriptor) -> None:
    for enum in file.enum_types_by_name.values():
        prefix = re.sub(r"(?<!^)(?=[A-Z])", "_", enum.name).upper()
        assert enum.values_by_number[0].name == f"{prefix}_UNSPECIFIED"
        assert all(value.name.startswith(f"{prefix}_") for value in enum.values)


@pytest.mark.parametrize("source", SOURCES, ids=lambda source: str(source.name))
def test_every_message_enum_service_and_method_is_described(source: Path) -> None:
    lines = source.read_text().splitlines()
    bare = [
        line.strip()
        for before, line in pairwise(lines)
        if re.match(r"(message|enum|service|  rpc) ", line) and not before.strip().startswith("//")
    ]
    assert bare == []


def test_no_field_number_is_used_twice_or_skipped() -> None:
    for file in FILES:
        for message in file.message_types_by_name.values():
            numbers = sorted(field.number for field in message.fields)
            assert numbers == list(range(1, len(numbers) + 1)), message.full_name
