"""Topics: dotted lower-case words (`support.refund`), globs that name many of them, and an index over such globs."""

from __future__ import annotations

import re
from collections.abc import Iterable
from fnmatch import translate
from typing import Generic, TypeVar

T = TypeVar("T")

ESCALATE = "escalate"
"""Reaching a person is never gated (R15)."""

MAX_TOPIC_CHARS = 200
_MAX_REMEMBERED = 4096
_TOPIC = re.compile(r"[a-z0-9_-]+(?:\.[a-z0-9_-]+)*\Z")
_GLOB = re.compile(r"[a-z0-9_*?-]+(?:\.[a-z0-9_*?-]+)*\Z")


def is_topic(text: str) -> bool:
    """Whether `text` is a well-formed topic; globs are not."""
    return len(text) <= MAX_TOPIC_CHARS and _TOPIC.match(text) is not None


def is_glob(text: str) -> bool:
    """Whether `text` is a well-formed topic or glob over topics."""
    return len(text) <= MAX_TOPIC_CHARS and _GLOB.match(text) is not None


class TopicIndex(Generic[T]):
    """Values filed under topic globs; a look-up costs by the topic's depth, not by the number of globs.

    Exact topics and `prefix.*` are looked up in tables; any other glob is tried one by one. `*` crosses dots, as in
    the topics of a credential.
    """

    __slots__ = ("_exact", "_found", "_globs", "_names", "_prefixes")

    def __init__(self, filed: Iterable[tuple[str, T]] = ()) -> None:
        self._exact: dict[str, list[tuple[int, T]]] = {}
        self._prefixes: dict[str, list[tuple[int, T]]] = {}
        self._globs: list[tuple[int, re.Pattern[str], T]] = []
        self._found: dict[str, tuple[T, ...]] = {}
        names: list[str] = []
        for order, (glob, value) in enumerate(filed):
            names.append(glob)
            stem = glob.removesuffix(".*")
            if is_topic(glob):
                self._exact.setdefault(glob, []).append((order, value))
            elif glob == "*":
                self._prefixes.setdefault("", []).append((order, value))
            elif is_topic(stem):
                self._prefixes.setdefault(stem, []).append((order, value))
            else:
                self._globs.append((order, re.compile(translate(glob)), value))
        self._names = frozenset(names)

    def globs(self) -> frozenset[str]:
        """The globs as they were filed."""
        return self._names

    def find(self, topic: str) -> tuple[T, ...]:
        """The values whose globs match `topic`, each once, in the order filed."""
        known = self._found.get(topic)
        if known is None:
            known = self._look_up(topic)
            if len(self._found) >= _MAX_REMEMBERED:
                self._found.clear()
            self._found[topic] = known
        return known

    def values(self) -> tuple[T, ...]:
        """Every value, each once, in the order filed."""
        filed = [pair for table in (self._exact, self._prefixes) for pairs in table.values() for pair in pairs]
        filed += [(order, value) for order, _, value in self._globs]
        filed.sort(key=lambda pair: pair[0])
        return tuple({id(value): value for _, value in filed}.values())

    def _look_up(self, topic: str) -> tuple[T, ...]:
        found = list(self._exact.get(topic, ()))
        found += self._prefixes.get("", ())
        dot = topic.find(".")
        while dot >= 0:
            found += self._prefixes.get(topic[:dot], ())
            dot = topic.find(".", dot + 1)
        found += [(order, value) for order, pattern, value in self._globs if pattern.match(topic)]
        found.sort(key=lambda pair: pair[0])
        return tuple({id(value): value for _, value in found}.values())
