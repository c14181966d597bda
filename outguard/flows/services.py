"""What every use case is handed: ports, policy, limits. Built once by `bootstrap`."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Protocol

from outguard.domain.policy import Policy
from outguard.flows.judge_reply import Judgement, ReplyJudge
from outguard.flows.limits import Limits
from outguard.flows.pause_boards import PauseBoards
from outguard.flows.registered import RegisteredIndexes
from outguard.flows.seen_values import SeenValues
from outguard.flows.turns import Turns
from outguard.policy.source import PolicySource
from outguard.ports import CheckpointSigner, Clock, IdSource, Lottery, Sealer, Store

JUDGING_THREADS = 2
"""More would only take the interpreter from each other, and from everybody else."""


def _judging_threads() -> Executor:
    return ThreadPoolExecutor(JUDGING_THREADS, thread_name_prefix="outguard-judge")


class RuleFolder(Protocol):
    """Where the policy's files come from."""

    @property
    def loaded(self) -> Mapping[str, str]:
        """The files that the process started with."""
        ...

    def read(self) -> Mapping[str, str]:
        """All rule files by path, as they are now. Takes a moment: call it in a thread.

        Raises:
            ConfigError: if they cannot be read.
        """
        ...

    def stamp(self) -> object:
        """Something that differs once a file was added, removed or written; cheap."""
        ...

    def compile(self, files: Mapping[str, str], *, profile: str | None = None) -> Policy:
        """The policy that these files make, in the variant `profile`, else the one that the settings select.

        Raises:
            PolicyError: with every problem of every file.
        """
        ...

    def build_judge(self, files: Mapping[str, str]) -> ReplyJudge:
        """The evaluator that these files' detectors make.

        Raises:
            ConfigError: if they make none.
            PolicyError: with every problem of every file.
        """
        ...


_KEPT_JUDGES = 2
"""A reply that is being judged while policy changes goes on with the evaluator it began with."""


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
    rules: RuleFolder | None = None
    judging: Executor = field(default_factory=_judging_threads)
    registered: RegisteredIndexes = field(init=False)
    values: SeenValues = field(init=False)
    pauses: PauseBoards = field(init=False)
    turns: Turns[Judgement] = field(init=False)
    _judges: dict[str, ReplyJudge] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        """What is kept in memory beside the store."""
        object.__setattr__(self, "registered", RegisteredIndexes(self.store, self.sealer, self.clock))
        object.__setattr__(self, "values", SeenValues(self.store, self.sealer, self.clock, self.limits))
        object.__setattr__(self, "pauses", PauseBoards(self.store))
        object.__setattr__(self, "turns", Turns(self.clock.monotonic))

    def judge_of(self, policy: Policy) -> ReplyJudge:
        """The evaluator that belongs to `policy`: what finds and what decides change together."""
        return self._judges.get(policy.snapshot, self.judge)

    def put_in_force(self, policy: Policy, judge: ReplyJudge) -> None:
        """Let `policy` decide from now on, with its evaluator; calls under way end as they began."""
        self._judges[policy.snapshot] = judge
        self.policies.replace(policy)
        for snapshot in list(self._judges)[:-_KEPT_JUDGES]:
            del self._judges[snapshot]
