"""Runs the judge, and Presidio beside it, over the lines of an evaluation set, whatever their format."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from outguard.bench.case_set import CredentialScorer, EntityCaseScorer
from outguard.bench.corpus import Line, Span, parse_json, read_lines
from outguard.bench.disguise_score import DisguiseScorer, disguised, positives_of
from outguard.bench.sample import Sample, SampleKind, parse_sample
from outguard.bench.score import Scorer
from outguard.bench.span_set import SpanSetScorer
from outguard.bench.whole_address import joined_addresses
from outguard.bench.word_set import WordScorer
from outguard.cli.judging import OfflineJudge, span_of
from outguard.errors import InvalidInputError

Finder = Callable[[str], Sequence[Span]]
"""Text to what another engine finds in it."""


@dataclass(slots=True)
class Scores:
    """What one engine scores on the formats that carry no verdict."""

    spans: SpanSetScorer = field(default_factory=SpanSetScorer)
    wholes: SpanSetScorer = field(default_factory=SpanSetScorer)
    words: WordScorer = field(default_factory=WordScorer)
    cases: EntityCaseScorer = field(default_factory=EntityCaseScorer)

    def add(self, sample: Sample, found: Sequence[Span]) -> None:
        """Score a span set's text or an entity case."""
        if sample.kind is SampleKind.SPAN_SET:
            self.spans.add(sample.spans, found)
            self.wholes.add(joined_addresses(sample.text, sample.spans), joined_addresses(sample.text, found))
            self.words.add(sample.text, sample.spans, found)
        elif sample.kind is SampleKind.ENTITY_CASE:
            self.cases.add(sample.entity, sample.spans, found, is_positive=sample.is_positive)


class SetRun:
    """Scores lines one by one: `is_disguised` adds every disguise of every positive; `rival` is scored beside."""

    def __init__(self, judge: OfflineJudge, *, rival: Finder | None = None, is_disguised: bool = False) -> None:
        self.scorer = Scorer()
        self._judge = judge
        self._rival = rival
        self._is_disguised = is_disguised
        self._ours, self._theirs = Scores(), Scores()
        self._credentials = CredentialScorer()
        self._disguise = DisguiseScorer()
        self._seen: set[SampleKind] = set()

    def add_file(self, file: str) -> None:
        """Score every line of a file."""
        for line in read_lines(file):
            self.add(line)

    def add(self, line: Line) -> None:
        """Score one line; a bad line is a failure, not a stop."""
        try:
            sample = parse_sample(parse_json(line))
        except InvalidInputError:
            sample = None
        answer = self._judge.answer(line) if sample is not None else {}
        if sample is None or "error" in answer:
            self.scorer.add_failure()
            return
        self._seen.add(sample.kind)
        found = [span_of(row) for row in answer["findings"]]
        if sample.kind is SampleKind.SCENARIO:
            self.scorer.add(sample.expected, answer["verdict"], found, answer["elapsed_ms"])
            return
        self.scorer.answered += 1
        self.scorer.latencies_ms.append(answer["elapsed_ms"])
        if sample.kind is SampleKind.CREDENTIAL:
            self._credentials.add(sample.spans, found, is_positive=sample.is_positive, text=sample.text)
        else:
            self._ours.add(sample, found)
            if self._rival is not None:
                self._theirs.add(sample, self._rival(sample.text))
        if self._is_disguised:
            self._add_disguises(sample, found)

    def summary(self) -> dict[str, Any]:
        """Scenario scores at the top as ever; each other format met, and each option, has its own part."""
        result = self.scorer.summary()
        sides = {"": self._ours} | ({"_presidio": self._theirs} if self._rival is not None else {})
        for suffix, scores in sides.items():
            if SampleKind.SPAN_SET in self._seen:
                result[f"span_set{suffix}"] = {
                    **scores.spans.summary(),
                    "words": scores.words.summary(),
                    "wholes": scores.wholes.summary(),
                }
            if SampleKind.ENTITY_CASE in self._seen:
                result[f"entity_cases{suffix}"] = scores.cases.summary()
        if SampleKind.CREDENTIAL in self._seen:
            result["credentials"] = self._credentials.summary()
        if self._is_disguised:
            result["disguised"] = self._disguise.summary()
        result["formats"] = sorted(kind.value for kind in self._seen)
        return result

    def _add_disguises(self, sample: Sample, found: Sequence[Span]) -> None:
        for positive in positives_of(sample):
            is_found_plain = positive.is_found(found)
            for made, hidden in disguised(positive, sample.text):
                data = json.dumps({"id": "", "text": made.text}).encode()
                rows = self._judge.answer(Line(number=1, data=data)).get("findings", ())
                self._disguise.add(
                    made.disguise,
                    positive.kind,
                    is_found=hidden.is_found([span_of(row) for row in rows]),
                    is_found_plain=is_found_plain,
                )


def presidio_finder() -> Finder:
    """Presidio as it comes, as a finder."""
    from outguard.bench.presidio import build_analyzer

    analyzer = build_analyzer()

    def find(text: str) -> list[Span]:
        return [
            Span(category="pii", type=result.entity_type, start=result.start, end=result.end)
            for result in analyzer.analyze(text, language="en")
        ]

    return find
