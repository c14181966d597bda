# ruff: noqa: RUF001 - look-alike letters are what this table holds
"""Fold characters that look like others: compatibility forms, invisible ones, dashes, spaces, look-alike letters.

The look-alike pairs are facts from Unicode TR 39 for the scripts that are abused in practice (Cyrillic, Greek,
Armenian, small capitals). A look-alike letter is folded only in a word that also has a Latin letter or an
ASCII digit, or that folds to Latin letters alone: real Russian and Greek stay as they are.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache

_LATIN = (  # each look-alike followed by its Latin letter or digit
    "аaеeоoрpсcуyхxіiјjѕsԁdԛqԝwһhӏlԍgѵvАAВBЕEКKМMНHОOРPСCТTУYХXІIЈJЅSԌGԚQԜWҮYЗ3Ӏlкkмmтtгrпnвbнhёeғf"
    "αaοoνvρpυuιiκkχxγyωwηnτtσoεeΑAΒBΕEΖZΗHΙIΚKΜMΝNΟOΡPΤTΥYΧX"
    "օoսuոnցgհhյjքpԼLՕOՏSᴀaᴄcᴅdᴇeɢgʜhɪiᴊjᴋkʟlᴍmɴnᴏoᴘpʀrᴛtᴜuᴠvᴡwʏyᴢzɑaɡgıiƖlǀl"
    "٠0١1٢2٣3٤4٥5٦6٧7٨8٩9۰0۱1۲2۳3۴4۵5۶6۷7۸8۹9०0१1२2३3४4५5६6७7८8९9"
)
_FOLD = {_LATIN[index]: _LATIN[index + 1] for index in range(0, len(_LATIN), 2)}
_ALWAYS = {"€": "€", "＠": "@", "․": ".", "。": ".", "﹒": ".", "∕": "/", "⁄": "/", "ꓸ": ".", "﹫": "@"}
_DASHES = frozenset("‐‑‒–—―−⁃﹘﹣－ー➖˗")
_INVISIBLE = frozenset("\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e\u2800\u3164\uffa0\ufeff")
_FOREIGN = re.compile(r"[^\x00-\x7f]")
_WORD = re.compile(r"[^\W_]+(?:[.@_+-][^\W_]+)*")


def fold_characters(text: str) -> Iterator[tuple[int, int, str]]:
    """Edits that fold what is disguised, character by character."""
    foreign = _FOREIGN.finditer(text)
    suspects = [match.start() for match in foreign if _is_suspect(match.group())]
    if not suspects:
        return
    folded: set[int] = set()
    if any(text[index] in _FOLD for index in suspects):
        for match in _WORD.finditer(text):
            if _is_disguised(match.group()):
                folded.update(range(*match.span()))
    for index in suspects:
        character = text[index]
        new = _FOLD.get(character) if index in folded else None
        new = _plain(character) if new is None else new
        if new != character:
            yield index, index + 1, new


@lru_cache(maxsize=16384)
def _is_suspect(character: str) -> bool:
    return character in _FOLD or _plain(character) != character


def _is_disguised(word: str) -> bool:
    if word.isascii():
        return False
    letters = [character for character in word if character in _FOLD]
    if not letters:
        return False
    others = [character for character in word if character.isalnum() and character not in _FOLD]
    return all(character.isascii() or _is_latin(character) for character in others)


@lru_cache(maxsize=4096)
def _is_latin(character: str) -> bool:
    return unicodedata.name(character, "").startswith(("LATIN", "FULLWIDTH", "MATHEMATICAL"))


@lru_cache(maxsize=16384)
def _plain(character: str) -> str:
    if (
        character in _INVISIBLE
        or "\ud800" <= character <= "\udfff"
        or unicodedata.category(character) == "Cf"
        or "\ufe00" <= character <= "\ufe0f"
    ):
        return ""
    if character in _DASHES:
        return "-"
    if character in _ALWAYS:
        return _ALWAYS[character]
    if unicodedata.category(character) == "Zs":
        return " "
    if unicodedata.category(character) in {"Zl", "Zp"}:
        return "\n"
    plain = unicodedata.normalize("NFKC", character)
    return character if plain == character or "\u2044" in plain else plain
