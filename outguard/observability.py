"""Logs that cannot hold content.

One JSON object per line on stderr. Only keys of `ALLOWED_KEYS` pass, only as numbers, booleans or short plain
words; everything else is left out and counted in `dropped`, so that a careless call loses a field, never
leaks one. Events are fixed words of ours. Exceptions are logged by type and place, never by message.
"""

from __future__ import annotations

import logging
import re
import sys
import traceback
from collections.abc import Mapping, MutableMapping
from contextlib import suppress
from enum import Enum
from typing import Any, TextIO, cast

import structlog

ALLOWED_KEYS = frozenset(
    {
        "action_id",
        "address",
        "approval_id",
        "attempt",
        "code",
        "count",
        "decision",
        "degraded",
        "elapsed_ms",
        "entries",
        "error_at",
        "error_type",
        "event",
        "index",
        "instance",
        "item_id",
        "item_kind",
        "item_state",
        "kind",
        "level",
        "limit",
        "logger",
        "method",
        "policy_snapshot",
        "port",
        "principal_id",
        "queue",
        "reason",
        "reply_id",
        "request_id",
        "role",
        "rule_id",
        "ruling_id",
        "signal",
        "size",
        "snapshot",
        "state",
        "status",
        "tenant",
        "tier",
        "timeout_s",
        "timestamp",
        "tls",
        "token_id",
        "verdict",
        "version",
        "worker",
        "workers",
    }
)
"""What may be logged. `reason` is the UPPER_SNAKE word of an error, never a sentence."""

MAX_VALUE_CHARS = 128
_WORD = re.compile(r"[A-Za-z0-9_.:/\[\]+-]{0,128}\Z")
_EVENT = re.compile(r"[A-Za-z0-9 _.:-]{1,64}\Z")
_LEVELS = {"debug": 10, "info": 20, "warning": 30, "error": 40}


def configure_logging(level: str = "info", *, stream: TextIO | None = None, worker: int | None = None) -> None:
    """Send our logs, and those of the libraries we use, as JSON lines to `stream` (default stderr).

    With `worker`, every line says which of several processes it comes from.
    """
    number = _LEVELS[level]
    target = _Steady(stream or sys.stderr)
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            *([] if worker is None else [_Bound(worker)]),
            name_exception,
            keep_allowed,
            structlog.processors.JSONRenderer(sort_keys=True),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(number),
        logger_factory=structlog.PrintLoggerFactory(cast("TextIO", target)),
        cache_logger_on_first_use=False,
    )
    handler = _LibraryHandler()
    logging.basicConfig(handlers=[handler], level=max(number, logging.WARNING), force=True)


def get_logger() -> Any:
    """A logger; bind only what `ALLOWED_KEYS` names."""
    return structlog.get_logger()


def name_exception(_logger: Any, _method: str, event_dict: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Replace `exc_info` by the exception's type and the place that raised it; its message may hold content."""
    info = event_dict.pop("exc_info", None)
    if info is True:
        info = sys.exc_info()[1]
    if isinstance(info, tuple):
        info = info[1]
    if isinstance(info, BaseException):
        event_dict["error_type"] = type(info).__name__
        frames = traceback.extract_tb(info.__traceback__)
        if frames:
            module = frames[-1].filename.replace("\\", "/").rsplit("/", 1)[-1]
            event_dict["error_at"] = f"{module}:{frames[-1].lineno}"
    return event_dict


def keep_allowed(_logger: Any, _method: str, event_dict: MutableMapping[str, Any]) -> Mapping[str, Any]:
    """Keep the allowed keys with harmless values; count the others."""
    kept: dict[str, Any] = {}
    dropped = 0
    for key, value in event_dict.items():
        is_kept, plain = _harmless(key, value) if key in ALLOWED_KEYS else (False, None)
        if is_kept:
            kept[key] = plain
        else:
            dropped += 1
    kept.setdefault("event", "unnamed")
    if dropped:
        kept["dropped"] = dropped
    return kept


def _harmless(key: str, value: Any) -> tuple[bool, Any]:
    """Whether a value can hold no content, and the value as logged."""
    if isinstance(value, Enum):
        value = value.value
    if value is None or isinstance(value, bool | int | float):
        return True, value
    if isinstance(value, str):
        pattern = _EVENT if key == "event" else _WORD
        return pattern.match(value) is not None, value
    return False, None


class _Bound:
    """Adds the worker's number."""

    def __init__(self, worker: int) -> None:
        self._worker = worker

    def __call__(self, _logger: Any, _method: str, event_dict: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
        event_dict["worker"] = self._worker
        return event_dict


class _Steady:
    """A stream that never fails: a log that cannot be written (a full disk, a broken pipe) must fail no call."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def write(self, text: str) -> int:
        """Write if that is possible."""
        with suppress(OSError, ValueError):  # ValueError: closed
            self._stream.write(text)
        return len(text)

    def flush(self) -> None:
        """Flush if that is possible."""
        with suppress(OSError, ValueError):
            self._stream.flush()


class _LibraryHandler(logging.Handler):
    """Says that a library logged something, and which; its words may hold content and are left out."""

    def emit(self, record: logging.LogRecord) -> None:
        info = record.exc_info[1] if record.exc_info else None
        log = structlog.get_logger().bind(logger=record.name)
        level = "error" if record.levelno >= logging.ERROR else "warning"
        getattr(log, level)("library log", code=record.lineno, exc_info=info)
