"""The record, for auditors: entries, checkpoints and proofs. Nothing here writes."""

from __future__ import annotations

from outguard.audit.merkle import consistency_path, inclusion_path
from outguard.domain.audit import Checkpoint, Entry, EntryKind, Proof
from outguard.domain.principal import Principal
from outguard.errors import InvalidInputError
from outguard.flows.services import Services


def origin_of(services: Services, tenant: str) -> str:
    """The name of the tenant's log in its checkpoints."""
    return f"{services.instance}/{tenant}"


async def list_entries(
    services: Services,
    principal: Principal,
    *,
    start: int = 0,
    limit: int = 100,
    subject_id: str | None = None,
    kind: EntryKind | None = None,
) -> tuple[Entry, ...]:
    """Entries of the caller's tenant from index `start`."""
    if start < 0:
        raise InvalidInputError("start must not be negative", field="start")
    page = max(1, min(limit, services.limits.max_page))
    return await services.store.list_entries(
        principal.tenant, start=start, limit=page, subject_id=subject_id, kind=kind
    )


async def get_checkpoint(services: Services, principal: Principal) -> Checkpoint:
    """The signed head of the tenant's tree as it is now."""
    head = await services.store.head(principal.tenant)
    origin = origin_of(services, principal.tenant)
    return Checkpoint(origin=origin, head=head, note=services.signer.sign(origin, head))


async def get_inclusion_proof(
    services: Services, principal: Principal, *, index: int, tree_size: int
) -> tuple[Entry, Proof]:
    """The entry and its audit path in the tree of `tree_size` (RFC 6962, section 2.1.1).

    Raises:
        InvalidInputError: if the tree has no such entry or is not that large.
    """
    head = await services.store.head(principal.tenant)
    if not 0 <= index < tree_size <= head.size:
        raise InvalidInputError(f"need 0 <= index < tree_size <= {head.size}, the present size", field="tree_size")
    entry = await services.store.get_entry(principal.tenant, index)
    leaves = await services.store.leaf_hashes(principal.tenant, 0, tree_size)
    return entry, Proof(hashes=tuple(inclusion_path(leaves, index)))


async def get_consistency_proof(services: Services, principal: Principal, *, first: int, second: int) -> Proof:
    """That the tree of size `second` extends the one of size `first` (RFC 6962, section 2.1.2).

    Raises:
        InvalidInputError: if the sizes are out of order or beyond the tree.
    """
    head = await services.store.head(principal.tenant)
    if not 0 < first <= second <= head.size:
        raise InvalidInputError(f"need 0 < first <= second <= {head.size}, the present size", field="second")
    leaves = await services.store.leaf_hashes(principal.tenant, 0, second)
    return Proof(hashes=tuple(consistency_path(leaves, first)))
