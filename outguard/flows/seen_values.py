"""Whose value it is, across a tenant's conversations: learned with every decision, looked up before a reply leaves.

Only keyed hashes are kept, for as long as the tenant's retention says. What this process wrote lately is not written
again, so that a conversation writes its values once.
"""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from collections.abc import Iterable
from datetime import timedelta
from functools import lru_cache

from outguard.detection.others_values import keys_in, keys_of_phone, keys_of_value
from outguard.domain.authority import AuthorityProfile
from outguard.domain.context import ReplyContext
from outguard.domain.reply import Customer, Recipient
from outguard.domain.seen_value import SHARED_FROM, SeenValue
from outguard.flows.limits import Limits
from outguard.ports import Clock, Sealer, ValueStore

PURPOSE = "seen values"
REWRITE_AFTER = timedelta(days=1)
MAX_VALUES = 50
"""Of one customer's values so many are learned."""
PRUNE_EVERY_S = 3600.0
_MAX_RECENT = 100_000


class SeenValues:
    """The tenant's index of values, as the flows use it."""

    def __init__(self, store: ValueStore, sealer: Sealer, clock: Clock, limits: Limits) -> None:
        self._store = store
        self._sealer = sealer
        self._clock = clock
        self._limits = limits
        self._prune_at = 0.0
        self._recent: OrderedDict[tuple[str, bytes, bytes], float] = OrderedDict()

    def unknown(self, tenant: str, found: frozenset[str], context: ReplyContext) -> frozenset[str]:
        """Those keys found in a reply that are worth looking up: neither the recipient's nor the company's own."""
        if not found or not self._retention(tenant):
            return frozenset()
        own = _keys_of_person(context.customer, context.recipient)
        return found - own - _keys_of(context.profile.public_values) - _keys_in_message(context.last_user)

    async def foreign(self, tenant: str, wanted: frozenset[str], context: ReplyContext) -> frozenset[str]:
        """Those of the `unknown` keys that are on record as other customers' and not as the recipient's.

        Raises:
            UnavailableError: if the store does not answer.
        """
        if not wanted:
            return frozenset()
        own = _keys_of_person(context.customer, context.recipient)
        keys = self._sealer.derive_keys(tenant=tenant, purpose=PURPOSE, subject_id="")
        identity = {
            _hash(key, f"o:{name}") for key in keys for name in _identities(context.customer, context.recipient)
        }
        mails = {_hash(key, mail) for key in keys for mail in own if mail.startswith("e:")}
        hashes = {_hash(key, value): value for key in keys for value in wanted}
        since = self._clock.now() - self._retention(tenant)
        owners: dict[bytes, set[bytes]] = {}
        for seen in await self._store.find_values(tenant, [*hashes, *mails]):
            if seen.seen_at >= since:
                owners.setdefault(seen.value, set()).add(seen.owner)
        for mail in mails:  # the same person under another id
            identity |= owners.get(mail, set())
        return frozenset(
            value
            for hashed, value in hashes.items()
            if 0 < len(theirs := owners.get(hashed, set())) < SHARED_FROM and identity.isdisjoint(theirs)
        )

    def of_customer(
        self, tenant: str, customer: Customer, recipient: Recipient, profile: AuthorityProfile
    ) -> tuple[SeenValue, ...]:
        """What to write with a reply's decision: the values that the runtime says are this customer's."""
        names = _identities(customer, recipient)
        if not names or not self._retention(tenant):
            return ()
        chosen = sorted(_keys_of_person(customer, recipient) - _keys_of(profile.public_values))[:MAX_VALUES]
        if not chosen:
            return ()
        key = self._sealer.derive_keys(tenant=tenant, purpose=PURPOSE, subject_id="")[0]
        owner, now = _hash(key, f"o:{names[0]}"), self._clock.now()
        since = now.timestamp() - REWRITE_AFTER.total_seconds()
        hashes = (_hash(key, value) for value in chosen)
        return tuple(
            SeenValue(value=hashed, owner=owner, seen_at=now)
            for hashed in hashes
            if self._recent.get((tenant, hashed, owner), 0.0) <= since
        )

    def written(self, tenant: str, values: Iterable[SeenValue]) -> None:
        """These are on record now."""
        for one in values:
            self._recent[tenant, one.value, one.owner] = one.seen_at.timestamp()
            self._recent.move_to_end((tenant, one.value, one.owner))
        while len(self._recent) > _MAX_RECENT:
            self._recent.popitem(last=False)

    async def prune_when_due(self) -> int:
        """`prune`, once an hour, and again at once while there is more."""
        now = self._clock.monotonic()
        if now < self._prune_at:
            return 0
        pruned = await self.prune()
        self._prune_at = now if pruned else now + PRUNE_EVERY_S
        return pruned

    async def prune(self) -> int:
        """Forget what is older than its tenant's retention, and the oldest beyond the bound; how many were."""
        now = self._clock.now()
        by_tenant = {name: now - timedelta(days=days) for name, days in self._limits.tenant_value_days.items()}
        before = now - timedelta(days=self._limits.value_days)
        return await self._store.prune_values(before=before, by_tenant=by_tenant, keep=self._limits.max_values)

    def _retention(self, tenant: str) -> timedelta:
        return timedelta(days=self._limits.tenant_value_days.get(tenant, self._limits.value_days))


def _hash(key: bytes, value: str) -> bytes:
    return hashlib.blake2b(value.encode("utf-8", "surrogatepass"), key=key, digest_size=16).digest()


def _identities(customer: Customer | None, recipient: Recipient) -> list[str]:
    """Who it is, the surest name first."""
    names = [recipient.customer_id] if customer is None else [customer.id, recipient.customer_id, *customer.emails]
    return list(dict.fromkeys(name.casefold() for name in (*names, recipient.address) if name))


def _keys_of_person(customer: Customer | None, recipient: Recipient) -> frozenset[str]:
    values: tuple[str, ...] = (recipient.address, recipient.customer_id)
    if customer is None:
        return _keys_of(values)
    phones = frozenset(key for phone in customer.phones for key in keys_of_phone(phone))
    return _keys_of((*values, customer.id, *customer.emails, *customer.known_values)) | phones


@lru_cache(maxsize=256)
def _keys_of(values: tuple[str, ...]) -> frozenset[str]:
    return frozenset(key for value in dict.fromkeys(values) if value for key in keys_of_value(value))


def _keys_in_message(message: str) -> frozenset[str]:
    """What the customer wrote themselves tells them nothing."""
    return frozenset(key for key, _, _ in keys_in(message)) if message else frozenset()
