"""What is stored of a registered text, and all stored ones of a tenant as one thing to look for."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from outguard.detection.fingerprints.canary import CanaryHasher, CanaryIndex
from outguard.detection.fingerprints.evidence import RUN
from outguard.detection.fingerprints.index import Registered, ShingleIndex
from outguard.detection.fingerprints.shingles import Fingerprint, Hasher
from outguard.domain.source import CANARY_TYPE, Leak, SourceKind
from outguard.errors import IntegrityError, InvalidInputError

_SCORE = 0.95


@dataclass(frozen=True, slots=True)
class StoredText:
    """A registered text as it comes from the store, its fingerprints decrypted."""

    name: str
    kind: SourceKind
    type: str
    key_id: str
    prints: bytes


def prints_of(kind: SourceKind, text: str, key: bytes) -> tuple[bytes, int]:
    """What is kept of a text, and how many words it has (1 for a canary).

    Raises:
        InvalidInputError: if the text is too short to be told from others.
    """
    if kind is SourceKind.CANARY:
        return CanaryHasher(key).prints(text), 1
    fingerprint = Hasher(key).fingerprint(text)
    if fingerprint.words < RUN:
        raise InvalidInputError(f"a registered text has at least {RUN} words; use a canary for less", field="text")
    return fingerprint.to_bytes(), fingerprint.words


class TextIndex:
    """All registered texts of a tenant, as `domain.source.RegisteredTexts`."""

    def __init__(self, texts: Iterable[StoredText], key_of: Callable[[str], bytes]) -> None:
        """Build; `key_of` gives the tenant's key by its id, or raises KeyError.

        Raises:
            IntegrityError: if a key is gone or a text's fingerprints are malformed.
        """
        by_key: defaultdict[str, list[StoredText]] = defaultdict(list)
        for text in texts:
            by_key[text.key_id].append(text)
        self._shingles: list[ShingleIndex] = []
        self._canaries: list[CanaryIndex] = []
        for key_id, group in sorted(by_key.items()):
            try:
                key = key_of(key_id)
            except KeyError:
                raise IntegrityError("registered texts were hashed under a key that is not in the key ring") from None
            self._shingles.append(_shingle_index(group, key))
            self._canaries.append(
                CanaryIndex(
                    CanaryHasher(key), [(one.name, one.prints) for one in group if one.kind is SourceKind.CANARY]
                )
            )

    @property
    def nbytes(self) -> int:
        """Memory of the fingerprints."""
        return sum(index.nbytes for index in self._shingles)

    def find(self, text: str) -> list[Leak]:
        """Every leak in `text`."""
        leaks = [
            Leak(start=start, end=end, name=name, type=kind, score=_SCORE)
            for index in self._shingles
            for start, end, name, kind in index.find(text)
        ]
        leaks += [
            Leak(start=start, end=end, name=name, type=CANARY_TYPE, score=1.0)
            for index in self._canaries
            for start, end, name in index.find(text)
        ]
        return leaks


def _shingle_index(group: Iterable[StoredText], key: bytes) -> ShingleIndex:
    internal = [
        Registered(one.name, one.type, Fingerprint.from_bytes(one.prints))
        for one in group
        if one.kind is SourceKind.INTERNAL
    ]
    public = [Fingerprint.from_bytes(one.prints) for one in group if one.kind is SourceKind.PUBLIC]
    return ShingleIndex(Hasher(key), internal, public)
