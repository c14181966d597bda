"""The README and the guides name only what exists: make targets, commands, options, files."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from typer.main import get_command

from outguard.cli.main import typer_app

ROOT = Path(__file__).resolve().parents[2]
PAGES = [
    page
    for page in (ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md")))
    if page.exists()
]
TARGETS = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), flags=re.MULTILINE))
_CODE = re.compile(r"```.*?```|`[^`\n]+`", re.DOTALL)
_MAKE = re.compile(r"(?:^|[`$(;&]\s*)make ([a-z][a-z-]*)", re.MULTILINE)
_OUTGUARD = re.compile(r"(?:^|[`$(;&]\s*)(?:\.venv/bin/)?outguard ([a-z][^\n`|;&#>]*)", re.MULTILINE)
_LINK = re.compile(r"\]\((?!https?://|mailto:|#)([^)#\s]+)")


def commands() -> dict[str, set[str]]:
    """Every command path with the long options it takes."""
    found: dict[str, set[str]] = {}

    def walk(command: object, path: str) -> None:
        found[path] = {option for parameter in command.params for option in parameter.opts}  # type: ignore[attr-defined]
        for name, child in getattr(command, "commands", {}).items():
            walk(child, f"{path} {name}".strip())

    walk(get_command(typer_app), "")
    return found


COMMANDS = commands()


def test_the_readme_is_there() -> None:
    assert ROOT / "README.md" in PAGES


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_named_make_targets_exist(page: Path) -> None:
    code = "\n".join(_CODE.findall(page.read_text(encoding="utf-8")))
    assert set(_MAKE.findall(code)) - TARGETS == set()


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_named_commands_and_options_exist(page: Path) -> None:
    code = "\n".join(_CODE.findall(page.read_text(encoding="utf-8")))
    unknown = [usage.strip() for usage in _OUTGUARD.findall(code) if not is_known(usage)]
    assert unknown == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page: Path) -> None:
    links = _LINK.findall(page.read_text(encoding="utf-8"))
    assert [link for link in links if not (page.parent / link).exists()] == []


@pytest.mark.parametrize(
    ("usage", "known"),
    [
        ("check --profiles DIR FILE.jsonl", True),
        ("policy lint rules", True),
        ("check --no-such FILE", False),
        ("conquer", False),
        ("policy conquer", False),
    ],
)
def test_usages_are_judged_by_command_and_option(usage: str, known: bool) -> None:  # noqa: FBT001 - a case
    assert is_known(usage) is known


def is_known(usage: str) -> bool:
    """Whether a usage such as `check --workers 2 FILE` names a command that exists, and only its options."""
    words = usage.replace("[", " ").replace("]", " ").split()
    path = words[0]
    if path not in COMMANDS:
        return False
    if len(words) > 1 and f"{path} {words[1].split('|')[0]}" in COMMANDS:
        path = f"{path} {words[1].split('|')[0]}"
    elif any(name.startswith(f"{path} ") for name in COMMANDS) and len(words) > 1:
        return words[1].startswith("-")
    options = {word.split("=")[0] for word in words if word.startswith("--")}
    return options <= COMMANDS[path] | COMMANDS[""] | {"--help"}
