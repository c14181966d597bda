"""Errors to gRPC status, once. A client sees our sentence and reason, never a cause, and never content."""

from __future__ import annotations

import secrets
from dataclasses import dataclass

import grpc
from google.protobuf import any_pb2
from google.rpc import error_details_pb2, status_pb2

from outguard import errors
from outguard.observability import get_logger

DOMAIN = "outguard"
DETAILS_KEY = "grpc-status-details-bin"

_CODES: tuple[tuple[type[errors.OutguardError], grpc.StatusCode], ...] = (
    (errors.InvalidInputError, grpc.StatusCode.INVALID_ARGUMENT),
    (errors.UnauthenticatedError, grpc.StatusCode.UNAUTHENTICATED),
    (errors.ForbiddenError, grpc.StatusCode.PERMISSION_DENIED),
    (errors.NotFoundError, grpc.StatusCode.NOT_FOUND),
    (errors.RequestIdReusedError, grpc.StatusCode.ALREADY_EXISTS),
    (errors.VersionConflictError, grpc.StatusCode.ABORTED),
    (errors.ConflictError, grpc.StatusCode.FAILED_PRECONDITION),
    (errors.CapExceededError, grpc.StatusCode.RESOURCE_EXHAUSTED),
    (errors.UnavailableError, grpc.StatusCode.UNAVAILABLE),
    (errors.OverloadedError, grpc.StatusCode.RESOURCE_EXHAUSTED),
    (errors.PolicyError, grpc.StatusCode.INVALID_ARGUMENT),
    (errors.ConfigError, grpc.StatusCode.FAILED_PRECONDITION),
    (errors.IntegrityError, grpc.StatusCode.DATA_LOSS),
    (errors.NotImplementedYetError, grpc.StatusCode.UNIMPLEMENTED),
)
"""The first class that fits; what fits none is INTERNAL and tells nothing."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Refusal:
    """What a failed call is answered with."""

    code: grpc.StatusCode
    message: str
    reason: str
    metadata: tuple[tuple[str, bytes], ...]


def refusal_of(error: Exception, *, method: str, principal_id: str = "") -> Refusal:
    """The answer for `error`; what is our fault is logged by kind, place and incident id, never by message."""
    code = next((code for kind, code in _CODES if isinstance(error, kind)), None)
    if code is None or not isinstance(error, errors.OutguardError):
        incident = "inc-" + secrets.token_hex(8)
        get_logger().error(
            f"internal error {incident}", method=method, principal_id=principal_id, exc_info=error, reason="INTERNAL"
        )
        return refusal(grpc.StatusCode.INTERNAL, f"internal error, incident {incident}", "INTERNAL", incident=incident)
    if code in {grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.DATA_LOSS}:
        get_logger().error("call failed", method=method, principal_id=principal_id, exc_info=error, reason=error.reason)
    return refusal(code, error.message, error.reason, field=error.field)


def refusal(
    code: grpc.StatusCode, message: str, reason: str, *, field: str | None = None, incident: str | None = None
) -> Refusal:
    """Status details as google.rpc.Status: ErrorInfo always, BadRequest where a field is to blame."""
    number: int = code.value[0]
    status = status_pb2.Status(code=number, message=message)
    info = error_details_pb2.ErrorInfo(reason=reason, domain=DOMAIN)
    if incident is not None:
        info.metadata["incident"] = incident
    status.details.add().CopyFrom(_any(info))
    if field is not None:
        violation = error_details_pb2.BadRequest.FieldViolation(field=field, description=message, reason=reason)
        status.details.add().CopyFrom(_any(error_details_pb2.BadRequest(field_violations=[violation])))
    return Refusal(code=code, message=message, reason=reason, metadata=((DETAILS_KEY, status.SerializeToString()),))


def _any(message: error_details_pb2.ErrorInfo | error_details_pb2.BadRequest) -> any_pb2.Any:
    packed = any_pb2.Any()
    packed.Pack(message)
    return packed
