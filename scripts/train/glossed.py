"""Labelled replies of other languages as the detectors read them: in English words, the spans moved along."""

from __future__ import annotations

from functools import cache
from typing import Any

from outguard.bootstrap import shipped_lexicon
from outguard.detection.languages.detector import Languages
from outguard.detection.languages.glossary import Gloss


@cache
def _languages() -> Languages:
    lexicon = shipped_lexicon()
    return Languages(lexicon, lexicon.glossaries)


def in_english(row: dict[str, Any]) -> dict[str, Any]:
    """A reply in English words; one that is English, or that no glossary knows well enough, as it is."""
    text = row["reply"].get("text") or ""
    foreign = _languages().of(text)
    if foreign is None or foreign.gloss is None:
        return row
    spans = [_moved(span, foreign.gloss) for span in row["expected"]["spans"]]
    reply = {**row["reply"], "text": foreign.gloss.text}
    return {**row, "reply": reply, "expected": {**row["expected"], "spans": spans}}


def _moved(span: dict[str, Any], gloss: Gloss) -> dict[str, Any]:
    if span.get("start") is None or span.get("field"):
        return span
    start, end = gloss.glossed_span(span["start"], span["end"])
    return {**span, "start": start, "end": end}
