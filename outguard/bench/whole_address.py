"""Address labels put together: a set may label house number, street, unit, town and postcode one by one. Pure.

Whoever asks for whole addresses finds one place where such a set labels five. Labels are joined where nothing but
spaces, signs and at most a few letters (a state, a country) stand between them, so that an address counts once, however
it is labelled.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from outguard.bench.corpus import Span
from outguard.bench.labels import OUR_TYPE

_GAP = re.compile(r"[\s,.>?;\u2022*-]*(?:(?!and\b|or\b|the\b|to\b|at\b|in\b|is\b|on\b)[A-Za-z]{1,3}[\s,.>?;*-]*)?")
_PARTS = frozenset({"STREET_ADDRESS", "LOCATION", "ZIP_CODE"})


def joined_addresses(text: str, spans: Sequence[Span]) -> list[Span]:
    """The spans with the parts of each address joined to one `STREET_ADDRESS`; places without a street stay as is."""
    parts = sorted((span for span in spans if _is_part(span)), key=lambda span: (span.start or 0, span.end or 0))
    joined = [span for span in spans if not _is_part(span)]
    run: list[Span] = []
    for part in parts:
        if run and _GAP.fullmatch(text[max(item.end or 0 for item in run) : part.start or 0]) is None:
            joined.extend(_closed(run))
            run = []
        run.append(part)
    return joined + _closed(run)


def _is_part(span: Span) -> bool:
    return OUR_TYPE.get(span.type) in _PARTS and span.start is not None and span.field is None


def _closed(run: Sequence[Span]) -> list[Span]:
    streets = [span for span in run if OUR_TYPE[span.type] == "STREET_ADDRESS"]
    if not streets:
        return list(run)
    end = max(span.end or 0 for span in run)
    return [replace(streets[0], start=run[0].start, end=end)]
