"""Whether words may be of the plainest that tell a deed: asked of every sentence, so kept cheap."""

from __future__ import annotations

import re
from collections.abc import Collection

from outguard.detection.commitments.phrases import PLAIN_DEED

_FIRST_WORD = re.compile(r"[^\w\n]{0,6}(?:\d{1,2}[.)]\s{0,2})?([A-Za-z]{3,20})\b")
_STEMS = ("refund", "reimburs", "compensat", "credit", "waiv", "cancel", "replac")


def may_name_deed(text: str) -> bool:
    """Whether `PLAIN_DEED` or `Reader.tells_deed` may find anything in `text` or a part of it.

    Both know a deed by one of these stems; beyond ASCII other letters count as the same, and it is not told.
    """
    if not text.isascii():
        return True
    lowered = text.lower()
    return any(stem in lowered for stem in _STEMS)


def says_plainly(text: str, deeds: Collection[str]) -> bool:
    """Whether words may be of the plainest that tell a deed; `deeds` are participles that a line may begin with."""
    return (
        " been " in text
        or " have " in text
        or "ve " in text
        or " be " in text
        or _begins_with_deed(text, deeds)
        or (may_name_deed(text) and PLAIN_DEED.search(text) is not None)
    )


def _begins_with_deed(text: str, deeds: Collection[str]) -> bool:
    first = _FIRST_WORD.match(text)
    return first is not None and (first.group(1).lower() in deeds or first.group(1) == "Consider")
