"""YAML text to a plain tree that remembers its lines.

A careful subset: no anchors, aliases, tags or second documents; a key comes once; `true` and `false` are the only
booleans (so `no` stays a word). Faults are collected, never raised: the caller gets the tree and every problem.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import yaml

from outguard.domain.policy import Problem

MAX_FILE_CHARS = 1024 * 1024
MAX_DEPTH = 40
MAX_NODES = 100_000

Step: TypeAlias = str | int
Path: TypeAlias = tuple[Step, ...]

_INT = re.compile(r"[-+]?[0-9]{1,18}\Z")
_FLOAT = re.compile(
    r"[-+]?(?:[0-9]{1,18}\.[0-9]{0,18}|\.[0-9]{1,18}|[0-9]{1,18}(?:\.[0-9]{0,18})?[eE][-+]?[0-9]{1,2})\Z"
)
_CONSTANTS: Mapping[str, bool | None] = {
    "": None, "~": None, "null": None, "Null": None, "NULL": None,
    "true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False,
}  # fmt: skip


def show_path(path: Path) -> str:
    """A path as people write it: `rules[3].match.when`."""
    text = ""
    for step in path:
        text += f"[{step}]" if isinstance(step, int) else f".{step}" if text else step
    return text


@dataclass(frozen=True, kw_only=True)
class Tree:
    """A parsed file: `value` holds plain data; `problems` says what was wrong with it."""

    file: str
    value: Any
    lines: Mapping[Path, int]
    problems: tuple[Problem, ...] = ()

    def line(self, path: Path) -> int:
        """The line of `path`, or of its nearest parent that is in the file."""
        while path and path not in self.lines:
            path = path[:-1]
        return self.lines.get(path, 1)

    def problem(self, path: Path, message: str) -> Problem:
        """A problem at `path`."""
        return Problem(file=self.file, line=self.line(path), path=show_path(path), message=message)


def decode(data: bytes, *, file: str) -> tuple[str, tuple[Problem, ...]]:
    """UTF-8 bytes as text; a byte that is not UTF-8 is a problem with its line, and the text is empty."""
    try:
        return data.decode("utf-8-sig"), ()
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        return "", (Problem(file=file, line=line, path="", message="not UTF-8 text"),)


def load(text: str, *, file: str) -> Tree:
    """Parse one file. With a syntax error the value is None, and the problem says where."""
    if len(text) > MAX_FILE_CHARS:
        return _failed(file, 1, f"larger than {MAX_FILE_CHARS} characters")
    builder = _Builder(file)
    try:
        value = builder.build(text)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        return _failed(
            file, 1 if mark is None else mark.line + 1, f"not valid YAML: {error.problem or 'cannot be read'}"
        )
    except (yaml.YAMLError, UnicodeEncodeError):
        return _failed(file, 1, "not valid YAML: a character that YAML does not allow")
    except _StopReading as stop:
        return _failed(file, stop.line, stop.message)
    return Tree(file=file, value=value, lines=builder.lines, problems=tuple(builder.problems))


def _failed(file: str, line: int, message: str) -> Tree:
    return Tree(file=file, value=None, lines={}, problems=(Problem(file=file, line=line, path="", message=message),))


class _StopReading(Exception):  # noqa: N818 - control flow of this module
    def __init__(self, line: int, message: str) -> None:
        super().__init__(message)
        self.line = line
        self.message = message


@dataclass
class _Builder:
    file: str
    lines: dict[Path, int] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    nodes: int = 0

    def build(self, text: str) -> Any:
        loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
        # The first two events open the stream and the document; an empty stream has no document.
        events = iter(yaml.parse(text, Loader=loader))
        next(events)
        if isinstance(next(events), yaml.StreamEndEvent):
            return None
        value = self._node(next(events), events, ())
        next(events)
        after: Any = next(events)
        if not isinstance(after, yaml.StreamEndEvent):
            raise _StopReading(after.start_mark.line + 1, "a file holds one document")
        return value

    def _node(self, event: Any, events: Any, path: Path) -> Any:
        line = event.start_mark.line + 1
        self.nodes += 1
        if self.nodes > MAX_NODES:
            raise _StopReading(line, f"more than {MAX_NODES} values")
        if len(path) > MAX_DEPTH:
            raise _StopReading(line, f"nested deeper than {MAX_DEPTH} levels")
        self.lines.setdefault(path, line)
        if isinstance(event, yaml.AliasEvent):
            raise _StopReading(line, "anchors and aliases are not allowed: write the value out")
        if event.anchor is not None or (event.tag is not None and event.tag != "!"):
            self._report(line, path, "anchors and tags are not allowed")
        if isinstance(event, yaml.MappingStartEvent):
            return self._mapping(events, path)
        if isinstance(event, yaml.SequenceStartEvent):
            return self._sequence(events, path)
        return _scalar(event.value) if event.implicit[0] else event.value

    def _mapping(self, events: Any, path: Path) -> dict[str, Any]:
        result: dict[str, Any] = {}
        while not isinstance(event := next(events), yaml.MappingEndEvent):
            line = event.start_mark.line + 1
            if not isinstance(event, yaml.ScalarEvent):
                raise _StopReading(line, "a key must be a plain word")
            key = event.value
            inner = (*path, key)
            if event.anchor is not None or event.tag is not None:
                self._report(line, inner, "anchors and tags are not allowed")
            if key == "<<":
                self._report(line, inner, "merge keys are not allowed: write the values out")
            is_twice = key in result
            if is_twice:
                self._report(line, inner, f"the key comes twice (first on line {self.lines[inner]})")
            self.lines.setdefault(inner, line)
            value = self._node(next(events), events, inner)
            if not is_twice:
                result[key] = value
        return result

    def _sequence(self, events: Any, path: Path) -> list[Any]:
        result: list[Any] = []
        while not isinstance(event := next(events), yaml.SequenceEndEvent):
            result.append(self._node(event, events, (*path, len(result))))
        return result

    def _report(self, line: int, path: Path, message: str) -> None:
        self.problems.append(Problem(file=self.file, line=line, path=show_path(path), message=message))


def _scalar(text: str) -> Any:
    if text in _CONSTANTS:
        return _CONSTANTS[text]
    if _INT.match(text):
        return int(text)
    return float(text) if _FLOAT.match(text) else text
