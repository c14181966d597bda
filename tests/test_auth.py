"""Tokens: only the right, living secret is somebody; nobody else learns why not."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import timedelta

import pytest
from fakes import FakeClock

from outguard.auth import Authenticator, hash_secret, new_token
from outguard.domain.principal import Principal, Role, Token
from outguard.errors import InvalidInputError, UnauthenticatedError, UnavailableError

ANN = Principal(id="ann", role=Role.REVIEWER, tenant="default", skills=("ops",))


class Tokens:
    """A token store that counts how often it is asked."""

    def __init__(self, *tokens: Token) -> None:
        self.tokens = {token.token_id: token for token in tokens}
        self.asked = 0
        self.is_down = False

    async def find_token(self, token_id: str) -> Token | None:
        self.asked += 1
        if self.is_down:
            raise UnavailableError("down")
        return self.tokens.get(token_id)

    async def list_tokens(self, tenant: str) -> tuple[Token, ...]:
        return tuple(token for token in self.tokens.values() if token.principal.tenant == tenant)


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


def issued(clock: FakeClock, ttl_s: float = 3600) -> tuple[Token, str]:
    return new_token(ANN, now=clock.now(), ttl_s=ttl_s)


def test_new_token_keeps_only_the_hash_of_its_secret(clock: FakeClock) -> None:
    token, bearer = issued(clock)
    prefix, token_id, secret = bearer.split("_")
    assert (prefix, token_id) == ("og", token.token_id)
    assert len(bytes.fromhex(secret)) == 32
    assert token.secret_hash == hash_secret(secret) == hashlib.sha256(secret.encode()).hexdigest()
    assert secret not in repr(token)
    assert token.expires_at == clock.now() + timedelta(hours=1)


def test_tokens_are_never_alike(clock: FakeClock) -> None:
    assert len({issued(clock)[1] for _ in range(50)}) == 50


@pytest.mark.parametrize("ttl_s", [0, -1, 0.5, float("nan"), float("inf"), 4e8])
def test_life_time_is_bounded(clock: FakeClock, ttl_s: float) -> None:
    with pytest.raises(InvalidInputError):
        issued(clock, ttl_s)


async def test_right_token_is_its_principal(clock: FakeClock) -> None:
    token, bearer = issued(clock)
    assert await Authenticator(Tokens(token), clock).authenticate(bearer) == ANN


def spoiled(bearer: str) -> list[str]:
    """Bearer strings that look more or less like a real one."""
    _, token_id, secret = bearer.split("_")
    flipped = ("0" if secret[0] != "0" else "1") + secret[1:]
    return [
        "",
        "og",
        bearer[:-1],
        bearer + "0",
        bearer + "\n",
        " " + bearer,
        "Bearer " + bearer,
        bearer.upper(),
        f"og_{token_id}_{flipped}",
        f"og_{token_id}_{hash_secret(secret)}",
        f"og_tok-unknown_{secret}",
        f"og__{secret}",
        f"xx_{token_id}_{secret}",
        f"og_{token_id}_{secret[:-1]}é",
        f"og_{token_id}_{secret[:-1]}٣",
        "og_" + "a" * 1_000_000,
    ]


async def test_whatever_is_wrong_the_answer_is_the_same(clock: FakeClock) -> None:
    token, bearer = issued(clock)
    revoked, revoked_bearer = issued(clock)
    store = Tokens(token, replace(revoked, revoked_at=clock.now()))
    messages = set()
    for wrong in [*spoiled(bearer), revoked_bearer]:
        with pytest.raises(UnauthenticatedError) as caught:
            await Authenticator(store, clock).authenticate(wrong)
        messages.add(str(caught.value))
    assert len(messages) == 1


async def test_only_the_holder_of_the_secret_hears_of_expiry(clock: FakeClock) -> None:
    token, bearer = issued(clock, 60)
    auth = Authenticator(Tokens(token), clock)
    await auth.authenticate(bearer)
    clock.advance(60)
    with pytest.raises(UnauthenticatedError, match="expired"):
        await auth.authenticate(bearer)
    for wrong in spoiled(bearer):
        with pytest.raises(UnauthenticatedError) as caught:
            await auth.authenticate(wrong)
        assert "expired" not in str(caught.value)


async def test_expiry_counts_within_the_cache_time(clock: FakeClock) -> None:
    token, bearer = issued(clock, 2)
    auth = Authenticator(Tokens(token), clock, cache_s=1000)
    await auth.authenticate(bearer)
    clock.advance(3)
    with pytest.raises(UnauthenticatedError):
        await auth.authenticate(bearer)


async def test_store_is_asked_once_per_cache_time(clock: FakeClock) -> None:
    token, bearer = issued(clock)
    store = Tokens(token)
    auth = Authenticator(store, clock)
    for _ in range(5):
        await auth.authenticate(bearer)
    assert store.asked == 1
    clock.advance(5)
    await auth.authenticate(bearer)
    assert store.asked == 2


async def test_revocation_elsewhere_counts_after_the_cache_time(clock: FakeClock) -> None:
    token, bearer = issued(clock)
    store = Tokens(token)
    auth = Authenticator(store, clock)
    await auth.authenticate(bearer)
    store.tokens[token.token_id] = replace(token, revoked_at=clock.now())
    clock.advance(5)
    with pytest.raises(UnauthenticatedError):
        await auth.authenticate(bearer)


async def test_forgotten_token_is_looked_up_at_once(clock: FakeClock) -> None:
    token, bearer = issued(clock)
    store = Tokens(token)
    auth = Authenticator(store, clock)
    await auth.authenticate(bearer)
    del store.tokens[token.token_id]
    auth.forget(token.token_id)
    with pytest.raises(UnauthenticatedError):
        await auth.authenticate(bearer)


async def test_wrong_secret_is_refused_from_the_cache_too(clock: FakeClock) -> None:
    token, bearer = issued(clock)
    auth = Authenticator(Tokens(token), clock)
    await auth.authenticate(bearer)
    with pytest.raises(UnauthenticatedError):
        await auth.authenticate(bearer[:-4] + ("0000" if bearer[-4:] != "0000" else "1111"))


async def test_cache_is_bounded_and_unknown_ids_are_not_kept(clock: FakeClock) -> None:
    pairs = [issued(clock) for _ in range(5)]
    store = Tokens(*(token for token, _ in pairs))
    auth = Authenticator(store, clock, max_cached=3)
    for _, bearer in pairs:
        await auth.authenticate(bearer)
    for at in range(20):
        with pytest.raises(UnauthenticatedError):
            await auth.authenticate(f"og_tok-{at}_{'0' * 64}")
    assert len(auth._cache) == 3
    asked = store.asked
    await auth.authenticate(pairs[4][1])
    assert store.asked == asked
    await auth.authenticate(pairs[0][1])
    assert store.asked == asked + 1


async def test_store_that_is_down_lets_nobody_in(clock: FakeClock) -> None:
    token, bearer = issued(clock)
    store = Tokens(token)
    store.is_down = True
    with pytest.raises(UnavailableError):
        await Authenticator(store, clock).authenticate(bearer)
