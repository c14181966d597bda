"""Findings and a policy for redaction tests."""

from __future__ import annotations

from outguard.domain.finding import Category, Finding, FindingAction, Status
from outguard.redaction.keyed import KeyedWords


class Brackets:
    """A policy's placeholders: the type in brackets."""

    def placeholder(self, finding: Finding) -> str:
        return f"[{finding.type}]"


class Plain(KeyedWords):
    """What redaction writes: the type in brackets, and words of a fixed key."""

    def __init__(self, key: bytes = b"k" * 32) -> None:
        super().__init__(Brackets(), key)


def found(
    text: str,
    words: str,
    kind: str = "EMAIL_ADDRESS",
    action: FindingAction = FindingAction.REPLACE,
    *,
    field: str | None = None,
    category: Category = Category.PII,
) -> Finding:
    """The finding of `words` where they first stand in `text`."""
    start = text.index(words)
    return spanning(start, start + len(words), kind, action, field=field, category=category)


def spanning(
    start: int,
    end: int,
    kind: str = "EMAIL_ADDRESS",
    action: FindingAction = FindingAction.REPLACE,
    *,
    field: str | None = None,
    category: Category = Category.PII,
) -> Finding:
    """A finding of [start, end)."""
    return Finding(
        category=category,
        type=kind,
        status=Status.OTHER,
        start=start,
        end=end,
        score=1.0,
        rule="test",
        field=field,
        action=action,
    )
