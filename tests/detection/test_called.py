"""Given names outside greetings."""

from __future__ import annotations

import pytest

from outguard.detection.called import called_names

GIVEN = frozenset({"robert", "will", "anna"})


@pytest.mark.parametrize(
    "text",
    [
        "Robert, your order is on its way.",
        "You're all set, Robert!",
        "Sorry about that Robert, we fixed it.",
        "Robert - your lamp is here",
        "All fine.\nRobert, I've changed it.",
    ],
)
def test_who_is_called_is_found(text: str) -> None:
    assert [text[start:end] for start, end in called_names(text, GIVEN)] == ["Robert"]


@pytest.mark.parametrize(
    "text",
    [
        "Thanks, Robert.",
        "Your technician is Robert.",
        "Robert, who drives the van, has your parcel.",
        "I spoke with Robert, and you can come by.",
        "Will, as you know, is a name too.",
        "Best wishes\nRobert",
        "Robert is on it.",
        "Jonas, your order is on its way.",
    ],
)
def test_who_is_told_of_signs_or_is_not_on_the_list_is_left(text: str) -> None:
    assert list(called_names(text, GIVEN)) == []


def test_jan_beside_other_months_is_a_month() -> None:
    assert list(called_names("Jan - you paid 7\nFeb - you paid 8", {"jan"})) == []
    assert list(called_names("Jan - your lamp is here", {"jan"})) == [(0, 3)]


def test_many_names_cost_linear_time_and_end() -> None:
    assert len(list(called_names("Robert, your lamp. " * 5000, GIVEN))) <= 200
