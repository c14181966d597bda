"""From a folder or name to a model that reads: the shipped kind, or any spaCy pipeline."""

from __future__ import annotations

from pathlib import Path

from outguard.detection.neural.model import NeuralModel
from outguard.detection.neural.pipeline import SpacyModel
from outguard.detection.neural.shared import TextModel

MODEL_FILE = "model.onnx"


def load_model(place: Path) -> TextModel:
    """The encoder in the folder `place`, or the spaCy pipeline there or installed under that name.

    Raises:
        UnavailableError: if nothing of the kind is there, or it does not load.
        IntegrityError: if a file is not the one its hash was taken of.
    """
    is_pipeline = place.is_dir() and not (place / MODEL_FILE).exists() and (place / "meta.json").exists()
    if is_pipeline or (not place.exists() and len(place.parts) == 1):
        return SpacyModel(str(place))
    return NeuralModel(place)
