"""Disguises are undone, and every span leads back to the original words."""

from __future__ import annotations

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from outguard.detection.normalize import normalize

PIECES = st.sampled_from(
    [
        *("a", "Z", "7", " ", "-", ".", "é", "р", "\u200b", "\u202e", "\ud800", "５", "&#64;", "%40", "(at)", " dot "),
        *("one ", "double-", "oh ", "4 1 1 1", "Ａ", "½", "€", "😀", "\n", "E as in Echo, ", "4O12", "\u00ad"),
    ]
)


@pytest.mark.parametrize(
    ("disguised", "plain"),
    [
        ("jo (at) example [dot] com", "jo@example.com"),
        ("ifi dot laskaris at example dot com", "ifi.laskaris@example.com"),
        ("she reads mail at itzel dot c at example dot net", "she reads mail at itzel.c@example.net"),
        ("write to jo @ example . com.", "write to jo@example.com."),
        ("jo . b@mail . example . org", "jo.b@mail.example.org"),
        ("jo&#64;example%2ecom", "jo@example.com"),
        ("4111&nbsp;1111 020&#8209;7946%C2%A00958", "4111 1111 020-7946 0958"),
        ("раyраl", "paypal"),
        ("４２４２", "4242"),
        ("ORD-5 9 0 1", "ORD-5901"),
        ("seven oh two, 555, oh one three four", "702, 555, 0134"),
        ("four triple-one", "four triple-one"),
        ("four triple-one 1111", "4111 1111"),
        ("4O12 – 8888", "4012 - 8888"),
        ("+4.1.5.5.5.5.0.1.3.2", "+4155550132"),
        ("4/1/1/1/1/1/1/1", "41111111"),
        ("D_E_8_9_3_7_0_4_0_0_4_4", "DE8937040044"),
        ("%6A%6F%40%C3%A9%2E%66%72", "jo@é.fr"),
        ("Best,\r\nAna\rX\n", "Best,\nAna\nX\n"),
        ("Best,\u2028Ana", "Best,\nAna"),
        ("E as in Echo, L as in Lima", "EL"),
        ("ab\u200bcd\u00ad", "abcd"),
    ],
)
def test_disguises_are_undone(disguised: str, plain: str) -> None:
    assert normalize(disguised).text == plain


@pytest.mark.parametrize(
    "text",
    [
        "two to three days",
        "one or two",
        "Привет мир",
        "Ελλάδα",
        "12l of milk",
        "look at example",
        "I like john",
        "book at this point and wait",
        "join us @ example.com today",
        "2 @ 9.99 . It is cheap",
        "meet me @ home. It is late",
        "version 1.2.3.4",
        "a.b.c.d.e.f.g.h",
        "1.2,3.4.5.6.7.8",
    ],
)
def test_ordinary_words_stay(text: str) -> None:
    assert normalize(text).text == text


def test_plain_ascii_comes_back_as_it_is() -> None:
    text = "Hi Maria, your parcel left on Tuesday."
    normalized = normalize(text)
    assert normalized.text is text
    assert normalized.offsets is None


def test_base64_is_a_view_with_the_whole_run_as_origin() -> None:
    run = base64.b64encode(b"write to ana@mail.example").decode()
    views = normalize(f"see {run} there").views
    assert [view.text for view in views] == ["write to ana@mail.example"]
    assert views[0].original_span(9, 15) == (4, 4 + len(run))


def test_a_span_leads_back_to_the_disguised_words() -> None:
    text = "mail jo (at) example [dot] com now"
    normalized = normalize(text)
    start = normalized.text.index("jo@")
    first, last = normalized.original_span(start, start + len("jo@example.com"))
    assert text[first:last].strip() == "jo (at) example [dot] com"


@given(st.lists(PIECES, max_size=40).map("".join) | st.text(max_size=80))
def test_any_text_is_read_and_every_span_leads_back(text: str) -> None:
    normalized = normalize(text)
    size = len(normalized.text)
    if normalized.offsets is not None:
        assert len(normalized.offsets) == size + 1
        assert list(normalized.offsets) == sorted(normalized.offsets)
        assert normalized.offsets[-1] == len(text)
    for start in range(size):
        first, last = normalized.original_span(start, start + 1)
        assert 0 <= first < last <= len(text)


@given(st.text(alphabet="abcXYZ 019.,-", max_size=60))
def test_unchanged_words_keep_their_text_there_and_back(text: str) -> None:
    normalized = normalize(text)
    if normalized.offsets is None:
        assert normalized.text == text


def test_an_escaped_value_leads_back_to_its_own_escapes() -> None:
    escaped = "".join(f"%{byte:02X}" for byte in b"jo@example.com and more")
    normalized = normalize(escaped)
    start, end = normalized.original_span(0, len("jo@example.com"))
    assert escaped[start:end] == escaped[: 3 * len("jo@example.com")]


@pytest.mark.parametrize("value", ["+49 30 1234567", "460-89-9847", "630427373398", "+905321234567"])
def test_a_short_encoded_number_is_a_view(value: str) -> None:
    encoded = base64.b64encode(value.encode()).decode()
    assert [view.text for view in normalize(f"it is {encoded}, ok").views] == [value]


@pytest.mark.parametrize(
    "text", ["MountainDrive", "NotificationList", "MTA Subway", "KzysztofNowak", "internationally="]
)
def test_words_are_not_taken_for_encoded_numbers(text: str) -> None:
    assert normalize(text).views == ()
