"""Numbers that decide what is looked at: the same on every replica, foreseeable by nobody without the master key."""

from __future__ import annotations

import hashlib
import hmac
import json

from outguard.storage.keys import KeyRing

_RANGE = 2**53


class KeyedLottery:
    """As `ports.Lottery`: HMAC-SHA256 under a key made from the ring's current master key."""

    def __init__(self, ring: KeyRing) -> None:
        self._key = hmac.new(ring.keys[ring.current_id], b"outguard/lottery/1", hashlib.sha256).digest()

    def __repr__(self) -> str:
        return "KeyedLottery()"

    def draw(self, tenant: str, subject_id: str, purpose: str) -> float:
        """As the port says."""
        ticket = json.dumps([tenant, purpose, subject_id]).encode()
        mac = hmac.new(self._key, ticket, hashlib.sha256).digest()
        return (int.from_bytes(mac[:8]) >> 11) / _RANGE
