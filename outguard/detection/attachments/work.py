"""A bound on the work that foreign code may do: a number of calls, not a clock, so that it always ends the same way."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any


class TooMuchWorkError(BaseException):
    """The calls are used up. No `Exception`, so that code which swallows those does not go on."""


@contextmanager
def bounded_calls(most: int) -> Iterator[None]:
    """Let this thread make at most about `most` calls, Python's and C's.

    Raises:
        TooMuchWorkError: from within the block, once they are used up.
    """
    left = most

    def count(frame: FrameType, event: str, argument: Any) -> None:  # noqa: ARG001 - the profiler's own signature
        nonlocal left
        if event in _CALLS:
            left -= 1
            if left < 0:
                raise TooMuchWorkError

    before = sys.getprofile()
    sys.setprofile(count)
    try:
        yield
    finally:
        sys.setprofile(before)


_CALLS = frozenset({"call", "c_call"})
