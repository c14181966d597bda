"""Text to words with their offsets, word pieces and case classes: what the encoder reads.

The same code cuts the training data. It is BERT's uncased WordPiece, but keeps each word's case as a class of its own
and never drops a character silently: every word knows where it stood.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

PAD, UNK, CLS, SEP = "[PAD]", "[UNK]", "[CLS]", "[SEP]"
MOST_PIECES = 8
"""A longer word (a token, an address, hostile text) is read by its first pieces."""
_LONGEST_WORD = 64

LOWER, TITLE, UPPER, MIXED, DIGIT, INITIAL = range(6)
CASES = 6

_CJK = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
_WORD = re.compile(rf"[{_CJK}]|[^\W_{_CJK}]+|[^\w\s]|_")


@dataclass(frozen=True, slots=True)
class Word:
    """A word at [start, end) of the text."""

    start: int
    end: int
    pieces: tuple[int, ...]
    case: int


def case_of(word: str) -> int:
    """The case class of a word."""
    if not word.isalpha():
        return DIGIT if any(character.isdigit() for character in word) else LOWER
    if word.islower():
        return LOWER
    if word.isupper():
        return UPPER if len(word) > 1 else INITIAL
    return TITLE if word[0].isupper() and word[1:].islower() else MIXED


class WordPiece:
    """Cuts text by a vocabulary, longest piece first."""

    def __init__(self, vocabulary: Mapping[str, int]) -> None:
        self._ids = dict(vocabulary)
        self.pad, self.unk, self.cls, self.sep = (self._ids[token] for token in (PAD, UNK, CLS, SEP))

    @classmethod
    def from_text(cls, vocabulary: str) -> WordPiece:
        """From a vocabulary file's text: one piece a line, its id the line's number."""
        return cls({piece: row for row, piece in enumerate(vocabulary.splitlines())})

    @classmethod
    def from_file(cls, path: Path) -> WordPiece:
        """From a vocabulary file."""
        return cls.from_text(path.read_text(encoding="utf-8"))

    def words(self, text: str) -> list[Word]:
        """The words of `text`, in order."""
        return [
            Word(match.start(), match.end(), self._pieces(match.group()), case_of(match.group()))
            for match in _WORD.finditer(text)
        ]

    def _pieces(self, word: str) -> tuple[int, ...]:
        folded = _fold(word[:_LONGEST_WORD])
        if not folded:
            return (self.unk,)
        whole = self._ids.get(folded)
        if whole is not None:
            return (whole,)
        pieces: list[int] = []
        start = 0
        while start < len(folded) and len(pieces) < MOST_PIECES:
            prefix = "##" if start else ""
            for end in range(len(folded), start, -1):
                piece = self._ids.get(prefix + folded[start:end])
                if piece is not None:
                    pieces.append(piece)
                    start = end
                    break
            else:
                return (self.unk,)
        return tuple(pieces)


def _fold(word: str) -> str:
    lowered = word.lower()
    if lowered.isascii():
        return lowered
    return "".join(c for c in unicodedata.normalize("NFD", lowered) if unicodedata.category(c) != "Mn")
