"""A pattern pack as a Presidio recognizer, for whoever runs Presidio's own analyzer."""

from __future__ import annotations

from typing import Any

from presidio_analyzer import EntityRecognizer, RecognizerResult

from outguard.detection.pattern import PatternScanner


class PatternPackRecognizer(EntityRecognizer):
    """Presidio's face of a `PatternScanner`: any Presidio analyzer can use our packs.

    Entities carry Presidio's own names where it has one, else our types.
    """

    def __init__(self, scanner: PatternScanner, *, name: str = "OutguardPatternPack", language: str = "en") -> None:
        self._scanner = scanner
        self._name = name
        entities = sorted({rule.entity or rule.type for rule in scanner.rules})
        super().__init__(supported_entities=entities, name=name, supported_language=language)

    def load(self) -> None:
        """Nothing to load: the scanner is compiled."""

    def analyze(self, text: str, entities: list[str], nlp_artifacts: Any = None) -> list[RecognizerResult]:
        """Presidio's contract: results for the entities asked for (none named: all)."""
        del nlp_artifacts
        return [
            RecognizerResult(
                entity_type=match.rule.entity or match.rule.type,
                start=match.start,
                end=match.end,
                score=match.score,
                recognition_metadata={
                    RecognizerResult.RECOGNIZER_NAME_KEY: self._name,
                    RecognizerResult.RECOGNIZER_IDENTIFIER_KEY: self.id,
                    "rule": match.rule.id,
                },
            )
            for match in self._scanner.scan(text)
            if not entities or (match.rule.entity or match.rule.type) in entities
        ]
