"""Check digits of national numbers that have more than one form, and what only looks like them."""

from __future__ import annotations

import pytest

from outguard.detection.recognizers.national_ids import is_abn, is_de_lanr, is_kr_rrn, is_se_org, is_uen
from outguard.detection.recognizers.validators import is_card, is_ph_tin


@pytest.mark.parametrize("value", ["53125226D", "201434292D", "T16RF0037C", "S57TU0392K"])
def test_a_singapore_company_number_of_each_form(value: str) -> None:
    assert is_uen(value)
    assert not is_uen(value[:-1] + ("A" if value[-1] != "A" else "B"))


@pytest.mark.parametrize("value", ["", "A", "12345678", "TI6RF0037C", "T16OF0037C"])
def test_no_singapore_company_number(value: str) -> None:
    assert not is_uen(value)


def test_thirteen_digits_shaped_for_south_africa_are_no_korean_number() -> None:
    assert is_kr_rrn("960121-1234567")
    assert is_kr_rrn("9601211234567")
    assert not is_kr_rrn("8001015009086")
    assert is_kr_rrn("800101-5009086"), "written the Korean way"


def test_ten_digits_in_one_go_are_a_swedish_company_only() -> None:
    assert is_se_org("5567037485")
    assert is_se_org("556703-7485")
    assert is_se_org("323456-7893")
    assert not is_se_org("3234567893")


def test_repeated_digits_are_no_number() -> None:
    assert not is_kr_rrn("1111111111111")
    assert not is_de_lanr("000000000")
    assert not is_abn("02345678901")


def test_a_philippine_number_needs_its_check_digit_whatever_it_begins_with() -> None:
    assert is_ph_tin("000-123-456-000")
    assert not is_ph_tin("000-123-457-000")


@pytest.mark.parametrize(
    ("groups", "is_right"),
    [
        (("4012", "8888", "8888", "1881"), True),
        (("41111111", "11111111"), True),
        (("4012888888", "881881"), False),
        (("4012", "8888", "8888,", "1881"), False),
        (("401", "2888888", "881881"), False),
    ],
)
def test_a_card_is_written_in_short_groups(groups: tuple[str, ...], is_right: bool) -> None:  # noqa: FBT001
    assert is_card(" ".join(groups)) is is_right
    assert is_card("".join(groups).replace(",", ""))
