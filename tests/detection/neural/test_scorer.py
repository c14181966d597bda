"""One forward pass serves a text's sentences; a scorer may stand beside another."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from outguard.detection.commitments.scorer import Acts
from outguard.detection.neural.reading import Labels, Reading
from outguard.detection.neural.scorer import BlendedScorer, NeuralScorer, NeuralSentenceReader
from outguard.detection.neural.shared import SharedReader

LABELS = Labels(("O",), ("claim", "none"), ("REFUND", "NONE"), {})


class ShoutModel:
    """Hears a claim in words of capitals; counts what it reads."""

    def __init__(self) -> None:
        self.texts: list[str] = []

    def read(self, text: str) -> Reading:
        return self.read_all([text])[0]

    def read_all(self, texts: Sequence[str]) -> list[Reading]:
        self.texts.extend(texts)
        return [self._reading(text) for text in texts]

    def _reading(self, text: str) -> Reading:
        starts, ends, rows, place = [], [], [], 0
        for word in text.split():
            place = text.index(word, place)
            starts.append(place)
            place += len(word)
            ends.append(place)
            rows.append([0.0, 9.0 if word.isupper() else 0.0, *([0.0] * 5)])
        shape = (len(rows), LABELS.width)
        return Reading(LABELS, np.array(starts), np.array(ends), np.array(rows, np.float32).reshape(shape))


class Fixed:
    def score(self, prev: str, text: str) -> Acts:
        return self.score_all([(prev, text)])[0]

    def score_all(self, pairs: Sequence[tuple[str, str]]) -> list[Acts]:
        return [Acts({"claim": 1.0}, {"REFUND": 1.0}) for _ in pairs]


@pytest.fixture
def model() -> ShoutModel:
    return ShoutModel()


@pytest.fixture
def scorer(model: ShoutModel) -> NeuralScorer:
    return NeuralScorer(SharedReader(model))


def test_the_sentence_before_gives_context_but_no_act(scorer: NeuralScorer, model: ShoutModel) -> None:
    assert scorer.score("SENT IT", "good bye now").acts["claim"] == pytest.approx(0.5)
    assert model.texts == ["SENT IT good bye now"]


def test_a_text_is_read_once_for_all_its_sentences(scorer: NeuralScorer, model: ShoutModel) -> None:
    text = "REFUNDED IT ALL. Have a good day."
    scored = NeuralSentenceReader(scorer).read(text)
    assert [sentence.acts.acts["claim"] > 0.9 for sentence in scored] == [True, False]
    assert scorer.score("", "a good day").acts["claim"] == pytest.approx(0.5)
    assert model.texts == [text]


def test_unread_sentences_are_read_together(scorer: NeuralScorer, model: ShoutModel) -> None:
    scores = scorer.score_all([("", "SENT it"), ("x", "no")])
    assert [round(acts.acts["claim"], 1) for acts in scores] == [1.0, 0.5]
    assert model.texts == ["SENT it", "x no"]


def test_a_blend_is_the_weighted_mean(scorer: NeuralScorer) -> None:
    acts = BlendedScorer(scorer, Fixed(), 0.25).score("", "no")
    assert acts.acts == {"claim": pytest.approx(0.875), "none": pytest.approx(0.125)}
    assert acts.types == {"REFUND": pytest.approx(0.875), "NONE": pytest.approx(0.125)}


def test_a_blank_text_is_not_read(scorer: NeuralScorer, model: ShoutModel) -> None:
    assert NeuralSentenceReader(scorer).read(" \n") == []
    assert model.texts == []
