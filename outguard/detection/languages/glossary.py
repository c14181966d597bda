"""A text of another language in English words: each word or phrase in its place, the order kept.

A glossary is made by `scripts/glossaries.py` from lines of forms and their reading: `erstattet|zurückgezahlt`, a tab,
`refunded`. A form may have several words; the longest that fits wins. With `*` at its end it stands for every word that
begins so: a form without is told before one with it, a longer beginning before a shorter.
"""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from array import array
from bisect import bisect_right
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import marisa_trie

from outguard.errors import IntegrityError, InvalidInputError

SUFFIX = ".glossary"
ENGLISH = "english.txt"
NOTHING = "-"
"""The reading of a word that English has no word for."""
_TOKEN = re.compile(
    r"(?P<sign>[\w.+-]+@[\w.-]+|https?://\S+|\w+(?:\.\w+)+|(?=[\w-]*\d)(?=[\w-]*[^\W\d_])\w+(?:-\w+)*|[A-Z](?=\.))"
    r"|[^\W\d_]+|\d+"
)
"""A sign is no word of any language: an address, a link, an order's number, an initial."""
_WORD = re.compile(r"[^\W\d_]+|\d+")
_GAP = re.compile(r"[^\S\n]+|['\u2019\u2010-]")
"""What may stand between the words of one form."""
_JOINTS = str.maketrans("'\u2019\u2010-", "    ")
"""What binds words that the gloss parts: an apostrophe of an elision, the hyphen of a question."""
_MOST_WORDS = 10
_LEAST_BEGINNING = 3
_MAY_BE_NAME = 0.5
_LEAST_ENGLISH = 1_000
"""With fewer English words English replies would pass for other languages."""
_ENGLISH_FROM = 0.6
_FIRST_PERSON = re.compile(r"\bi\b")
_SENTENCE_END = re.compile(r"[.!?:\n]\W*\Z|\A\W*\Z")
_FORMS, _BEGINNINGS, _READINGS = "forms", "beginnings", "readings"
_WHICH = ".which"
_DATE = (1980, 1, 1, 0, 0, 0)


class Gloss(NamedTuple):
    """A text in English words, and the way back.

    `starts` and `origins` tell for each piece where it begins in the gloss and which [start, end) it came from. `known`
    is the share of the words that the glossary has; one with a capital that it has not counts half: it may be a name.
    """

    text: str
    starts: list[int]
    origins: list[tuple[int, int]]
    known: float

    def original_span(self, start: int, end: int) -> tuple[int, int]:
        """The span of the text that [start, end) of the gloss stands for: a word that was read for another is whole."""
        first = max(bisect_right(self.starts, start) - 1, 0)
        last = max(bisect_right(self.starts, max(end - 1, start)) - 1, first)
        begin = self.origins[first][0] + (start - self.starts[first] if self._is_as_it_was(first) else 0)
        until = self.origins[last][0] + (end - self.starts[last]) if self._is_as_it_was(last) else self.origins[last][1]
        return begin, until

    def glossed_span(self, start: int, end: int) -> tuple[int, int]:
        """The span of the gloss that stands for [start, end) of the text; empty where that is nothing at all."""
        met = [at for at, (begin, until) in enumerate(self.origins) if begin < end and start < until]
        if not met:
            return 0, 0
        first, last = met[0], met[-1]
        begin = self.starts[first] + (max(start - self.origins[first][0], 0) if self._is_as_it_was(first) else 0)
        until = min(end - self.origins[last][0], self._size(last)) if self._is_as_it_was(last) else self._size(last)
        return begin, self.starts[last] + until

    def _size(self, piece: int) -> int:
        return (self.starts[piece + 1] if piece + 1 < len(self.starts) else len(self.text)) - self.starts[piece]

    def _is_as_it_was(self, piece: int) -> bool:
        """Whether each character of a piece stands for one of the text."""
        start, end = self.origins[piece]
        return self._size(piece) == end - start


@dataclass(frozen=True, slots=True)
class Lexicon:
    """The glossaries by language, and the words that make a text English."""

    glossaries: Mapping[str, Glossary]
    english: frozenset[str]


class _Forms:
    """Forms and the number of each one's reading, in a trie: a fortieth of a dict's memory, loaded at once."""

    def __init__(self, trie: marisa_trie.Trie, which: array[int]) -> None:
        self._trie, self._which = trie, which

    def __contains__(self, form: str) -> bool:
        return form in self._trie

    def longest(self, words: str, ends: Mapping[int, int] | None) -> tuple[int, int] | None:
        """How many characters the longest form has that `words` begin with, and its reading's number.

        Where `ends` are given a form must end at one of them.
        """
        for form in reversed(self._trie.prefixes(words)):
            if ends is None or len(form) in ends:
                return len(form), self._which[self._trie[form]]
        return None


class Glossary:
    """The words of one language. Never changes; safe on several threads."""

    def __init__(self, forms: _Forms, beginnings: _Forms, readings: list[str]) -> None:
        self._forms, self._beginnings, self._readings = forms, beginnings, readings

    def __contains__(self, word: str) -> bool:
        """Whether the folded word is a form by itself."""
        return word in self._forms

    def gloss(self, text: str, english: Collection[str] = ()) -> Gloss:
        """`text` with an English reading in the place of each word that the glossary has.

        What is said in English between, by the words of `english`, stays as it is.
        """
        made = _Making(text)
        known, unknown = 0, 0.0
        for words in _runs(text):
            if self._is_english([word for _, _, word in words], english):
                known += len(words)
                continue
            number = 0
            while number < len(words):
                count, reading = self._reading([word for _, _, word in words[number : number + _MOST_WORDS]])
                start, end = words[number][0], words[number + count - 1][1]
                made.add(reading, start, end)
                if reading is not None:
                    known += count
                elif not words[number][2].isdigit():
                    unknown += 1.0 if text[start].islower() or begins_sentence(text, start) else _MAY_BE_NAME
                number += count
        return made.gloss(known / max(known + unknown, 1))

    def _is_english(self, words: list[str], english: Collection[str]) -> bool:
        told = sum([word in english for word in words])
        return told >= _ENGLISH_FROM * len(words) and told > sum([word in self._forms for word in words])

    def _reading(self, words: list[str]) -> tuple[int, str | None]:
        """How many of the words are read together, and as what."""
        ends: dict[int, int] = {}
        size = -1
        for count, word in enumerate(words, 1):
            size += 1 + len(word)
            ends[size] = count
        joined = " ".join(words)
        whole = self._forms.longest(joined, ends)
        begun = self._beginnings.longest(joined, None)
        if whole is not None and (begun is None or ends[whole[0]] >= _words_in(joined, begun[0])):
            return ends[whole[0]], self._readings[whole[1]]
        if begun is not None:
            return _words_in(joined, begun[0]), self._readings[begun[1]]
        return 1, None


def _runs(text: str) -> Iterator[list[tuple[int, int, str]]]:
    """Start, end and folded letters of the words; those of one list stand with nothing between them."""
    words: list[tuple[int, int, str]] = []
    for one in _TOKEN.finditer(text):
        is_apart = words and not _GAP.fullmatch(text, words[-1][1], one.start())
        if words and (is_apart or one["sign"]):
            yield words
            words = []
        if not one["sign"]:
            words.append((*one.span(), one.group().casefold()))
    if words:
        yield words


def _words_in(joined: str, size: int) -> int:
    return joined.count(" ", 0, size) + 1


class _Making:
    """A gloss that is being written."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._out: list[str] = []
        self._starts: list[int] = []
        self._origins: list[tuple[int, int]] = []
        self._at = self._size = 0
        self._was_read = False

    def add(self, reading: str | None, start: int, end: int) -> None:
        """What stands before [start, end), then its reading, or itself where there is none."""
        gap = self._text[self._at : start]
        if len(gap) == 1 and self._was_read and reading is not None:
            gap = gap.translate(_JOINTS)
        if gap != " " or not self._out or not self._out[-1].endswith(" "):
            self._put(gap, self._at, start)
        self._put(self._text[start:end] if reading is None else self._in_case(reading, start), start, end)
        self._at, self._was_read = end, reading is not None

    def gloss(self, known: float) -> Gloss:
        """All of it, with what stands behind the last word."""
        self._put(self._text[self._at :], self._at, len(self._text))
        return Gloss("".join(self._out), self._starts, self._origins, known)

    def _put(self, piece: str, start: int, end: int) -> None:
        if piece:
            self._starts.append(self._size)
            self._origins.append((start, end))
            self._out.append(piece)
            self._size += len(piece)

    def _in_case(self, reading: str, start: int) -> str:
        """The reading with English capitals: "I", and the first word of a sentence."""
        if "i" in reading:
            reading = _FIRST_PERSON.sub("I", reading)
        if reading and self._text[start].isupper() and begins_sentence(self._text, start):
            return reading[0].upper() + reading[1:]
        return reading


def begins_sentence(text: str, start: int) -> bool:
    """Whether the word at `start` is the first of its sentence."""
    return _SENTENCE_END.search(text[max(0, start - 8) : start]) is not None


def parse_lines(lines: Iterable[str]) -> dict[str, str]:
    """The reading of each form; `*` stays at the end of one that is a beginning, `""` is the reading of nothing.

    Raises:
        InvalidInputError: naming the line that is malformed.
    """
    found: dict[str, str] = {}
    for number, line in enumerate(lines, 1):
        if not line.strip() or line.startswith("#"):
            continue
        told, tab, reading = line.partition("\t")
        reading = " ".join(reading.split())
        for form in told.split("|"):
            folded = form.strip().casefold()
            key = " ".join(_WORD.findall(folded))
            if not tab or not reading or not key or key.count(" ") >= _MOST_WORDS:
                raise InvalidInputError(f"line {number} must be: form|form, a tab, English words (at most ten a form)")
            is_beginning = folded.endswith("*")
            if is_beginning and len(key.rpartition(" ")[2]) < _LEAST_BEGINNING:
                raise InvalidInputError(f"line {number}: a beginning needs {_LEAST_BEGINNING} letters")
            found[key + "*" * is_beginning] = "" if reading == NOTHING else reading
    return found


def pack(entries: Mapping[str, str]) -> bytes:
    """A glossary file of what `parse_lines` gave; the same entries give the same bytes."""
    readings = sorted(set(entries.values()))
    number = {reading: at for at, reading in enumerate(readings)}
    whole = {form: reading for form, reading in entries.items() if not form.endswith("*")}
    begun = {form[:-1]: reading for form, reading in entries.items() if form.endswith("*")}
    parts = {_READINGS: "\n".join(readings).encode()}
    for name, forms in ((_FORMS, whole), (_BEGINNINGS, begun)):
        trie = marisa_trie.Trie(sorted(forms))
        which = array("I", bytes(4 * len(forms)))
        for form, reading in forms.items():
            which[trie[form]] = number[reading]
        parts |= {name: trie.tobytes(), name + _WHICH: which.tobytes()}
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in parts.items():
            archive.writestr(zipfile.ZipInfo(name, _DATE), data, zipfile.ZIP_DEFLATED)
    return file.getvalue()


def unpack(data: bytes, name: str) -> Glossary:
    """The glossary that `pack` wrote; the archive's checksums prove that nothing is torn.

    Raises:
        IntegrityError: if it is another file, or damaged.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            forms, beginnings = (
                _Forms(marisa_trie.Trie().frombytes(archive.read(part)), array("I", archive.read(part + _WHICH)))
                for part in (_FORMS, _BEGINNINGS)
            )
            readings = archive.read(_READINGS).decode().split("\n")
    except (zipfile.BadZipFile, zlib.error, KeyError, ValueError, RuntimeError) as error:
        raise IntegrityError(f"{name} is no glossary or is damaged; install outguard again") from error
    return Glossary(forms, beginnings, readings)


def load_lexicon(folder: Path) -> Lexicon:
    """The glossaries of a folder: `german.glossary` is German's; none where there is no folder.

    Raises:
        IntegrityError: if a file is damaged, or the English words are missing.
    """
    files = sorted(folder.glob("*" + SUFFIX))
    found = {file.stem.capitalize(): unpack(file.read_bytes(), file.name) for file in files}
    if not found:
        return Lexicon({}, frozenset())
    try:
        english = frozenset((folder / ENGLISH).read_text(encoding="utf-8").split())
    except (OSError, UnicodeDecodeError) as error:
        raise IntegrityError(f"{ENGLISH} is missing or damaged; install outguard again") from error
    if len(english) < _LEAST_ENGLISH:
        raise IntegrityError(f"{ENGLISH} is cut short; install outguard again")
    return Lexicon(found, english)


def parts_of(data: bytes) -> dict[str, bytes]:
    """What a glossary file holds, however it is compressed.

    Raises:
        zipfile.BadZipFile: if it is none.
    """
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}
