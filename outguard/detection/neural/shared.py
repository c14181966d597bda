"""One forward pass a text: detectors and scorer ask for the same reading one after the other."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Protocol

from outguard.detection.neural.model import NeuralModel
from outguard.detection.neural.reading import Reading


class TextModel(Protocol):
    """What reads texts (`NeuralModel`)."""

    def read(self, text: str) -> Reading:
        """Read one text."""
        ...

    def read_all(self, texts: Sequence[str]) -> list[Reading]:
        """Read several texts."""
        ...


class SharedReader:
    """Keeps each thread's last text and its reading; neither outlives the thread's next text, nor crosses threads."""

    def __init__(self, model: TextModel) -> None:
        self._model = model
        self._local = threading.local()

    def read(self, text: str) -> Reading:
        """The reading of `text`."""
        last = self._last()
        if last is not None and last[0] == text:
            return last[1]
        reading = self._model.read(text)
        self._local.last = (text, reading)
        return reading

    def read_all(self, texts: Sequence[str]) -> list[Reading]:
        """The readings of several texts, none of which is kept."""
        return self._model.read_all(texts) if texts else []

    def within(self, text: str) -> tuple[Reading, int] | None:
        """The last reading and the place in it, if `text` is part of the last text."""
        last = self._last()
        if last is None or not text:
            return None
        place = last[0].find(text)
        return (last[1], place) if place >= 0 else None

    def _last(self) -> tuple[str, Reading] | None:
        return getattr(self._local, "last", None)


@lru_cache(maxsize=2)
def shared_reader(folder: Path) -> SharedReader:
    """The reader over the model in `folder`, one a process.

    Raises:
        UnavailableError: if the model is missing or does not load.
        IntegrityError: if a file is not the one its hash was taken of.
    """
    return SharedReader(NeuralModel(folder))
