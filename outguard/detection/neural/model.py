"""Load the shipped encoder and read texts with it.

Every file is checked against `hashes.json` before it is used, so that a swapped or torn model is an error and never an
opinion. One thread a session: a server's workers are its parallelism.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from outguard.detection.neural.reading import Labels, Reading
from outguard.detection.neural.shared import OutOfTimeError
from outguard.detection.neural.wordpiece import Word, WordPiece
from outguard.errors import IntegrityError, UnavailableError

if TYPE_CHECKING:
    from numpy.typing import NDArray

FORMAT = "outguard-neural-1"
WINDOW = 126
"""Pieces of one window, without the marks around them; it is what the net was trained on."""
OVERLAP = 32
BATCH_PIECES = 512
"""Larger batches are no faster on one thread, and nobody can ask in the middle of one whether time is up."""
_SLOWER_FUSED = "SkipLayerNormFusion"
"""On one thread the fused kernel takes a fifth of the whole pass more than an addition and a norm by themselves."""
_FILES = ("labels.json", "model.onnx", "vocab.txt")


@dataclass(frozen=True, slots=True)
class _Window:
    """Words [first, last) of text number `text`; of these [keep_from, keep_to) are read from this window."""

    text: int
    first: int
    last: int
    keep_from: int
    keep_to: int
    size: int


class NeuralModel:
    """The encoder on onnxruntime."""

    def __init__(self, folder: Path) -> None:
        """Check and load the model in `folder`.

        Raises:
            UnavailableError: if a file or onnxruntime is missing, or the model does not load.
            IntegrityError: if a file is not the one its hash was taken of.
        """
        files = _checked_files(folder)
        self.labels = _labels(files["labels.json"])
        self._pieces = WordPiece.from_text(files["vocab.txt"].decode("utf-8"))
        self._session = _session(files["model.onnx"])

    def read(self, text: str) -> Reading:
        """Read one text."""
        return self.read_all([text])[0]

    def read_all(self, texts: Sequence[str], is_late: Callable[[], bool] = lambda: False) -> list[Reading]:
        """Read several texts, in batches of windows of similar length.

        Raises:
            OutOfTimeError: if `is_late` says so before a batch.
        """
        words = [self._pieces.words(text) for text in texts]
        rows = [np.zeros((len(each), self.labels.width), np.float32) for each in words]
        todo = sorted((w for number, each in enumerate(words) for w in _windows(number, each)), key=lambda w: w.size)
        for batch in _batches(todo):
            if is_late():
                raise OutOfTimeError
            self._run(batch, words, rows)
        return [
            Reading(
                self.labels,
                np.array([word.start for word in each], np.int64),
                np.array([word.end for word in each], np.int64),
                logits,
            )
            for each, logits in zip(words, rows, strict=True)
        ]

    def _run(self, batch: list[_Window], words: list[list[Word]], rows: list[NDArray[np.float32]]) -> None:
        pieces, length = self._pieces, max(window.size for window in batch)
        ids = np.full((len(batch), length), pieces.pad, np.int64)
        cases = np.zeros((len(batch), length), np.int64)
        firsts: list[list[int]] = []
        for row, window in enumerate(batch):
            line, line_cases, columns = [pieces.cls], [0], []
            for word in words[window.text][window.first : window.last]:
                columns.append(len(line))
                line.extend(word.pieces)
                line_cases.extend([word.case] * len(word.pieces))
            line.append(pieces.sep)
            ids[row, : len(line)] = line
            cases[row, : len(line_cases)] = line_cases
            firsts.append(columns)
        (out,) = self._session.run(None, {"ids": ids, "cases": cases})
        for row, window in enumerate(batch):
            kept = firsts[row][window.keep_from - window.first : window.keep_to - window.first]
            rows[window.text][window.keep_from : window.keep_to] = out[row, kept]


def _windows(text: int, words: list[Word]) -> Iterator[_Window]:
    """Windows that overlap; where two do, each is believed up to the middle of what they share."""
    sizes = [len(word.pieces) for word in words]
    first, keep_from = 0, 0
    while first < len(words):
        last, size = first, 0
        while last < len(words) and size + sizes[last] <= WINDOW:
            size += sizes[last]
            last += 1
        if last == len(words):
            yield _Window(text, first, last, keep_from, last, size + 2)
            return
        back, shared = last, 0
        while back > first + 1 and shared + sizes[back - 1] <= OVERLAP:
            back -= 1
            shared += sizes[back]
        middle = max(keep_from, (back + last) // 2)
        yield _Window(text, first, last, keep_from, middle, size + 2)
        first, keep_from = back, middle


def _batches(windows: list[_Window]) -> Iterator[list[_Window]]:
    batch: list[_Window] = []
    for window in windows:
        if batch and (len(batch) + 1) * window.size > BATCH_PIECES:
            yield batch
            batch = []
        batch.append(window)
    if batch:
        yield batch


def _checked_files(folder: Path) -> dict[str, bytes]:
    try:
        hashes: Any = json.loads((folder / "hashes.json").read_bytes())
        files = {name: (folder / name).read_bytes() for name in _FILES}
    except (OSError, ValueError) as error:
        raise UnavailableError("the neural model is not there or its hashes are unreadable") from error
    for name, data in files.items():
        if not isinstance(hashes, dict) or hashes.get(name) != hashlib.sha256(data).hexdigest():
            raise IntegrityError(f"the neural model's {name} is not the file its hash was taken of")
    return files


def _labels(data: bytes) -> Labels:
    try:
        found = json.loads(data)
        is_known = found["format"] == FORMAT
        labels = Labels(
            tuple(found["tags"]), tuple(found["acts"]), tuple(found["types"]), dict(found["thresholds"]), _curves(found)
        )
    except (ValueError, KeyError, TypeError) as error:
        raise UnavailableError("the neural model's labels are unreadable") from error
    if not is_known:
        raise UnavailableError("the neural model is of a format that this version does not read")
    return labels


def _curves(found: Mapping[str, Any]) -> dict[str, list[tuple[float, float]]]:
    curves: dict[str, list[tuple[float, float]]] = {}
    for kind, points in found.get("curves", {}).items():
        curves[kind] = [(float(heard), float(right)) for heard, right in points]
    return curves


def _session(data: bytes) -> Any:
    try:
        import onnxruntime as ort  # noqa: PLC0415 - a server told to run without the model needs none of it
    except ImportError as error:
        raise UnavailableError("onnxruntime is not installed") from error
    options = ort.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    options.log_severity_level = 3
    options.enable_mem_pattern = False  # every length would keep a plan of its own: 50 MB for no gain
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    try:
        return ort.InferenceSession(
            data, options, providers=["CPUExecutionProvider"], disabled_optimizers=[_SLOWER_FUSED]
        )
    except Exception as error:
        raise UnavailableError("the neural model does not load") from error
