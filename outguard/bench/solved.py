"""What became of the replies of conversations that solved their task: nearly all should go as they are. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from outguard.bench.score import VERDICTS


@dataclass(slots=True)
class SolvedReplies:
    """Counts event rows of a replay; only replies of conversations with the full reward."""

    counts: Counter[str] = field(default_factory=Counter)

    def add(self, row: Mapping[str, Any]) -> None:
        """Count one event row."""
        if row["event"] == "reply" and row["reward"] == 1.0 and "verdict" in row:
            self.counts[row["verdict"]] += 1

    def summary(self) -> dict[str, Any]:
        """Counts by verdict and the shares allowed and not quarantined."""
        total = sum(self.counts.values())
        allowed, held = self.counts["ALLOW"], self.counts["QUARANTINE"]
        return {
            "replies": total,
            "by_verdict": {verdict: self.counts[verdict] for verdict in VERDICTS},
            "allowed": round(allowed / total, 4) if total else None,
            "not_quarantined": round((total - held) / total, 4) if total else None,
        }
