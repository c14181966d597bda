"""Grounding (R22): policy statements of a reply that the approved sources contradict, or none of them supports.

Runs only where the caller gave sources. Deterministic: the same words and sources give the same findings.
"""

from __future__ import annotations

from outguard.detection.document import Document
from outguard.detection.grounding.judge import doubt_of
from outguard.detection.grounding.sources import Sources
from outguard.detection.grounding.statements import statements_in
from outguard.domain.context import ReplyContext
from outguard.domain.finding import Category, Finding

MAX_FINDINGS = 50
"""Beyond so many in one field a reviewer learns nothing more."""


class GroundingDetector:
    """Compares what a reply says holds with what the sources say holds."""

    def detect(self, document: Document, context: ReplyContext) -> list[Finding]:
        """A finding for each statement in doubt, over its clause."""
        if not context.sources:
            return []
        normalized = document.normalized
        sources = Sources.of(context.sources)
        found: list[Finding] = []
        for statement in statements_in(normalized.text):
            doubt = doubt_of(statement, sources)
            if doubt is None:
                continue
            start, end = normalized.original_span(statement.start, statement.end)
            found.append(
                Finding(
                    category=Category.GROUNDING,
                    type=doubt.type,
                    status=None,
                    start=start,
                    end=end,
                    score=doubt.score,
                    rule=f"grounding.{doubt.type.lower()}",
                    field=document.field,
                    reason=doubt.reason,
                )
            )
            if len(found) >= MAX_FINDINGS:
                break
        return found
