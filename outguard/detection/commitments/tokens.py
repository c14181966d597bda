"""Words of a sentence, folded so that finite patterns and weights see the same thing whatever the spelling.

Numbers become `0`, currency signs `$`, curly quotes straight; contractions split (`can't` -> `ca n't`). Linear time.
"""

from __future__ import annotations

import re

_TOKEN = re.compile(r"\d[\d.,:]*|[^\W\d_]+(?:'[^\W\d_]+)?|[^\w\s]")
_ASCII_TOKEN = re.compile(r"[a-z]+(?:'[a-z]+)?|[0-9][0-9.,:]*|[!-/:-@\[-^`{-~\x00-\x08\x0e-\x1b\x7f]")
_CURRENCY_SIGNS = frozenset("$€£¥₹₩₽₺₪฿")
_FOLDS = re.compile(r"[0-9'$]")
"""A text in ASCII without these has no token to be folded."""
_QUOTES = str.maketrans({"\u2019": "'", "\u2018": "'", "“": '"', "”": '"', "„": '"', "«": '"', "»": '"'})


PREV_TOKENS = 12
"""So many words of the sentence before count."""


def straight(text: str) -> str:
    """Lower case with straight quotes."""
    text = text.lower()
    return text if text.isascii() else text.translate(_QUOTES)


def words(text: str) -> list[str]:
    """The folded tokens of `text`, in order."""
    text = straight(text)
    tokens: list[str] = (_ASCII_TOKEN if text.isascii() else _TOKEN).findall(text)
    if text.isascii() and _FOLDS.search(text) is None:
        return tokens
    out: list[str] = []
    for token in tokens:
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


def features(tokens: list[str]) -> set[str]:
    """The features of a sentence that the linear scorer weighs: words, their ends, and up to three in a row."""
    placed = ["<s>", *tokens, "</s>"]
    second, third = placed[1:], placed[2:]
    found = set(second)
    found.update(map(" ".join, zip(placed, second, strict=False)))
    found.update(map(" ".join, zip(placed, second, third, strict=False)))
    found.update(map(" * ".join, zip(placed, third, strict=False)))
    found.update(["p:" + word[:4] for word in tokens if len(word) > 4])
    found.update(["s:" + word[-3:] for word in tokens if len(word) > 5])
    return found
