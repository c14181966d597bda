"""Pseudonyms that replies carry: kept encrypted while they live, turned back for people who may (R24)."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from outguard.domain.audit import EntryDraft, EntryKind
from outguard.domain.policy import Policy
from outguard.domain.principal import Principal
from outguard.domain.pseudonym import IssuedPseudonym, Pseudonym
from outguard.errors import PseudonymExpiredError, UnknownPseudonymError, VersionConflictError
from outguard.flows.expire_approval import SYSTEM
from outguard.flows.services import Services
from outguard.ports import Change
from outguard.redaction.keyed import is_issued

PURPOSE = "pseudonym"


@dataclass(frozen=True, kw_only=True, slots=True)
class ResolvedPseudonym:
    """What a pseudonym stands for."""

    pseudonym: Pseudonym
    value: str = field(repr=False)


def conversation_key(services: Services, tenant: str, conversation_id: str) -> bytes:
    """The key that makes the words of a conversation now."""
    return services.sealer.derive_keys(tenant=tenant, purpose=PURPOSE, subject_id=conversation_id)[0]


async def to_store(
    services: Services,
    policy: Policy,
    issued: Iterable[IssuedPseudonym],
    *,
    tenant: str,
    conversation_id: str,
    now: datetime,
) -> tuple[Pseudonym, ...]:
    """The records to write with a reply that carries these words; a word that is there already lives on.

    A record may move until the change is written (VersionConflictError): make them anew then.
    """
    expires_at = now + timedelta(seconds=policy.reply.pseudonym_lifetime_s)
    records: list[Pseudonym] = []
    for one in issued:
        known = await services.store.find_pseudonym(tenant, one.word)
        sealed = services.sealer.seal(_bytes(one.value), tenant=tenant, subject_id=one.word)
        records.append(
            Pseudonym(
                word=one.word,
                tenant=tenant,
                conversation_id=conversation_id,
                type=one.type,
                sealed=sealed.blob,
                created_at=now if known is None else known.created_at,
                expires_at=expires_at if known is None else max(expires_at, known.expires_at),
                version=1 if known is None else known.version + 1,
            )
        )
    return tuple(records)


async def resolve_pseudonym(
    services: Services, principal: Principal, *, conversation_id: str, word: str
) -> ResolvedPseudonym:
    """What `word` stands for in the conversation; reading it, and trying to, is on the record first.

    Raises:
        UnknownPseudonymError: if it is none of this conversation's: forged, mistyped, or another conversation's.
        PseudonymExpiredError: if its time is over.
    """
    now = services.clock.now()
    try:
        found = await _find(services, principal.tenant, conversation_id, word, now)
    except (UnknownPseudonymError, PseudonymExpiredError) as error:
        refused = EntryDraft(
            kind=EntryKind.PSEUDONYM_REFUSED,
            principal_id=principal.id,
            at=now,
            subject_id=conversation_id,
            details={"reason": error.reason},
        )
        await services.store.commit(Change(tenant=principal.tenant, entries=(refused,)))
        raise
    data = services.sealer.open(found.sealed, tenant=found.tenant, subject_id=found.word)
    entry = EntryDraft(
        kind=EntryKind.PSEUDONYM_RESOLVED,
        principal_id=principal.id,
        at=now,
        subject_id=found.word,
        details={"conversation_id": conversation_id, "type": found.type},
    )
    await services.store.commit(Change(tenant=principal.tenant, entries=(entry,)))
    return ResolvedPseudonym(pseudonym=found, value=data.decode("utf-8", "surrogatepass"))


async def erase_expired(services: Services, *, limit: int = 100) -> int:
    """Erase the values of up to `limit` pseudonyms whose time is over; how many were looked at."""
    now = services.clock.now()
    expired = await services.store.list_expired_pseudonyms(now, limit)
    for one in expired:
        erased = replace(one, sealed=b"", erased_at=now, version=one.version + 1)
        entry = EntryDraft(
            kind=EntryKind.PSEUDONYM_ERASED,
            principal_id=SYSTEM,
            at=now,
            subject_id=one.word,
            details={"conversation_id": one.conversation_id, "type": one.type},
        )
        with suppress(VersionConflictError):  # issued again, or erased by another replica
            await services.store.commit(Change(tenant=one.tenant, entries=(entry,), pseudonyms=(erased,)))
    return len(expired)


async def _find(services: Services, tenant: str, conversation_id: str, word: str, now: datetime) -> Pseudonym:
    keys = services.sealer.derive_keys(tenant=tenant, purpose=PURPOSE, subject_id=conversation_id)
    found = await services.store.find_pseudonym(tenant, word) if is_issued(keys, word) else None
    if found is None or found.conversation_id != conversation_id:
        raise UnknownPseudonymError("this is no pseudonym of the conversation", field="pseudonym")
    if now >= found.expires_at or found.erased_at is not None:
        raise PseudonymExpiredError("the pseudonym has expired", field="pseudonym")
    return found


def _bytes(value: str) -> bytes:
    return value.encode("utf-8", "surrogatepass")
