"""A reply is read once for all its sentences; the other scorer's word counts too, and alone where nothing was read."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import pytest

from outguard.detection.commitments.scorer import Acts
from outguard.detection.neural.reading import Labels, Reading
from outguard.detection.neural.scorer import NeuralScorer, NeuralSentenceReader, blended
from outguard.detection.neural.shared import BROKEN, MISSING, MOST_CHARS, SLOW, TOO_LONG, OutOfTimeError, SharedReader

LABELS = Labels(("O",), ("claim", "none"), ("REFUND", "NONE"), {})
TEXT = "REFUNDED IT ALL. Have a good day."


class ShoutModel:
    """Hears a claim in words of capitals; counts what it reads."""

    def __init__(self) -> None:
        self.texts: list[str] = []

    def read_all(self, texts: Sequence[str], is_late: Callable[[], bool] = lambda: False) -> list[Reading]:
        if is_late():
            raise OutOfTimeError
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


class BrokenModel:
    def read_all(self, texts: Sequence[str], is_late: Callable[[], bool] = lambda: False) -> list[Reading]:
        raise MemoryError(len(texts), is_late)


class Fixed:
    def score(self, prev: str, text: str) -> Acts:
        return self.score_all([(prev, text)])[0]

    def score_all(self, pairs: Sequence[tuple[str, str]]) -> list[Acts]:
        return [Acts({"claim": 0.2, "none": 0.8}, {"REFUND": 1.0}) for _ in pairs]


def never() -> bool:
    return False


def claims(reader: NeuralSentenceReader, text: str) -> list[float]:
    return [round(sentence.acts.acts["claim"], 2) for sentence in reader.read(text)]


@pytest.fixture
def model() -> ShoutModel:
    return ShoutModel()


def test_a_text_is_read_once_for_all_its_sentences(model: ShoutModel) -> None:
    reader = NeuralSentenceReader(SharedReader(model), Fixed(), 0.5, 1.0)
    assert claims(reader, TEXT) == [0.6, 0.35]
    assert claims(reader, TEXT) == [0.6, 0.35]
    assert model.texts == [TEXT]


def test_clauses_of_the_text_read_last_are_blended_too(model: ShoutModel) -> None:
    reader = NeuralSentenceReader(SharedReader(model), Fixed(), 0.5, 1.0)
    clause = reader.read(TEXT)[0].clause
    assert reader.score([clause])[0].acts.acts["claim"] == pytest.approx(0.6, abs=0.01)


def test_where_nothing_was_read_the_other_scorer_stands_alone(model: ShoutModel) -> None:
    shared = SharedReader(model)
    reader = NeuralSentenceReader(shared, Fixed(), 0.5, 1.0)
    assert shared.read_ahead([TEXT], lambda: True) == SLOW
    assert claims(reader, TEXT) == [0.2, 0.2]
    assert shared.read_ahead([TEXT], never) == ""
    assert claims(reader, TEXT) == [0.6, 0.35], "what was said without the model must not be said again"


def test_a_single_sentence_is_read_after_the_one_before_it(model: ShoutModel) -> None:
    scorer = NeuralScorer(SharedReader(model))
    assert scorer.score("SENT IT", "good bye now").acts["claim"] == pytest.approx(0.5)
    assert model.texts == ["SENT IT good bye now"]


def test_a_blend_is_the_weighted_mean() -> None:
    acts = blended(Acts({"claim": 0.5, "none": 0.5}, {"NONE": 1.0}), Acts({"claim": 1.0}, {"REFUND": 1.0}), 0.25, 1.0)
    assert acts.acts == {"claim": pytest.approx(0.875), "none": pytest.approx(0.125)}
    assert acts.types == {"REFUND": pytest.approx(0.75), "NONE": pytest.approx(0.25)}


def test_binding_acts_are_heard_with_caution() -> None:
    acts = blended(Acts({"claim": 0.5, "none": 0.5}), Acts({"claim": 0.5, "none": 0.5}), 0.5, 0.5)
    assert acts.acts == {"claim": pytest.approx(1 / 3), "none": pytest.approx(2 / 3)}


def test_all_texts_of_a_reply_are_read_together_and_forgotten_after_it(model: ShoutModel) -> None:
    shared = SharedReader(model)
    assert shared.read_ahead(["ONE thing", "", "12", "two things", "ONE thing"], never) == ""
    assert model.texts == ["ONE thing", "two things"]
    assert shared.read("12") is None, "nothing to read in digits"
    shared.forget()
    shared.read("two things")
    assert model.texts[2:] == ["two things"]


@pytest.mark.parametrize(
    ("model", "text", "why"),
    [
        (None, "some words", MISSING),
        (BrokenModel(), "some words", BROKEN),
        (ShoutModel(), "word " * MOST_CHARS, TOO_LONG),
    ],
)
def test_what_cannot_be_read_is_told_and_never_raises(
    model: ShoutModel | BrokenModel | None, text: str, why: str
) -> None:
    shared = SharedReader(model)
    assert shared.read_ahead([text], never) == why
    assert shared.read(text) is None
