"""What a payload field is by its name: internal notes, thinking, debug output, identity numbers, credentials.

Names are data (`detectors/payload_fields.yaml`). A finding here is about a whole field, so its offsets are -1. A value
that redaction left behind is never found again.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal

import re2
import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from outguard.detection.recognizers.secret_examples import is_placeholder
from outguard.detection.recognizers.secret_values import looks_random
from outguard.detection.yaml_text import load_yaml
from outguard.domain.finding import Category, Finding, Status
from outguard.domain.payload_path import ROOT, item_path, member_path
from outguard.domain.policy import Problem
from outguard.errors import PolicyError

FILE_NAME = "payload_fields.yaml"

_MAX_KEY = 80
_MAX_NAMES = 8
_SCORE = 0.9
_TOLD_IN_LINES = frozenset({"DEBUG_TRACE", "REASONING"})
_LEAST_FIELDS = 2
"""An object of fewer is told by its field."""
_SPLIT = re.compile(r"[^0-9A-Za-z]+|(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_LEFT_BEHIND = re.compile(r"(?:%5B|\[)[A-Z][A-Z0-9_]*(?:%5D|\])|\*{4,}[\s\S]{0,8}")
_MASKED = re.compile(r"[*•xX#]{3,}|[•●]")
_NO_PASSWORD = frozenset(
    (
        "required",
        "optional",
        "changed",
        "reset",
        "set",
        "unset",
        "hidden",
        "none",
        "null",
        "true",
        "false",
        "yes",
        "no",
        "ok",
        "sent",
        "expired",
        "unchanged",
        "masked",
    )
)


class FieldRule(BaseModel):
    """One rule as written; `payload_fields.yaml` tells how it is read."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: str
    category: Category
    type: str = Field(pattern=r"^[A-Z][A-Z0-9_]*$")
    status: Status | None = None
    when: str = Field(pattern=r"^(any|text|word|credential|url|date|digits:\d+)$")
    spread: bool = False
    paths: tuple[str, ...] = Field(min_length=1)


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    about: str = ""
    version: Literal[1] = 1
    rules: tuple[FieldRule, ...]


@dataclass(frozen=True, slots=True)
class _Compiled:
    rule: FieldRule
    matches: Callable[[str], Any]
    accepts: Callable[[Any], bool]


class PayloadRules:
    """Compiled field rules."""

    def __init__(self, rules: tuple[FieldRule, ...]) -> None:
        self._rules = tuple(
            _Compiled(rule, re2.compile(_path_pattern(rule.paths)).search, _condition(rule.when)) for rule in rules
        )
        self._any = re2.compile(_path_pattern(tuple(path for rule in rules for path in rule.paths)))

    @classmethod
    def parse(cls, text: str, name: str = FILE_NAME) -> PayloadRules:
        """Read a rule file.

        Raises:
            PolicyError: if it is not valid.
        """
        try:
            return cls(_File.model_validate(load_yaml(text)).rules)
        except yaml.YAMLError as error:
            raise PolicyError(f"{name} is not valid YAML") from error
        except ValidationError as error:
            problems = tuple(
                Problem(name, 1, ".".join(map(str, item["loc"])), item["msg"])
                for item in error.errors(include_url=False, include_input=False)
            )
            raise PolicyError(f"{name} is not valid", problems=problems) from error

    def fitting(self, path: str) -> tuple[_Compiled, ...]:
        """The rules whose names fit a path of words, in order."""
        if not self._any.search(path):
            return ()
        return tuple(rule for rule in self._rules if rule.matches(path))


@dataclass(slots=True)
class _Node:
    """An object or list of the payload, and what its fields were found to be, those of what it holds included."""

    path: str
    holder: int
    rule: FieldRule | None
    """What the names from the top down to this one say that everything here is."""
    is_list: bool
    findings: list[Finding] = field(default_factory=list)
    types: set[str | None] = field(default_factory=set)
    """None for a field that nothing was found in."""
    fields: int = 0
    nests: bool = False
    """Whether it holds further objects or lists."""
    by_object: bool = False
    """Whether a field is inside only because its object is."""


def payload_findings(payload: Mapping[str, Any], rules: PayloadRules) -> list[Finding]:
    """Findings about whole fields of `payload`, by their names; values are bounded by whoever read the payload.

    An object that is inside as a whole, and a log or thoughts told line by line, are one finding about the object or
    list.
    """
    known: dict[str, tuple[_Compiled, ...]] = {}
    nodes: list[_Node] = []
    waiting: deque[tuple[Any, str, tuple[str, ...], FieldRule | None, int]] = deque([(payload, ROOT, (), None, 0)])
    while waiting:
        value, path, names, inherited, holder = waiting.popleft()
        if isinstance(value, Mapping):
            fits = _fits(names, known, rules)
            spread = next((one.rule for one in fits if one.rule.spread), inherited)
            nodes.append(_Node(path, holder, spread, is_list=False))
            for key, item in value.items():
                below = (*names, words_of(str(key)))[-_MAX_NAMES:]
                waiting.append((item, member_path(path, key), below, spread, len(nodes) - 1))
        elif isinstance(value, list | tuple):
            nodes.append(_Node(path, holder, inherited, is_list=True))
            waiting.extend(
                (item, item_path(path, index), names, inherited, len(nodes) - 1) for index, item in enumerate(value)
            )
        elif not _is_nothing(value):
            own = next((one.rule for one in _fits(names, known, rules) if one.accepts(value)), None)
            rule, node = own or inherited, nodes[holder]
            node.fields += 1
            node.types.add(rule.type if rule is not None else None)
            node.by_object |= own is None
            if rule is not None:
                node.findings.append(_finding(rule, path, value))
    return _by_place(nodes)


def _by_place(nodes: Sequence[_Node]) -> list[Finding]:
    """All findings, the objects' that are inside as a whole in place of their fields'."""
    for number in range(len(nodes) - 1, -1, -1):
        node = nodes[number]
        if _is_whole(node):
            node.findings = [replace(node.findings[0], field=node.path)]
        if number:
            holder = nodes[node.holder]
            holder.findings.extend(node.findings)
            holder.types |= node.types
            holder.fields += node.fields
            holder.nests = True
            holder.by_object |= node.by_object
    return nodes[0].findings if nodes else []


def _is_whole(node: _Node) -> bool:
    if len(node.types) != 1 or node.fields < _LEAST_FIELDS or not node.findings:
        return False
    if node.findings[0].category is not Category.INTERNAL:
        return False
    if node.is_list:
        return node.types <= _TOLD_IN_LINES and not node.nests
    return node.rule is not None and node.by_object and node.rule.type in node.types


def words_of(key: str) -> str:
    """The words of a key, in lower case: `internalNotes`, `internal_notes` and `Internal-Notes` are all the same."""
    return " ".join(part for part in _SPLIT.split(key[:_MAX_KEY]) if part).lower()


def _fits(
    names: tuple[str, ...], known: dict[str, tuple[_Compiled, ...]], rules: PayloadRules
) -> tuple[_Compiled, ...]:
    path = ".".join(names)
    if path not in known:
        known[path] = rules.fitting(path)
    return known[path]


def _finding(rule: FieldRule, path: str, value: Any) -> Finding:
    status = rule.status
    if rule.category is Category.SECRET:
        status = Status.PLACEHOLDER if is_placeholder(str(value)) else Status.LIVE
    return Finding(
        category=rule.category,
        type=rule.type,
        status=status,
        start=-1,
        end=-1,
        score=_SCORE,
        rule=rule.id,
        field=path,
    )


def _is_nothing(value: Any) -> bool:
    if value is None or value == "":
        return True
    return isinstance(value, str) and _LEFT_BEHIND.fullmatch(value) is not None


def _path_pattern(paths: tuple[str, ...]) -> str:
    return rf"(?:^|\.)(?:{'|'.join(_one_path(path) for path in paths)})$"


def _one_path(path: str) -> str:
    names = []
    for name in path.split("."):
        if name == "**":
            names.append(r"(?:[^.]*\.)*")
        else:
            names.append("[^.]*".join(re2.escape(part) for part in name.split("*")) + r"\.")
    return "".join(names).removesuffix(r"\.")


def _condition(when: str) -> Callable[[Any], bool]:
    if when.startswith("digits:"):
        least = int(when.partition(":")[2])
        return lambda value: _digits(value) >= least
    return _CONDITIONS[when]


def _digits(value: Any) -> int:
    if isinstance(value, bool):
        return 0
    text = str(value)
    return 0 if len(text) > 64 or _MASKED.search(text) else sum(char.isdigit() for char in text)


def _is_word(value: Any) -> bool:
    if isinstance(value, bool):
        return False
    text = str(value).strip()
    return 3 <= len(text) <= 128 and text.lower() not in _NO_PASSWORD and not re.search(r"\s|://|^[•*.xX#]+$", text)


def _is_credential(value: Any) -> bool:
    if not isinstance(value, str):
        return False
    text = value.strip()
    return is_placeholder(text) or looks_random(text) or "-----BEGIN" in text


_CONDITIONS: Mapping[str, Callable[[Any], bool]] = {
    "any": lambda value: value is not False,
    "text": lambda value: isinstance(value, str) and " " in value.strip(),
    "word": _is_word,
    "credential": _is_credential,
    "url": lambda value: isinstance(value, str) and ("://" in value or "=" in value) and len(value) >= 12,
    "date": lambda value: (
        _digits(value) >= 2 or (isinstance(value, str) and bool(re.search(r"\b(?:19|20)\d\d\b", value)))
    ),
}
