"""Bearer tokens to principals.

A token is `og_<token id>_<secret>` with 256 random bits of secret, of which only the SHA-256 is stored.
Whatever is wrong with a token, the caller hears the same sentence; only the holder of the right secret learns
that it has expired. Tokens are cached for a few seconds, so a revocation made by another process takes at
most that long.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from collections import OrderedDict
from datetime import datetime, timedelta

from outguard.domain.principal import Principal, Token
from outguard.errors import InvalidInputError, UnauthenticatedError
from outguard.ports import Clock, TokenStore

MAX_TTL_S = 10 * 365 * 24 * 3600
_BEARER = re.compile(r"og_(?P<id>[a-z0-9-]{1,64})_(?P<secret>[0-9a-f]{64})\Z")
_MAX_BEARER_CHARS = 200
_NO_HASH = hashlib.sha256(b"").hexdigest()
_REFUSED = "the token is not valid; ask an administrator for a new one"


def hash_secret(secret: str) -> str:
    """SHA-256 in hex. No salt or stretching: the secret is 256 random bits."""
    return hashlib.sha256(secret.encode()).hexdigest()


def new_token(principal: Principal, *, now: datetime, ttl_s: float) -> tuple[Token, str]:
    """A fresh token for storing, and the bearer string to show once.

    Raises:
        InvalidInputError: if the life time is not 1 second to 10 years.
    """
    if not 1 <= ttl_s <= MAX_TTL_S:
        raise InvalidInputError("a token lives 1 second to 10 years", field="ttl_s")
    token_id, secret = "tok-" + secrets.token_hex(8), secrets.token_hex(32)
    token = Token(
        token_id=token_id,
        principal=principal,
        secret_hash=hash_secret(secret),
        created_at=now,
        expires_at=now + timedelta(seconds=ttl_s),
    )
    return token, f"og_{token_id}_{secret}"


class Authenticator:
    """Answers who a bearer string stands for; keeps at most `max_cached` tokens for `cache_s` seconds."""

    def __init__(self, store: TokenStore, clock: Clock, *, cache_s: float = 5.0, max_cached: int = 10_000) -> None:
        self._store = store
        self._clock = clock
        self._cache_s = cache_s
        self._max_cached = max_cached
        self._cache: OrderedDict[str, tuple[float, Token]] = OrderedDict()

    async def authenticate(self, bearer: str) -> Principal:
        """The principal of a bearer string (without the word "Bearer").

        Raises:
            UnauthenticatedError: if it is malformed, unknown, wrong, revoked or expired.
            UnavailableError: if the store cannot be read.
        """
        match = _BEARER.match(bearer) if len(bearer) <= _MAX_BEARER_CHARS else None
        if match is None:
            raise UnauthenticatedError(_REFUSED)
        token = await self._find(match["id"])
        stored = _NO_HASH if token is None else token.secret_hash
        is_right = hmac.compare_digest(hash_secret(match["secret"]).encode(), stored.encode())
        if token is None or not is_right or token.revoked_at is not None:
            raise UnauthenticatedError(_REFUSED)
        if token.expires_at <= self._clock.now():
            raise UnauthenticatedError("the token has expired; ask an administrator for a new one")
        return token.principal

    def forget(self, token_id: str) -> None:
        """Drop a token from the cache, so that its revocation counts in this process at once."""
        self._cache.pop(token_id, None)

    async def _find(self, token_id: str) -> Token | None:
        now = self._clock.monotonic()
        cached = self._cache.get(token_id)
        if cached is not None and now - cached[0] < self._cache_s:
            return cached[1]
        token = await self._store.find_token(token_id)
        if token is None:
            self._cache.pop(token_id, None)
            return None
        self._cache[token_id] = (now, token)
        self._cache.move_to_end(token_id)
        while len(self._cache) > self._max_cached:
            self._cache.popitem(last=False)
        return token
