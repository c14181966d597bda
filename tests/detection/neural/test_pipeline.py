"""Other spaCy pipelines are read through Presidio's engine; the shipped one is a pipeline too."""

from __future__ import annotations

from pathlib import Path

import pytest
import spacy

from outguard.bootstrap import shipped_model
from outguard.detection.neural.component import EXTENSION, SPANS, OutguardComponent, register
from outguard.detection.neural.load import load_model
from outguard.detection.neural.model import NeuralModel
from outguard.detection.neural.pipeline import SpacyModel
from outguard.detection.neural.shared import SharedReader
from outguard.errors import UnavailableError

TEXT = "Your neighbour Siobhan Murphy took it in. I've refunded the $45 to your card."


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    nlp = spacy.blank("en")
    ruler = nlp.add_pipe("entity_ruler")
    ruler.add_patterns(  # type: ignore[attr-defined]
        [{"label": "PERSON", "pattern": "Siobhan Murphy"}, {"label": "MONEY", "pattern": "$45"}]
    )
    nlp.to_disk(tmp_path / "pipeline")
    return tmp_path / "pipeline"


def test_a_spacy_pipeline_in_a_folder_finds_entities_and_leaves_sentences_alone(folder: Path) -> None:
    model = load_model(folder)
    assert isinstance(model, SpacyModel)
    reading = SharedReader(model).read(TEXT)
    assert reading is not None
    assert [(e.kind, TEXT[e.start : e.end]) for e in reading.entities(TEXT)] == [("PERSON", "Siobhan Murphy")]
    assert reading.entities(TEXT, {"PERSON": 1.1}) == []
    assert not reading.has_acts


def test_a_pipeline_stops_when_it_is_late(folder: Path) -> None:
    shared = SharedReader(load_model(folder))
    assert shared.read_ahead([TEXT], lambda: True) == "model.slow"


def test_a_pipeline_that_is_not_there_is_unavailable() -> None:
    with pytest.raises(UnavailableError, match="no spaCy pipeline"):
        load_model(Path("en_no_such_pipeline"))


def test_a_folder_that_is_no_pipeline_is_unavailable(tmp_path: Path) -> None:
    (tmp_path / "meta.json").write_text("{}")
    with pytest.raises(UnavailableError, match="does not load"):
        load_model(tmp_path)


def test_the_shipped_model_is_a_spacy_pipeline() -> None:
    register()
    doc = spacy.load(shipped_model())(TEXT)
    assert [(ent.label_, ent.text) for ent in doc.ents] == [("PERSON", "Siobhan Murphy")]
    assert doc.spans[SPANS].attrs["scores"][0] > 0.5
    (start, end, acts, _), last = doc._.get(EXTENSION)
    assert TEXT[start:end] == "Your neighbour Siobhan Murphy took it in."
    assert acts["claim"] < 0.5 < last[2]["claim"]


def test_the_component_says_the_same_as_the_model() -> None:
    register()
    reading = NeuralModel(shipped_model()).read(TEXT)
    doc = spacy.load(shipped_model())(TEXT)
    assert [(e.start, e.end) for e in reading.entities(TEXT)] == [(e.start_char, e.end_char) for e in doc.ents]


def test_a_component_without_its_folder_reads_nothing() -> None:
    with pytest.raises(RuntimeError, match="from its folder"):
        OutguardComponent()(spacy.blank("en")("hi"))
