"""The linear scorer: weights over word n-grams, shipped as a data file that `scripts/train_commitments.py` makes.

A feature's weights are int8 per act and type, scaled per column. The file is YAML with one literal block: a JSON header
line, then base85 lines of the zlib-compressed feature names (newline-separated) and weights.
"""

from __future__ import annotations

import base64
import json
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import repeat
from typing import TYPE_CHECKING, Any

import numpy as np

from outguard.detection.commitments.scorer import Acts
from outguard.detection.commitments.tokens import features, words
from outguard.errors import InvalidInputError

if TYPE_CHECKING:
    from numpy.typing import NDArray

FORMAT = "outguard-linear-1"
MODEL_FILE = "detectors/commitments_model.yaml"
_KEY = "commitments_model: |-"
PREV_TOKENS = 12


def sentence_features(prev: str, text: str) -> set[str]:
    """The distinct features of a sentence in its place."""
    return _features_of(words(prev), words(text))


def _features_of(prev: list[str], tokens: list[str]) -> set[str]:
    found = features(tokens)
    found.update(["<" + word for word in prev[-PREV_TOKENS:]])
    return found


def _fold(text: str, folded: dict[str, list[str]]) -> list[str]:
    tokens = folded.get(text)
    if tokens is None:
        tokens = folded[text] = words(text)
    return tokens


@dataclass(frozen=True, slots=True)
class LinearScorer:
    """Implements `SentenceScorer` with one matrix row per known feature; row 0 stands for all unknown ones."""

    acts: tuple[str, ...]
    types: tuple[str, ...]
    vocabulary: dict[str, int]
    weights: NDArray[np.float32]
    bias: NDArray[np.float32]

    def score(self, prev: str, text: str) -> Acts:
        """The acts and types of one sentence."""
        return self.score_all([(prev, text)])[0]

    def score_all(self, pairs: Sequence[tuple[str, str]]) -> list[Acts]:
        """The acts and types of each sentence; weights are summed over the square root of the feature count."""
        if not pairs:
            return []
        rows: list[int] = []
        starts: list[int] = []
        sizes: list[int] = []
        folded: dict[str, list[str]] = {}
        for prev, text in pairs:
            found = _features_of(_fold(prev, folded), _fold(text, folded))
            starts.append(len(rows))
            sizes.append(len(found))
            rows.extend(map(self.vocabulary.get, found, repeat(0)))
        sums = np.add.reduceat(self.weights[rows], starts, axis=0)
        logits = sums / np.sqrt(np.asarray(sizes, dtype=np.float32))[:, None] + self.bias
        split = len(self.acts)
        acts, types = _softmax(logits[:, :split]).tolist(), _softmax(logits[:, split:]).tolist()
        return [
            Acts(dict(zip(self.acts, a, strict=True)), dict(zip(self.types, t, strict=True)))
            for a, t in zip(acts, types, strict=True)
        ]


def _softmax(logits: NDArray[Any]) -> NDArray[Any]:
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    return powers / powers.sum(axis=1, keepdims=True)  # type: ignore[no-any-return]


def dump(
    *,
    acts: tuple[str, ...],
    types: tuple[str, ...],
    names: list[str],
    weights: NDArray[np.float32],
    bias: NDArray[np.float32],
    about: str,
) -> str:
    """The text of a model file."""
    scale = np.abs(weights).max(axis=0) / 127.0
    quantised = np.rint(weights / scale).astype(np.int8)
    header = {
        "format": FORMAT,
        "about": about,
        "acts": acts,
        "types": types,
        "features": len(names),
        "scale": [float(f"{x:.6g}") for x in scale],
        "bias": [float(f"{x:.6g}") for x in bias],
    }
    parts = [_pack("\n".join(names).encode()), _pack(np.ascontiguousarray(quantised.T).tobytes())]
    return "\n  ".join([_KEY, json.dumps(header), *parts]) + "\n"


def load(text: str) -> LinearScorer:
    """Read a model file.

    Raises:
        InvalidInputError: if it is no model file of this format.
    """
    try:
        _, first, names_part, weights_part = (line.strip() for line in text.strip().split("\n"))
        header: dict[str, Any] = {"format": "", **json.loads(first)}
        acts, types = tuple(header["acts"]), tuple(header["types"])
        names = _unpack(names_part).decode().split("\n")
        flat = np.frombuffer(_unpack(weights_part), dtype=np.int8)
        quantised = flat.reshape(len(acts) + len(types), len(names)).T
        weights = quantised.astype(np.float32) * np.asarray(header["scale"], dtype=np.float32)
        bias = np.asarray(header["bias"], dtype=np.float32)
    except (ValueError, KeyError, TypeError, zlib.error) as error:
        raise InvalidInputError("the sentence model is no readable model file; train it again") from error
    if header["format"] != FORMAT:
        raise InvalidInputError("the sentence model has another format; train it again")
    vocabulary = {name: row for row, name in enumerate(names, start=1)}
    padded = np.concatenate([np.zeros((1, weights.shape[1]), dtype=np.float32), weights])
    return LinearScorer(acts, types, vocabulary, np.ascontiguousarray(padded), bias)


def _pack(data: bytes) -> str:
    return base64.b85encode(zlib.compress(data, 9)).decode()


def _unpack(text: str) -> bytes:
    return zlib.decompress(base64.b85decode(text))
