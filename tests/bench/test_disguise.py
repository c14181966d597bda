"""Disguises: still the same value to a reader, and only where they make sense."""

from __future__ import annotations

import base64
import html
import unicodedata
from urllib.parse import unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from outguard.bench.disguise import DISGUISES, SECRET, disguises_of

MAIL, CARD, PHONE = "jo.doe@example.org", "4111 1111-1111 1111", "+1 (415) 555-0132"
INVISIBLE = "\u200b\u200c\u200d\u2060\ufeff\u00ad\u2066\u2069\u200e\u202a\u202c"
KINDS = ("EMAIL_ADDRESS", "CREDIT_CARD", "PHONE_NUMBER", "STREET_ADDRESS", "IBAN", "IP_ADDRESS", SECRET)


def made(kind: str, value: str) -> dict[str, str]:
    return {item.disguise: item.text for item in disguises_of(kind, value, 0, len(value))}


def test_a_mail_address_has_all_that_fits_it() -> None:
    assert made("EMAIL_ADDRESS", MAIL).keys() == {item.name for item in DISGUISES} - {
        "odd dashes and spaces",
        "spaced digits",
        "dotted digits",
        "dashed digits",
        "digits in words",
    }


def test_each_disguise_reads_as_the_value() -> None:
    mail = made("EMAIL_ADDRESS", MAIL)
    assert unicodedata.normalize("NFKC", mail["full-width"]) == MAIL
    for name in ("zero-width", "bidi controls"):
        assert mail[name].translate(dict.fromkeys(map(ord, INVISIBLE))) == MAIL
    assert html.unescape(mail["HTML entities"]) == MAIL
    assert unquote(mail["URL-encoding"]) == MAIL
    assert base64.b64decode(mail["base64"]).decode() == MAIL
    assert bytes.fromhex(mail["hex"]).decode() == MAIL
    assert mail["(at) and (dot)"] == "jo.doe (at) example (dot) org"
    assert mail["[at] and [dot]"] == "jo.doe[at]example[dot]org"


def test_a_number_keeps_its_digits() -> None:
    card = made("CREDIT_CARD", CARD)
    assert card["spaced digits"].replace(" ", "") == "4" + "1" * 15
    assert card["dotted digits"].startswith("4.1.1")
    assert card["digits in words"].split()[:2] == ["four", "one"]
    assert made("PHONE_NUMBER", PHONE)["dashed digits"] == "+1-4-1-5-5-5-5-0-1-3-2"


@pytest.mark.parametrize(
    ("kind", "value", "not_made"),
    [
        ("STREET_ADDRESS", "5 Long Row", {"base64", "hex", "URL-encoding", "spaced digits", "(at) and (dot)"}),
        ("IP_ADDRESS", "192.0.2.17", {"spaced digits", "digits in words", "base64"}),
        ("PHONE_NUMBER", "415 555 0132", {"base64", "hex"}),  # nothing says what the bare digits are
        ("CREDIT_CARD", "4111x1111", {"spaced digits", "digits in words"}),
        ("CREDIT_CARD", "411111", {"spaced digits", "base64"}),  # too short
    ],
)
def test_what_makes_no_sense_is_not_made(kind: str, value: str, not_made: set[str]) -> None:
    assert not made(kind, value).keys() & not_made


@given(st.sampled_from(KINDS), st.text(max_size=8), st.text(min_size=1, max_size=20), st.text(max_size=8))
def test_only_the_value_changes(kind: str, before: str, value: str, after: str) -> None:
    text = before + value + after
    for item in disguises_of(kind, text, len(before), len(before) + len(value)):
        assert item.text != text
        assert item.text[: item.start] == before
        assert item.text[item.end :] == after
        assert item.start < item.end
