"""Inside things that a company names itself: hosts, and patterns of ticket ids, extensions and paths of its own."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

import re2

from outguard.detection.internal_parts.blocks import MAX_SPANS, Span, overlaps
from outguard.domain.authority import AuthorityProfile

_TYPE = "INTERNAL_RESOURCE"
_AROUND_HOST = (
    r"(?i)(?:https?://|\\\\)?(?:[a-z0-9_-]+\.)*(?:{hosts})(?::\d{{1,5}})?"
    r'(?:[/\\][^\s"<>()\],]*[^\s"<>()\],.;!?]|[/\\])?'
)


def find_configured(text: str, profile: AuthorityProfile) -> list[Span]:
    """Every one of them in `text`, a host with its whole URL."""
    if not profile.internal_hosts and not profile.internal_patterns:
        return []
    found: list[Span] = []
    for rule, pattern in _compiled(profile.internal_hosts, profile.internal_patterns):
        for match in pattern.finditer(text):
            start, end = match.span()
            if len(found) >= MAX_SPANS:
                return [Span(_TYPE, "many", 0, len(text))]
            if _is_whole(text, start, end) and not overlaps(found, start, end):
                found.append(Span(_TYPE, rule, start, end))
    return found


def _is_whole(text: str, start: int, end: int) -> bool:
    """Whether the match begins and ends where a word does."""
    before, after = text[start - 1 : start], text[end : end + 1]
    return not (before.isalnum() and text[start].isalnum()) and not (after.isalnum() and text[end - 1].isalnum())


@lru_cache(maxsize=64)
def _compiled(hosts: tuple[str, ...], patterns: tuple[str, ...]) -> tuple[tuple[str, Any], ...]:
    options = re2.Options()
    options.log_errors = False
    options.max_mem = 8 << 20
    made = [("configured", re2.compile(pattern, options=options)) for pattern in patterns]
    if hosts:
        longest_first = "|".join(re.escape(host) for host in sorted(hosts, key=len, reverse=True))
        made.insert(0, ("configured_host", re2.compile(_AROUND_HOST.format(hosts=longest_first), options=options)))
    return tuple(made)
