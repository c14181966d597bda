from __future__ import annotations

import numpy as np
import pytest

from outguard.detection.commitments.linear import dump, load
from outguard.detection.commitments.scorer import Acts
from outguard.detection.commitments.tokens import words
from outguard.errors import InvalidInputError


def model_text() -> str:
    weights = np.array([[4.0, -4.0, 2.0, 0.0], [-4.0, 4.0, 0.0, 2.0]], dtype=np.float32)
    return dump(
        acts=("claim", "none"),
        types=("REFUND", "NONE"),
        names=["refunded", "hello"],
        weights=weights,
        bias=np.zeros(4, dtype=np.float32),
        about="two words",
    )


def test_a_model_survives_writing_and_reading() -> None:
    scorer = load(model_text())
    assert scorer.score("", "refunded").best == "claim"
    assert scorer.score("", "hello").best == "none"


def test_unknown_words_leave_the_bias() -> None:
    acts = load(model_text()).score("", "zzz")
    assert acts.acts["claim"] == pytest.approx(0.5)


def test_scoring_together_equals_scoring_alone() -> None:
    scorer = load(model_text())
    pairs = [("", "refunded"), ("hello", "refunded hello"), ("", "x")]
    together = scorer.score_all(pairs)
    assert [one.acts for one in together] == [pytest.approx(scorer.score(*pair).acts) for pair in pairs]


@pytest.mark.parametrize("text", ["", "commitments_model: |-\n  {}\n  x\n  y", "a\nb\nc\nd"])
def test_a_broken_model_is_refused(text: str) -> None:
    with pytest.raises(InvalidInputError):
        load(text)


def test_contractions_and_numbers_are_folded() -> None:
    assert words("We can’t pay $45.00") == ["we", "ca", "n't", "pay", "$", "0"]


@pytest.mark.parametrize("text", ["refunded", "hello", "hello refunded", "zzz"])
def test_what_a_row_tells_at_once_is_what_its_mappings_tell(text: str) -> None:
    acts = load(model_text()).score("", text)
    plain = Acts(acts.acts, acts.types)
    names, shares = acts.shares
    assert dict(zip(names, shares, strict=True)) == acts.acts
    assert (names, list(shares)) == plain.shares
    assert acts.top_type == plain.top_type == acts.types["REFUND"]
