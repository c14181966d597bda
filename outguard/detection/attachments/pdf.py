"""The words of a PDF: the text layer of its pages, then every other string in it.

Fields, notes, links, bookmarks, properties and scripts are strings of its objects: all objects that hang on the
trailer are walked. Whatever could hide words makes the file unreadable: encryption, embedded files, fonts without a map
to characters, pages that draw but have no text, anything that pypdf warns of. pypdf is imported when the first PDF
comes, gets small limits and no mercy: it reads strictly.
"""

from __future__ import annotations

import io
import logging
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, cast

from outguard.detection.attachments.markup import markup_texts
from outguard.detection.attachments.reading import Reading, too_large, unreadable
from outguard.errors import OutguardError

if TYPE_CHECKING:
    from pypdf import PageObject, PdfReader
    from pypdf.generic import EncodedStreamObject

MAX_PAGES = 200
MAX_VERSIONS = 4
MAX_OBJECTS = 50_000

_HEAD = re.compile(rb"\s*%PDF-\d\.\d")
_END = re.compile(rb"%%EOF\r?\n?")
_DRAWS = re.compile(rb"(?:^|[\s\])>])(?:Do|EI|sh|[fBbSs]\*?|F)(?=\s|$)")
_DATE = re.compile(r"D:\d{4}[\d+\-Z']*")
_FILES = frozenset({"/EF", "/EmbeddedFiles", "/XFA", "/RichMediaContent", "/3DD"})
_TRAILER_BYTES = 1024
_OUTPUTS = (
    "array_based_stream_maximum_output_length",
    "brotli_maximum_output_length",
    "image_maximum_buffer_size",
    "jbig2_maximum_output_length",
    "lzw_maximum_output_length",
    "run_length_maximum_output_length",
    "stream_decoding_work_maximum_length",
    "zlib_maximum_output_length",
)


def pdf_texts(data: bytes, reading: Reading) -> list[str]:
    """The text of the pages, then all other words, of every version in the file.

    Raises:
        TooLargeError: if it has too many pages or objects, unpacks to too much, or takes too much work.
        InvalidInputError: if it is broken, encrypted, or holds what cannot be read.
    """
    ends = _ends(data)
    import pypdf  # noqa: PLC0415 - slow, and most replies have no PDF
    from pypdf.errors import LimitReachedError  # noqa: PLC0415

    unpacked = reading.unpacked_bytes(len(data))
    most: dict[str, Any] = dict.fromkeys(_OUTPUTS, unpacked)
    limits = pypdf.Configuration(jbig2dec_binary=None, zlib_maximum_recovery_input_length=0).with_overwrites(**most)
    try:
        with _no_warning(), pypdf.apply_configuration(limits):
            versions = [_texts(pypdf.PdfReader(io.BytesIO(data[:end]), strict=True), reading) for end in ends]
    except OutguardError:
        raise
    except LimitReachedError:
        too_large("a PDF takes too much work to read")
    except Exception:  # noqa: BLE001 - the parser raises many things on a broken file
        unreadable("a PDF is broken")
    return list(dict.fromkeys(text for texts in versions for text in texts))


def _ends(data: bytes) -> list[int]:
    """Where each version of the file ends, the newest first: a change is appended, and leaves the old words in."""
    ends = [match.end() for match in _END.finditer(data)]
    if b"/Linearized" in data[:_TRAILER_BYTES] and len(ends) > 1:
        del ends[0]  # the first page's own table, no version
    if not _HEAD.match(data) or not ends or len(data) - ends[-1] > _TRAILER_BYTES or len(ends) > MAX_VERSIONS:
        unreadable("a PDF is broken")
    return ends[::-1]


def _texts(reader: PdfReader, reading: Reading) -> list[str]:
    if reader.is_encrypted:
        unreadable("a PDF is encrypted")
    if len(reader.pages) > MAX_PAGES:
        too_large(f"a PDF of more than {MAX_PAGES} pages")
    pages: list[str] = []
    for page in reader.pages:
        text = page.extract_text()
        contents = page.get_contents()
        if not text.strip() and contents is not None and _DRAWS.search(contents.get_data()):
            unreadable("a PDF has a page without a text layer")
        pages += (text, *_notes(page))
        reading.check_chars(pages)
    shown = "\n".join(pages)
    if not shown.strip() or "\ufffd" in shown:
        unreadable("a PDF has no text layer")
    beside = "\n".join(dict.fromkeys(_strings(reader)))
    return [shown, beside] if beside else [shown]


def _notes(page: PageObject) -> list[str]:
    """What the appearances of form fields and notes on `page` draw."""
    from pypdf.generic import ArrayObject, DictionaryObject, StreamObject  # noqa: PLC0415

    listed = page["/Annots"].get_object() if "/Annots" in page else None
    texts: list[str] = []
    for annotation in listed if isinstance(listed, ArrayObject) else ():
        waiting = [annotation.get_object().get("/AP")]
        for _ in range(_APPEARANCE_LEVELS):
            found = [value.get_object() for value in waiting if value is not None]
            drawn = [value for value in found if isinstance(value, StreamObject)]
            texts += [page.extract_xform_text(cast("EncodedStreamObject", value)) for value in drawn]
            folders = [value for value in found if isinstance(value, DictionaryObject) and value not in drawn]
            waiting = [inner for value in folders for inner in value.values()]
    return texts


_APPEARANCE_LEVELS = 3


def _strings(reader: PdfReader) -> Iterator[str]:
    """Every string of the objects that hang on the trailer."""
    from pypdf.generic import ArrayObject, DictionaryObject, IndirectObject  # noqa: PLC0415

    waiting: list[Any] = [value for key, value in reader.trailer.items() if key not in {"/ID", "/Prev"}]
    seen: set[tuple[int, int]] = set()
    objects = 0
    while waiting:
        value = waiting.pop()
        objects += 1
        if objects > MAX_OBJECTS:
            too_large(f"a PDF of more than {MAX_OBJECTS} objects")
        if isinstance(value, IndirectObject):
            if (value.idnum, value.generation) not in seen:
                seen.add((value.idnum, value.generation))
                waiting.append(value.get_object())
        elif isinstance(value, DictionaryObject):
            yield from _stream_words(value)
            waiting += _members(value)
        elif isinstance(value, ArrayObject):
            waiting += value
        elif isinstance(value, bytes):
            yield value.decode("utf-8", "replace")
        elif isinstance(value, str) and not value.startswith("/") and not _DATE.fullmatch(value):
            yield str(value)


def _members(value: dict[str, Any]) -> list[Any]:
    """The values of a dictionary that may hold words."""
    if _FILES & value.keys() or value.get("/Type") == "/EmbeddedFile":
        unreadable("a PDF holds other files")
    if value.get("/Subtype") == "/Type0" and "/ToUnicode" not in value and str(value.get("/Encoding")) in _GLYPHS:
        unreadable("a PDF has a font without characters")
    if value.get("/Type") == "/FontDescriptor":
        return []
    skipped = {"/Contents", "/Cert"} if "/ByteRange" in value else set()
    return [item for key, item in value.items() if key not in skipped]


_GLYPHS = frozenset({"/Identity-H", "/Identity-V"})


def _stream_words(value: dict[str, Any]) -> Iterator[str]:
    """The words of a stream of properties or of a script."""
    from pypdf.generic import StreamObject  # noqa: PLC0415

    streams = [value] if value.get("/Type") == "/Metadata" else []
    script = value.get("/JS")
    if script is not None:
        streams.append(script.get_object())
    for stream in streams:
        if isinstance(stream, StreamObject):
            text = stream.get_data().decode("utf-8", "replace")
            yield from (text, *markup_texts(text))


class _Warned(logging.Handler):
    """Notes that pypdf warned on this thread, and lets nothing of it into a log: its words may be the file's."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.on = threading.local()

    def handle(self, record: logging.LogRecord) -> bool:
        """A warning: what was read may lack something. Takes no lock, since it may be interrupted."""
        del record
        self.on.warned = True
        return True


_WARNED = _Warned()


@contextmanager
def _no_warning() -> Iterator[None]:
    """Refuse what pypdf warns of: it swallows errors in parts of a page, and goes on without them.

    Raises:
        InvalidInputError: if it warned.
    """
    logger = logging.getLogger("pypdf")
    if _WARNED not in logger.handlers:
        logger.addHandler(_WARNED)
    logger.propagate = False
    _WARNED.on.warned = False
    yield
    if _WARNED.on.warned:
        unreadable("a PDF is broken")
