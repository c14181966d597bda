"""Any spaCy pipeline as the model, read through Presidio's NLP engine: entities only, sentences are left to the rules.

Nothing is ever downloaded: a pipeline that is not installed is an error.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from outguard.detection.commitments.scorer import Acts
from outguard.detection.neural.reading import Entity
from outguard.detection.neural.shared import OutOfTimeError
from outguard.errors import UnavailableError

if TYPE_CHECKING:
    from presidio_analyzer.nlp_engine import NlpEngine

KINDS: Mapping[str, str] = {
    **{kind: kind for kind in ("PERSON", "LOCATION", "ORGANIZATION", "STREET_ADDRESS", "DATE_OF_BIRTH")},
    **dict.fromkeys(("GPE", "LOC", "FAC"), "LOCATION"),
    **dict.fromkeys(("ORG", "ORGANISATION"), "ORGANIZATION"),
    "PER": "PERSON",
}
"""A pipeline's or Presidio's label to our type; others are not listened to."""
LANGUAGE = "en"


@dataclass(frozen=True, slots=True)
class EntityReading:
    """The entities of one text, found by another pipeline."""

    found: tuple[Entity, ...]

    @property
    def has_acts(self) -> bool:
        """It says nothing of sentences."""
        return False

    def acts(self, start: int, end: int) -> Acts:
        """Nothing, wherever it is asked about."""
        del start, end
        return Acts({})

    def entities(self, text: str, thresholds: Mapping[str, float] | None = None) -> list[Entity]:
        """The entities, in order; `thresholds` by type may ask for more than the pipeline's own."""
        del text
        least = thresholds or {}
        return [entity for entity in self.found if entity.score >= least.get(entity.kind, 0.0)]


class SpacyModel:
    """A spaCy pipeline behind Presidio's engine."""

    def __init__(self, name: str) -> None:
        """Load the pipeline `name`: a folder, or an installed package.

        Raises:
            UnavailableError: if it is not there or does not load.
        """
        self._engine = presidio_engine(name)

    def read_all(self, texts: Sequence[str], is_late: Callable[[], bool] = lambda: False) -> list[EntityReading]:
        """Read texts one by one.

        Raises:
            OutOfTimeError: if `is_late` says so before a text.
        """
        readings: list[EntityReading] = []
        for text in texts:
            if is_late():
                raise OutOfTimeError
            readings.append(_reading(self._engine.process_text(text, LANGUAGE)))
        return readings


def presidio_engine(name: str) -> NlpEngine:
    """Presidio's NLP engine over the spaCy pipeline `name`, loaded.

    Raises:
        UnavailableError: if the pipeline is not there or does not load.
    """
    import spacy  # noqa: PLC0415 - slow to import, and only other pipelines need it
    from presidio_analyzer.nlp_engine import SpacyNlpEngine  # noqa: PLC0415

    from outguard.detection.neural.component import register  # noqa: PLC0415

    register()
    if not (spacy.util.is_package(name) or Path(name).is_dir()):
        raise UnavailableError(f"no spaCy pipeline {name!r} is installed or lies there")
    engine = SpacyNlpEngine(models=[{"lang_code": LANGUAGE, "model_name": name}])
    try:
        engine.load()
    except Exception as error:
        raise UnavailableError(f"the spaCy pipeline {name!r} does not load ({type(error).__name__})") from error
    loaded: NlpEngine = engine
    return loaded


def _reading(artifacts: Any) -> EntityReading:
    found = [
        Entity(KINDS[span.label_], span.start_char, span.end_char, float(score))
        for span, score in zip(artifacts.entities, artifacts.scores, strict=True)
        if span.label_ in KINDS
    ]
    return EntityReading(tuple(sorted(found, key=lambda entity: entity.start)))
