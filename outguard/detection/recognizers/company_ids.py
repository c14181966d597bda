"""Identifiers of the company's own formats (`own_id_patterns` of the profile) that are not the recipient's.

Only where the runtime tells the recipient's identifiers of that format: else nobody knows whose one is.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import re2

from outguard.detection.document import Document
from outguard.detection.ownership import folded
from outguard.domain.context import ReplyContext
from outguard.domain.finding import Category, Finding, Status

_SCORE = 0.8
_MAX_FOUND = 500
"""Of one format in one text; more is no reply, and one finding is enough to hold or cut it."""


class CompanyIdDetector:
    """Reports such identifiers as another's."""

    def detect(self, document: Document, context: ReplyContext) -> list[Finding]:
        """A finding for each; none where the recipient is not known."""
        customer = context.customer
        if customer is None or not context.profile.own_id_patterns:
            return []
        known = (*customer.known_values, customer.id, context.recipient.customer_id)
        told = tuple(pattern for pattern in _compiled(context.profile.own_id_patterns) if _fits_any(pattern, known))
        if not told:
            return []
        others = (*context.profile.public_values, *(entry.target for entry in context.ledger if entry.target))
        passing = {folded(value) for value in (*known, *others)}
        said = folded(context.last_user)
        found: list[Finding] = []
        normalized = document.normalized
        for view in (normalized, *normalized.views):
            for pattern in told:
                for number, match in enumerate(pattern.finditer(view.text)):
                    if number >= _MAX_FOUND:
                        break
                    value = folded(match.group())
                    if _is_whole(view.text, match.start(), match.end()) and value not in passing and value not in said:
                        start, end = view.original_span(match.start(), match.end())
                        found.append(_finding(start, end, document.field))
        return found


def _finding(start: int, end: int, field: str | None) -> Finding:
    return Finding(
        category=Category.PII,
        type="ACCOUNT_ID",
        status=Status.OTHER,
        start=start,
        end=end,
        score=_SCORE,
        rule="pii.account_id.company_format",
        field=field,
        reason="of the company's format, and none of the recipient's",
    )


def _is_whole(text: str, start: int, end: int) -> bool:
    """Whether the match is no piece of a longer word or number."""
    return not text[start - 1 : start].isalnum() and not text[end : end + 1].isalnum()


def _fits_any(pattern: Any, values: tuple[str, ...]) -> bool:
    return any(pattern.fullmatch(value) for value in values if value)


@lru_cache(maxsize=64)
def _compiled(patterns: tuple[str, ...]) -> tuple[Any, ...]:
    options = re2.Options()
    options.log_errors = False
    options.max_mem = 8 << 20
    return tuple(re2.compile(pattern, options=options) for pattern in patterns)
