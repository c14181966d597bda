"""Words of a sentence, folded so that finite patterns and weights see the same thing whatever the spelling.

Numbers become `0`, currency signs `$`, curly quotes straight; contractions split (`can't` -> `ca n't`). Linear time.
"""

from __future__ import annotations

import re
from functools import lru_cache

_TOKEN = re.compile(r"\d[\d.,:]*|[^\W\d_]+(?:'[^\W\d_]+)?|[^\w\s]")
_ASCII_TOKEN = re.compile(r"[a-z]+(?:'[a-z]+)?|[0-9][0-9.,:]*|[!-/:-@\[-^`{-~\x00-\x08\x0e-\x1b\x7f]")
_CURRENCY_SIGNS = frozenset("$€£¥₹₩₽₺₪฿")
_FOLDS = re.compile(r"[0-9'$]")
"""A text in ASCII without these has no token to be folded."""
_QUOTES = str.maketrans({"\u2019": "'", "\u2018": "'", "“": '"', "”": '"', "„": '"', "«": '"', "»": '"'})


_SHORT = 1000
PREV_TOKENS = 12
"""So many words of the sentence before count."""


def straight(text: str) -> str:
    """Lower case with straight quotes."""
    text = text.lower()
    return text if text.isascii() else text.translate(_QUOTES)


def words(text: str) -> list[str]:
    """The folded tokens of `text`, in order; not to be changed, since those of the last short texts are kept."""
    return _kept_words(text) if len(text) <= _SHORT else _words(text)


def _words(text: str) -> list[str]:
    text = straight(text)
    is_ascii = text.isascii()
    tokens: list[str] = (_ASCII_TOKEN if is_ascii else _TOKEN).findall(text)
    if is_ascii and _FOLDS.search(text) is None:
        return tokens
    out: list[str] = []
    for token in tokens:
        if token.isalpha():
            out.append(token)
        elif token[0].isdigit():
            out.append("0")
        elif token in _CURRENCY_SIGNS:
            out.append("$")
        elif "'" in token and len(token) > 1:
            out.extend(_split_contraction(token))
        else:
            out.append(token)
    return out


_kept_words = lru_cache(maxsize=32)(_words)
"""The scorer and who weighs a clause ask for its words in turn."""


def _split_contraction(token: str) -> tuple[str, str]:
    stem, _, tail = token.partition("'")
    if tail == "t" and stem.endswith("n"):
        return stem[:-1], "n't"
    return stem, "'" + tail


def forms(word: str) -> frozenset[str]:
    """The folded tokens of one of which a text that holds `word` between bounds of words cannot be without."""
    return frozenset((word, "'" + word, word.removesuffix("n")))


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
