"""Trees against shapes: every pydantic error becomes a problem with file, line and path, in plain words."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from outguard.domain.policy import Problem
from outguard.policy.load import Path, Tree

S = TypeVar("S", bound=BaseModel)

_PLAIN = {
    "extra_forbidden": "unknown key",
    "missing": "this key is missing",
    "string_type": "text is wanted (quote it)",
    "bool_type": "true or false is wanted",
    "bool_parsing": "true or false is wanted",
    "int_type": "a whole number is wanted",
    "int_parsing": "a whole number is wanted",
    "int_from_float": "a whole number is wanted",
    "float_type": "a number is wanted",
    "float_parsing": "a number is wanted",
    "decimal_type": "a number is wanted",
    "decimal_parsing": "a number is wanted",
    "tuple_type": "a list is wanted",
    "dict_type": "a mapping of keys to values is wanted",
    "model_type": "a mapping of keys to values is wanted",
    "model_attributes_type": "a mapping of keys to values is wanted",
}


def validate(tree: Tree, shape: type[S]) -> tuple[S | None, tuple[Problem, ...]]:
    """The tree as `shape`, or every reason why it is none; the tree's own problems come first."""
    if tree.value is None:
        empty = tree.problem((), "the file is empty")
        return None, tree.problems or (empty,)
    try:
        return shape.model_validate(tree.value), tree.problems
    except ValidationError as error:
        details = error.errors(include_url=False)
        parents = {detail["loc"][:depth] for detail in details for depth in range(len(detail["loc"]))}
        # A list is also called too short when its only item is faulty: the item's own fault says it all.
        kept = [each for each in details if each["type"] != "too_short" or each["loc"] not in parents]
        return None, (*tree.problems, *dict.fromkeys(_problem(tree, each) for each in kept))


def part(tree: Tree, key: str, shape: type[S]) -> S | None:
    """The section `key` as `shape`, None if it is none: so that one section's faults do not hide another's."""
    return _read(_section(tree, key), shape)


def parts(tree: Tree, key: str, shape: type[S]) -> list[tuple[int, S]]:
    """The items of list `key` that are a `shape`, with their places."""
    section = _section(tree, key)
    items = section if isinstance(section, list) else []
    read = ((place, _read(item, shape)) for place, item in enumerate(items))
    return [(place, value) for place, value in read if value is not None]


def _section(tree: Tree, key: str) -> Any:
    return tree.value.get(key) if isinstance(tree.value, dict) else None


def _read(value: Any, shape: type[S]) -> S | None:
    try:
        return shape.model_validate(value)
    except ValidationError:
        return None


def _problem(tree: Tree, detail: Any) -> Problem:
    kind: str = detail["type"]
    path = _path_in(tree, detail["loc"])
    if kind in {"extra_forbidden", "missing"}:
        path = tuple(detail["loc"])
    message = _PLAIN.get(kind) or str(detail["msg"])
    message = message.removeprefix("Value error, ").replace("Input should be", "must be")
    return tree.problem(path, message[:1].lower() + message[1:])


def _path_in(tree: Tree, location: Sequence[str | int]) -> Path:
    """The part of pydantic's location that is in the file (it adds names of alternatives)."""
    path: Path = ()
    for step in location:
        if (*path, step) in tree.lines:
            path = (*path, step)
    return path
