"""What a database error means to the caller. No message of a driver travels on: it may quote the values of a row."""

from __future__ import annotations

from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from outguard.errors import InvalidInputError, OutguardError, UnavailableError

_DATA_EXCEPTION = "22"


def is_outage(error: Exception) -> bool:
    """Whether the database itself is in trouble, so that trying the same work in smaller parts is pointless."""
    if is_bad_value(error):
        return False
    if isinstance(error, DBAPIError):
        return error.connection_invalidated or isinstance(error, OperationalError | InterfaceError)
    return isinstance(error, OSError | TimeoutError | PoolTimeoutError | UnavailableError)


def is_bad_value(error: Exception) -> bool:
    """Whether a value has no form in the database: a NUL or lone surrogate in text, a number out of range."""
    if isinstance(error, DBAPIError):
        cause = getattr(error.orig, "__cause__", None)
        return _sqlstate(error).startswith(_DATA_EXCEPTION) or isinstance(cause, ValueError)
    return isinstance(error, ValueError | OverflowError | TypeError | InvalidInputError)


def translate(error: Exception) -> OutguardError:
    """The error of ours that stands for a driver's."""
    if isinstance(error, OutguardError):
        return error
    if is_bad_value(error):
        return InvalidInputError("the database has no form for a value of this request")
    origin = error.orig if isinstance(error, DBAPIError) else error
    name = f"{type(origin).__name__} {_sqlstate(error)}".rstrip()
    return UnavailableError(f"the database cannot do this now ({name})")


def _sqlstate(error: Exception) -> str:
    return getattr(getattr(error, "orig", None), "sqlstate", None) or ""
