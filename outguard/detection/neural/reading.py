"""What the encoder said of one text: a row of logits a word, from which entities and any span's acts are read."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from outguard.detection.commitments.scorer import Acts

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Rows = NDArray[np.float32]

_JOINS = frozenset("-'\u2019. \u00a0")
_TITLE = re.compile(r"(?i)(?:mr|mrs|ms|miss|mx|dr|prof|sir|dame|herr|frau|mme|mlle|sra?|sig)\b\.?\s+(?=\w)")
_NOT_NAMES = ("@", "://", "www.")
_IN_PARTS = frozenset({"STREET_ADDRESS", "HEALTH", "CREDENTIAL"})
"""Kinds whose words stand next to each other for one thing only, whichever of them seems to begin anew."""
_LOOSE = _IN_PARTS | {"DATE_OF_BIRTH", "ORGANIZATION"}
"""Kinds that may have any marks between their words."""


@dataclass(frozen=True, slots=True)
class Labels:
    """The columns of a row: tags (`O`, `B-KIND`, `I-KIND`), acts, types, the pooling scores of acts and of types."""

    tags: tuple[str, ...]
    acts: tuple[str, ...]
    types: tuple[str, ...]
    thresholds: Mapping[str, float]
    curves: Mapping[str, Sequence[tuple[float, float]]] = field(default_factory=dict)
    """By kind, how often an entity heard with a score (first) was one (second): points to draw lines between."""

    @property
    def kinds(self) -> tuple[str, ...]:
        """The entity types, in the order of their tags."""
        return tuple(tag[2:] for tag in self.tags if tag.startswith("B-"))

    def calibrated(self, entity: Entity) -> Entity:
        """The entity with the share of such that were right as its score; as it is where nothing was measured."""
        curve = self.curves.get(entity.kind)
        if not curve:
            return entity
        score = float(np.interp(entity.score, [heard for heard, _ in curve], [right for _, right in curve]))
        return Entity(entity.kind, entity.start, entity.end, score)

    @property
    def width(self) -> int:
        """Columns of a row."""
        return len(self.tags) + len(self.acts) + len(self.types) + 2


@dataclass(frozen=True, slots=True)
class Entity:
    """An entity of `kind` at [start, end)."""

    kind: str
    start: int
    end: int
    score: float


@dataclass(frozen=True, slots=True)
class Reading:
    """Words' offsets and rows. Holds no text."""

    labels: Labels
    starts: NDArray[np.int64]
    ends: NDArray[np.int64]
    rows: Rows

    @property
    def has_acts(self) -> bool:
        """It does say what sentences do."""
        return True

    def acts(self, start: int, end: int) -> Acts:
        """The acts and types of the words inside [start, end); all the same where there are none."""
        labels = self.labels
        first = int(np.searchsorted(self.starts, start))
        last = int(np.searchsorted(self.ends, end, side="right"))
        tags, acts = len(labels.tags), len(labels.acts)
        rows = self.rows[first:last]
        if not len(rows):
            rows = np.zeros((1, labels.width), np.float32)
        split = tags + acts
        heard = softmax(softmax(rows[:, -2]) @ rows[:, tags:split]).tolist()
        kinds = softmax(softmax(rows[:, -1]) @ rows[:, split:-2]).tolist()
        return Acts(dict(zip(labels.acts, heard, strict=True)), dict(zip(labels.types, kinds, strict=True)))

    def entities(self, text: str, thresholds: Mapping[str, float] | None = None) -> list[Entity]:
        """The entities of the text that was read, in order, none overlapping; `thresholds` are of raw scores."""
        if not len(self.rows):
            return []
        limits = {**self.labels.thresholds, **(thresholds or {})}
        kinds = self.labels.kinds
        tags = softmax(self.rows[:, : len(self.labels.tags)])
        begins, insides = tags[:, 1::2], tags[:, 2::2]
        scores = begins + insides
        best = scores.argmax(axis=1)
        found: list[Entity] = []
        for number in np.flatnonzero(scores.max(axis=1) >= min(limits[kind] for kind in kinds)):
            place = int(number)
            kind, score = kinds[best[place]], float(scores[place, best[place]])
            if score < limits[kind]:
                continue
            start, end = int(self.starts[place]), int(self.ends[place])
            last = found[-1] if found else None
            if last is not None and last.kind == kind and _joined(text, last.end, start, kind):
                starts_anew = begins[place, best[place]] > insides[place, best[place]]
                if not starts_anew or kind in _IN_PARTS:
                    found[-1] = Entity(kind, last.start, end, max(last.score, score))
                    continue
            found.append(Entity(kind, start, end, score))
        kept = (trimmed for entity in found if (trimmed := _trimmed(text, entity)) is not None)
        return [self.labels.calibrated(entity) for entity in kept]


def softmax(logits: Rows) -> Rows:
    """Probabilities along the last axis."""
    powers = np.exp(logits - logits.max(axis=-1, keepdims=True))
    normed: Rows = powers / powers.sum(axis=-1, keepdims=True)
    return normed


def _joined(text: str, end: int, start: int, kind: str) -> bool:
    between = text[end:start]
    if kind in _LOOSE:
        return len(between) <= 4 and not any(character.isalnum() for character in between)
    return len(between) <= 2 and all(character in _JOINS for character in between)


def _trimmed(text: str, entity: Entity) -> Entity | None:
    """Without stray marks at its ends; None for what cannot be such an entity."""
    start, end = entity.start, entity.end
    if text[start:end].endswith(("'s", "\u2019s")):
        end -= 2
    while start < end and not text[start].isalnum():
        start += 1
    title = _TITLE.match(text, start, end) if entity.kind == "PERSON" else None
    start = start if title is None else title.end()
    while end > start and not (text[end - 1].isalnum() or text[end - 1] in ".)"):
        end -= 1
    if not any(character.isalnum() for character in text[start:end]) or _is_address_of_machine(text, start, end):
        return None
    if entity.kind in {"PERSON", "LOCATION"} and not any(character.isalpha() for character in text[start:end]):
        return None
    if text[end - 1] == "." and "." not in text[start : end - 1] and end - start > 3:
        end -= 1
    return Entity(entity.kind, start, end, entity.score)


def _is_address_of_machine(text: str, start: int, end: int) -> bool:
    """Whether it is part of an e-mail address, a handle or a link."""
    left = max(text.rfind(mark, max(0, start - 80), start) for mark in " \n\t")
    chunk = text[max(left + 1, start - 80) : min(len(text), end + 80)].split()
    return bool(chunk) and any(mark in chunk[0] for mark in _NOT_NAMES)
