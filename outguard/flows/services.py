"""What every use case is handed: ports, policy, limits. Built once by `bootstrap`."""

from __future__ import annotations

from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import dataclass, field

from outguard.flows.judge_reply import ReplyJudge
from outguard.flows.limits import Limits
from outguard.flows.registered import RegisteredIndexes
from outguard.flows.seen_values import SeenValues
from outguard.policy.source import PolicySource
from outguard.ports import CheckpointSigner, Clock, IdSource, Lottery, Sealer, Store

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
    lottery: Lottery
    judge: ReplyJudge
    policies: PolicySource
    limits: Limits = field(default_factory=Limits)
    instance: str = "outguard"
    judging: Executor = field(default_factory=_judging_threads)
    registered: RegisteredIndexes = field(init=False)
    values: SeenValues = field(init=False)

    def __post_init__(self) -> None:
        """What is kept in memory beside the store."""
        object.__setattr__(self, "registered", RegisteredIndexes(self.store, self.sealer, self.clock))
        object.__setattr__(self, "values", SeenValues(self.store, self.sealer, self.clock, self.limits))
