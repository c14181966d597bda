"""Authority profiles: what a company lets its agents say and promise, read from YAML.

Kinds of commitment beyond the shipped list are welcome. A term that is not understood is a problem, never ignored: a
limit that silently did nothing would be a promise nobody meant.
"""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

import re2

from outguard.domain.authority import Authority, AuthorityProfile
from outguard.domain.money import CURRENCIES
from outguard.domain.policy import Problem
from outguard.domain.topic import is_topic
from outguard.policy.load import Path, Tree, load

_SECONDS = {"minutes_min": 60, "hours_min": 3600, "days_min": 86_400}
_FREE = re.compile(r"without_action_up_to_([a-z]{3})\Z")
_KIND = re.compile(r"[a-z][a-z0-9_]{0,63}\Z")
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,99}\Z")
_LISTS = ("public_values", "published_policy", "own_id_patterns", "internal_hosts", "internal_patterns")
_KEYS = frozenset({"name", "company", "commitments", *_LISTS})
_MAX_ITEMS = 2000
_MAX_FREE = Decimal("1e12")


def parse_profile(text: str, *, file: str) -> tuple[AuthorityProfile | None, tuple[Problem, ...]]:
    """Read one profile; None and the problems if it has any."""
    tree = load(text, file=file)
    if tree.value is None:
        return None, tree.problems or (tree.problem((), "the file is empty"),)
    if not isinstance(tree.value, dict):
        return None, (*tree.problems, tree.problem((), "a mapping of keys to values is wanted"))
    reader = _Reader(tree)
    profile = reader.profile(tree.value)
    problems = (*tree.problems, *reader.problems)
    return (None if problems else profile), problems


class _Reader:
    def __init__(self, tree: Tree) -> None:
        self._tree = tree
        self.problems: list[Problem] = []

    def _report(self, path: Path, message: str) -> None:
        self.problems.append(self._tree.problem(path, message))

    def profile(self, value: dict[str, Any]) -> AuthorityProfile:
        for key in sorted(value.keys() - _KEYS):
            self._report((key,), "unknown key")
        name = self._text(value, "name")
        if name and not _NAME.match(name):
            self._report(("name",), "must be a word of letters, digits, - and _")
        lists = {key: self._texts(value, key) for key in _LISTS}
        for key in ("own_id_patterns", "internal_patterns"):
            for place, pattern in enumerate(lists[key]):
                self._check_pattern((key, place), pattern)
        return AuthorityProfile(
            name=name, company=self._text(value, "company"), commitments=self._commitments(value), **lists
        )

    def _text(self, value: dict[str, Any], key: str) -> str:
        found = value.get(key)
        if isinstance(found, str) and found.strip():
            return found
        self._report((key,), "this key is missing" if key not in value else "text is wanted (quote it)")
        return ""

    def _texts(self, value: dict[str, Any], key: str) -> tuple[str, ...]:
        found = value.get(key, [])
        if not isinstance(found, list) or len(found) > _MAX_ITEMS:
            self._report((key,), f"a list of at most {_MAX_ITEMS} texts is wanted")
            return ()
        for place, item in enumerate(found):
            if not isinstance(item, str) or not item.strip():
                self._report((key, place), "text is wanted (quote it)")
        return tuple(item for item in found if isinstance(item, str))

    def _check_pattern(self, path: Path, pattern: str) -> None:
        options = re2.Options()
        options.log_errors = False
        try:
            compiled = re2.compile(pattern, options=options)
        except re2.error:
            self._report(path, "not a valid RE2 pattern")
            return
        if compiled.search(""):
            self._report(path, "matches the empty text")

    def _commitments(self, value: dict[str, Any]) -> dict[str, Authority]:
        found = value.get("commitments")
        if not isinstance(found, dict):
            self._report(("commitments",), "a mapping of kinds to terms is wanted")
            return {}
        return {kind: self._authority(("commitments", kind), kind, terms) for kind, terms in found.items()}

    def _authority(self, path: Path, kind: str, terms: Any) -> Authority:
        if not _KIND.match(kind):
            self._report(path, "a kind is a lower-case word with _")
        if isinstance(terms, str):
            if terms not in {"forbidden", "allowed"}:
                self._report(path, "must be forbidden, allowed, or a mapping of terms")
            return Authority(kind=kind, forbidden=terms != "allowed")
        if not isinstance(terms, dict) or not terms:
            self._report(path, "must be forbidden, allowed, or a mapping of terms")
            return Authority(kind=kind, forbidden=True)
        return self._terms(path, kind, terms)

    def _terms(self, path: Path, kind: str, terms: dict[str, Any]) -> Authority:
        free: dict[str, Decimal] = {}
        numbers: dict[str, int] = {}
        forbidden, topic = False, None
        for key, value in terms.items():
            here = (*path, key)
            if currency := _FREE.match(key):
                free[self._currency(here, currency[1].upper())] = self._amount(here, value)
            elif key in _SECONDS or key in {"business_days_min", "arrives_business_days_min"}:
                numbers[key] = self._number(here, value, scale=_SECONDS.get(key, 1))
            elif key == "requires_action":
                topic = self._topic(here, value)
            elif key == "forbidden":
                forbidden = self._flag(here, value)
            else:
                self._report(here, "unknown term")
        self._check_agreement(path, terms, forbidden=forbidden)
        return Authority(
            kind=kind,
            forbidden=forbidden,
            requires_action=topic,
            without_action_up_to=free,
            min_seconds=next((numbers[key] for key in _SECONDS if key in numbers), None),
            min_business_days=numbers.get("business_days_min"),
            arrives_business_days_min=numbers.get("arrives_business_days_min"),
        )

    def _check_agreement(self, path: Path, terms: dict[str, Any], *, forbidden: bool) -> None:
        if forbidden and len(terms) > 1:
            self._report(path, "contradicts itself: forbidden, and yet it has terms")
        times = [key for key in (*_SECONDS, "business_days_min") if key in terms]
        if len(times) > 1:
            self._report(path, f"contradicts itself: one minimum time only, not {' and '.join(times)}")
        if terms.get("requires_action") is None and any(_FREE.match(key) for key in terms):
            self._report(path, "needs requires_action: what backs an amount above the free one")

    def _currency(self, path: Path, code: str) -> str:
        if code not in CURRENCIES:
            self._report(path, f"{code} is no currency of ISO 4217")
        return code

    def _topic(self, path: Path, value: Any) -> str | None:
        if not isinstance(value, str) or not is_topic(value):
            self._report(path, "must be a topic such as support.refund")
            return None
        return value

    def _flag(self, path: Path, value: Any) -> bool:
        if not isinstance(value, bool):
            self._report(path, "true or false is wanted")
            return True
        return value

    def _number(self, path: Path, value: Any, *, scale: int) -> int:
        if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= 100_000:
            self._report(path, "a whole number from 0 to 100000 is wanted")
            return 0
        return value * scale

    def _amount(self, path: Path, value: Any) -> Decimal:
        amount = Decimal(str(value)) if isinstance(value, int | float) and not isinstance(value, bool) else None
        if amount is None or not 0 <= amount <= _MAX_FREE:
            self._report(path, f"an amount from 0 to {_MAX_FREE:.0f} is wanted")
            return Decimal(0)
        return amount
