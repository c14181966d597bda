"""Every exception outguard raises on purpose.

A message tells what to do and never holds content (reply text, personal data, secrets). `reason` is the UPPER_SNAKE
word that clients see in `google.rpc.ErrorInfo`; `docs/errors.md` lists them all.
"""

from __future__ import annotations

from typing import ClassVar


class OutguardError(Exception):
    """Root of all errors raised by outguard."""

    reason: ClassVar[str] = "INTERNAL"

    def __init__(self, message: str, *, field: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.field = field


class InvalidInputError(OutguardError):
    """A value in the call is malformed, out of range or missing."""

    reason = "INVALID_INPUT"


class MalformedRequestError(InvalidInputError):
    """The request is not a valid message: broken encoding, invalid UTF-8, or nested too deep."""

    reason = "MALFORMED_REQUEST"


class UnknownFieldsError(InvalidInputError):
    """A mutating request holds fields this version does not know; dropping them could weaken what was asked."""

    reason = "UNKNOWN_FIELDS"


class UnknownProfileError(InvalidInputError):
    """The named authority profile is not one the policy knows."""

    reason = "UNKNOWN_PROFILE"


class TooLargeError(InvalidInputError):
    """A value exceeds a size, depth or count limit."""

    reason = "TOO_LARGE"


class UnauthenticatedError(OutguardError):
    """The call carries no credential, or one that is wrong, revoked or expired."""

    reason = "UNAUTHENTICATED"


class ForbiddenError(OutguardError):
    """The principal may not do this."""

    reason = "FORBIDDEN"


class MakerIsCheckerError(ForbiddenError):
    """The principal made what they would now check, or has signed it before."""

    reason = "MAKER_IS_CHECKER"


class NotFoundError(OutguardError):
    """No such object in the caller's tenant."""

    reason = "NOT_FOUND"


class UnknownPseudonymError(NotFoundError):
    """The word is no pseudonym of this conversation: forged, mistyped, or another conversation's."""

    reason = "PSEUDONYM_UNKNOWN"


class ConflictError(OutguardError):
    """The object is not in a state that allows this."""

    reason = "STATE_CONFLICT"


class PseudonymExpiredError(ConflictError):
    """The pseudonym's time is over; nobody may turn it back any more."""

    reason = "PSEUDONYM_EXPIRED"


class ReviewerLimitError(ConflictError):
    """The reviewer holds as many items as one may, or needs a break (R30)."""

    reason = "REVIEWER_LIMIT"


class RequestIdReusedError(ConflictError):
    """The request_id was used before with different content."""

    reason = "REQUEST_ID_REUSED"


class StaleClaimError(ConflictError):
    """The claim has expired or was taken over: its fencing token is no longer the current one."""

    reason = "STALE_CLAIM"


class PausedError(ConflictError):
    """The call was answered before a pause of automation; the answer is kept, and not given again while it lasts."""

    reason = "PAUSED"


class ApprovalMismatchError(ConflictError):
    """The approval was given for another action, policy or agent, or is not to be used (any more)."""

    reason = "APPROVAL_MISMATCH"


class VersionConflictError(ConflictError):
    """Somebody changed the record first; read it again and decide anew."""

    reason = "VERSION_CONFLICT"


class DuplicateCallError(OutguardError):
    """A call with this request_id is on record already (internal: flows answer it from the record)."""

    reason = "DUPLICATE_CALL"


class CapExceededError(OutguardError):
    """A cap of the policy is used up; `exceeded` names each with the seconds until the action would fit, if ever."""

    reason = "CAP_EXCEEDED"

    def __init__(self, message: str, *, exceeded: tuple[tuple[str, int | None], ...] = ()) -> None:
        super().__init__(message)
        self.exceeded = exceeded


class UnavailableError(OutguardError):
    """A part the decision needs is not available now; the caller must not act or send."""

    reason = "UNAVAILABLE"


class OverloadedError(OutguardError):
    """The server works on, or keeps waiting, as many calls as it may; nothing was done."""

    reason = "OVERLOADED"


class PolicyError(OutguardError):
    """Policy files do not make a valid policy; `problems` lists all of them."""

    reason = "POLICY_INVALID"

    def __init__(self, message: str, *, problems: tuple[object, ...] = ()) -> None:
        super().__init__(message)
        self.problems = problems


class ConfigError(OutguardError):
    """A setting is missing, unknown or contradicts another; the server does not start."""

    reason = "CONFIG_INVALID"


class IntegrityError(OutguardError):
    """Stored or exported data does not match its hash, signature or key."""

    reason = "INTEGRITY"


class NotImplementedYetError(OutguardError):
    """The method is defined for a later release and does nothing yet."""

    reason = "NOT_IMPLEMENTED"


class HeldReplyError(OutguardError):
    """Client side: words were asked for that may not be sent."""

    reason = "HELD_REPLY"


class CallFailedError(OutguardError):
    """Client side: a call did not succeed; `code` is the gRPC status name, `cause` the server's reason if any."""

    reason = "CALL_FAILED"

    def __init__(self, message: str, *, code: str, cause: str = "", field: str | None = None) -> None:
        super().__init__(message, field=field)
        self.code = code
        self.cause = cause
