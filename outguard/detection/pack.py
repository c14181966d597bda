"""Pattern packs: the YAML form of detector rules, validated all at once.

A pack is data: what to look for, what must stand near it, which checks its value must pass, and texts that it must
catch and must leave. Every pattern is RE2, so no rule can cost more than linear time. A pack with a mistake does not
load; every mistake is told with its file, line and path.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Literal

import re2
import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from outguard.detection.regex import compacted
from outguard.detection.yaml_text import LOADER, load_yaml
from outguard.domain.finding import Category, Status
from outguard.domain.policy import Problem
from outguard.errors import PolicyError

SURE_SCORE = 0.99
"""The score of a value whose own checksum holds."""
_STRICT = ConfigDict(extra="forbid", frozen=True)


class RuleSpec(BaseModel):
    """One detector rule as written.

    `patterns` are RE2; the span is `group` of the match (0: all of it). `keywords`: one of these literals (any
    case) must be in the text, or the patterns are not run. `context` words near the span lift `score` to
    `score_with_context` (a `score` below the engine's threshold makes them a must); a word ending in `*` may go on,
    one that begins with it may end a longer word. They are looked for in `context_window` characters [before,
    after] the span. `negative_context` words in the same window drop the match, `deny` patterns do so when they
    match inside the value. `validator` names a check in code; `entropy_min` is Shannon bits per character of the
    value. `scope` keeps a rule to plain texts without a known customer, or to replies. `shorten`: where the
    validator refuses a value, try it without its last words. `checksum` names a check of the digits that a format
    ends in: where it holds there is no doubt left and the score is `SURE_SCORE`; where it does not the score stays,
    since formats change faster than rules.
    """

    model_config = _STRICT

    id: str = Field(pattern=r"^[a-z0-9_.-]+$")
    category: Category = Category.PII
    type: str = Field(pattern=r"^[A-Z][A-Z0-9_]*$")
    entity: str = ""
    patterns: tuple[str, ...] = Field(min_length=1)
    ignore_case: bool = False
    group: int = Field(default=0, ge=0)
    keywords: tuple[str, ...] = ()
    context: tuple[str, ...] = ()
    negative_context: tuple[str, ...] = ()
    context_window: tuple[int, int] = (60, 30)
    deny: tuple[str, ...] = ()
    validator: str | None = None
    checksum: str | None = None
    entropy_min: float = Field(default=0.0, ge=0.0, le=8.0)
    score: float = Field(default=0.6, ge=0.0, le=1.0)
    score_with_context: float | None = Field(default=None, ge=0.0, le=1.0)
    status: Status | None = None
    scope: Literal["any", "plain", "reply"] = "any"
    shorten: bool = False
    catch: tuple[str, ...] = Field(min_length=1)
    leave: tuple[str, ...] = ()


class PackSpec(BaseModel):
    """A pack file: a list of rules. `about` is for its readers."""

    model_config = _STRICT

    about: str = ""
    version: Literal[1] = 1
    rules: tuple[RuleSpec, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Pack:
    """Rules ready to compile, and the text they came from for telling lines."""

    name: str
    text: str
    rules: tuple[RuleSpec, ...]


def load_packs(files: Mapping[str, str], *, validators: frozenset[str]) -> tuple[Pack, ...]:
    """Read pack files (relative path to text), in the order of their names.

    Raises:
        PolicyError: with every problem of every file.
    """
    problems: list[Problem] = []
    packs: list[Pack] = []
    seen: dict[str, str] = {}
    for name in sorted(files):
        pack = _load_pack(name, files[name], problems)
        if pack is None:
            continue
        packs.append(pack)
        for index, rule in enumerate(pack.rules):
            problems.extend(_rule_problems(pack, index, rule, validators))
            if rule.id in seen:
                problems.append(_problem(pack, index, "id", f"the id is used in {seen[rule.id]} already"))
            seen[rule.id] = name
    if problems:
        raise PolicyError("detector packs are not valid", problems=tuple(problems))
    return tuple(packs)


def re2_options() -> re2.Options:
    """The options every pattern is compiled with: UTF-8, quiet, room for its DFA."""
    options = re2.Options()
    options.log_errors = False
    options.max_mem = 16 << 20
    return options


def _load_pack(name: str, text: str, problems: list[Problem]) -> Pack | None:
    try:
        tree = load_yaml(text)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = mark.line + 1 if mark else 1
        problems.append(Problem(file=name, line=line, path="", message="not valid YAML"))
        return None
    try:
        spec = PackSpec.model_validate(tree)
    except ValidationError as error:
        for item in error.errors(include_url=False, include_input=False):
            path = item["loc"]
            problems.append(Problem(file=name, line=_line_of(text, path), path=_path_of(path), message=item["msg"]))
        return None
    return Pack(name=name, text=text, rules=spec.rules)


def _rule_problems(pack: Pack, index: int, rule: RuleSpec, validators: frozenset[str]) -> list[Problem]:
    problems: list[Problem] = []
    for key in ("patterns", "deny"):
        for number, pattern in enumerate(getattr(rule, key)):
            try:
                regexp = compiled(prepared(pattern, ignore_case=rule.ignore_case))
            except re2.error:
                problems.append(
                    _problem(pack, index, f"{key}.{number}", "RE2 cannot compile this pattern (no look-around)")
                )
                continue
            if key == "patterns" and regexp.groups < rule.group:
                problems.append(_problem(pack, index, f"{key}.{number}", f"has no group {rule.group}"))
    problems.extend(
        _problem(pack, index, key, "is not the name of a known validator")
        for key in ("validator", "checksum")
        if (name := getattr(rule, key)) is not None and name not in validators
    )
    return problems


def prepared(pattern: str, *, ignore_case: bool) -> bytes:
    """The pattern as it is compiled."""
    source = compacted(pattern)
    return (f"(?i:{source})" if ignore_case else source).encode()


@lru_cache(maxsize=4096)
def compiled(source: bytes) -> re2._Regexp:
    """A compiled pattern; compiling costs more than most scans, and packs are read more than once at start."""
    return re2.compile(source, re2_options())


def _problem(pack: Pack, index: int, key: str, message: str) -> Problem:
    path = ("rules", index, *(int(part) if part.isdigit() else part for part in key.split(".")))
    return Problem(file=pack.name, line=_line_of(pack.text, path), path=_path_of(path), message=message)


def _path_of(parts: Sequence[Any]) -> str:
    return "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in parts).lstrip(".")


def rule_problem(pack: Pack, index: int, key: str, message: str) -> Problem:
    """A problem of one rule's key such as `catch.0`, with its line."""
    return _problem(pack, index, key, message)


def _line_of(text: str, path: Sequence[Any]) -> int:
    node = yaml.compose(text, Loader=LOADER) if text else None
    line = 1
    for part in path:
        if node is None:
            break
        line = node.start_mark.line + 1
        node = _child(node, part)
    return node.start_mark.line + 1 if node is not None else line


def _child(node: yaml.Node, part: Any) -> yaml.Node | None:
    if isinstance(node, yaml.MappingNode):
        return next((value for key, value in node.value if key.value == str(part)), None)
    if isinstance(node, yaml.SequenceNode) and isinstance(part, int) and part < len(node.value):
        child: yaml.Node = node.value[part]
        return child
    return None
