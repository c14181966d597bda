"""Registering texts: what must not leak, what may always be said, canaries. Of the text itself nothing is kept."""

from __future__ import annotations

import asyncio
import re
from dataclasses import replace

from outguard.detection.fingerprints.registry import prints_of
from outguard.domain.audit import EntryDraft, EntryKind
from outguard.domain.principal import Principal
from outguard.domain.source import CANARY_TYPE, SourceKind, SourceRecord
from outguard.errors import DuplicateCallError, InvalidInputError, NotFoundError, TooLargeError
from outguard.flows.calls import earlier_subject, known_subject, request_digest
from outguard.flows.registered import current_key
from outguard.flows.services import Services
from outguard.ports import Call, Change

ADD, REMOVE = "AddSource", "RemoveSource"
MAX_TEXT_CHARS = 1024 * 1024
MAX_WORDS = 5_000_000
"""Of all registered texts of a tenant: about 60 MB of memory in each server."""
TYPES = ("INTERNAL_NOTE", "SYSTEM_PROMPT", "REASONING", "DEBUG_TRACE", "INTERNAL_RESOURCE", "OTHER_CUSTOMER")
"""What a leak of an internal text may be reported as."""
_NAME = re.compile(r"[^\W_][\w .,:@/()+-]{0,199}\Z")


async def add_source(
    services: Services, principal: Principal, *, request_id: str, name: str, kind: SourceKind, type_: str, text: str
) -> SourceRecord:
    """Register `text` under `name`, in place of what has that name; it counts from the next reply on.

    Other replicas follow within seconds. An empty `type_` stands for INTERNAL_NOTE.

    Raises:
        InvalidInputError: if a value is malformed, or the text too short to be told from others.
        TooLargeError: if the text is too long, or all texts together are.
        RequestIdReusedError: if the request_id was used with other content.
        VersionConflictError: if the name was written at the same moment.
    """
    record_type = _type_of(kind, type_)
    if not _NAME.match(name):
        raise InvalidInputError(
            "a name has 1 to 200 letters, digits, spaces and .,:@/()+-_ and begins with a letter or digit", field="name"
        )
    if len(text) > MAX_TEXT_CHARS:
        raise TooLargeError(f"a registered text has at most {MAX_TEXT_CHARS} characters", field="text")
    content = {"name": name, "kind": kind.value, "type": record_type, "text": text}
    digest = request_digest(request_id, content)
    known = await known_subject(services, principal, method=ADD, request_id=request_id, digest=digest)
    if known is not None:
        return await services.store.get_source(principal.tenant, known)
    key_id, key = current_key(services.sealer, principal.tenant)
    prints, words = await asyncio.to_thread(prints_of, kind, text, key)
    old = await _found(services, principal.tenant, name)
    state = await services.store.sources_state(principal.tenant)
    if state.words + words - (0 if old is None else old.words) > MAX_WORDS:
        raise TooLargeError(f"the registered texts together have at most {MAX_WORDS} words", field="text")
    now = services.clock.now()
    sealed = services.sealer.seal(prints, tenant=principal.tenant, subject_id=name)
    record = SourceRecord(
        name=name,
        tenant=principal.tenant,
        kind=kind,
        type=record_type,
        words=words,
        key_id=key_id,
        sealed=sealed.blob,
        added_by=principal.id,
        created_at=now if old is None or old.is_removed else old.created_at,
        updated_at=now,
        version=1 if old is None else old.version + 1,
    )
    details = {"kind": kind, "type": record_type, "words": words, "prints_mac": sealed.mac}
    return await _commit(
        services, principal, record, EntryKind.SOURCE_ADDED, details, method=ADD, request_id=request_id, digest=digest
    )


async def remove_source(services: Services, principal: Principal, *, request_id: str, name: str) -> SourceRecord:
    """Forget the text of that name; its fingerprints are deleted, that it was there stays on the record.

    Raises:
        NotFoundError: if there is none.
        RequestIdReusedError: if the request_id was used for another.
        VersionConflictError: if the name was written at the same moment.
    """
    digest = request_digest(request_id, {"name": name})
    known = await known_subject(services, principal, method=REMOVE, request_id=request_id, digest=digest)
    if known is not None:
        return await services.store.get_source(principal.tenant, known)
    old = await services.store.get_source(principal.tenant, name)
    if old.is_removed:
        raise NotFoundError("no registered text of that name", field="name")
    now = services.clock.now()
    record = replace(old, is_removed=True, sealed=b"", words=0, updated_at=now, version=old.version + 1)
    return await _commit(
        services, principal, record, EntryKind.SOURCE_REMOVED, {}, method=REMOVE, request_id=request_id, digest=digest
    )


async def list_sources(
    services: Services, principal: Principal, *, after: str = "", limit: int = 50
) -> tuple[SourceRecord, ...]:
    """A page of the registered texts by name."""
    return await services.store.list_sources(principal.tenant, after=after, limit=min(limit, services.limits.max_page))


def _type_of(kind: SourceKind, type_: str) -> str:
    if kind is not SourceKind.INTERNAL:
        if type_:
            raise InvalidInputError("only an internal text has a type", field="type")
        return CANARY_TYPE if kind is SourceKind.CANARY else ""
    if type_ and type_ not in TYPES:
        raise InvalidInputError(f"type is one of {', '.join(TYPES)}", field="type")
    return type_ or TYPES[0]


async def _found(services: Services, tenant: str, name: str) -> SourceRecord | None:
    try:
        return await services.store.get_source(tenant, name)
    except NotFoundError:
        return None


async def _commit(
    services: Services,
    principal: Principal,
    record: SourceRecord,
    kind: EntryKind,
    details: dict[str, object],
    *,
    method: str,
    request_id: str,
    digest: str,
) -> SourceRecord:
    entry = EntryDraft(
        kind=kind, principal_id=principal.id, at=record.updated_at, subject_id=record.name, details=details
    )
    call = Call(
        principal_id=principal.id,
        method=method,
        request_id=request_id,
        request_digest=digest,
        subject_id=record.name,
        at=record.updated_at,
    )
    try:
        await services.store.commit(Change(tenant=record.tenant, entries=(entry,), call=call, sources=(record,)))
    except DuplicateCallError as error:
        name = await earlier_subject(services, principal, error, method=method, request_id=request_id, digest=digest)
        return await services.store.get_source(record.tenant, name)
    finally:
        services.registered.forget(record.tenant)
    return record
