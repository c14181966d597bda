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
        found = [_problem(tree, detail) for detail in error.errors(include_url=False, include_context=True)]
        return None, (*tree.problems, *dict.fromkeys(found))


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
