"""A time bound on code that was not written to be stopped: a timer raises within the thread that runs it.

What is read has bounds of its own (bytes, pages, parts); this one is for loops that those do not foresee. Python code
is stopped at its next step; a single call into C ends first.
"""

from __future__ import annotations

import ctypes
import threading
from collections.abc import Iterator
from contextlib import contextmanager

_raise_in = ctypes.pythonapi.PyThreadState_SetAsyncExc
_raise_in.argtypes = (ctypes.c_ulong, ctypes.py_object)


class OutOfTimeError(BaseException):
    """The time is used up. No `Exception`, so that code which swallows those does not go on."""


@contextmanager
def time_limit(seconds: float) -> Iterator[None]:
    """Let the block run for `seconds` at most.

    Raises:
        OutOfTimeError: from within the block, once they have passed.
    """
    thread = threading.get_ident()
    lock = threading.Lock()
    is_over = is_raised = False

    def stop() -> None:
        nonlocal is_raised
        with lock:
            if not is_over:
                is_raised = True
                _raise_in(thread, ctypes.py_object(OutOfTimeError))

    timer = threading.Timer(seconds, stop)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
        with lock:
            is_over = True
        if is_raised:
            _raise_in(thread, ctypes.py_object())  # NULL: taken back where it came too late for the block
