"""How many calls may be inside at once. One more is refused at once: a queue would only make every answer late."""

from __future__ import annotations

from types import TracebackType

from outguard.errors import OverloadedError


class Room:
    """Holds at most `most` calls; used as a context manager around each, in one event loop."""

    def __init__(self, most: int, message: str) -> None:
        self._most = most
        self._message = message
        self.inside = 0

    def __enter__(self) -> None:
        """Come in.

        Raises:
            OverloadedError: if the room is full.
        """
        if self.inside >= self._most:
            raise OverloadedError(self._message)
        self.inside += 1

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.inside -= 1
