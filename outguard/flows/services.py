"""What every use case is handed: ports, policy, limits. Built once by `bootstrap`."""

from __future__ import annotations

from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import dataclass, field

from outguard.flows.judge_reply import ReplyJudge
from outguard.flows.registered import RegisteredIndexes
from outguard.policy.source import PolicySource
from outguard.ports import CheckpointSigner, Clock, IdSource, Sealer, Store


@dataclass(frozen=True, kw_only=True, slots=True)
class Limits:
    """Bounds of one call; past a bound the answer is an error or QUARANTINE, never ALLOW."""

    max_text_chars: int = 256 * 1024
    max_payload_depth: int = 64
    max_payload_nodes: int = 20_000
    max_attachments: int = 10
    max_attachment_bytes: int = 1024 * 1024
    evaluation_budget_s: float = 0.3
    claim_lease_s: float = 300.0
    max_wait_s: float = 60.0
    max_page: int = 500


JUDGING_THREADS = 2
"""More would only take the interpreter from each other, and from everybody else."""


def _judging_threads() -> Executor:
    return ThreadPoolExecutor(JUDGING_THREADS, thread_name_prefix="outguard-judge")


@dataclass(frozen=True, kw_only=True, slots=True)
class Services:
    """The outside as the flows see it."""

    store: Store
    sealer: Sealer
    signer: CheckpointSigner
    clock: Clock
    ids: IdSource
    judge: ReplyJudge
    policies: PolicySource
    limits: Limits = field(default_factory=Limits)
    instance: str = "outguard"
    judging: Executor = field(default_factory=_judging_threads)
    registered: RegisteredIndexes = field(init=False)

    def __post_init__(self) -> None:
        """What is kept in memory beside the store."""
        object.__setattr__(self, "registered", RegisteredIndexes(self.store, self.sealer, self.clock))
