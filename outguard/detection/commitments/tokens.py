"""Words of a sentence, folded so that finite patterns and weights see the same thing whatever the spelling.

Numbers become `0`, currency signs `$`, curly quotes straight; contractions split (`can't` -> `ca n't`). Linear time.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

_TOKEN = re.compile(r"\d[\d.,:]*|[^\W\d_]+(?:'[^\W\d_]+)?|[^\w\s]")
_CURRENCY_SIGNS = frozenset("$€£¥₹₩₽₺₪฿")
_QUOTES = str.maketrans({"’": "'", "‘": "'", "“": '"', "”": '"', "„": '"', "«": '"', "»": '"'})


def words(text: str) -> list[str]:
    """The folded tokens of `text`, in order."""
    out: list[str] = []
    for token in _TOKEN.findall(text.lower().translate(_QUOTES)):
        first = token[0]
        if first.isdigit():
            out.append("0")
        elif first in _CURRENCY_SIGNS:
            out.append("$")
        elif "'" in token and len(token) > 1:
            out.extend(_split_contraction(token))
        else:
            out.append(token)
    return out


def _split_contraction(token: str) -> tuple[str, str]:
    stem, _, tail = token.partition("'")
    if tail == "t" and stem.endswith("n"):
        return stem[:-1], "n't"
    return stem, "'" + tail


def features(tokens: list[str]) -> Iterator[str]:
    """The features of a sentence that the linear scorer weighs (repeats included)."""
    previous = "<s>"
    before = ""
    for word in [*tokens, "</s>"]:
        yield word
        yield previous + " " + word
        if before:
            yield before + " " + previous + " " + word
            yield before + " * " + word
        size = len(word)
        if size > 4:
            yield "p:" + word[:4]
            if size > 5:
                yield "s:" + word[-3:]
        before = previous
        previous = word
