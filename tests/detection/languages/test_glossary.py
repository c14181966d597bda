"""A gloss reads the longest form in its place, leaves signs and names alone, and every span finds its way back."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from outguard.detection.languages.glossary import Gloss, Glossary, load_lexicon, pack, parse_lines, unpack
from outguard.errors import IntegrityError, InvalidInputError

LINES = [
    "# German",
    "wir haben ihnen\twe have you",
    "wir\twe",
    "haben\thave",
    "ihnen\tyou",
    "erstattet|zurückgezahlt\trefunded",
    "rückerstatt*\trefund",
    "rückerstattungsfrist\trefund period",
    "ich\ti",
    "doch\t-",
    "werktag*\tbusiness days",
    "l\tthe",
    "avoir\tcredit",
    "m\tme",
    "de\tof",
    "zum kund*\tto the customer",
]


def glossary() -> Glossary:
    return unpack(pack(parse_lines(LINES)), "test")


def gloss(text: str) -> str:
    return glossary().gloss(text).text


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("Wir haben Ihnen 38,00 € erstattet.", "We have you 38,00 € refunded."),
        ("Wir haben erstattet", "We have refunded"),
        ("Rückerstattungsbetrag, Rückerstattungsfrist", "Refund, refund period"),
        ("in 3 Werktagen", "in 3 business days"),
        ("ich, doch ich", "I, I"),
        ("L'avoir et l\u2019avoir", "The credit et the credit"),
        ("Zum Kunden erstattet", "To the customer refunded"),
        ("", ""),
        ("Bernadette", "Bernadette"),
    ],
)
def test_the_longest_form_is_read_in_its_place(text: str, read: str) -> None:
    assert gloss(text) == read


@pytest.mark.parametrize("between", [". ", "! ", ", ", "; ", "\n", " \u2013 ", " ("])
def test_no_form_reaches_over_what_parts_sentences(between: str) -> None:
    assert gloss(f"Wir haben{between}Ihnen").startswith("We have" + between)


@pytest.mark.parametrize("sign", ["M. Bernard", "AC-9KD31", "info@de.example", "https://de.example/wir", "de.example"])
def test_signs_are_no_words(sign: str) -> None:
    assert gloss(f"haben {sign} haben") == f"have {sign} have"


def test_what_may_be_a_name_counts_half_and_a_number_nothing_in_what_is_known() -> None:
    assert glossary().gloss("Wir haben Ihnen 38 erstattet, AC-9KD31").known == pytest.approx(1.0)
    assert glossary().gloss("Wir haben Ihnen, Frau Sommerfeld, 38 erstattet").known == pytest.approx(0.8)
    assert glossary().gloss("wir xyzzy haben plugh").known == pytest.approx(0.5)


WORDS = st.sampled_from(
    ["wir", "haben", "Ihnen", "erstattet", "Rückerstattung", "doch", "l'avoir", "xyz", "38,00", "AC-9K"]
)
TEXTS = st.lists(st.tuples(WORDS, st.sampled_from([" ", ". ", "\n", ", ", "  "])), max_size=30).map(
    lambda parts: "".join(word + gap for word, gap in parts)
)


@given(TEXTS | st.text(max_size=60))
def test_a_gloss_stands_for_the_whole_text_in_its_order(text: str) -> None:
    made = glossary().gloss(text)
    assert all(one[1] <= other[0] for one, other in zip(made.origins, made.origins[1:], strict=False))
    left = list(text)
    for start, end in made.origins:
        left[start:end] = [""] * (end - start)
    assert not set("".join(left).casefold()) - set("doch ")  # only the word without a meaning is left out


@given(TEXTS, st.data())
def test_a_span_of_the_gloss_comes_from_words_of_the_text(text: str, data: st.DataObject) -> None:
    made = glossary().gloss(text)
    if not made.text:
        return
    start = data.draw(st.integers(0, len(made.text) - 1))
    end = data.draw(st.integers(start + 1, len(made.text)))
    first, last = made.original_span(start, end)
    assert 0 <= first < last <= len(text)
    begin, until = made.glossed_span(first, last)
    assert begin <= start
    assert until >= end or made.text[until:end].isspace()


def test_english_between_stays_as_it_is() -> None:
    english = frozenset(["we", "will", "refund", "you", "in", "full", "zum"])
    assert glossary().gloss("Wir haben; we will refund you, m!", english).text == "We have; we will refund you, me!"
    assert glossary().gloss("Wir haben, l avoir m", english).text == "We have, the credit me"


def test_a_span_of_words_as_they_were_is_exact() -> None:
    made = glossary().gloss("haben xyz Ihnen")
    at = made.text.index("xyz")
    assert made.original_span(at, at + 3) == (6, 9)
    assert made.glossed_span(6, 9) == (at, at + 3)
    assert made.original_span(0, len(made.text)) == (0, 15)


def test_the_same_lines_give_the_same_bytes() -> None:
    assert pack(parse_lines(LINES)) == pack(parse_lines(reversed(LINES)))


@pytest.mark.parametrize(
    "line",
    ["erstattet refunded", "\trefunded", "erstattet\t", "||\trefunded", "re*\tback", " ".join("abcdefghijk") + "\tx"],
)
def test_a_malformed_line_is_named(line: str) -> None:
    with pytest.raises(InvalidInputError, match="line 2"):
        parse_lines(["wir\twe", line])


@pytest.mark.parametrize("damage", [b"", b"no archive", pack(parse_lines(LINES))[:-40], pack(parse_lines(LINES))[:200]])
def test_a_damaged_file_is_refused(damage: bytes, tmp_path: Path) -> None:
    (tmp_path / "german.glossary").write_bytes(damage)
    with pytest.raises(IntegrityError, match=r"german\.glossary"):
        load_lexicon(tmp_path)


def test_flipped_bits_are_refused() -> None:
    data = bytearray(pack(parse_lines(LINES)))
    data[60] ^= 0xFF
    with pytest.raises(IntegrityError):
        unpack(bytes(data), "german.glossary")


@pytest.mark.parametrize("words", [None, b"", b"only\na\nfew\n", b"\xff\xfe"])
def test_glossaries_without_the_english_words_are_refused(words: bytes | None, tmp_path: Path) -> None:
    (tmp_path / "german.glossary").write_bytes(pack(parse_lines(LINES)))
    if words is not None:
        (tmp_path / "english.txt").write_bytes(words)
    with pytest.raises(IntegrityError, match=r"english\.txt"):
        load_lexicon(tmp_path)


def test_no_folder_is_no_glossary(tmp_path: Path) -> None:
    assert not load_lexicon(tmp_path / "none").glossaries


def test_an_empty_gloss_has_no_span() -> None:
    assert Gloss("", [], [], 0.0).glossed_span(0, 3) == (0, 0)
