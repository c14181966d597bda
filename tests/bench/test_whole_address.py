"""The parts of an address that a set labels one by one are one place; two addresses stay two."""

from __future__ import annotations

from outguard.bench.corpus import Span
from outguard.bench.whole_address import joined_addresses


def _labels(text: str, *parts: tuple[str, str]) -> list[Span]:
    spans, position = [], 0
    for label, words in parts:
        start = text.index(words, position)
        position = start + len(words)
        spans.append(Span(category="pii", type=label, start=start, end=position))
    return spans


def _joined(text: str, *parts: tuple[str, str]) -> list[tuple[str, str]]:
    return sorted((span.type, text[span.start : span.end]) for span in joined_addresses(text, _labels(text, *parts)))


def test_parts_on_several_lines_are_one_address() -> None:
    text = "Ana Lima\n> 228 Ringvej 144\n> Apt. 902\n> Nuuk, nan 96817"
    parts = (("PERSON", "Ana Lima"), ("STREET_ADDRESS", "228"), ("STREET_ADDRESS", "Ringvej 144"),
             ("STREET_ADDRESS", "Apt. 902"), ("GPE", "Nuuk"), ("ZIP_CODE", "96817"))  # fmt: skip
    assert _joined(text, *parts) == [
        ("PERSON", "Ana Lima"),
        ("STREET_ADDRESS", "228 Ringvej 144\n> Apt. 902\n> Nuuk, nan 96817"),
    ]


def test_two_addresses_stay_two() -> None:
    text = "5 Elm Lane, and 9 Oak Road"
    parts = (("STREET_ADDRESS", "5 Elm Lane"), ("STREET_ADDRESS", "9 Oak Road"))
    assert _joined(text, *parts) == [("STREET_ADDRESS", "5 Elm Lane"), ("STREET_ADDRESS", "9 Oak Road")]


def test_a_place_without_a_street_is_no_address() -> None:
    text = "Nuuk 96817"
    parts = (("GPE", "Nuuk"), ("ZIP_CODE", "96817"))
    assert _joined(text, *parts) == [("GPE", "Nuuk"), ("ZIP_CODE", "96817")]
