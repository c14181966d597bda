"""R7: a window never holds more than its cap, whoever writes, on whatever replica; the same for every store."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from store_values import NOW, TENANT, a_change, an_action, check_tree, later

from outguard.domain.cap import CapClaim, Measure
from outguard.errors import CapExceededError, InvalidInputError, NotFoundError
from outguard.ports import Change, Store
from outguard.storage.store import SqlStore, open_store


def a_claim(**values: Any) -> CapClaim:
    claim = CapClaim(cap_id="cap-1", key="k" * 32, measure=Measure.COUNT, limit=2, window_s=60)
    return replace(claim, **values)


def using(name: str, *claims: CapClaim, at: float = 0.0, tenant: str = TENANT) -> Change:
    """A change that writes one action and uses caps at `at` seconds after NOW."""
    return a_change(
        tenant, actions=(an_action(name, tenant=tenant),), claims=claims or (a_claim(),), claims_at=later(at)
    )


async def test_a_window_takes_as_much_as_its_limit_and_no_more(store: Store) -> None:
    await store.commit(using("a"))
    await store.commit(using("b", at=10))
    with pytest.raises(CapExceededError) as caught:
        await store.commit(using("c", at=20))
    assert caught.value.exceeded == (("cap-1", 40),)
    with pytest.raises(NotFoundError):
        await store.get_action(TENANT, "c")
    assert await check_tree(store) == 2


async def test_a_use_leaves_the_window_when_its_time_is_over(store: Store) -> None:
    for name, at in (("a", 0), ("b", 10)):
        await store.commit(using(name, at=at))
    with pytest.raises(CapExceededError):
        await store.commit(using("c", at=59.9))
    await store.commit(using("c", at=60))
    with pytest.raises(CapExceededError):
        await store.commit(using("d", at=61))


async def test_after_the_time_told_the_same_claim_fits(store: Store) -> None:
    sums = [a_claim(measure=Measure.AMOUNT_USD, limit=100, weight=weight) for weight in (30, 40, 25, 60)]
    for name, claim in zip("abc", sums, strict=False):
        await store.commit(using(name, claim, at=ord(name) - ord("a")))
    with pytest.raises(CapExceededError) as caught:
        await store.commit(using("d", sums[3], at=5))
    wait = caught.value.exceeded[0][1]
    assert wait == 56, "the first two must have left: 60 s after the second"
    with pytest.raises(CapExceededError):
        await store.commit(using("d", sums[3], at=5 + wait - 1))
    await store.commit(using("d", sums[3], at=5 + wait))


async def test_what_can_never_fit_is_told_no_time(store: Store) -> None:
    with pytest.raises(CapExceededError) as caught:
        await store.commit(using("a", a_claim(measure=Measure.AMOUNT_USD, limit=10, weight=11)))
    assert caught.value.exceeded == (("cap-1", None),)


async def test_an_account_counts_once(store: Store) -> None:
    claim = a_claim(measure=Measure.ACCOUNTS, account="one")
    for name in ("a", "b", "c"):
        await store.commit(using(name, claim))
    await store.commit(using("d", replace(claim, account="two")))
    with pytest.raises(CapExceededError) as caught:
        await store.commit(using("e", replace(claim, account="three"), at=1))
    assert caught.value.exceeded == (("cap-1", 59),)
    await store.commit(using("f", claim, at=1))


async def test_all_caps_that_are_used_up_are_named_and_none_is_counted(store: Store) -> None:
    full, free = a_claim(limit=0), a_claim(cap_id="cap-2", key="f" * 32, limit=1)
    with pytest.raises(CapExceededError) as caught:
        await store.commit(using("a", full, free, a_claim(cap_id="cap-3", key="g" * 32, limit=0)))
    assert [cap for cap, _ in caught.value.exceeded] == ["cap-1", "cap-3"]
    await store.commit(using("b", free))


async def test_a_claim_that_a_person_lifted_is_counted_all_the_same(store: Store) -> None:
    lifted = a_claim(limit=1, enforced=False)
    for name in ("a", "b"):
        await store.commit(using(name, lifted))
    with pytest.raises(CapExceededError):
        await store.commit(using("c", a_claim(limit=2)))


async def test_a_clock_set_back_never_empties_a_window(store: Store) -> None:
    for name in ("a", "b"):
        await store.commit(using(name, at=3600))
    with pytest.raises(CapExceededError) as caught:
        await store.commit(using("c", at=0))
    assert caught.value.exceeded == (("cap-1", 3660),)


async def test_windows_of_tenants_and_keys_are_apart(store: Store) -> None:
    tight = a_claim(limit=1)
    await store.commit(using("a", tight))
    await store.commit(using("a", tight, tenant="other"))
    await store.commit(using("b", replace(tight, key="x" * 32)))


async def test_a_use_without_time_or_record_is_malformed(store: Store) -> None:
    for change in (replace(using("a"), claims_at=None), replace(using("a"), actions=())):
        with pytest.raises(InvalidInputError):
            await store.commit(change)


@pytest.fixture
async def replicas(database_url: str) -> AsyncIterator[tuple[SqlStore, ...]]:
    """Three stores on one database."""
    opened = await asyncio.gather(*(open_store(database_url) for _ in range(3)))
    yield tuple(opened)
    for one in opened:
        await one.close()


@pytest.mark.parametrize("measure", [Measure.COUNT, Measure.AMOUNT_USD, Measure.ACCOUNTS])
async def test_no_interleaving_of_replicas_exceeds_a_cap(replicas: tuple[SqlStore, ...], measure: Measure) -> None:
    limit = 21

    async def one(number: int) -> int:
        weight = 1 if measure is Measure.COUNT else 1 + number % 4
        account = f"account-{number % 50}" if measure is Measure.ACCOUNTS else ""
        claim = a_claim(measure=measure, limit=limit, weight=weight, account=account)
        change = using(f"act-{number}", claim, at=number / 1000)
        try:
            await replicas[number % len(replicas)].commit(change)
        except CapExceededError:
            return 0
        return weight

    admitted = await asyncio.gather(*map(one, range(150)))
    if measure is Measure.ACCOUNTS:
        used = {number % 50 for number, weight in enumerate(admitted) if weight}
        assert len(used) == limit
    else:
        assert limit - 3 <= sum(admitted) <= limit


async def test_old_uses_are_forgotten_and_none_that_counts(store: Store) -> None:
    """Long runs do not grow a key's uses without bound, and pruning changes no answer."""
    claim = a_claim(limit=1, window_s=3600)
    day = timedelta(days=1).total_seconds()
    for number in range(100):
        await store.commit(using(f"a-{number}", claim, at=number * 2 * day))
        with pytest.raises(CapExceededError):
            await store.commit(using(f"b-{number}", claim, at=number * 2 * day + 3599))
    assert later(200 * day) > NOW
