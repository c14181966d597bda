"""The registered texts of each tenant in memory, kept up with the store.

The store tells a version that grows with every change; it is asked at most every `REFRESH_S`, whoever judges. While a
new index is built, replies are judged with the old one for `MAX_STALE_S` at most; without one, and where building
fails, there is no judging: the caller holds the reply.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace

from outguard.detection.fingerprints.registry import StoredText, TextIndex
from outguard.domain.source import RegisteredTexts, SourceRecord
from outguard.errors import OutguardError
from outguard.ports import Clock, Sealer, SourceStore

PURPOSE = "sources"
REFRESH_S = 1.0
MAX_STALE_S = 15.0
SOON_S = 0.1
_PAGE = 500


@dataclass(frozen=True, kw_only=True, slots=True)
class _Loaded:
    """An index, the version it was built from, when that was last known to be the newest, and how long it took."""

    index: RegisteredTexts | None
    version: int
    checked_at: float
    built_in_s: float


class RegisteredIndexes:
    """One index per tenant that has registered texts."""

    def __init__(self, store: SourceStore, sealer: Sealer, clock: Clock) -> None:
        self._store = store
        self._sealer = sealer
        self._clock = clock
        self._loaded: dict[str, _Loaded] = {}
        self._loading: dict[str, asyncio.Task[_Loaded]] = {}

    async def of(self, tenant: str, *, timeout_s: float | None = None) -> RegisteredTexts | None:
        """The tenant's texts, None where it has none.

        Raises:
            TimeoutError: if they cannot be had in time.
            UnavailableError: if the store does not answer.
            IntegrityError: if a stored text cannot be read or its key is gone.
        """
        loaded = self._loaded.get(tenant)
        age = float("inf") if loaded is None else self._clock.monotonic() - loaded.checked_at
        if loaded is not None and age < REFRESH_S:
            return loaded.index
        task = self._loading.get(tenant)
        if task is None:
            task = self._loading[tenant] = asyncio.create_task(self._refresh(tenant), name="outguard-sources")
            task.add_done_callback(lambda done: self._finish(tenant, done))
        if loaded is not None and age < MAX_STALE_S:
            return loaded.index
        async with asyncio.timeout(timeout_s):
            return (await asyncio.shield(task)).index

    async def warm(self) -> tuple[str, ...]:
        """Load all tenants' texts, so that no reply waits for them; the tenants whose texts could not be loaded.

        Raises:
            UnavailableError: if the store does not answer.
        """
        failed: list[str] = []
        for tenant in await self._store.list_source_tenants():
            try:
                await self.of(tenant)
            except OutguardError:
                failed.append(tenant)
        return tuple(failed)

    def forget(self, tenant: str) -> None:
        """This process has just changed the texts: the next reply waits for the new index if that comes soon."""
        self._loading.pop(tenant, None)
        loaded = self._loaded.get(tenant)
        if loaded is not None:
            age = MAX_STALE_S if loaded.built_in_s <= SOON_S else REFRESH_S
            self._loaded[tenant] = replace(loaded, checked_at=self._clock.monotonic() - age)

    def _finish(self, tenant: str, task: asyncio.Task[_Loaded]) -> None:
        is_current = self._loading.get(tenant) is task
        if is_current:
            del self._loading[tenant]
        if task.cancelled() or task.exception() is not None:
            return  # who waits for it is told; the next who asks tries anew
        if is_current:
            self._loaded[tenant] = task.result()

    async def _refresh(self, tenant: str) -> _Loaded:
        asked_at = self._clock.monotonic()
        version = (await self._store.sources_state(tenant)).version
        loaded = self._loaded.get(tenant)
        if loaded is not None and loaded.version == version:
            return replace(loaded, checked_at=asked_at)
        records = await self._read(tenant) if version else []
        index = await asyncio.to_thread(self._build, tenant, records) if records else None
        took = self._clock.monotonic() - asked_at
        return _Loaded(index=index, version=version, checked_at=asked_at, built_in_s=took)

    async def _read(self, tenant: str) -> list[SourceRecord]:
        records: list[SourceRecord] = []
        while True:
            page = await self._store.list_sources(tenant, after=records[-1].name if records else "", limit=_PAGE)
            records += page
            if len(page) < _PAGE:
                return records

    def _build(self, tenant: str, records: list[SourceRecord]) -> RegisteredTexts:
        texts = (
            StoredText(
                record.name,
                record.kind,
                record.type,
                record.key_id,
                self._sealer.open(record.sealed, tenant=tenant, subject_id=record.name),
            )
            for record in records
        )
        return TextIndex(texts, _keys_by_id(self._sealer, tenant).__getitem__)


def current_key(sealer: Sealer, tenant: str) -> tuple[str, bytes]:
    """Id and key under which a tenant's texts are hashed now."""
    key = _keys(sealer, tenant)[0]
    return _id_of(key), key


def _keys_by_id(sealer: Sealer, tenant: str) -> Mapping[str, bytes]:
    return {_id_of(key): key for key in _keys(sealer, tenant)}


def _keys(sealer: Sealer, tenant: str) -> tuple[bytes, ...]:
    return sealer.derive_keys(tenant=tenant, purpose=PURPOSE, subject_id="")


def _id_of(key: bytes) -> str:
    """What tells a key from others and nothing else."""
    return hashlib.sha256(b"outguard key id" + key).hexdigest()[:16]
