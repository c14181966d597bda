"""Leaks of registered texts and canaries, in every reading of a field."""

from __future__ import annotations

from outguard.detection.document import Document
from outguard.domain.context import ReplyContext
from outguard.domain.finding import Category, Finding
from outguard.domain.source import CANARY_TYPE


class RegisteredTextDetector:
    """Asks the tenant's registered texts (`ReplyContext.registered`); finds nothing where there are none."""

    def detect(self, document: Document, context: ReplyContext) -> list[Finding]:
        """A finding for each stretch of a registered text, which it names."""
        registered = context.registered
        if registered is None:
            return []
        normalized = document.normalized
        found: list[Finding] = []
        for view in (normalized, *normalized.views):
            for leak in registered.find(view.text):
                start, end = view.original_span(leak.start, leak.end)
                what = "the canary" if leak.type == CANARY_TYPE else "words of the registered text"
                found.append(
                    Finding(
                        category=Category.INTERNAL,
                        type=leak.type,
                        status=None,
                        start=start,
                        end=end,
                        score=leak.score,
                        rule=f"internal.registered.{'canary' if leak.type == CANARY_TYPE else 'text'}",
                        field=document.field,
                        reason=f"{what} {leak.name}",
                    )
                )
        return found
