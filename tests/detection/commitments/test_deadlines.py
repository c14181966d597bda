from __future__ import annotations

from datetime import UTC, datetime

import pytest

from outguard.detection.commitments.deadlines import DAY, HOUR, find_deadlines


@pytest.mark.parametrize(
    ("text", "least", "most", "business"),
    [
        ("in 3 to 5 business days", 3, 5, True),
        ("within 24 hours", 24 * HOUR, 24 * HOUR, False),
        ("two or three working days", 2, 3, True),
        ("half an hour", HOUR / 2, HOUR / 2, False),
        ("a couple of weeks", 14 * DAY, 14 * DAY, False),
    ],
)
def test_durations_become_ranges(text: str, least: float, most: float, *, business: bool) -> None:
    (deadline,) = find_deadlines(text)
    assert (deadline.least, deadline.most, deadline.business) == (least, most, business)


@pytest.mark.parametrize("text", ["by tomorrow", "tonight", "by Friday", "end of day", "right away", "before lunch"])
def test_near_times_without_a_number_are_vague(text: str) -> None:
    assert find_deadlines(text)[0].vague


def test_a_time_equal_to_the_minimum_is_not_too_soon() -> None:
    (deadline,) = find_deadlines("within 24 hours")
    assert not deadline.sooner_than(seconds=24 * HOUR, business_days=None)
    assert deadline.sooner_than(seconds=25 * HOUR, business_days=None)


def test_business_days_are_held_against_business_days() -> None:
    (deadline,) = find_deadlines("3 to 5 business days")
    assert not deadline.sooner_than(seconds=None, business_days=3)
    assert deadline.sooner_than(seconds=None, business_days=4)


WEDNESDAY = datetime(2026, 1, 7, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "days", "working"),
    [("by Friday", 2, 2), ("on Monday", 5, 3), ("by tues", 6, 4), ("until Monday week", 12, 8)],
)
def test_weekdays_count_from_when_the_words_are_sent(text: str, days: int, working: int) -> None:
    (deadline,) = find_deadlines(text, WEDNESDAY)
    assert (deadline.least, deadline.working_days) == (days * DAY, working)


def test_the_weekday_of_today_is_today() -> None:
    (deadline,) = find_deadlines("by Wednesday", WEDNESDAY)
    assert deadline.least < DAY


def test_a_weekend_does_not_count_towards_business_days() -> None:
    """Monday is five days off and yet only three business days."""
    (deadline,) = find_deadlines("on Monday", WEDNESDAY)
    assert deadline.sooner_than(seconds=None, business_days=4)
    assert not deadline.sooner_than(seconds=None, business_days=3)
