"""The shipped encoder as a component of a spaCy pipeline: `spacy.load("models/outguard_en")`.

It sets `doc.ents`, the scores of entities in `doc.spans["outguard"]`, and `doc._.outguard_sentences`: for every
sentence its offsets and the likelihood of each act and commitment type. `register` makes its factory known; an
installed outguard names the factory in its entry points, so that `spacy.load` finds it by itself.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from outguard.detection.commitments.clauses import sentences
from outguard.detection.neural.model import NeuralModel

FACTORY = "outguard_encoder"
EXTENSION, SPANS = "outguard_sentences", "outguard"


class OutguardComponent:
    """Reads a document once and writes down what it heard."""

    def __init__(self) -> None:
        self._model: NeuralModel | None = None

    def __call__(self, doc: Any) -> Any:
        """Set the document's entities and sentence scores.

        Raises:
            RuntimeError: if the pipeline was not loaded from its folder.
        """
        if self._model is None:
            raise RuntimeError("load this pipeline from its folder: the weights lie beside it")
        reading = self._model.read(doc.text)
        found = [
            (doc.char_span(e.start, e.end, label=e.kind, alignment_mode="expand"), e.score)
            for e in reading.entities(doc.text)
        ]
        from spacy.util import filter_spans  # noqa: PLC0415 - slow to import

        kept = filter_spans([span for span, _ in found if span is not None])
        scores = {(span.start, span.end): score for span, score in found if span is not None}
        doc.set_ents(kept)
        doc.spans[SPANS] = kept
        doc.spans[SPANS].attrs["scores"] = [scores[span.start, span.end] for span in kept]
        heard = []
        for sentence in sentences(doc.text):
            acts = reading.acts(sentence.start, sentence.end)
            heard.append((sentence.start, sentence.end, dict(acts.acts), dict(acts.types)))
        doc._.set(EXTENSION, heard)
        return doc

    def to_disk(self, path: Path, *, exclude: Any = ()) -> None:
        """Nothing: the weights lie in the pipeline's own folder."""

    def from_disk(self, path: Path, *, exclude: Any = ()) -> OutguardComponent:
        """Load the weights in the folder above `path`.

        Raises:
            UnavailableError: if the model is missing or does not load.
            IntegrityError: if a file is not the one its hash was taken of.
        """
        del exclude
        self._model = NeuralModel(Path(path).parent)
        return self


def make(nlp: Any, name: str) -> OutguardComponent:
    """The component, for spaCy."""
    del nlp, name
    _extend()
    return OutguardComponent()


def register() -> None:
    """Make the component known to spaCy in this process."""
    from spacy.language import Language  # noqa: PLC0415 - slow to import

    if not Language.has_factory(FACTORY):
        Language.factory(FACTORY, assigns=["doc.ents"], func=make)
    _extend()


def _extend() -> None:
    from spacy.tokens import Doc  # noqa: PLC0415 - slow to import

    if not Doc.has_extension(EXTENSION):
        Doc.set_extension(EXTENSION, default=())
