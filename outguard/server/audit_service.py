"""AuditService: convert, call the flow, convert. Nothing here writes."""

from __future__ import annotations

from collections.abc import Sequence

from outguard.domain.audit import Entry, EntryKind
from outguard.errors import InvalidInputError
from outguard.flows import read_audit
from outguard.flows.services import Services
from outguard.server.convert import read_count, read_text, write_time
from outguard.server.interceptors import Caller
from outguard.v1 import audit_pb2

DEFAULT_PAGE = 100
MAX_PAGE_BYTES = 2 * 1024 * 1024
"""A page ends early rather than outgrow a message; its first entry always fits."""


def write_entry(entry: Entry) -> audit_pb2.Entry:
    """A leaf, byte for byte."""
    return audit_pb2.Entry(
        index=entry.index,
        kind=entry.kind.value,
        principal_id=entry.principal_id,
        at=write_time(entry.at),
        subject_id=entry.subject_id,
        data=entry.data,
        leaf_hash=entry.leaf_hash,
    )


def read_kind(value: str) -> EntryKind | None:
    """A kind of entry by its name; None for the empty one."""
    if not value:
        return None
    try:
        return EntryKind(value)
    except ValueError:
        raise InvalidInputError("kind is no kind of entry", field="kind") from None


def fitting(entries: Sequence[Entry]) -> Sequence[Entry]:
    """As many of the first entries as a page holds."""
    size = 0
    for count, entry in enumerate(entries):
        size += len(entry.data)
        if count and size > MAX_PAGE_BYTES:
            return entries[:count]
    return entries


class AuditHandlers:
    """One method per method of the service."""

    def __init__(self, services: Services) -> None:
        self._services = services

    async def ListEntries(  # noqa: N802 - the proto's name
        self, request: audit_pb2.ListEntriesRequest, caller: Caller
    ) -> audit_pb2.ListEntriesResponse:
        """List a page of the record."""
        page = read_count(request.page_size, "page_size") or DEFAULT_PAGE
        limit = min(page, self._services.limits.max_page)
        entries = await read_audit.list_entries(
            self._services,
            caller.principal,
            start=read_count(request.start, "start"),
            limit=limit,
            subject_id=read_text(request.subject_id, "subject_id") or None,
            kind=read_kind(request.kind),
        )
        page_of = fitting(entries)
        is_last = len(page_of) == len(entries) < limit
        return audit_pb2.ListEntriesResponse(
            entries=[write_entry(entry) for entry in page_of],
            next_start=None if is_last else page_of[-1].index + 1,
        )

    async def GetCheckpoint(  # noqa: N802
        self,
        request: audit_pb2.GetCheckpointRequest,  # noqa: ARG002 - empty
        caller: Caller,
    ) -> audit_pb2.GetCheckpointResponse:
        """Sign the present tree head."""
        point = await read_audit.get_checkpoint(self._services, caller.principal)
        return audit_pb2.GetCheckpointResponse(
            checkpoint=audit_pb2.Checkpoint(
                origin=point.origin, size=point.head.size, root=point.head.root, note=point.note
            )
        )

    async def GetInclusionProof(  # noqa: N802
        self, request: audit_pb2.GetInclusionProofRequest, caller: Caller
    ) -> audit_pb2.GetInclusionProofResponse:
        """Prove an entry."""
        entry, proof = await read_audit.get_inclusion_proof(
            self._services,
            caller.principal,
            index=read_count(request.index, "index"),
            tree_size=read_count(request.tree_size, "tree_size"),
        )
        return audit_pb2.GetInclusionProofResponse(entry=write_entry(entry), hashes=proof.hashes)

    async def GetConsistencyProof(  # noqa: N802
        self, request: audit_pb2.GetConsistencyProofRequest, caller: Caller
    ) -> audit_pb2.GetConsistencyProofResponse:
        """Prove growth."""
        proof = await read_audit.get_consistency_proof(
            self._services,
            caller.principal,
            first=read_count(request.first, "first"),
            second=read_count(request.second, "second"),
        )
        return audit_pb2.GetConsistencyProofResponse(hashes=proof.hashes)
