"""The loader trusts nothing it has not hashed; windows cover every word once."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from outguard.detection.neural import model as module
from outguard.detection.neural.model import FORMAT, NeuralModel
from outguard.errors import IntegrityError, UnavailableError

LABELS = {
    "format": FORMAT,
    "tags": ["O", "B-PERSON", "I-PERSON"],
    "acts": ["claim"],
    "types": ["NONE"],
    "thresholds": {"PERSON": 0.5},
}
VOCABULARY = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", *(f"w{number}" for number in range(500))]


class EchoSession:
    """Answers each piece's id in every column."""

    def __init__(self) -> None:
        self.shapes: list[tuple[int, ...]] = []

    def run(self, _names: None, feeds: dict[str, Any]) -> list[Any]:
        ids = feeds["ids"]
        self.shapes.append(ids.shape)
        return [np.repeat(ids[:, :, None], 7, axis=2).astype(np.float32)]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    files = {
        "labels.json": json.dumps(LABELS).encode(),
        "model.onnx": b"not an onnx file",
        "vocab.txt": "\n".join(VOCABULARY).encode(),
    }
    for name, data in files.items():
        (tmp_path / name).write_bytes(data)
    hashes = {name: hashlib.sha256(data).hexdigest() for name, data in files.items()}
    (tmp_path / "hashes.json").write_text(json.dumps(hashes))
    return tmp_path


@pytest.fixture
def session(monkeypatch: pytest.MonkeyPatch) -> EchoSession:
    echo = EchoSession()
    monkeypatch.setattr(module, "_session", lambda _data: echo)
    return echo


def text_of(count: int) -> str:
    return " ".join(f"w{number % 500}" for number in range(count))


@pytest.mark.parametrize("count", [0, 1, 126, 127, 250, 500])
def test_every_word_gets_its_own_row(folder: Path, session: EchoSession, count: int) -> None:
    reading = NeuralModel(folder).read(text_of(count))
    assert reading.rows[:, 0].tolist() == [4 + number % 500 for number in range(count)]
    assert all(length <= 128 for _, length in session.shapes)


def test_texts_are_read_together_and_told_apart(folder: Path, session: EchoSession) -> None:
    readings = NeuralModel(folder).read_all([text_of(3), "", text_of(200), "w7"])
    assert [len(reading.rows) for reading in readings] == [3, 0, 200, 1]
    assert readings[3].rows[0, 0] == 11
    assert len(session.shapes) == 1


def test_a_missing_folder_is_unavailable(tmp_path: Path) -> None:
    with pytest.raises(UnavailableError):
        NeuralModel(tmp_path / "none")


@pytest.mark.parametrize("name", ["labels.json", "model.onnx", "vocab.txt"])
def test_a_changed_file_is_an_integrity_error(folder: Path, session: EchoSession, name: str) -> None:
    assert session.shapes == []
    (folder / name).write_bytes((folder / name).read_bytes() + b" ")
    with pytest.raises(IntegrityError, match=name):
        NeuralModel(folder)


def test_a_hash_that_is_not_there_is_an_integrity_error(folder: Path, session: EchoSession) -> None:
    assert session.shapes == []
    (folder / "hashes.json").write_text("{}")
    with pytest.raises(IntegrityError):
        NeuralModel(folder)


def test_a_file_that_is_no_model_is_unavailable(folder: Path) -> None:
    with pytest.raises(UnavailableError):
        NeuralModel(folder)


def test_another_format_is_unavailable(folder: Path, session: EchoSession) -> None:
    assert session.shapes == []
    data = json.dumps({**LABELS, "format": "other"}).encode()
    (folder / "labels.json").write_bytes(data)
    hashes = json.loads((folder / "hashes.json").read_text())
    hashes["labels.json"] = hashlib.sha256(data).hexdigest()
    (folder / "hashes.json").write_text(json.dumps(hashes))
    with pytest.raises(UnavailableError, match="format"):
        NeuralModel(folder)
