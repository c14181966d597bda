"""The types of a condition, told without running it: every branch is looked at, also those that a sample would skip.

CEL's own rules, as strict as its run time: no mixing of whole numbers and fractions, no comparison of unlike things.
`dyn` is what only the day can tell (arguments). A list macro inside a list macro is refused: its cost has no bound.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

DYN, BOOL, INT, DOUBLE, STRING, NULL, MAP = "dyn", "bool", "int", "double", "string", "null", "map"
MACROS = frozenset({"all", "exists", "exists_one", "map", "filter"})
_TESTS = frozenset({"startsWith", "endsWith", "contains", "matches"})
_ORDERED = frozenset({INT, DOUBLE, STRING})
_NUMBERS = frozenset({INT, DOUBLE})
_TOKEN = re.compile(
    r"""\s*(?:(?P<number>\d+\.\d*(?:[eE][-+]?\d+)?|\.\d+(?:[eE][-+]?\d+)?|\d+[eE][-+]?\d+)
    |(?P<int>0x[0-9a-fA-F]+|\d+)
    |(?P<string>'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")
    |(?P<name>[A-Za-z_][A-Za-z0-9_]*)
    |(?P<sign>&&|\|\||==|!=|<=|>=|[-+*/%<>!?:.,()\[\]{}]))""",
    re.VERBOSE,
)


class TypeFaultError(Exception):
    """What is wrong with a condition's types."""


def check_types(source: str, variables: Mapping[str, str]) -> None:
    """Refuse a condition that is not bool on every path.

    Raises:
        TypeFaultError: with the reason.
    """
    reader = _Reader(_tokens(source), dict(variables))
    found = reader.expression()
    reader.end()
    if found not in {BOOL, DYN}:
        raise TypeFaultError(f"gives {found}, not true or false")


def _tokens(source: str) -> list[tuple[str, str]]:
    tokens: list[tuple[str, str]] = []
    place = 0
    rest = source.rstrip()
    while place < len(rest):
        found = _TOKEN.match(rest, place)
        if found is None:
            raise TypeFaultError(f"not understood at column {place + 1}")
        tokens.append((found.lastgroup or "", found[found.lastgroup or 0]))
        place = found.end()
    return [*tokens, ("end", "")]


def _item(kind: str) -> str:
    return kind[5:-1] if kind.startswith("list(") else DYN


def _is_list(kind: str) -> bool:
    return kind.startswith("list(")


def _join(one: str, other: str) -> str:
    if DYN not in {one, other} and not _alike(one, other):
        raise TypeFaultError(f"? gives {one} or {other}: both must be alike")
    return one if one == other else DYN


@dataclass
class _Reader:
    tokens: list[tuple[str, str]]
    names: dict[str, str]
    at: int = 0
    in_macro: bool = field(default=False)

    def expression(self) -> str:
        kind = self._or()
        if self._take("?"):
            _want(kind, {BOOL}, "? asks for true or false")
            one = self._or()
            self._need(":")
            return _join(one, self.expression())
        return kind

    def end(self) -> None:
        if self.tokens[self.at][0] != "end":
            raise TypeFaultError(f"not understood: {self.tokens[self.at][1]}")

    def _or(self) -> str:
        kind = self._and()
        while self._take("||"):
            _want(kind, {BOOL}, "|| joins true or false")
            _want(self._and(), {BOOL}, "|| joins true or false")
            kind = BOOL
        return kind

    def _and(self) -> str:
        kind = self._relation()
        while self._take("&&"):
            _want(kind, {BOOL}, "&& joins true or false")
            _want(self._relation(), {BOOL}, "&& joins true or false")
            kind = BOOL
        return kind

    def _relation(self) -> str:
        kind = self._sum()
        while True:
            if (sign := self._take("==", "!=")) is not None:
                other = self._sum()
                if DYN not in {kind, other} and NULL not in {kind, other} and not _alike(kind, other):
                    raise TypeFaultError(f"{kind} {sign} {other} never holds: write numbers alike (50.0, not 50)")
            elif (sign := self._take("<=", ">=", "<", ">")) is not None:
                other = self._sum()
                _want(kind, _ORDERED, f"{sign} compares numbers or texts")
                _want(other, _ORDERED, f"{sign} compares numbers or texts")
                if DYN not in {kind, other} and kind != other:
                    raise TypeFaultError(f"{kind} {sign} {other}: write both alike (50.0, not 50)")
            elif self._take("in") is not None:
                other = self._sum()
                if not (_is_list(other) or other in {MAP, DYN}):
                    raise TypeFaultError(f"in looks into lists and maps, not {other}")
                inner = STRING if other == MAP else _item(other)
                if DYN not in {kind, inner} and kind != inner:
                    raise TypeFaultError(f"no {kind} is in a {other}")
            else:
                return kind
            kind = BOOL

    def _sum(self) -> str:
        kind = self._product()
        while (sign := self._take("+", "-")) is not None:
            other = self._product()
            allowed = _NUMBERS | {STRING} if sign == "+" else _NUMBERS
            if not (sign == "+" and _is_list(kind) and (_is_list(other) or other == DYN)):
                kind = _arithmetic(kind, other, sign, allowed)
        return kind

    def _product(self) -> str:
        kind = self._unary()
        while (sign := self._take("*", "/", "%")) is not None:
            kind = _arithmetic(kind, self._unary(), sign, {INT} if sign == "%" else _NUMBERS)
        return kind

    def _unary(self) -> str:
        if self._take("!") is not None:
            _want(self._unary(), {BOOL}, "! turns true or false")
            return BOOL
        if self._take("-") is not None:
            kind = self._unary()
            _want(kind, _NUMBERS, "- turns a number")
            return kind
        return self._member()

    def _member(self) -> str:
        kind = self._primary()
        while True:
            if self._take(".") is not None:
                name = self._name()
                if self._take("(") is not None:
                    kind = self._method(kind, name)
                elif kind in {MAP, DYN}:
                    kind = DYN
                else:
                    raise TypeFaultError(f"{kind} has no {name}")
            elif self._take("[") is not None:
                place = self.expression()
                self._need("]")
                if not (_is_list(kind) or kind in {MAP, DYN}):
                    raise TypeFaultError(f"{kind} has no places")
                _want(place, {INT} if _is_list(kind) else {INT, STRING, BOOL}, "a place is a number or a name")
                kind = _item(kind)
            else:
                return kind

    def _method(self, kind: str, name: str) -> str:
        if name in MACROS:
            return self._macro(kind, name)
        given = self._arguments()
        if name == "size" and not given:
            return _size(kind)
        if name in _TESTS and len(given) == 1:
            _want(kind, {STRING}, f"{name} looks into a text")
            _want(given[0], {STRING}, f"{name} looks for a text")
            return BOOL
        raise TypeFaultError(f"{name} cannot be called so")

    def _macro(self, kind: str, name: str) -> str:
        if self.in_macro:
            raise TypeFaultError("a list macro inside a list macro is not allowed: its cost is not bounded")
        if not (_is_list(kind) or kind in {MAP, DYN}):
            raise TypeFaultError(f"{name} goes through lists and maps, not {kind}")
        variable = self._name()
        if variable in self.names:
            raise TypeFaultError("a list macro must not reuse the name of a variable")
        self._need(",")
        self.names[variable] = STRING if kind == MAP else _item(kind)
        self.in_macro = True
        parts = [self.expression()]
        while self._take(",") is not None:
            parts.append(self.expression())
        self.in_macro = False
        del self.names[variable]
        self._need(")")
        if len(parts) > (2 if name == "map" else 1):
            raise TypeFaultError(f"{name} cannot be called so")
        for part in parts[:-1] if name == "map" else parts:
            _want(part, {BOOL}, f"{name} asks for true or false")
        if name == "map":
            return f"list({parts[-1]})"
        return (kind if _is_list(kind) else "list(dyn)") if name == "filter" else BOOL

    def _arguments(self) -> list[str]:
        given: list[str] = []
        if self._take(")") is not None:
            return given
        given.append(self.expression())
        while self._take(",") is not None:
            given.append(self.expression())
        self._need(")")
        return given

    def _primary(self) -> str:
        group, text = self.tokens[self.at]
        self.at += 1
        if group in {"number", "int", "string"}:
            return {"number": DOUBLE, "int": INT, "string": STRING}[group]
        if group == "name":
            return self._named(text)
        if text == "(":
            kind = self.expression()
            self._need(")")
            return kind
        if text == "[":
            return self._list()
        raise TypeFaultError(f"not understood: {text or 'it ends too soon'}")

    def _list(self) -> str:
        kinds: list[str] = []
        while self._take("]") is None:
            kinds.append(self.expression())
            if self._take(",") is None:
                self._need("]")
                break
        return f"list({kinds[0]})" if kinds and len(set(kinds)) == 1 else "list(dyn)"

    def _named(self, name: str) -> str:
        if name in {"true", "false", "null"}:
            return NULL if name == "null" else BOOL
        if self._take("(") is not None:
            return _call(name, self._arguments())
        if name not in self.names:
            raise TypeFaultError(f"unknown name {name}")
        return self.names[name]

    def _take(self, *signs: str) -> str | None:
        group, text = self.tokens[self.at]
        if text in signs and group in {"sign", "name"}:
            self.at += 1
            return text
        return None

    def _need(self, sign: str) -> None:
        if self._take(sign) is None:
            raise TypeFaultError(f"{sign} is missing")

    def _name(self) -> str:
        group, text = self.tokens[self.at]
        if group != "name":
            raise TypeFaultError("a name is missing")
        self.at += 1
        return text


def _want(kind: str, allowed: set[str] | frozenset[str], message: str) -> None:
    if kind != DYN and kind not in allowed:
        raise TypeFaultError(f"{message}, not {kind}")


def _alike(one: str, other: str) -> bool:
    return one == other or (_is_list(one) and _is_list(other))


def _arithmetic(one: str, other: str, sign: str, allowed: set[str] | frozenset[str]) -> str:
    _want(one, allowed, f"{sign} does not fit")
    _want(other, allowed, f"{sign} does not fit")
    if DYN in {one, other}:
        return DYN
    if one != other:
        raise TypeFaultError(f"{one} {sign} {other}: write both alike (50.0, not 50)")
    return one


def _size(kind: str) -> str:
    if not (_is_list(kind) or kind in {STRING, MAP, DYN}):
        raise TypeFaultError(f"{kind} has no size")
    return INT


def _call(name: str, given: list[str]) -> str:
    if name == "size" and len(given) == 1:
        return _size(given[0])
    if name in {"int", "double", "string"} and len(given) == 1:
        _want(given[0], {INT, DOUBLE, STRING}, f"{name} converts a number or a text")
        return name
    if name == "has" and len(given) == 1:
        return BOOL
    if name in _TESTS and len(given) == 2:
        return BOOL
    raise TypeFaultError(f"unknown function {name}, or called with the wrong arguments")
