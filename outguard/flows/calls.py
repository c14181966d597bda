"""Idempotency: the same request_id with the same content is answered from the record, with other content refused."""

from __future__ import annotations

import hashlib

from outguard.canonical import canonical_json
from outguard.domain.principal import Principal
from outguard.errors import DuplicateCallError, OutguardError, RequestIdReusedError, UnavailableError
from outguard.flows.services import Services
from outguard.ports import Call


def request_digest(request_id: str, content: object) -> str:
    """A digest of the call's content (bytes as they are, else their canonical form).

    It is salted with the call's random id, so that equal content of two calls does not show.
    """
    data = content if isinstance(content, bytes) else canonical_json(content)
    return hashlib.sha256(request_id.encode() + b"\n" + data).hexdigest()


def check_same(known: Call, digest: str) -> str:
    """The subject of the call on record.

    Raises:
        RequestIdReusedError: if the content differs.
    """
    if known.request_digest != digest:
        raise RequestIdReusedError("this request_id was used for another request; use a new one", field="request_id")
    return known.subject_id


async def known_subject(
    services: Services, principal: Principal, *, method: str, request_id: str, digest: str
) -> str | None:
    """The subject of an earlier identical call, or None if this one is new."""
    known = await services.store.find_call(principal.tenant, principal.id, method, request_id)
    return None if known is None else check_same(known, digest)


async def earlier_subject(
    services: Services, principal: Principal, error: OutguardError, *, method: str, request_id: str, digest: str
) -> str:
    """The subject of the identical call that came first, while this one failed with `error`.

    What the first call did (a state moved, an approval used up) may be the very reason why the second one fails.

    Raises:
        OutguardError: `error`, if there is no such call.
    """
    if isinstance(error, UnavailableError):
        raise error
    subject = await known_subject(services, principal, method=method, request_id=request_id, digest=digest)
    if subject is not None:
        return subject
    if isinstance(error, DuplicateCallError):
        raise UnavailableError("the call on record could not be read; try again with the same request_id")
    raise error
