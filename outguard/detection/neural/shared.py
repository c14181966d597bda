"""One forward pass a reply: its texts are read ahead, then detectors and scorer ask for the same readings.

A reading belongs to the thread that judges and is forgotten with the reply. Where the model is missing, slow or broken
there is none, and the rules decide alone.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

from outguard.detection.commitments.scorer import Acts
from outguard.detection.neural.reading import Entity

MISSING, SLOW, BROKEN, TOO_LONG = "model.missing", "model.slow", "model.failed", "model.too_long"
"""Why texts were not read."""
MOST_CHARS = 60_000
"""Of one reply: more would take seconds."""
_WORD = re.compile(r"[^\W\d_]{2}")


class TextReading(Protocol):
    """What a model heard in one text."""

    @property
    def has_acts(self) -> bool:
        """Whether it says what sentences do; else `acts` must not be asked."""
        ...

    def acts(self, start: int, end: int) -> Acts:
        """The acts and types of the words inside [start, end)."""
        ...

    def entities(self, text: str, thresholds: Mapping[str, float] | None = None) -> list[Entity]:
        """The entities of the text that was read, in order, none overlapping."""
        ...


class TextModel(Protocol):
    """What reads texts (`NeuralModel`, a spaCy pipeline)."""

    def read_all(self, texts: Sequence[str], is_late: Callable[[], bool] = ...) -> Sequence[TextReading]:
        """Read several texts.

        Raises:
            OutOfTimeError: as soon as `is_late` says so.
        """
        ...


class OutOfTimeError(Exception):
    """The model's share of the time budget ran out."""


class SharedReader:
    """Keeps the readings of the reply that a thread judges; they never cross threads."""

    def __init__(self, model: TextModel | None) -> None:
        """Over `model`; over None nothing is ever read."""
        self._model = model
        self._local = threading.local()

    @property
    def is_there(self) -> bool:
        """Whether there is a model at all."""
        return self._model is not None

    def read_ahead(self, texts: Sequence[str], is_late: Callable[[], bool]) -> str:
        """Read the texts of one reply together, once; empty, or why they were not read.

        Never raises: without a reading the rules decide, and the caller says so.
        """
        texts = tuple(dict.fromkeys(text for text in texts if _WORD.search(text)))
        self._local.readings = readings = dict.fromkeys(texts)
        if self._model is None:
            return MISSING
        if sum(map(len, texts)) > MOST_CHARS:
            return TOO_LONG
        try:
            readings.update(zip(texts, self._model.read_all(texts, is_late), strict=True))
        except OutOfTimeError:
            return SLOW
        except Exception:  # noqa: BLE001 - whatever a runtime raises, the rules go on and the answer says so
            return BROKEN
        return ""

    def read(self, text: str) -> TextReading | None:
        """The reading of `text`, None where it was not to be had; a text nobody read ahead is read now."""
        readings = self._readings()
        if text not in readings and _WORD.search(text):
            self.read_ahead([text], lambda: False)
            readings = self._readings()
        return readings.get(text)

    def read_all(self, texts: Sequence[str]) -> list[TextReading] | None:
        """The readings of texts that are no part of a reply; none is kept."""
        return None if self._model is None else list(self._model.read_all(texts))

    def forget(self) -> None:
        """Let go of the thread's readings and texts."""
        self._local.readings = {}

    def _readings(self) -> dict[str, TextReading | None]:
        found: dict[str, TextReading | None] = getattr(self._local, "readings", {})
        return found
