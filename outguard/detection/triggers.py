"""What in the customer's last message asks for a person (R16, R23): phrase packs, run over that message alone.

Such a finding says nothing of the reply: its field is `customer_message`, its offsets point into that text, and it is
never cut. One finding for each type of trigger is enough to decide.
"""

from __future__ import annotations

from collections.abc import Sequence

from outguard.detection.normalize import normalize
from outguard.detection.pack import Pack
from outguard.detection.pattern import Match, PatternScanner
from outguard.domain.context import ReplyContext
from outguard.domain.finding import Category, Finding

FIELD = "customer_message"

_APOSTROPHES = str.maketrans("\u2018\u2019\u02bc\u00b4`", "'''''")
"""What telephones write for the apostrophe that the packs have."""

_WHY = {
    "LEGAL_THREAT": "the customer speaks of going to law",
    "SAFETY": "somebody may be in danger",
    "VULNERABLE_CUSTOMER": "the customer may be vulnerable",
    "REGULATED_COMPLAINT": "the customer makes a complaint that is regulated",
    "NEGATIVE_SENTIMENT": "the customer is very angry",
    "HIGH_RISK": "the customer's words are those of an account taken over",
}


class TriggerDetector:
    """Runs the trigger packs over the customer's last message."""

    def __init__(self, packs: Sequence[Pack]) -> None:
        self._scanner = PatternScanner(packs, {})

    def find(self, context: ReplyContext) -> list[Finding]:
        """The surest finding of each type, sorted by type; none where no message was given."""
        if not context.last_user.strip():
            return []
        normalized = normalize(context.last_user)
        surest: dict[str, Match] = {}
        for match in self._scanner.scan(normalized.text.translate(_APOSTROPHES)):
            known = surest.get(match.rule.type)
            if known is None or (known.score, -known.start) < (match.score, -match.start):
                surest[match.rule.type] = match
        findings: list[Finding] = []
        for kind in sorted(surest):
            match = surest[kind]
            start, end = normalized.original_span(match.start, match.end)
            findings.append(
                Finding(
                    category=Category.TRIGGER,
                    type=kind,
                    status=None,
                    start=start,
                    end=end,
                    score=match.score,
                    rule=match.rule.id,
                    field=FIELD,
                    reason=_WHY.get(kind, "the customer's last message asks for a person"),
                )
            )
        return findings
