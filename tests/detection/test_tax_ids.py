"""Check digits of tax and company numbers: published examples hold, and none does with a digit changed."""

from __future__ import annotations

import pytest

from outguard.detection.recognizers.keccak import keccak_256
from outguard.detection.recognizers.tax_ids import TAX_VALIDATORS, is_dk_cpr, is_us_ein
from outguard.detection.recognizers.validators import has_eip55_checksum

EXAMPLES = {
    "pl_nip": "123-456-32-18",
    "pl_regon": "123456785",
    "fr_siren": "732 829 320 00074",
    "fr_vat": "FR83404833048",
    "es_cif": "A58818501",
    "be_nrn": "85.07.30-033.28",
    "ch_ahv": "756.1234.5678.97",
    "at_svnr": "1237 010180",
    "no_fnr": "15108695088",
    "ie_pps": "6433435F",
    "uk_vat": "GB980780684",
    "tr_vkn": "4540536920",
    "jp_corporate": "5835678256246",
    "cn_id": "360426199101010071",
    "clabe": "032180000118359719",
}


@pytest.mark.parametrize("name", sorted(EXAMPLES))
def test_an_example_holds_and_no_neighbour_does(name: str) -> None:
    check, value = TAX_VALIDATORS[name], EXAMPLES[name]
    assert check(value)
    for index, character in enumerate(value):
        if character.isdigit():
            assert not check(value[:index] + str((int(character) + 1) % 10) + value[index + 1 :])


@pytest.mark.parametrize("check", TAX_VALIDATORS.values(), ids=TAX_VALIDATORS)
@pytest.mark.parametrize("value", ["", "x", "0" * 30, "\ud800", "12", "A", "é" * 9])
def test_no_check_fails_on_any_text(check: object, value: str) -> None:
    assert callable(check)
    assert check(value) is False


def test_a_reference_with_its_own_check_digit() -> None:
    assert TAX_VALIDATORS["uk_utr"]("19558 39661")
    assert not TAX_VALIDATORS["uk_utr"]("29558 39661")


def test_numbers_without_a_check_digit_have_a_form() -> None:
    assert is_us_ein("91-1144442")
    assert not is_us_ein("07-1144442")
    assert is_dk_cpr("211062-5629")
    assert not is_dk_cpr("411362-5629")


def test_keccak_gives_the_published_digests() -> None:
    assert keccak_256(b"").hex() == "c5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470"
    assert keccak_256(b"abc").hex() == "4e03657aea45a94fc7d47ba826c8d667c0d1e6e33a64a036ec44f58fa12d6c45"
    assert keccak_256(b"a" * 136) != keccak_256(b"a" * 137)


@pytest.mark.parametrize(
    ("address", "is_right"),
    [
        ("0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed", True),
        ("0xD1220A0cf47c7B9Be7A2E6BA89F429762e7b9aDb", True),
        ("0xD1220A0cf47c7B9Be7A2E6BA89F429762e7b9aDB", False),
        ("0xd1220a0cf47c7b9be7a2e6ba89f429762e7b9adb", False),
    ],
)
def test_the_capitals_of_a_wallet_are_its_checksum(address: str, is_right: bool) -> None:  # noqa: FBT001
    assert has_eip55_checksum(address) is is_right
