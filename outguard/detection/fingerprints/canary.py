"""Canaries: strings that have no business in any reply, found as they are and in disguise, kept as keyed hashes only.

A text is folded to letters and digits (case, separators and look-alike digits undone). The first twelve of a canary
are hashed as one block, so that all places of a text are tested in one call; the rest is then compared by its mac.
Each canary is kept backwards, turned by 13 letters and encoded too, since its clear text is known only while it is
registered.
"""

from __future__ import annotations

import base64
import codecs
import hashlib
import struct
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from outguard.detection.fingerprints.shingles import U64, KeyedBlocks, derived
from outguard.errors import IntegrityError, InvalidInputError

LEAST_CANARY = 12
"""Letters and digits that a canary has at least: fewer would show by chance."""
MAX_CANARY = 200
_ROW = struct.Struct("<HQ16s")
_FORMAT = 2
_FOLD = bytes.maketrans(b"abcdefghijklmnopqrstuvwxyz0123456789", b"abcdefghljklmnopqrstuvwxyzolzeasgtbq")
"""What is easily taken for another letter is one: 0 and o, 1 and i and l, and the usual digits for letters."""
_DROPPED = bytes(byte for byte in range(256) if not (byte < 128 and chr(byte).isalnum()))
_CHUNK = 1 << 16


@dataclass(frozen=True, slots=True)
class CanaryPrint:
    """One form of a canary: its folded length, the hash of its first twelve characters, the mac of all."""

    length: int
    head: int
    mac: bytes


class CanaryHasher:
    """Hashes canaries and what may be one, under one tenant's key."""

    def __init__(self, key: bytes) -> None:
        """`key` has 32 random bytes."""
        heads, self._mac_key = derived(key, b"outguard canaries v1")
        self._heads = KeyedBlocks(heads)

    def prints(self, canary: str) -> bytes:
        """The forms of a canary to register, as stored.

        Raises:
            InvalidInputError: if it has too few letters and digits (a to z), or too many.
        """
        if not LEAST_CANARY <= len(folded(canary)) <= MAX_CANARY:
            raise InvalidInputError(
                f"a canary has {LEAST_CANARY} to {MAX_CANARY} letters (a to z) and digits", field="text"
            )
        forms = dict.fromkeys(form for form in map(folded, _forms(canary)) if len(form) >= LEAST_CANARY)
        rows = [_ROW.pack(len(form), int(self.heads(form)[0]), self.mac(form)) for form in forms]
        return bytes((_FORMAT,)) + b"".join(rows)

    def heads(self, text: bytes) -> U64:
        """The hash of the twelve characters at each place of a folded text."""
        count = len(text) - LEAST_CANARY + 1
        blocks = np.zeros((count, 16), np.uint8)
        blocks[:, :LEAST_CANARY] = np.ndarray((count, LEAST_CANARY), np.uint8, text, strides=(1, 1))
        return self._heads.of(blocks.tobytes())

    def mac(self, form: bytes) -> bytes:
        """A keyed hash of a whole form."""
        return hashlib.blake2b(form, key=self._mac_key, digest_size=16).digest()


class CanaryIndex:
    """The canaries of one key. Never changes; safe on several threads."""

    def __init__(self, hasher: CanaryHasher, canaries: Iterable[tuple[str, bytes]]) -> None:
        """Take names and what `CanaryHasher.prints` gave.

        Raises:
            IntegrityError: if it is of another format.
        """
        self._hasher = hasher
        self._prints: defaultdict[int, list[tuple[str, CanaryPrint]]] = defaultdict(list)
        for name, data in canaries:
            for one in _parsed(data):
                self._prints[one.head].append((name, one))
        self._heads = np.array(sorted(self._prints), np.uint64)

    def find(self, text: str) -> list[tuple[int, int, str]]:
        """Start, end and name of every canary in `text`."""
        if not len(self._heads):
            return []
        plain = folded(text)
        found = [hit for begin in range(0, len(plain), _CHUNK) for hit in self._find_in(plain, begin)]
        if not found:
            return []
        places = _places(text)
        return [(places[start], places[end - 1] + 1, name) for start, end, name in found]

    def _find_in(self, plain: bytes, begin: int) -> Iterator[tuple[int, int, str]]:
        chunk = plain[begin : begin + _CHUNK + LEAST_CANARY - 1]
        if len(chunk) < LEAST_CANARY:
            return
        heads = self._hasher.heads(chunk)
        at = self._heads.searchsorted(heads)
        for place in (self._heads.take(at, mode="clip") == heads).nonzero()[0].tolist():
            start = begin + place
            for name, one in self._prints[int(heads[place])]:
                form = plain[start : start + one.length]
                if len(form) == one.length and self._hasher.mac(form) == one.mac:
                    yield start, start + one.length, name


def folded(text: str) -> bytes:
    """The letters and digits of `text`, those that look alike as one."""
    plain = text if text.isascii() else unicodedata.normalize("NFKD", text)
    return plain.encode("ascii", "ignore").lower().translate(_FOLD, _DROPPED)


def _places(text: str) -> Sequence[int]:
    """Where each character of the folded text stands."""
    return [place for place, character in enumerate(text) for _ in range(len(folded(character)))]


def _forms(canary: str) -> Iterator[str]:
    data = canary.encode()
    yield canary
    yield canary[::-1]
    yield codecs.encode(canary, "rot13")
    yield data.hex()
    yield base64.b32encode(data).decode().rstrip("=")
    for shift in range(3):  # a longer text around it moves it within the groups of three bytes
        encoded = base64.b64encode(b"\0" * shift + data).decode()
        first = -(-shift * 8 // 6) if shift else 0
        last = (shift + len(data)) * 8 // 6
        yield encoded[first:last]


def _parsed(data: bytes) -> Iterator[CanaryPrint]:
    if data[:1] != bytes((_FORMAT,)) or (len(data) - 1) % _ROW.size:
        raise IntegrityError("a canary's hashes are of an unknown format")
    for length, head, mac in _ROW.iter_unpack(data[1:]):
        yield CanaryPrint(length, head, mac)
