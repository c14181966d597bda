"""PolicyService: convert, call the flow, convert."""

from __future__ import annotations

from outguard.errors import TooLargeError
from outguard.flows import read_policy
from outguard.flows.services import Services
from outguard.server.convert import read_text
from outguard.server.interceptors import Caller
from outguard.v1 import policy_pb2

MAX_FILES = 200
MAX_FILE_CHARS = 1024 * 1024


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
        return policy_pb2.GetSnapshotResponse(
            policy=policy_pb2.PolicySummary(
                snapshot=summary.snapshot,
                version=summary.version,
                profiles=summary.profiles,
                default_profile=summary.default_profile,
                rules=summary.rules,
            )
        )

    async def ValidatePolicy(  # noqa: N802
        self, request: policy_pb2.ValidatePolicyRequest, caller: Caller
    ) -> policy_pb2.ValidatePolicyResponse:
        """Check policy files without loading them."""
        files = {read_text(name, "files"): text for name, text in request.files.items()}
        if len(files) > MAX_FILES or sum(map(len, files.values())) > MAX_FILE_CHARS:
            raise TooLargeError(f"more than {MAX_FILES} files or {MAX_FILE_CHARS} characters", field="files")
        problems = await read_policy.validate_policy(self._services, caller.principal, files=files)
        return policy_pb2.ValidatePolicyResponse(
            problems=[
                policy_pb2.Problem(file=one.file, line=one.line, path=one.path, message=one.message) for one in problems
            ]
        )
