"""The readable words of an attachment, whatever it is wrapped in.

The first text is the attachment's own characters where it is text (`source_text`): findings in it can be cut in place.
Further texts are what a reader would see that does not stand there literally (HTML entities and split words, escapes,
decoded mail parts, the text of a PDF or DOCX). What cannot be read raises, and so do size and nesting beyond the
limits: the reply is then held.
"""

from __future__ import annotations

from contextlib import nullcontext

from outguard.detection.attachments.docx import docx_texts
from outguard.detection.attachments.interrupt import OutOfTimeError, time_limit
from outguard.detection.attachments.mail import mail_texts
from outguard.detection.attachments.markup import markup_texts
from outguard.detection.attachments.pdf import pdf_texts
from outguard.detection.attachments.reading import AttachmentLimits, Reading, too_large, unreadable
from outguard.detection.attachments.sniff import Kind, kinds_of
from outguard.detection.attachments.spelled import card_texts, escaped_texts, formula_texts, json_texts
from outguard.domain.attachment_text import source_text
from outguard.domain.reply import Attachment

_BINARY = frozenset({Kind.MAIL, Kind.PDF, Kind.DOCX})
_FREE_S = 1.0
_BYTES_PER_S = 256 * 1024


def read_attachment(attachment: Attachment, limits: AttachmentLimits) -> list[str]:
    """The texts of `attachment`: its own characters first, then what they spell.

    Raises:
        TooLargeError: if it is larger, longer or deeper than the limits.
        InvalidInputError: if it cannot be read.
    """
    reading = Reading(limits)
    try:
        with time_limit(_FREE_S + len(attachment.data) / _BYTES_PER_S) if _is_binary(attachment) else nullcontext():
            texts = _read(attachment, reading)
    except OutOfTimeError:
        too_large("an attachment takes too long to read")
    reading.check_chars(texts)
    return [_whole(text) for text in texts]


def _whole(text: str) -> str:
    """`text` with surrogate pairs made characters, and lone ones replaced."""
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def _is_binary(attachment: Attachment) -> bool:
    return bool(kinds_of(attachment) & _BINARY)


def _read(attachment: Attachment, reading: Reading) -> list[str]:
    limits = reading.limits
    if len(attachment.data) > limits.max_attachment_bytes:
        too_large(f"larger than {limits.max_attachment_bytes} bytes")
    kinds = kinds_of(attachment)
    if Kind.UNKNOWN in kinds:
        unreadable("its media type is not one that is read, or its bytes are of another")
    source = source_text(attachment)
    if source is None and not kinds & _BINARY:
        unreadable("its bytes are no text in its character set")
    texts: list[str] = []
    if source is not None:
        if len(source.text) > limits.max_text_chars:
            too_large(f"longer than {limits.max_text_chars} characters")
        texts = [source.text, *_spelled(source.text, kinds, reading)]
    if Kind.PDF in kinds:
        texts += pdf_texts(attachment.data, reading)
    if Kind.DOCX in kinds:
        texts += docx_texts(attachment.data, reading)
    if Kind.MAIL in kinds:
        texts += mail_texts(attachment.data, reading, _read)
    return texts


def _spelled(text: str, kinds: frozenset[Kind], reading: Reading) -> list[str]:
    texts: list[str] = []
    if Kind.MARKUP in kinds:
        texts += markup_texts(text)
    if Kind.CSV in kinds:
        texts += formula_texts(text)
    if Kind.CARD in kinds:
        texts += card_texts(text)
    texts += json_texts(text, reading) if Kind.JSON in kinds else escaped_texts(text)
    return texts
