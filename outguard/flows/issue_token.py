"""Credentials: who got one and who lost one is on the record; the secret itself never is."""

from __future__ import annotations

from dataclasses import replace

from outguard.domain.audit import EntryDraft, EntryKind
from outguard.domain.principal import Token
from outguard.errors import NotFoundError
from outguard.flows.services import Services
from outguard.ports import Change


async def issue_token(services: Services, issuer_id: str, token: Token) -> Token:
    """Store a new token (made by `auth.new_token`)."""
    entry = EntryDraft(
        kind=EntryKind.TOKEN_CREATED,
        principal_id=issuer_id,
        at=token.created_at,
        subject_id=token.token_id,
        details={
            "principal": token.principal.id,
            "role": token.principal.role,
            "topics": list(token.principal.topics),
            "skills": list(token.principal.skills),
            "expires_at": token.expires_at,
        },
    )
    await services.store.commit(Change(tenant=token.principal.tenant, entries=(entry,), tokens=(token,)))
    return token


async def revoke_token(services: Services, issuer_id: str, *, tenant: str, token_id: str) -> Token:
    """End a token now; a token that is revoked already stays as it is.

    Raises:
        NotFoundError: if the tenant has no such token.
    """
    token = await services.store.find_token(token_id)
    if token is None or token.principal.tenant != tenant:
        raise NotFoundError("no such token", field="token_id")
    if token.revoked_at is not None:
        return token
    now = services.clock.now()
    revoked = replace(token, revoked_at=now, version=token.version + 1)
    entry = EntryDraft(
        kind=EntryKind.TOKEN_REVOKED,
        principal_id=issuer_id,
        at=now,
        subject_id=token_id,
        details={"principal": token.principal.id},
    )
    await services.store.commit(Change(tenant=tenant, entries=(entry,), tokens=(revoked,)))
    return revoked
