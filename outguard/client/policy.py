"""The policy client: which policy decides, and whether other files would make one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from outguard.client.face import AsyncFace, Face, SyncFace, blocking
from outguard.client.values import name_of, number_of, time_of
from outguard.v1 import policy_pb2

_MIN_HOURS = 0.5
"""Decisions of a shorter time say nothing about a working hour."""


@dataclass(frozen=True, kw_only=True, slots=True)
class PolicySummary:
    """The policy that decides."""

    snapshot: str
    version: str
    profiles: tuple[str, ...]
    default_profile: str
    rules: tuple[str, ...]
    loaded_at: datetime | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Problem:
    """Something wrong with a policy file; `line` counts from 1."""

    file: str
    line: int
    path: str
    message: str


@dataclass(frozen=True, kw_only=True, slots=True)
class PolicyChange:
    """One difference: `effect` is STRICTER, LOOSER, UNCLEAR or NEUTRAL, `area` SECURITY, FINANCE or COMPLIANCE."""

    where: str
    effect: str
    area: str
    what: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Reload:
    """What came of reading the files again: `policy` decides now, the files' own is `proposed`."""

    policy: PolicySummary
    loaded: bool
    proposed: str
    changes: tuple[PolicyChange, ...]
    missing_sign_offs: tuple[str, ...]
    problems: tuple[Problem, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class SimulatedRule:
    """The decisions of one rule; `moves` counts them by way ("ALLOW -> DENY"), `examples` are ids that changed."""

    rule_id: str
    stricter: int
    looser: int
    unchanged: int
    moves: Mapping[str, int]
    examples: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Simulation:
    """What other files would have decided; items are those put before people in `hours`, under old and new policy."""

    stricter: int
    looser: int
    unchanged: int
    rules: tuple[SimulatedRule, ...]
    old_items: int
    new_items: int
    hours: float
    cut: bool
    problems: tuple[Problem, ...]

    def as_plain(self, reviewers: int = 0) -> dict[str, object]:
        """In JSON types, with the forecast of items per reviewer-hour where the time and `reviewers` are known."""
        forecast = None
        if self.hours >= _MIN_HOURS and reviewers > 0:
            per_hour = [round(items / self.hours / reviewers, 3) for items in (self.old_items, self.new_items)]
            forecast = {"reviewers": reviewers, "old": per_hour[0], "new": per_hour[1]}
        return {
            "stricter": self.stricter,
            "looser": self.looser,
            "unchanged": self.unchanged,
            "is_cut": self.cut,
            "items": {"old": self.old_items, "new": self.new_items, "hours": round(self.hours, 3)},
            "items_per_reviewer_hour": forecast,
            "rules": [
                {
                    "rule": one.rule_id,
                    "stricter": one.stricter,
                    "looser": one.looser,
                    "unchanged": one.unchanged,
                    "moves": dict(one.moves),
                    "examples": list(one.examples),
                }
                for one in self.rules
            ],
        }


class _PolicyMethods(Face):
    async def get_snapshot(self) -> PolicySummary:
        """The policy that decides now."""
        response = await self._call(
            "PolicyService/GetSnapshot", policy_pb2.GetSnapshotRequest(), policy_pb2.GetSnapshotResponse
        )
        return _summary(response.policy)

    async def list_snapshots(self, *, page_size: int = 50, page_token: str = "") -> tuple[PolicySummary, ...]:
        """Policies that are or were in force, the last loaded first; go on with the last one's snapshot as token."""
        request = policy_pb2.ListSnapshotsRequest(page_size=page_size, page_token=page_token)
        response = await self._call("PolicyService/ListSnapshots", request, policy_pb2.ListSnapshotsResponse)
        return tuple(map(_summary, response.policies))

    async def reload_policy(self, *, request_id: str | None = None) -> Reload:
        """Load the policy files again; what is unsound or unsigned leaves the last good policy in force."""
        request = policy_pb2.ReloadPolicyRequest(request_id=self._request_id(request_id))
        response = await self._call("PolicyService/ReloadPolicy", request, policy_pb2.ReloadPolicyResponse)
        return Reload(
            policy=_summary(response.policy),
            loaded=response.loaded,
            proposed=response.proposed_snapshot,
            changes=tuple(
                PolicyChange(
                    where=one.where,
                    effect=name_of(policy_pb2.PolicyEffect, one.effect, "POLICY_EFFECT_"),
                    area=_area(one.area),
                    what=one.what,
                )
                for one in response.changes
            ),
            missing_sign_offs=tuple(map(_area, response.missing_sign_offs)),
            problems=tuple(map(_problem, response.problems)),
        )

    async def sign_policy(
        self, snapshot: str, area: str, *, reason: str, request_id: str | None = None
    ) -> tuple[str, ...]:
        """Put one's name under a proposed policy for "security", "finance" or "compliance"; the areas signed by now."""
        request = policy_pb2.SignPolicyRequest(
            request_id=self._request_id(request_id),
            snapshot=snapshot,
            area=number_of(policy_pb2.PolicyArea, area, "POLICY_AREA_", "area"),
            reason=reason,
        )
        response = await self._call("PolicyService/SignPolicy", request, policy_pb2.SignPolicyResponse)
        return tuple(map(_area, response.signed))

    async def simulate_policy(
        self, files: Mapping[str, str], *, hours: float = 168.0, timeout_s: float = 600.0
    ) -> Simulation:
        """What these files would have said to the decisions of the last `hours`; nothing takes effect."""
        request = policy_pb2.SimulatePolicyRequest(files=files)
        request.window.FromTimedelta(timedelta(hours=hours))
        response = await self._call(
            "PolicyService/SimulatePolicy", request, policy_pb2.SimulatePolicyResponse, timeout_s=timeout_s
        )
        return Simulation(
            stricter=response.stricter,
            looser=response.looser,
            unchanged=response.unchanged,
            rules=tuple(
                SimulatedRule(
                    rule_id=one.rule_id,
                    stricter=one.stricter,
                    looser=one.looser,
                    unchanged=one.unchanged,
                    moves=dict(one.moves),
                    examples=tuple(one.examples),
                )
                for one in response.rules
            ),
            old_items=response.old_items,
            new_items=response.new_items,
            hours=response.span.ToTimedelta().total_seconds() / 3600,
            cut=response.cut,
            problems=tuple(map(_problem, response.problems)),
        )

    async def validate_policy(self, files: Mapping[str, str]) -> tuple[Problem, ...]:
        """Everything wrong with these files (path to text); empty if they make a policy."""
        request = policy_pb2.ValidatePolicyRequest(files=files)
        response = await self._call("PolicyService/ValidatePolicy", request, policy_pb2.ValidatePolicyResponse)
        return tuple(map(_problem, response.problems))


def _summary(policy: policy_pb2.PolicySummary) -> PolicySummary:
    return PolicySummary(
        snapshot=policy.snapshot,
        version=policy.version,
        profiles=tuple(policy.profiles),
        default_profile=policy.default_profile,
        rules=tuple(policy.rules),
        loaded_at=time_of(policy.load_time) if policy.HasField("load_time") else None,
    )


def _problem(problem: policy_pb2.Problem) -> Problem:
    return Problem(file=problem.file, line=problem.line, path=problem.path, message=problem.message)


def _area(area: int) -> str:
    return name_of(policy_pb2.PolicyArea, area, "POLICY_AREA_")


class AsyncPolicyClient(_PolicyMethods, AsyncFace):
    """For policy, async. Every method raises CallFailedError if the call does not succeed."""


class PolicyClient(SyncFace):
    """For policy, blocking; each method as on `AsyncPolicyClient`."""

    get_snapshot = blocking(_PolicyMethods.get_snapshot)
    list_snapshots = blocking(_PolicyMethods.list_snapshots)
    reload_policy = blocking(_PolicyMethods.reload_policy)
    sign_policy = blocking(_PolicyMethods.sign_policy)
    simulate_policy = blocking(_PolicyMethods.simulate_policy)
    validate_policy = blocking(_PolicyMethods.validate_policy)
