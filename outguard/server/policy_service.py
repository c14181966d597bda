"""PolicyService: convert, call the flow, convert."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from google.protobuf.duration_pb2 import Duration

from outguard.domain.policy import Problem
from outguard.domain.policy_change import Area, PolicyChange
from outguard.domain.simulation import RuleRow
from outguard.errors import PolicyError, TooLargeError
from outguard.flows import load_policy, read_policy, sign_policy, simulate_policy
from outguard.flows.services import Services
from outguard.server.convert import read_count, read_id, read_request_id, read_text, read_wait, write_time
from outguard.server.enums import POLICY_AREA, POLICY_EFFECT
from outguard.server.interceptors import Caller
from outguard.v1 import policy_pb2

_PAGE = 50
MAX_FILES = 200
MAX_FILE_CHARS = 3 * 1024 * 1024


class PolicyHandlers:
    """One method per method of the service."""

    def __init__(self, services: Services) -> None:
        self._services = services

    async def GetSnapshot(  # noqa: N802 - the proto's name
        self,
        request: policy_pb2.GetSnapshotRequest,  # noqa: ARG002 - empty
        caller: Caller,
    ) -> policy_pb2.GetSnapshotResponse:
        """Tell which policy decides."""
        summary = await read_policy.get_snapshot(self._services, caller.principal)
        return policy_pb2.GetSnapshotResponse(policy=_summary(summary))

    async def ListSnapshots(  # noqa: N802
        self, request: policy_pb2.ListSnapshotsRequest, caller: Caller
    ) -> policy_pb2.ListSnapshotsResponse:
        """List policies that are or were in force."""
        found, token = await read_policy.list_snapshots(
            self._services,
            caller.principal,
            page_size=read_count(request.page_size, "page_size") or _PAGE,
            page_token=read_text(request.page_token, "page_token"),
        )
        return policy_pb2.ListSnapshotsResponse(policies=map(_summary, found), next_page_token=token)

    async def ReloadPolicy(  # noqa: N802
        self, request: policy_pb2.ReloadPolicyRequest, caller: Caller
    ) -> policy_pb2.ReloadPolicyResponse:
        """Load the policy files again."""
        request_id = read_request_id(request.request_id)
        problems: tuple[Problem, ...] = ()
        load = None
        try:
            load = await load_policy.reload_policy(self._services, caller.principal, request_id=request_id)
        except PolicyError as error:
            problems = tuple(one for one in error.problems if isinstance(one, Problem))
        current = await read_policy.get_snapshot(self._services, caller.principal)
        return policy_pb2.ReloadPolicyResponse(
            policy=_summary(current),
            loaded=load is not None and load.proposed == current.snapshot,
            proposed_snapshot="" if load is None else load.proposed,
            changes=() if load is None else map(_change, load.changes),
            missing_sign_offs=() if load is None else map(_area, load.missing),
            problems=map(_problem, problems),
        )

    async def SignPolicy(  # noqa: N802
        self, request: policy_pb2.SignPolicyRequest, caller: Caller
    ) -> policy_pb2.SignPolicyResponse:
        """Put the caller's name under a proposed policy."""
        signed = await sign_policy.sign_policy(
            self._services,
            caller.principal,
            request_id=read_request_id(request.request_id),
            snapshot=read_id(request.snapshot, "snapshot"),
            area=POLICY_AREA.read(request.area, "area"),
            reason=read_text(request.reason, "reason", sign_policy.MAX_REASON),
        )
        areas = dict.fromkeys(one.area for one in signed.sign_offs)
        return policy_pb2.SignPolicyResponse(snapshot=signed.snapshot, signed=map(_area, areas))

    async def SimulatePolicy(  # noqa: N802
        self, request: policy_pb2.SimulatePolicyRequest, caller: Caller
    ) -> policy_pb2.SimulatePolicyResponse:
        """Run policy files over the record."""
        files = _files(request.files)
        window = timedelta(seconds=read_wait(request.window, "window") or 0) if request.HasField("window") else None
        try:
            found = await simulate_policy.simulate_policy(self._services, caller.principal, files=files, window=window)
        except PolicyError as error:
            problems = tuple(one for one in error.problems if isinstance(one, Problem))
            return policy_pb2.SimulatePolicyResponse(problems=map(_problem, problems))
        span = Duration()
        span.FromTimedelta(timedelta(hours=found.hours))
        return policy_pb2.SimulatePolicyResponse(
            stricter=found.stricter,
            looser=found.looser,
            unchanged=found.unchanged,
            rules=map(_simulated, found.rows),
            old_items=found.old_items,
            new_items=found.new_items,
            span=span,
            cut=found.is_cut,
        )

    async def ValidatePolicy(  # noqa: N802
        self, request: policy_pb2.ValidatePolicyRequest, caller: Caller
    ) -> policy_pb2.ValidatePolicyResponse:
        """Check policy files without loading them."""
        files = _files(request.files)
        problems = await read_policy.validate_policy(self._services, caller.principal, files=files)
        return policy_pb2.ValidatePolicyResponse(problems=map(_problem, problems))


def _files(given: Mapping[str, str]) -> dict[str, str]:
    files = {read_text(name, "files"): text for name, text in given.items()}
    if len(files) > MAX_FILES or sum(map(len, files.values())) > MAX_FILE_CHARS:
        raise TooLargeError(f"more than {MAX_FILES} files or {MAX_FILE_CHARS} characters", field="files")
    return files


def _simulated(row: RuleRow) -> policy_pb2.SimulatedRule:
    return policy_pb2.SimulatedRule(
        rule_id=row.rule,
        stricter=row.stricter,
        looser=row.looser,
        unchanged=row.unchanged,
        moves=row.moves,
        examples=row.examples,
    )


def _summary(summary: read_policy.PolicySummary) -> policy_pb2.PolicySummary:
    return policy_pb2.PolicySummary(
        snapshot=summary.snapshot,
        version=summary.version,
        profiles=summary.profiles,
        default_profile=summary.default_profile,
        rules=summary.rules,
        load_time=write_time(summary.loaded_at),
    )


def _problem(problem: Problem) -> policy_pb2.Problem:
    return policy_pb2.Problem(file=problem.file, line=problem.line, path=problem.path, message=problem.message)


def _change(change: PolicyChange) -> policy_pb2.PolicyChange:
    return policy_pb2.PolicyChange(
        where=change.where,
        effect=policy_pb2.PolicyEffect.ValueType(POLICY_EFFECT.write(change.effect)),
        area=_area(change.area),
        what=change.what,
    )


def _area(area: Area) -> policy_pb2.PolicyArea.ValueType:
    return policy_pb2.PolicyArea.ValueType(POLICY_AREA.write(area))
