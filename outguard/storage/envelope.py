"""Envelope encryption of stored content.

Every item has a fresh 256-bit data key, stored beside it wrapped by a master key (AES-GCM both). Two keys are
derived from the data key (HKDF-Expand, SHA-256): one encrypts, one keys the mac. Both layers are bound to tenant,
subject and format, so a blob moved elsewhere does not open. Destroying the wrapped key is erasure: the
content is gone, and the mac that stays on the record can no longer be linked to any text, not even by
guessing.

A master key wraps at most 2**32 items (random 96-bit nonces); rotate long before.
"""

from __future__ import annotations

import hmac
import os
from dataclasses import dataclass

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from outguard.errors import IntegrityError
from outguard.ports import Sealed
from outguard.storage.keys import KEY_BYTES, KeyRing

VERSION = 1
_INFO = b"outguard envelope v1"
_MARK_INFO = b"outguard marks v1"
_ROOT = b"outguard derived keys v1"
_NONCE_BYTES = 12
_TAG_BYTES = 16
_MAX_TENANT_KEYS = 10_000
_WRAPPED_BYTES = KEY_BYTES + _TAG_BYTES


class AesGcmSealer:
    """A `ports.Sealer` over a key ring."""

    def __init__(self, ring: KeyRing) -> None:
        self._current_id = ring.current_id
        self._wrappers = {key_id: AESGCM(key) for key_id, key in ring.keys.items()}
        ordered = sorted(ring.keys, key=lambda key_id: key_id != ring.current_id)
        self._mark_keys = tuple(hmac.digest(ring.keys[key_id], _MARK_INFO, "sha256") for key_id in ordered)
        current_first = sorted(ring.keys, key=lambda key_id: key_id != ring.current_id)
        self._roots = tuple(hmac.digest(ring.keys[key_id], _ROOT + b"\x01", "sha256") for key_id in current_first)
        self._tenant_keys: dict[tuple[str, str], tuple[bytes, ...]] = {}

    def seal(self, plaintext: bytes, *, tenant: str, subject_id: str) -> Sealed:
        """Encrypt under a fresh key, bound to tenant and subject."""
        key_id = self._current_id
        bound = _associated(key_id, tenant, subject_id)
        chance = os.urandom(KEY_BYTES + 2 * _NONCE_BYTES)
        data_key, wrap_nonce, nonce = chance[:KEY_BYTES], chance[KEY_BYTES:-_NONCE_BYTES], chance[-_NONCE_BYTES:]
        encrypt_key, mac_key = _derive(data_key)
        wrapped = self._wrappers[key_id].encrypt(wrap_nonce, data_key, b"key" + bound)
        body = AESGCM(encrypt_key).encrypt(nonce, plaintext, b"data" + bound)
        blob = _Blob(key_id=key_id, wrap_nonce=wrap_nonce, wrapped=wrapped, nonce=nonce, body=body)
        return Sealed(blob=blob.to_bytes(), mac=_mac(mac_key, plaintext))

    def marks(self, value: str, *, tenant: str) -> tuple[str, ...]:
        """Keyed hashes by which `value` is known again within its tenant, the current master key's first."""
        data = len(tenant).to_bytes(4, "big") + tenant.encode() + value.encode("utf-8", "surrogatepass")
        return tuple(hmac.digest(key, data, "sha256").hex()[:32] for key in self._mark_keys)

    def open(self, blob: bytes, *, tenant: str, subject_id: str) -> bytes:
        """Decrypt.

        Raises:
            IntegrityError: if the blob was changed, belongs to another subject, or its key is gone.
        """
        return self._open(blob, tenant, subject_id)[0]

    def mac_of(self, blob: bytes, *, tenant: str, subject_id: str) -> str:
        """The mac that `seal` gave for this blob, for comparing with the record while the key exists.

        Raises:
            IntegrityError: as `open`.
        """
        plaintext, mac_key = self._open(blob, tenant, subject_id)
        return _mac(mac_key, plaintext)

    def derive_keys(self, *, tenant: str, purpose: str, subject_id: str) -> tuple[bytes, ...]:
        """As the port says: HKDF-Expand of the master key, then of what it gives with the three names as info."""
        if subject_id:
            return self._derived(purpose, tenant, subject_id)
        keys = self._tenant_keys.get((purpose, tenant))
        if keys is None:
            keys = self._derived(purpose, tenant, "")
            if len(self._tenant_keys) < _MAX_TENANT_KEYS:
                self._tenant_keys[purpose, tenant] = keys
        return keys

    def _derived(self, purpose: str, tenant: str, subject_id: str) -> tuple[bytes, ...]:
        info = _associated(purpose, tenant, subject_id) + b"\x01"
        return tuple(hmac.digest(root, info, "sha256") for root in self._roots)

    def _open(self, data: bytes, tenant: str, subject_id: str) -> tuple[bytes, bytes]:
        blob = _Blob.from_bytes(data)
        wrapper = self._wrappers.get(blob.key_id)
        if wrapper is None:
            raise IntegrityError("stored content was sealed with a master key that is not in the key ring")
        bound = _associated(blob.key_id, tenant, subject_id)
        try:
            data_key = wrapper.decrypt(blob.wrap_nonce, blob.wrapped, b"key" + bound)
            encrypt_key, mac_key = _derive(data_key)
            return AESGCM(encrypt_key).decrypt(blob.nonce, blob.body, b"data" + bound), mac_key
        except InvalidTag as error:
            raise IntegrityError("stored content was changed, moved or erased") from error


def erase(blob: bytes) -> bytes:
    """The blob without its wrapped key and content: which master key it had, and that it is gone.

    Raises:
        IntegrityError: if this is no sealed blob.
    """
    old = _Blob.from_bytes(blob)
    return _Blob(
        key_id=old.key_id,
        wrap_nonce=bytes(_NONCE_BYTES),
        wrapped=bytes(_WRAPPED_BYTES),
        nonce=bytes(_NONCE_BYTES),
        body=bytes(_TAG_BYTES),
    ).to_bytes()


@dataclass(frozen=True, kw_only=True, slots=True)
class _Blob:
    """The parts in the order of their bytes; version and the key id's length come first."""

    key_id: str
    wrap_nonce: bytes
    wrapped: bytes
    nonce: bytes
    body: bytes

    def to_bytes(self) -> bytes:
        key_id = self.key_id.encode("ascii")
        head = bytes((VERSION, len(key_id))) + key_id
        return head + self.wrap_nonce + self.wrapped + self.nonce + self.body

    @classmethod
    def from_bytes(cls, data: bytes) -> _Blob:
        if len(data) < 2 or data[0] != VERSION:
            raise IntegrityError("stored content is of an unknown format")
        ends = [2 + data[1]]
        for length in (_NONCE_BYTES, _WRAPPED_BYTES, _NONCE_BYTES):
            ends.append(ends[-1] + length)
        if len(data) < ends[-1] + _TAG_BYTES:
            raise IntegrityError("stored content is cut short")
        return cls(
            key_id=data[2 : ends[0]].decode("ascii", "replace"),
            wrap_nonce=data[ends[0] : ends[1]],
            wrapped=data[ends[1] : ends[2]],
            nonce=data[ends[2] : ends[3]],
            body=data[ends[3] :],
        )


def _associated(key_id: str, tenant: str, subject_id: str) -> bytes:
    """Version, key id (or purpose), tenant and subject, each with its length: no two places share one form."""
    parts = (key_id.encode(), tenant.encode(), subject_id.encode())
    return bytes((VERSION,)) + b"".join(len(part).to_bytes(4, "big") + part for part in parts)


def _derive(data_key: bytes) -> tuple[bytes, bytes]:
    """The keys for encryption and mac: HKDF-Expand (RFC 5869, section 2.3), since a random key needs no extraction."""
    first = hmac.digest(data_key, _INFO + b"\x01", "sha256")
    return first, hmac.digest(data_key, first + _INFO + b"\x02", "sha256")


def _mac(key: bytes, plaintext: bytes) -> str:
    return hmac.digest(key, plaintext, "sha256").hex()
