"""Sums up a replay: what the gate and the reply judge made of recorded conversations. Pure."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from typing import Any

from outguard.bench.score import percentiles


class WriteShare:
    """What share of the writes that the reference did not ask for met a person, and of those it did.

    A write is stopped when it waits for a person or is denied; exact ones are those of the reference with the same
    arguments, others all that have a reference and differ.
    """

    def __init__(self) -> None:
        self._counts: Counter[tuple[bool, bool]] = Counter()

    def add(self, row: Mapping[str, Any]) -> None:
        """Count one write."""
        self._counts[bool(row["exact"]), not row["decision"].startswith("ALLOW")] += 1

    def as_row(self) -> dict[str, Any]:
        """Counts and shares; a share of nothing is None."""
        row: dict[str, Any] = {}
        for name, is_exact in (("exact", True), ("others", False)):
            stopped = self._counts[is_exact, True]
            total = stopped + self._counts[is_exact, False]
            row |= {name: total, f"{name}_stopped": stopped}
            row[f"{name}_share"] = round(stopped / total, 3) if total else None
        return row


class ReplaySummary:
    """Counts event rows as `--out` writes them."""

    def __init__(self) -> None:
        self._dialogues: set[str] = set()
        self._events = 0
        self._errors: Counter[str] = Counter()
        self._actions: dict[str, dict[str, Counter[str]]] = {
            key: defaultdict(Counter) for key in ("by_kind", "by_reference", "by_rule")
        }
        self._writes: dict[str, dict[str, WriteShare]] = {key: defaultdict(WriteShare) for key in ("domain", "rule")}
        self._decisions: Counter[str] = Counter()
        self._tiers: Counter[str] = Counter()
        self._approvals: Counter[str] = Counter()
        self._verdicts: Counter[str] = Counter()
        self._finding_types: Counter[str] = Counter()
        self._types_by_verdict: dict[str, Counter[str]] = defaultdict(Counter)
        self._latency: dict[str, list[float]] = defaultdict(list)

    @property
    def failed(self) -> bool:
        """Whether any event ended in an error."""
        return bool(self._errors)

    def add(self, row: Mapping[str, Any], *, domain: str = "") -> None:
        """Count one event of a conversation of `domain`."""
        self._dialogues.add(row["dialogue"])
        self._events += 1
        if "error" in row:
            self._errors[row["error"]] += 1
            return
        self._latency[row["event"]].append(row["elapsed_ms"])
        if row["event"] == "action":
            self._add_action(row, domain or "none")
        else:
            self._add_reply(row)

    def add_bad_line(self, problem: str) -> None:
        """Count a line of the file that is no dialogue."""
        self._errors[problem] += 1

    def add_approval(self, state: str, elapsed_ms: float) -> None:
        """Count how an approval ended, and how long its calls took."""
        self._approvals[state] += 1
        self._latency["approval"].append(elapsed_ms)

    def summary(self) -> dict[str, Any]:
        """Everything, in JSON types."""
        return {
            "dialogues": len(self._dialogues),
            "events": self._events,
            "errors": dict(self._errors),
            "actions": {
                "total": sum(self._decisions.values()),
                "by_decision": _sorted(self._decisions),
                "by_tier": _sorted(self._tiers),
                **{
                    key: {name: _sorted(counts) for name, counts in sorted(groups.items())}
                    for key, groups in self._actions.items()
                },
                "approvals": _sorted(self._approvals),
                "writes": {
                    f"by_{key}": {name: share.as_row() for name, share in sorted(shares.items())}
                    for key, shares in self._writes.items()
                },
            },
            "replies": {
                "total": sum(self._verdicts.values()),
                "by_verdict": _sorted(self._verdicts),
                "by_finding_type": _sorted(self._finding_types),
                "acted_on_by_verdict": {
                    verdict: _sorted(counts) for verdict, counts in sorted(self._types_by_verdict.items())
                },
            },
            "latency_ms": {name: percentiles(values) for name, values in sorted(self._latency.items())},
        }

    def _add_action(self, row: Mapping[str, Any], domain: str) -> None:
        decision = row["decision"]
        self._decisions[decision] += 1
        self._tiers[row["tier"]] += 1
        self._actions["by_kind"][row["kind"] or "unknown"][decision] += 1
        self._actions["by_reference"][reference(row)][decision] += 1
        self._actions["by_rule"][row["rule"] or "none"][decision] += 1
        if row["kind"] == "write" and row["wanted"] is not None:
            for name in (domain, "all"):
                self._writes["domain"][name].add(row)
            self._writes["rule"][row["rule"] or "none"].add(row)

    def _add_reply(self, row: Mapping[str, Any]) -> None:
        verdict = row["verdict"]
        self._verdicts[verdict] += 1
        self._finding_types.update({f"{finding['category']}/{finding['type']}" for finding in row["findings"]})
        acted = {
            f"{finding['category']}/{finding['type']}"
            for finding in row["findings"]
            if finding["action"] not in {"keep", "record"}
        }
        if acted:
            self._types_by_verdict[verdict].update(acted)


def reference(row: Mapping[str, Any]) -> str:
    """How an action stands to the reference solution."""
    if row["wanted"] is None:
        return "no_reference"
    if not row["wanted"]:
        return "unwanted"
    return "wanted_exact" if row["exact"] else "wanted_with_other_arguments"


def _sorted(counts: Mapping[str, int]) -> dict[str, int]:
    return dict(sorted(counts.items(), key=lambda pair: (-pair[1], pair[0])))
