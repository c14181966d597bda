"""The auditor's client: entries, checkpoints, proofs. It fetches; verifying is the offline tool's work."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from outguard.client.face import AsyncFace, Face, SyncFace, blocking
from outguard.client.values import time_of
from outguard.v1 import audit_pb2


@dataclass(frozen=True, kw_only=True, slots=True)
class Entry:
    """An audit leaf; `data` is what is hashed, byte for byte."""

    index: int
    kind: str
    principal_id: str
    at: datetime
    subject_id: str
    data: bytes
    leaf_hash: bytes

    @classmethod
    def of(cls, entry: audit_pb2.Entry) -> Entry:
        """Read the message."""
        return cls(
            index=entry.index,
            kind=entry.kind,
            principal_id=entry.principal_id,
            at=time_of(entry.at),
            subject_id=entry.subject_id,
            data=entry.data,
            leaf_hash=entry.leaf_hash,
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class Checkpoint:
    """A signed tree head; `note` is the C2SP signed note, byte for byte."""

    origin: str
    size: int
    root: bytes
    note: str


class _AuditMethods(Face):
    async def list_entries(
        self, *, start: int = 0, page_size: int = 0, subject_id: str = "", kind: str = ""
    ) -> tuple[Entry, ...]:
        """A page of the record from index `start`."""
        request = audit_pb2.ListEntriesRequest(start=start, page_size=page_size, subject_id=subject_id, kind=kind)
        response = await self._call("AuditService/ListEntries", request, audit_pb2.ListEntriesResponse)
        return tuple(Entry.of(entry) for entry in response.entries)

    async def all_entries(self, *, end: int | None = None, page_size: int = 500) -> tuple[Entry, ...]:
        """Every entry below index `end` (default: all there are), for an export."""
        found: list[Entry] = []
        start: int | None = 0
        while start is not None and (end is None or start < end):
            request = audit_pb2.ListEntriesRequest(start=start, page_size=page_size)
            response = await self._call("AuditService/ListEntries", request, audit_pb2.ListEntriesResponse)
            found += [Entry.of(entry) for entry in response.entries]
            start = response.next_start if response.HasField("next_start") else None
        return tuple(found if end is None else found[:end])

    async def get_checkpoint(self) -> Checkpoint:
        """The newest signed tree head."""
        response = await self._call(
            "AuditService/GetCheckpoint", audit_pb2.GetCheckpointRequest(), audit_pb2.GetCheckpointResponse
        )
        point = response.checkpoint
        return Checkpoint(origin=point.origin, size=point.size, root=point.root, note=point.note)

    async def get_inclusion_proof(self, index: int, tree_size: int) -> tuple[Entry, tuple[bytes, ...]]:
        """The entry and its path in the tree of `tree_size`."""
        request = audit_pb2.GetInclusionProofRequest(index=index, tree_size=tree_size)
        response = await self._call("AuditService/GetInclusionProof", request, audit_pb2.GetInclusionProofResponse)
        return Entry.of(response.entry), tuple(response.hashes)

    async def get_consistency_proof(self, first: int, second: int) -> tuple[bytes, ...]:
        """That the tree of size `second` extends the one of size `first`."""
        request = audit_pb2.GetConsistencyProofRequest(first=first, second=second)
        response = await self._call("AuditService/GetConsistencyProof", request, audit_pb2.GetConsistencyProofResponse)
        return tuple(response.hashes)


class AsyncAuditClient(_AuditMethods, AsyncFace):
    """For auditors, async. Every method raises CallFailedError if the call does not succeed."""


class AuditClient(SyncFace):
    """For auditors, blocking; each method as on `AsyncAuditClient`."""

    list_entries = blocking(_AuditMethods.list_entries)
    all_entries = blocking(_AuditMethods.all_entries)
    get_checkpoint = blocking(_AuditMethods.get_checkpoint)
    get_inclusion_proof = blocking(_AuditMethods.get_inclusion_proof)
    get_consistency_proof = blocking(_AuditMethods.get_consistency_proof)
