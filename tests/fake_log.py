"""A small signed log that tests may copy and spoil."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from outguard.audit.checkpoint import Ed25519Signer
from outguard.audit.entry import build_entry
from outguard.audit.export import export_lines
from outguard.audit.merkle import root_of
from outguard.domain.audit import Checkpoint, Entry, EntryDraft, EntryKind, TreeHead

START = datetime(2026, 3, 1, 12, tzinfo=UTC)


@dataclass(frozen=True, kw_only=True)
class Log:
    """A tenant's whole log and its signer."""

    tenant: str
    signer: Ed25519Signer
    entries: tuple[Entry, ...]

    @property
    def origin(self) -> str:
        return f"outguard.example/prod/{self.tenant}"

    @property
    def verifier_key(self) -> str:
        return self.signer.verifier_key(self.origin)

    def checkpoint(self) -> Checkpoint:
        head = TreeHead(size=len(self.entries), root=root_of(entry.leaf_hash for entry in self.entries))
        return Checkpoint(origin=self.origin, head=head, note=self.signer.sign(self.origin, head))

    def lines(self) -> list[str]:
        return list(
            export_lines(self.entries, checkpoint=self.checkpoint(), verifier_key=self.verifier_key, tenant=self.tenant)
        )


def make_log(tenant: str = "default", *, size: int = 7, seed: int = 1) -> Log:
    """A log of `size` entries; each seed has its own signing key."""
    entries = tuple(
        build_entry(
            EntryDraft(
                kind=EntryKind.REPLY_DECIDED,
                principal_id="agent-1",
                at=START + timedelta(seconds=index),
                subject_id=f"rep-{index}",
                details={"verdict": "ALLOW", "note": "naïve ✓"},
            ),
            tenant,
            index,
        )
        for index in range(size)
    )
    signer = Ed25519Signer(Ed25519PrivateKey.from_private_bytes(bytes([seed]) * 32))
    return Log(tenant=tenant, signer=signer, entries=entries)
