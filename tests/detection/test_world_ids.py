"""Check digits of national numbers beyond Europe and North America: every digit of a valid one counts."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from outguard.detection.recognizers.world_ids import WORLD_VALIDATORS

VALID = {
    "ar_cuit": "20-12345678-6",
    "cl_rut": "12.345.678-5",
    "cz_birth_number": "736028/5163",
    "gr_afm": "094259216",
    "hk_id": "A123456(3)",
    "ro_cnp": "1850101221145",
    "tw_id": "A123456789",
}


@pytest.mark.parametrize(("name", "value"), VALID.items())
def test_a_valid_number_holds_and_one_with_a_digit_changed_does_not(name: str, value: str) -> None:
    check = WORLD_VALIDATORS[name]
    last = max(index for index, character in enumerate(value) if character.isdigit())
    wrong = value[:last] + str((int(value[last]) + 1) % 10) + value[last + 1 :]
    assert check(value)
    assert not check(wrong)


@pytest.mark.parametrize(
    ("name", "value", "is_valid"),
    [
        ("ae_id", "784-1984-1234567-6", True),
        ("ae_id", "784-1784-1234567-6", False),
        ("my_kad", "880101-14-5678", True),
        ("my_kad", "881301-14-5678", False),
        ("id_nik", "3174012305678901", True),
        ("id_nik", "3174016305678901", True),
        ("id_nik", "3174012399678901", False),
    ],
)
def test_a_number_that_holds_a_date_holds_a_real_one(*, name: str, value: str, is_valid: bool) -> None:
    assert WORLD_VALIDATORS[name](value) is is_valid


@given(st.sampled_from(sorted(WORLD_VALIDATORS)), st.text(max_size=40))
def test_no_text_makes_a_check_raise(name: str, text: str) -> None:
    assert WORLD_VALIDATORS[name](text) in {True, False}
