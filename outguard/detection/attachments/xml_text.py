"""The words of an XML part, read as a stream: no DTD, no entities but the five of XML, bounded depth."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import NoReturn
from xml.parsers import expat

from outguard.detection.attachments.reading import unreadable

MAX_XML_DEPTH = 256

_SHOWN = frozenset({"t"})
_ASIDE = frozenset({"delText", "instrText", "delInstrText"})
_UNREAD = frozenset({"posOffset", "pctWidth", "pctHeight", "pctPosHOffset", "pctPosVOffset"})
_BREAKS = {"tab": "\t", "ptab": "\t", "br": "\n", "cr": "\n", "noBreakHyphen": "-"}
_WORDS_IN = frozenset(
    {"descr", "title", "alt", "author", "initials", "instr", "tooltip", "string", "displayText", "Target", "href"}
)
_SYMBOL_AREA = 0xF000


@dataclass(slots=True)
class XmlWords:
    """What stands in the text, and what stands beside it (deleted text, field codes, targets, descriptions)."""

    shown: list[str] = field(default_factory=list)
    aside: list[str] = field(default_factory=list)
    _open: list[str] = field(default_factory=list)

    def start(self, name: str, attributes: dict[str, str]) -> None:
        """An element begins."""
        local = name.rpartition(":")[2]
        self._open.append(local)
        if len(self._open) > MAX_XML_DEPTH:
            unreadable("its XML is nested too deep")
        if local in _BREAKS:
            self.shown.append(_BREAKS[local])
        for key, value in attributes.items():
            word = key.rpartition(":")[2]
            if word == "Target" and attributes.get("TargetMode") != "External":
                continue
            if word in _WORDS_IN or (word == "val" and local in {"docVar", "text", "default", "listItem"}):
                self.aside.append(value + "\n")
            elif word == "char" and local == "sym":
                self.shown.append(_symbol(value))

    def end(self, name: str) -> None:
        """An element ends."""
        local = name.rpartition(":")[2]
        self._open.pop()
        if local == "p":
            self.shown.append("\n")
        elif local not in _SHOWN and self.aside and self.aside[-1] != "\n":
            self.aside.append("\n")

    def characters(self, text: str) -> None:
        """Characters between tags."""
        within = self._open[-1] if self._open else ""
        if within in _SHOWN:
            self.shown.append(text)
        elif within in _ASIDE:
            self.aside.append(text)
        elif within not in _UNREAD:
            self.aside.append(text if not text.isspace() else "\n")


def _symbol(value: str) -> str:
    try:
        code = int(value, 16)
    except ValueError:
        return "\ufffd"
    return chr(code - _SYMBOL_AREA if _SYMBOL_AREA <= code <= _SYMBOL_AREA + 0xFF else code & 0xFFFF)


def read_xml(chunks: Iterable[bytes], words: XmlWords) -> None:
    """Add the words of an XML document to `words`.

    Raises:
        InvalidInputError: if it is not well formed, has a document type, or is too deep.
    """
    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartElementHandler = words.start
    parser.EndElementHandler = words.end
    parser.CharacterDataHandler = words.characters
    parser.StartDoctypeDeclHandler = _refuse
    parser.EntityDeclHandler = _refuse
    parser.CommentHandler = lambda text: words.aside.append(text + "\n")
    try:
        for chunk in chunks:
            parser.Parse(chunk, False)  # noqa: FBT003 - expat's own signature
        parser.Parse(b"", True)  # noqa: FBT003
    except (expat.ExpatError, LookupError, ValueError):
        unreadable("its XML is not well formed")


_Refusal = Callable[..., NoReturn]


def _refuse(*_: object) -> NoReturn:
    unreadable("its XML declares a document type")
