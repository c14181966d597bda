"""Which of some patterns can match a text at all, told in one pass: slower ones run only where they may find."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence

import re2

_MEMORY = 32 << 20


class Hints:
    """Patterns in one RE2 set. Where the set runs out of memory it says that all may match: nothing is ever skipped."""

    def __init__(self, patterns: Sequence[str]) -> None:
        options = re2.Options()
        options.log_errors = False
        options.max_mem = _MEMORY
        self._set = re2.Set.SearchSet(options)
        for pattern in patterns:
            self._set.Add(pattern)
        self._sentinel: int = self._set.Add("")
        self._set.Compile()
        self._match: Callable[[bytes], list[int]] = self._set._set.Match  # noqa: SLF001 - the wrapper costs as much
        self._all = range(self._sentinel + 1)
        self._none = [self._sentinel]

    def of(self, text: str) -> Collection[int]:
        """The numbers of the patterns that may match `text`, and one more."""
        found = self._match(text.encode("utf-8", "surrogatepass"))
        if found == self._none:
            return ()
        return found if found and self._sentinel in found else self._all
