"""What a payload field is by its name: internal notes, thinking, debug output, identity numbers, credentials.

Names are data (`detectors/payload_fields.yaml`). A finding here is about a whole field, so its offsets are -1. A value
that redaction left behind is never found again.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

import re2
import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from outguard.detection.recognizers.secrets_checks import is_placeholder, looks_random
from outguard.domain.finding import Category, Finding, Status
from outguard.domain.payload_path import ROOT, item_path, member_path
from outguard.domain.policy import Problem
from outguard.errors import PolicyError

FILE_NAME = "payload_fields.yaml"

_MAX_KEY = 80
_MAX_NAMES = 8
_SCORE = 0.9
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
            return cls(_File.model_validate(yaml.safe_load(text)).rules)
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


def payload_findings(payload: Mapping[str, Any], rules: PayloadRules) -> list[Finding]:
    """Findings about whole fields of `payload`, by their names; values are bounded by whoever read the payload."""
    findings: list[Finding] = []
    known: dict[str, tuple[_Compiled, ...]] = {}
    waiting: deque[tuple[Any, str, tuple[str, ...], FieldRule | None]] = deque([(payload, ROOT, (), None)])
    while waiting:
        value, path, names, inherited = waiting.popleft()
        if isinstance(value, Mapping):
            fits = _fits(names, known, rules)
            spread = next((one.rule for one in fits if one.rule.spread), inherited)
            for key, item in value.items():
                waiting.append((item, member_path(path, key), (*names, words_of(str(key)))[-_MAX_NAMES:], spread))
        elif isinstance(value, list | tuple):
            waiting.extend((item, item_path(path, index), names, inherited) for index, item in enumerate(value))
        elif not _is_nothing(value):
            rule = next((one.rule for one in _fits(names, known, rules) if one.accepts(value)), inherited)
            if rule is not None:
                findings.append(_finding(rule, path, value))
    return findings


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
