"""How many deeds words tell, and how often a sum."""

from __future__ import annotations

import pytest

from outguard.detection.commitments.amounts import find_amounts
from outguard.detection.commitments.plural import times, told_deeds


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("both refunds are done", 2),
        ("all three of your refunds went out", 3),
        ("the two £9 refunds are complete", 2),
        ("I refunded £9 on both orders", 2),
        ("I refunded £9 for both lamps", 1),
        ("both of you asked for a refund", 1),
        ("your refund for two lamps is done", 1),
    ],
)
def test_deeds_are_counted_where_they_are_named(text: str, number: int) -> None:
    assert told_deeds(text) == number


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("both refunds of £9 are done", 2),
        ("two £9 payments have gone back", 2),
        ("I refunded £9 each for the two lamps", 2),
        ("I refunded £9 twice", 2),
        ("I refunded triple the £9", 3),
        ("you were charged £9 twice, so one is refunded", 1),
        ("two refunds totalling £9 are done", 1),
        ("I refunded £9 for both lamps", 1),
    ],
)
def test_a_sum_counts_as_often_as_it_is_told(text: str, number: int) -> None:
    assert times(text, find_amounts(text)[0], 0) == number
