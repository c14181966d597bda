"""How findings become a verdict: the strictest wins, and doubt is never ALLOW."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum

from outguard.domain.finding import Finding, FindingAction


class Verdict(StrEnum):
    """What may happen to a reply, ordered by `strictness`."""

    ALLOW = "ALLOW"
    REDACT = "REDACT"
    QUARANTINE = "QUARANTINE"

    @property
    def strictness(self) -> int:
        """0 (ALLOW) to 2 (QUARANTINE)."""
        return _STRICTNESS[self]


_STRICTNESS = {verdict: rank for rank, verdict in enumerate(Verdict)}


def combine(findings: Iterable[Finding]) -> Verdict:
    """The strictest of what each finding asks for; no finding means ALLOW."""
    verdict = Verdict.ALLOW
    for finding in findings:
        if finding.action is FindingAction.QUARANTINE:
            return Verdict.QUARANTINE
        if finding.action.is_cut:
            verdict = Verdict.REDACT
    return verdict
