"""Conditions (`when`) in CEL, behind our own interface: compiled once at load, evaluated without side effects.

Only the variables of `VARIABLES` and the functions of `FUNCTIONS` exist; any other name is a load error. The language
has no loops but bounded list macros, which may not be nested here.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING, Any

from outguard.errors import OutguardError
from outguard.policy.cel_types import TypeFaultError, check_types
from outguard.policy.variables import VARIABLES

if TYPE_CHECKING:
    import cel


def _import_cel() -> Any:
    """The extension without its command line, which brings a terminal tool kit and takes a tenth of a start."""
    name = "cel.cli"
    if "cel" in sys.modules:
        return import_module("cel")
    sys.modules[name] = ModuleType(name)
    try:
        module = import_module("cel")
    finally:
        del sys.modules[name]
    del module.cli  # who asks for it gets the real one
    return module


_CEL = _import_cel()
MAX_CHARS = 2000
MAX_BRACKETS = 60

FUNCTIONS = frozenset({
    "size", "startsWith", "endsWith", "contains", "matches", "int", "double", "string", "has",
    "@not_strictly_false", "@in",
})  # fmt: skip

_MACRO = re.compile(r"\.\s*(?:all|exists|exists_one|map|filter)\s*\(\s*([A-Za-z_][A-Za-z0-9_]*)\s*,")
_TYPES = {name: variable.type for name, variable in VARIABLES.items()}
_STRING = re.compile(r"'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\"")


class ConditionError(OutguardError):
    """A condition is malformed, or cannot be evaluated for these values."""

    reason = "CONDITION_INVALID"

    def __init__(self, message: str, *, cause: str = "") -> None:
        super().__init__(message)
        self.cause = cause


class Bindings:
    """Variables as conditions read them: each is converted once, when the first condition asks for it."""

    __slots__ = ("_bound", "_context", "_value_of")

    def __init__(self, value_of: Callable[[str], Any]) -> None:
        self._value_of = value_of
        self._context: cel.Context = _CEL.Context()
        self._bound: set[str] = set()

    def context_for(self, names: frozenset[str]) -> cel.Context:
        """The context, with at least `names` bound; fails where a value has no CEL form."""
        for name in names - self._bound:
            self._context.add_variable(name, self._value_of(name))
            self._bound.add(name)
        return self._context


@dataclass(frozen=True, slots=True)
class CelCondition:
    """A compiled condition."""

    source: str
    names: frozenset[str]
    _execute: Callable[[cel.Context], Any]

    def holds(self, bound: Bindings) -> bool:
        """Whether it holds; anything but a clear true or false is an error.

        Raises:
            ConditionError: if the evaluation fails (a missing argument, a division by zero, mixed types).
        """
        value = _guarded(lambda: self._execute(bound.context_for(self.names)), "cannot be evaluated")
        if not isinstance(value, bool):
            raise ConditionError(f"gives {type(value).__name__}, not true or false")
        return value


def compile_condition(source: str) -> CelCondition:
    """Compile `source`, and try it once on sample values to find wrong types.

    Raises:
        ConditionError: with the reason: syntax, unknown name, wrong type, too long.
    """
    _check_size(source)
    program: cel.Program = _guarded(lambda: _compile(source), "not valid CEL")
    bare = _STRING.sub("''", source)
    macro_variables = set(_MACRO.findall(bare))
    if macro_variables & set(VARIABLES):
        raise ConditionError("a list macro must not reuse the name of a variable")
    if unknown := sorted(set(program.variables()) - set(VARIABLES) - macro_variables):
        raise ConditionError(f"unknown name {', '.join(unknown)}; known: {', '.join(VARIABLES)}")
    named = {name for name in program.functions() if name[:1].isalpha() or name[:1] == "@"}
    if unknown := sorted(named - FUNCTIONS):
        raise ConditionError(f"unknown function {', '.join(unknown)}")
    condition = CelCondition(source, frozenset(program.variables()) & VARIABLES.keys(), program.execute)
    _try_out(condition)
    try:
        check_types(source, _TYPES)
    except TypeFaultError as error:
        raise ConditionError(str(error)) from None
    return condition


def sample_of(name: str) -> Any:
    """A sound value of variable `name`."""
    return VARIABLES[name].sample


def _try_out(condition: CelCondition) -> None:
    """Find wrong types: what fails on sample values for want of an argument or by arithmetic is left to the day."""
    try:
        condition.holds(Bindings(sample_of))
    except ConditionError as error:
        if error.cause not in _BY_VALUE:
            raise


def _check_size(source: str) -> None:
    if len(source) > MAX_CHARS:
        raise ConditionError(f"longer than {MAX_CHARS} characters")
    bare = _STRING.sub("''", source)
    if sum(map(bare.count, "([{?!")) > MAX_BRACKETS:
        raise ConditionError(f"more than {MAX_BRACKETS} brackets or negations")
    if _has_nested_macro(bare):
        raise ConditionError("a list macro inside a list macro is not allowed: its cost is not bounded")


def _has_nested_macro(bare: str) -> bool:
    for found in _MACRO.finditer(bare):
        depth = 1
        for place in range(found.end(), len(bare)):
            depth += {"(": 1, ")": -1}.get(bare[place], 0)
            if depth == 0:
                break
            if _MACRO.match(bare, place):
                return True
    return False


def _compile(source: str) -> cel.Program:
    try:
        program: cel.Program = _CEL.compile(source)
    except ValueError as error:
        found = re.search(r"ERROR: <input>:(\d+):(\d+): (.*)", str(error))
        where = f" at column {found[2]}: {found[3]}" if found else ""
        raise ConditionError(f"not valid CEL{where}") from None
    return program


def _guarded(run: Callable[[], Any], message: str) -> Any:
    """Run into the extension; whatever it throws (a panic is a BaseException) becomes our error, without content."""
    try:
        return run()
    except BaseException as error:
        if isinstance(error, KeyboardInterrupt | SystemExit | ConditionError):
            raise
        cause = type(error).__name__
        raise ConditionError(f"{message} ({cause})", cause=cause) from None


_BY_VALUE = frozenset({"KeyError", "IndexError", "ZeroDivisionError", "OverflowError"})
