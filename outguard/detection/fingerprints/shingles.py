"""Fingerprints: keyed hashes of runs of words.

A run of four words is hashed with AES under a key of the tenant's: a block of the four words' checksums in, a block of
noise out, so that nobody without the key can test a guess. All runs of a text take one call. Numbers are no words here,
and a word's letters count in any order: letters that changed places are the commonest slip of the finger.
See `docs/adr/` for why every run is kept and what the evidence of several is worth.
"""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand
from numpy.typing import NDArray

from outguard.detection.fingerprints.words import words_of
from outguard.errors import IntegrityError

SHINGLE = 4
"""Words of a run: one changed word in eight still leaves a run of four."""
NO_PAIR = 0xFFFF
"""No code of a pair: equal to none."""
_FORMAT = 2
_HEAD = 5
_SPACE = 0x20
_NUMBERS = np.frombuffer(hashlib.shake_128(b"outguard words v2").digest(4 * 256), "<u4").astype(np.uint32)
_NUMBERS[_SPACE] = 0
"""A random number for each byte; what parts two words counts nothing."""

U64 = NDArray[np.uint64]
U32 = NDArray[np.uint32]
U16 = NDArray[np.uint16]


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """A text's hashes: of each run of four words, and a short code of each pair, both in order."""

    shingles: U64
    pairs: U16

    @property
    def words(self) -> int:
        """How many words the text has."""
        return len(self.pairs) + 1

    def to_bytes(self) -> bytes:
        """As stored."""
        head = bytes((_FORMAT,)) + len(self.pairs).to_bytes(4, "little")
        return head + self.shingles.astype("<u8").tobytes() + self.pairs.astype("<u2").tobytes()

    @classmethod
    def from_bytes(cls, data: bytes) -> Fingerprint:
        """What `to_bytes` wrote.

        Raises:
            IntegrityError: if it is of another format or cut short.
        """
        count = int.from_bytes(data[1:_HEAD], "little")
        runs = max(0, count - SHINGLE + 2)
        if data[:1] != bytes((_FORMAT,)) or len(data) != _HEAD + 8 * runs + 2 * count:
            raise IntegrityError("a registered text's fingerprints are of an unknown format")
        shingles = np.frombuffer(data, "<u8", runs, _HEAD).astype(np.uint64)
        return cls(shingles, np.frombuffer(data, "<u2", count, _HEAD + 8 * runs).astype(np.uint16))


class Hasher:
    """Hashes runs of words under one tenant's key."""

    def __init__(self, key: bytes) -> None:
        """`key` has 32 random bytes."""
        self._runs, self._pairs = map(KeyedBlocks, derived(key, b"outguard fingerprints v1"))

    def fingerprint(self, text: str) -> Fingerprint:
        """The hashes of a text to register."""
        sums = checksums(words_of(text))
        return Fingerprint(self.shingles(sums), self.pairs(sums))

    def shingles(self, sums: U32) -> U64:
        """A hash of each run of four words."""
        count = len(sums) - SHINGLE + 1
        if count < 1:
            return np.empty(0, np.uint64)
        return self._runs.of(np.ndarray((count, SHINGLE), np.uint32, sums, strides=(4, 4)).tobytes())

    def pairs(self, sums: U32) -> U16:
        """A short code of each pair of words, from 1 to `NO_PAIR` - 1."""
        count = len(sums) - 1
        if count < 1:
            return np.empty(0, np.uint16)
        blocks = np.zeros((count, 2), np.uint64)
        blocks[:, 0] = np.ndarray((count,), np.uint64, sums, strides=(4,))  # each word beside the next
        codes = self._pairs.of(blocks.tobytes()).astype(np.uint16)
        np.minimum(codes, NO_PAIR - 1, out=codes)
        return np.maximum(codes, 1, out=codes)


def derived(key: bytes, purpose: bytes) -> tuple[bytes, bytes]:
    """Two keys of 32 bytes made of one."""
    material = HKDFExpand(hashes.SHA256(), 64, purpose).derive(key)
    return material[:32], material[32:]


def checksums(words: Sequence[bytes]) -> U32:
    """A number for each word, the sum of its letters' numbers. Not secret: the cipher comes after."""
    letters = np.frombuffer(b" ".join((b"", *words)), np.uint8)
    sums: U32 = np.add.reduceat(_NUMBERS.take(letters), (letters == _SPACE).nonzero()[0], dtype=np.uint32)
    return sums


class KeyedBlocks(threading.local):
    """AES of single blocks; each thread has a context of its own, for making one costs more than using it."""

    def __init__(self, key: bytes) -> None:
        cipher = Cipher(algorithms.AES256(key), modes.ECB())  # noqa: S305 - a keyed hash: nothing is encrypted
        self._update = cipher.encryptor().update

    def of(self, blocks: bytes) -> U64:
        """The first half of each encrypted block."""
        return np.frombuffer(self._update(blocks), np.uint64)[::2].copy()
