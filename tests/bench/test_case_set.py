"""Positives and negatives: a case speaks for its own entity; a placeholder catches nothing and harms nothing."""

from __future__ import annotations

import pytest

from outguard.bench.case_set import CredentialScorer, EntityCaseScorer
from outguard.bench.corpus import Span


def pii(kind: str, start: int = 0, end: int = 9) -> Span:
    return Span(category="pii", type=kind, start=start, end=end)


def secret(status: str, start: int = 0, end: int = 9) -> Span:
    return Span(category="secret", type="API_KEY", status=status, start=start, end=end)


def test_a_positive_is_met_by_its_own_type_only() -> None:
    scorer = EntityCaseScorer()
    scorer.add("UK_NHS", [pii("UK_NHS")], [pii("PHONE_NUMBER")], is_positive=True)
    scorer.add("UK_NHS", [pii("UK_NHS")], [pii("NATIONAL_ID")], is_positive=True)
    assert scorer.summary()["entities"]["UK_NHS"]["recall"] == 0.5


def test_every_place_of_a_positive_counts() -> None:
    scorer = EntityCaseScorer()
    scorer.add("URL", [pii("URL", 0, 9), pii("URL", 20, 29)], [pii("URL", 0, 9)], is_positive=True)
    assert scorer.summary()["all"]["recall"] == 0.5


def test_a_negative_is_left_alone_unless_its_own_type_is_found() -> None:
    scorer = EntityCaseScorer()
    scorer.add("UK_NHS", [], [pii("PHONE_NUMBER")], is_positive=False)
    scorer.add("UK_NHS", [], [pii("NATIONAL_ID")], is_positive=False)
    row = scorer.summary()["entities"]["UK_NHS"]
    assert (row["negatives"], row["left_alone"], row["recall"]) == (2, 1, None)


def test_entities_without_a_type_of_ours_are_left_out_and_named() -> None:
    scorer = EntityCaseScorer()
    scorer.add("PATTERN", [], [], is_positive=False)
    summary = scorer.summary()
    assert summary["left_out"] == {"PATTERN": 1}
    assert summary["all"]["negatives"] == 0


@pytest.mark.parametrize(
    ("found", "live", "reported"),
    [
        ([secret("live")], 1.0, 1.0),
        ([secret("placeholder")], 0.0, 1.0),
        ([secret("live"), secret("placeholder")], 1.0, 1.0),
        ([pii("PASSWORD_OR_PIN")], 0.0, 0.0),
        ([secret("live", 30, 40)], 0.0, 0.0),  # elsewhere in the text
        ([], 0.0, 0.0),
    ],
)
def test_a_credential_is_caught_live_on_its_place(found: list[Span], live: float, reported: float) -> None:
    scorer = CredentialScorer()
    scorer.add([secret("live", 5, 15)], found, is_positive=True)
    summary = scorer.summary()
    assert (summary["recall"], summary["recall_with_placeholders"]) == (live, reported)


def test_without_a_labelled_place_anywhere_will_do() -> None:
    scorer = CredentialScorer()
    scorer.add([], [secret("live", 30, 40)], is_positive=True)
    assert scorer.summary()["recall"] == 1.0


@pytest.mark.parametrize(
    ("found", "live", "reported"),
    [([], 1.0, 1.0), ([secret("placeholder")], 1.0, 0.0), ([secret("live")], 0.0, 0.0)],
)
def test_a_negative_called_placeholder_goes_unharmed(found: list[Span], live: float, reported: float) -> None:
    scorer = CredentialScorer()
    scorer.add([], found, is_positive=False)
    summary = scorer.summary()
    assert (summary["specificity"], summary["specificity_with_placeholders"]) == (live, reported)
    assert summary["recall"] is None


def test_a_negative_that_holds_a_labelled_value_of_the_same_set_is_told_apart() -> None:
    scorer = CredentialScorer()
    scorer.add([secret("live", 4, 13)], [secret("live", 4, 13)], is_positive=True, text="key=abc123xyz")
    scorer.add([], [secret("live")], is_positive=False, text="abc123xyz allowed")
    scorer.add([], [secret("live")], is_positive=False, text="zzz999yyy")
    scorer.add([], [], is_positive=False, text="nothing")
    summary = scorer.summary()
    assert summary["specificity"] == pytest.approx(1 / 3, abs=1e-3)
    assert (summary["negatives_labelled_elsewhere"], summary["specificity_of_the_others"]) == (1, 0.5)


def test_without_a_place_a_positive_is_met_anywhere() -> None:
    scorer = EntityCaseScorer()
    scorer.add("IP_ADDRESS", [], [pii("IP_ADDRESS", 20, 30)], is_positive=True)
    scorer.add("IP_ADDRESS", [], [pii("URL")], is_positive=True)
    assert scorer.summary()["all"]["recall"] == 0.5
