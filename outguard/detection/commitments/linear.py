"""The linear scorer: weights over word n-grams, shipped as a data file that `scripts/train_commitments.py` makes.

A feature's weights are int8 per act and type, scaled per column. The file is YAML with one literal block: a JSON header
line, then base85 lines of the zlib-compressed feature names (newline-separated) and weights.
"""

from __future__ import annotations

import base64
import json
import zlib
from collections.abc import Mapping, Sequence
from itertools import repeat
from typing import TYPE_CHECKING, Any

import numpy as np

from outguard.detection.commitments.index import MAX_SENTENCES, FeatureIndex
from outguard.detection.commitments.scorer import GROUPS, NO_TYPE, Acts
from outguard.detection.commitments.tokens import PREV_TOKENS, features, words
from outguard.errors import InvalidInputError

if TYPE_CHECKING:
    from numpy.typing import NDArray

FORMAT = "outguard-linear-1"
MODEL_FILE = "detectors/commitments_model.yaml"
_KEY = "commitments_model: |-"


def sentence_features(prev: str, text: str) -> set[str]:
    """The distinct features of a sentence in its place, as training names them."""
    found = features(words(text))
    found.update(["<" + word for word in words(prev)[-PREV_TOKENS:]])
    return found


class LinearScorer:
    """Implements `SentenceScorer` with one matrix row per known feature; row 0 stands for all unknown ones."""

    def __init__(
        self,
        acts: tuple[str, ...],
        types: tuple[str, ...],
        names: Sequence[str],
        weights: NDArray[np.float32],
        bias: NDArray[np.float32],
    ) -> None:
        self._columns = acts, types
        self._index = FeatureIndex(names)
        self._weights = np.ascontiguousarray(
            np.concatenate([np.zeros((1, weights.shape[1]), dtype=np.float32), weights])
        )
        self._bias = bias
        self._groups = _group_matrix(acts, types)
        self._owners = np.repeat([0, 1], [len(acts), len(types)])
        self._owners_of_sums = np.repeat([0, 1], [len(GROUPS) + 2, 1])

    def score(self, prev: str, text: str) -> Acts:
        """The acts and types of one sentence."""
        return self.score_all([(prev, text)])[0]

    def score_all(self, pairs: Sequence[tuple[str, str]]) -> list[Acts]:
        """The acts and types of each sentence; weights are summed over the square root of the feature count."""
        scores: list[Acts] = []
        for start in range(0, len(pairs), MAX_SENTENCES):
            scores += self._score(pairs[start : start + MAX_SENTENCES])
        return scores

    def _score(self, pairs: Sequence[tuple[str, str]]) -> list[Acts]:
        rows, starts, sizes = self._index.rows(pairs)
        logits = np.add.reduceat(self._weights.take(rows, axis=0), starts, axis=0)
        logits /= np.sqrt(sizes)[:, None]
        logits += self._bias
        logits -= np.maximum.reduce(logits, axis=1, keepdims=True)
        powers = np.exp(logits, dtype=np.float64)
        sums = powers.dot(self._groups)
        powers /= sums.take(self._owners, axis=1)
        sums /= sums.take(self._owners_of_sums, axis=1)
        return list(map(_RowActs, repeat(self._columns), powers.tolist(), sums.tolist()))


class _RowActs(Acts):
    """Acts whose mappings are made when first asked for, from a row of probabilities."""

    __slots__ = ("_columns", "_made", "_row")

    def __init__(self, columns: tuple[tuple[str, ...], tuple[str, ...]], row: list[float], sums: list[float]) -> None:
        self.heard = None
        self._columns = columns
        self._row = row
        _, _, self.absolute, self.deed, self.stating, self.denying, self.honest, self.leaking, self.typeless = sums
        self._made: list[Mapping[str, float] | None] = [None, None]

    @property
    def acts(self) -> Mapping[str, float]:
        made = self._made[0]
        if made is None:
            made = self._made[0] = dict(zip(self._columns[0], self._row, strict=False))
        return made

    @property
    def types(self) -> Mapping[str, float]:
        made = self._made[1]
        if made is None:
            acts, types = self._columns
            made = self._made[1] = dict(zip(types, self._row[len(acts) :], strict=True))
        return made

    @property
    def shares(self) -> tuple[tuple[str, ...], Sequence[float]]:
        acts = self._columns[0]
        return acts, self._row[: len(acts)]

    @property
    def top_type(self) -> float:
        acts, types = self._columns
        shares = self._row[len(acts) :]
        if NO_TYPE in types:
            del shares[types.index(NO_TYPE)]
        return max(shares, default=0.0)


def _group_matrix(acts: tuple[str, ...], types: tuple[str, ...]) -> NDArray[np.float64]:
    """Sums of a row's powers: all acts, all types (what each column is a share of), each group of acts, no type."""
    groups = [acts, *GROUPS]
    matrix = np.zeros((len(acts) + len(types), len(GROUPS) + 3))
    for column, group in zip((0, *range(2, len(GROUPS) + 2)), groups, strict=True):
        matrix[[acts.index(act) for act in group if act in acts], column] = 1.0
    matrix[len(acts) :, 1] = 1.0
    if NO_TYPE in types:
        matrix[len(acts) + types.index(NO_TYPE), -1] = 1.0
    return matrix


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
    return LinearScorer(acts, types, names, weights, bias)


def _pack(data: bytes) -> str:
    return base64.b85encode(zlib.compress(data, 9)).decode()


def _unpack(text: str) -> bytes:
    return zlib.decompress(base64.b85decode(text))
