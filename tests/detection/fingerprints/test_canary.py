"""Canaries are found as they are and in disguise."""

from __future__ import annotations

import base64
import codecs
import urllib.parse

import pytest
from hypothesis import given
from hypothesis import strategies as st

from outguard.detection.document import Document
from outguard.detection.fingerprints.canary import CanaryHasher, CanaryIndex
from outguard.detection.fingerprints.detector import RegisteredTextDetector
from outguard.detection.fingerprints.registry import StoredText, TextIndex, prints_of
from outguard.domain.authority import AuthorityProfile
from outguard.domain.context import ReplyContext
from outguard.domain.finding import Finding
from outguard.domain.reply import Recipient
from outguard.domain.source import SourceKind
from outguard.errors import IntegrityError, InvalidInputError

KEY = bytes(range(32))
CANARY = "Zephyr-Ochre-2291"
INDEX = TextIndex(
    [StoredText("prompt marker", SourceKind.CANARY, "CANARY", "k", prints_of(SourceKind.CANARY, CANARY, KEY)[0])],
    lambda _: KEY,
)


def found_in(text: str) -> list[Finding]:
    context = ReplyContext(
        recipient=Recipient(),
        customer=None,
        profile=AuthorityProfile(name="p", company="P"),
        ledger=(),
        now=None,  # type: ignore[arg-type]  # nothing here asks for the time
        registered=INDEX,
    )
    return RegisteredTextDetector().detect(Document(text=text, field="subject"), context)


DISGUISES = {
    "as it is": CANARY,
    "lower case": CANARY.lower(),
    "other separators": "ZEPHYR OCHRE 22.91",
    "spaced out": " ".join(CANARY),
    "zero width": "\u200b".join(CANARY),
    "full width": "".join(chr(ord(one) + 0xFEE0) for one in CANARY),
    "Cyrillic": CANARY.replace("e", "\u0435").replace("p", "\u0440"),
    "digits for letters": CANARY.replace("O", "0").replace("e", "3"),
    "backwards": CANARY[::-1],
    "rot13": codecs.encode(CANARY, "rot13"),
    "base64": base64.b64encode(CANARY.encode()).decode(),
    "base64 of more": base64.b64encode(f"x the marker is {CANARY}, ok".encode()).decode(),
    "base32": base64.b32encode(CANARY.encode()).decode(),
    "hex": CANARY.encode().hex(),
    "spaced hex": CANARY.encode().hex(" "),
    "URL": urllib.parse.quote(CANARY).replace("e", "%65"),
    "entities": "".join(f"&#{ord(one)};" for one in CANARY),
}


@pytest.mark.parametrize("disguised", DISGUISES.values(), ids=DISGUISES)
def test_a_canary_is_found_in_every_disguise(disguised: str) -> None:
    text = f"Dear Sam, {disguised} is what I was told."
    found = found_in(text)
    assert {(one.type, one.rule, one.reason, one.field) for one in found} == {
        ("CANARY", "internal.registered.canary", "the canary prompt marker", "subject")
    }
    assert all(text[one.start : one.end].strip() in text for one in found)


def test_the_place_is_the_original_one() -> None:
    text = f"Dear S\u00e1m, {CANARY}!"
    assert [text[one.start : one.end] for one in found_in(text)] == [CANARY]


@given(st.text(max_size=200))
def test_other_texts_have_none(text: str) -> None:
    assert INDEX.find(text) == []


def test_a_long_text_is_searched_across_its_chunks() -> None:
    for size in (65_530, 65_536, 65_540, 131_070):
        text = "x" * size + CANARY
        assert [text[leak.start : leak.end] for leak in INDEX.find(text)] == [CANARY]


@pytest.mark.parametrize("text", ["short-1", "....", "\u0436" * 20, "a" * 201])
def test_a_canary_that_would_show_by_chance_is_refused(text: str) -> None:
    with pytest.raises(InvalidInputError):
        prints_of(SourceKind.CANARY, text, KEY)


def test_prints_hold_no_clear_text() -> None:
    data = prints_of(SourceKind.CANARY, CANARY, KEY)[0].lower()
    assert b"zephyr" not in data
    assert CANARY.encode().hex().encode() not in data


@pytest.mark.parametrize("data", [b"", b"\x01", b"\x02short"])
def test_malformed_prints_are_an_error(data: bytes) -> None:
    with pytest.raises(IntegrityError):
        CanaryIndex(CanaryHasher(KEY), [("x", data)])
