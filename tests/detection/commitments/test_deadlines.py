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


@pytest.mark.parametrize(
    ("text", "hours"),
    [
        ("I'll ring in ten.", 0.5),
        ("someone calls within the next hour", 0.5),
        ("we call by half five", 4),
        ("we call before supper", 4),
        ("we call this side of noon", 4),
        ("you have it first thing", 4),
        ("you have it at two", 4),
        ("you have it by the end of the week", 72),
        ("you have it by the weekend", 72),
    ],
)
def test_times_in_words_are_times(text: str, hours: float) -> None:
    """Without a date an hour is one of this day, which is half over."""
    (deadline,) = find_deadlines(text)
    assert deadline.least == hours * HOUR


@pytest.mark.parametrize(
    "text", ["by ten tomorrow", "tomorrow before lunch", "first thing tomorrow", "tomorrow between 3 and 4"]
)
def test_an_hour_beside_a_day_is_one_of_that_day(text: str) -> None:
    assert [one.least for one in find_deadlines(text)] == [DAY]


@pytest.mark.parametrize(
    "text",
    [
        "at one of our shops",
        "at two hotels",
        "by three of them",
        "on the 3rd floor",
        "by 4 May",
        "in ten shops",
        "on 12 May",
    ],
)
def test_numbers_of_things_and_dates_of_an_unknown_year_are_no_times(text: str) -> None:
    assert find_deadlines(text) == []


@pytest.mark.parametrize(
    ("text", "days", "working"),
    [
        ("on the 9th", 2, 2),
        ("on Fri 9th", 2, 2),
        ("before the 5th", 29, 21),
        ("by 12 January", 5, 3),
        ("on January 12th", 5, 3),
        ("until the 2nd of Feb", 26, 18),
    ],
)
def test_dates_count_from_when_the_words_are_sent(text: str, days: int, working: int) -> None:
    (deadline,) = find_deadlines(text, WEDNESDAY)
    assert (deadline.least, deadline.working_days) == (days * DAY, working)


@pytest.mark.parametrize("text", ["by the 31st of February", "on 31 June", "before April 0"])
def test_a_date_in_no_calendar_is_sooner_than_any_minimum(text: str) -> None:
    """Nobody can keep it, so it is judged like the nearest time."""
    (deadline,) = find_deadlines(text)
    assert deadline.sooner_than(seconds=1, business_days=None)
    assert deadline.sooner_than(seconds=None, business_days=1)
