"""Inside-only content: delimited blocks, machine output, inside resources, and prose that was not meant for customers.

Blocks and resources are patterns (`detectors/internal.yaml`, RE2, linear time); prose is judged by sentence with the
scorer that commitments use. A span inside a wider one is not reported again.
"""

from __future__ import annotations

from collections.abc import Mapping

from outguard.detection.commitments.sentences import SentenceReader, sentence_reader
from outguard.detection.document import Document
from outguard.detection.internal_parts.blocks import Span, find_blocks
from outguard.detection.internal_parts.patterns import InternalPatterns, load_patterns
from outguard.detection.internal_parts.prose import find_prose, joined
from outguard.detection.internal_parts.resources import find_resources
from outguard.domain.context import ReplyContext
from outguard.domain.finding import Category, Finding

_WHY = {
    "INTERNAL_NOTE": "words meant for colleagues",
    "SYSTEM_PROMPT": "instructions to the agent",
    "REASONING": "the agent's own thinking or tool use",
    "DEBUG_TRACE": "a machine's error or log output",
    "INTERNAL_RESOURCE": "a name of an inside system",
    "OTHER_CUSTOMER": "another customer's case",
}


class InternalDetector:
    """Finds the `internal` types of the label guide (R21)."""

    def __init__(self, detector_files: Mapping[str, str], reader: SentenceReader | None = None) -> None:
        """Compile the patterns and the sentence reader.

        Raises:
            InvalidInputError: if a file is missing or malformed.
        """
        self._patterns: InternalPatterns = load_patterns(detector_files)
        self._reader = reader or sentence_reader(detector_files)

    def detect(self, document: Document, context: ReplyContext) -> list[Finding]:
        """A finding for each block, resource or stretch of inside prose."""
        normalized = document.normalized
        text = normalized.text
        hints = self._patterns.hints.of(text)
        covered = find_blocks(text, self._patterns, hints, context.last_user)
        scored = [] if document.field == "subject" else self._reader.read(text)
        covered.extend(find_prose(text, scored, hints, covered, self._patterns, context))
        covered = joined(covered, text)
        spans = [*covered, *find_resources(text, self._patterns, hints, covered, context)]
        found: list[Finding] = []
        for span in sorted(spans, key=lambda one: one.start):
            start, end = normalized.original_span(span.start, span.end)
            found.append(_finding(span, start, end, document.field))
        return found


def _finding(span: Span, start: int, end: int, field: str | None) -> Finding:
    return Finding(
        category=Category.INTERNAL,
        type=span.type,
        status=None,
        start=start,
        end=end,
        score=round(span.score, 3),
        rule=f"internal.{span.type.lower()}.{span.rule}",
        field=field,
        reason=_WHY[span.type],
    )
