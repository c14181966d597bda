"""The one place where detectors are put together: packs, code detectors, third-party Presidio recognizers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from outguard.detection.document import Detector, Document
from outguard.detection.ownership import OwnershipJudge
from outguard.detection.pack import load_packs
from outguard.detection.pattern import Match, PatternScanner, check_examples
from outguard.detection.recognizers.pattern_pack import PatternPackRecognizer
from outguard.detection.recognizers.presidio import CONFIG_NAME, load_recognizers
from outguard.detection.recognizers.validators import PII_VALIDATORS
from outguard.detection.scan import Scanner
from outguard.domain.context import ReplyContext
from outguard.domain.finding import Category, Finding, Status
from outguard.domain.policy import Problem

StatusOf = Callable[[Match, ReplyContext], Status | None]

VALIDATORS = {**PII_VALIDATORS}
"""Every check that a pack may name."""


@dataclass(frozen=True, kw_only=True, slots=True)
class PackDetector:
    """A pack recognizer as a detector: scans the normalised text and each decoded view of it."""

    recognizer: PatternPackRecognizer
    status_of: Mapping[Category, StatusOf]

    def detect(self, document: Document, context: ReplyContext) -> list[Finding]:
        """The packs' matches, with offsets into the original text."""
        normalized = document.normalized
        findings: list[Finding] = []
        for view in (normalized, *normalized.views):
            for match in self.recognizer.matches(view.text):
                start, end = view.original_span(match.start, match.end)
                rule = match.rule
                status_of = self.status_of.get(rule.category)
                findings.append(
                    Finding(
                        category=rule.category,
                        type=rule.type,
                        status=rule.status or (status_of(match, context) if status_of else None),
                        start=start,
                        end=end,
                        score=match.score,
                        rule=rule.id,
                        field=document.field,
                    )
                )
        return findings


def build_scanner(detector_files: Mapping[str, str]) -> Scanner:
    """The scanner for a set of detector files (relative path to text).

    Raises:
        PolicyError: with every problem of every file.
    """
    ownership = OwnershipJudge()
    packs = load_packs(_pack_files(detector_files), validators=frozenset(VALIDATORS))
    recognizer = PatternPackRecognizer(PatternScanner(packs, VALIDATORS))
    status_of: dict[Category, StatusOf] = {
        Category.PII: lambda match, context: ownership.status(match.rule.type, match.value, context),
        Category.SECRET: lambda _match, _context: Status.LIVE,
    }
    detectors: list[Detector] = [PackDetector(recognizer=recognizer, status_of=status_of)]
    for name, text in sorted(detector_files.items()):
        if _base(name) == CONFIG_NAME:
            detectors.extend(load_recognizers(name, text, ownership))
    return Scanner(detectors)


def lint_detectors(detector_files: Mapping[str, str]) -> list[Problem]:
    """What the packs' own examples disprove.

    Raises:
        PolicyError: if the files do not load at all.
    """
    packs = load_packs(_pack_files(detector_files), validators=frozenset(VALIDATORS))
    return [problem for pack in packs for problem in check_examples(pack, VALIDATORS)]


def _pack_files(files: Mapping[str, str]) -> dict[str, str]:
    return {
        name: text
        for name, text in files.items()
        if _base(name).startswith(("pii", "secrets", "custom")) and name.endswith((".yaml", ".yml"))
    }


def _base(name: str) -> str:
    return name.rsplit("/", 1)[-1]
