"""C2SP signed notes (c2sp.org/signed-note) with Ed25519: text, a blank line, signature lines.

Reading is strict: what a note-conforming writer would not write is refused. Signatures by keys we do not know
are passed over, as witnesses add theirs; one by our key that does not verify refuses the whole note.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from dataclasses import dataclass

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from outguard.errors import IntegrityError, InvalidInputError

MAX_NOTE_CHARS = 64 * 1024
MAX_SIGNATURES = 100
_ED25519 = b"\x01"
_PUBLIC_BYTES = 32
_ID_BYTES = 4
_SIGNATURE_BYTES = 64
_NAME = re.compile(r"[^\s+\x00-\x20\x7f]{1,255}\Z")
_CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f\x7f]")
_HEX_ID = re.compile(r"[0-9a-f]{8}\Z")


@dataclass(frozen=True, kw_only=True, slots=True)
class VerifierKey:
    """A public key under a name; as text `<name>+<key id in hex>+<base64 of 0x01 and the key>`."""

    name: str
    public: bytes

    def __post_init__(self) -> None:
        if not _NAME.match(self.name):
            raise InvalidInputError("a key name has 1 to 255 characters, no space and no plus", field="name")
        if len(self.public) != _PUBLIC_BYTES:
            raise InvalidInputError("an Ed25519 public key has 32 bytes", field="public")

    @property
    def key_id(self) -> bytes:
        """The first four bytes of SHA-256 over name, newline, algorithm and key."""
        return hashlib.sha256(self.name.encode() + b"\n" + _ED25519 + self.public).digest()[:_ID_BYTES]

    def __str__(self) -> str:
        return f"{self.name}+{self.key_id.hex()}+{_base64(_ED25519 + self.public)}"

    @classmethod
    def parse(cls, text: str) -> VerifierKey:
        """Read the text form.

        Raises:
            InvalidInputError: if it is malformed, not Ed25519, or its id does not fit name and key.
        """
        parts = text.strip().split("+", 2)
        if len(parts) != 3 or not _HEX_ID.match(parts[1]):
            raise InvalidInputError("a verifier key looks like <name>+<8 hex digits>+<base64>")
        try:
            data = _unbase64(parts[2])
        except ValueError as error:
            raise InvalidInputError("the key in a verifier key is not base64") from error
        if data[:1] != _ED25519:
            raise InvalidInputError("only Ed25519 verifier keys are supported")
        key = cls(name=parts[0], public=data[1:])
        if key.key_id.hex() != parts[1]:
            raise InvalidInputError("the id in a verifier key does not fit its name and key")
        return key


def sign_note(text: str, name: str, key: Ed25519PrivateKey) -> str:
    """The note of `text` with one signature under `name`.

    Raises:
        InvalidInputError: if text or name cannot be in a note.
    """
    _check_text(text)
    verifier = VerifierKey(name=name, public=key.public_key().public_bytes_raw())
    return f"{text}\n\N{EM DASH} {name} {_base64(verifier.key_id + key.sign(text.encode()))}\n"


def open_note(note: str, key: VerifierKey) -> str:
    """The text of a note that `key` has signed.

    Raises:
        IntegrityError: if the note is malformed or has no good signature by `key`.
    """
    text, signatures = split_note(note)
    is_signed = False
    for name, key_id, signature in signatures:
        if name != key.name or key_id != key.key_id:
            continue
        try:
            Ed25519PublicKey.from_public_bytes(key.public).verify(signature, text.encode())
        except (InvalidSignature, ValueError) as error:
            raise IntegrityError("the signature on the note is wrong") from error
        is_signed = True
    if not is_signed:
        raise IntegrityError("the note is not signed by the expected key")
    return text


def split_note(note: str) -> tuple[str, tuple[tuple[str, bytes, bytes], ...]]:
    """Text and signatures (name, key id, signature bytes) of a note, nothing verified.

    Raises:
        IntegrityError: if the note is malformed.
    """
    cut = note.rfind("\n\n")
    if len(note) > MAX_NOTE_CHARS or cut < 0 or not note.endswith("\n"):
        raise IntegrityError("this is not a signed note")
    text, block = note[: cut + 1], note[cut + 2 : -1]
    try:
        _check_text(text)
    except InvalidInputError as error:
        raise IntegrityError("the text of a signed note is malformed") from error
    lines = block.split("\n")
    if len(lines) > MAX_SIGNATURES:
        raise IntegrityError("a signed note has too many signatures")
    return text, tuple(_signature(line) for line in lines)


def _signature(line: str) -> tuple[str, bytes, bytes]:
    mark, _, rest = line.partition(" ")
    name, _, encoded = rest.partition(" ")
    try:
        data = _unbase64(encoded)
    except ValueError as error:
        raise IntegrityError("a signature of a note is not base64") from error
    if mark != "\N{EM DASH}" or not _NAME.match(name) or len(data) <= _ID_BYTES:
        raise IntegrityError("a signature line of a note is malformed")
    return name, data[:_ID_BYTES], data[_ID_BYTES:]


def _check_text(text: str) -> None:
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise InvalidInputError("the text of a note must be valid Unicode") from error
    if not text.endswith("\n") or _CONTROL.search(text) or len(text) > MAX_NOTE_CHARS:
        raise InvalidInputError("the text of a note ends in a newline and has no control characters")


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode()


def _unbase64(text: str) -> bytes:
    """Standard base64 in its one canonical spelling; raises ValueError."""
    data = base64.b64decode(text.encode("ascii"), validate=True)
    if _base64(data) != text:
        raise binascii.Error("not the canonical spelling")
    return data
