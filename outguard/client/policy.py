"""The policy client: which policy decides, and whether other files would make one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from outguard.client.face import AsyncFace, Face, SyncFace, blocking
from outguard.v1 import policy_pb2


@dataclass(frozen=True, kw_only=True, slots=True)
class PolicySummary:
    """The policy that decides."""

    snapshot: str
    version: str
    profiles: tuple[str, ...]
    default_profile: str
    rules: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Problem:
    """Something wrong with a policy file; `line` counts from 1."""

    file: str
    line: int
    path: str
    message: str


class _PolicyMethods(Face):
    async def get_snapshot(self) -> PolicySummary:
        """The policy that decides now."""
        response = await self._call(
            "PolicyService/GetSnapshot", policy_pb2.GetSnapshotRequest(), policy_pb2.GetSnapshotResponse
        )
        policy = response.policy
        return PolicySummary(
            snapshot=policy.snapshot,
            version=policy.version,
            profiles=tuple(policy.profiles),
            default_profile=policy.default_profile,
            rules=tuple(policy.rules),
        )

    async def validate_policy(self, files: Mapping[str, str]) -> tuple[Problem, ...]:
        """Everything wrong with these files (path to text); empty if they make a policy."""
        request = policy_pb2.ValidatePolicyRequest(files=files)
        response = await self._call("PolicyService/ValidatePolicy", request, policy_pb2.ValidatePolicyResponse)
        return tuple(
            Problem(file=one.file, line=one.line, path=one.path, message=one.message) for one in response.problems
        )


class AsyncPolicyClient(_PolicyMethods, AsyncFace):
    """For policy, async. Every method raises CallFailedError if the call does not succeed."""


class PolicyClient(SyncFace):
    """For policy, blocking; each method as on `AsyncPolicyClient`."""

    get_snapshot = blocking(_PolicyMethods.get_snapshot)
    validate_policy = blocking(_PolicyMethods.validate_policy)
