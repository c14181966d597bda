from __future__ import annotations

import pytest

from outguard.detection.hints import Hints


@pytest.mark.parametrize(("text", "wanted"), [("one", {0}), ("two one", {0, 1}), ("some one", {0})])
def test_the_patterns_that_may_match_are_told(text: str, wanted: set[int]) -> None:
    assert set(Hints(["one", "two"]).of(text)) & {0, 1} == wanted


def test_where_nothing_matches_nothing_is_hinted() -> None:
    assert not Hints(["one", "two"]).of("three")


@pytest.mark.parametrize(("text", "wanted"), [("one", {0}), ("three", {2}), ("three two", {1, 2}), ("four", set())])
def test_groups_are_counted_through(text: str, wanted: set[int]) -> None:
    assert set(Hints(["one", "two"], ["three"]).of(text)) & {0, 1, 2} == wanted
