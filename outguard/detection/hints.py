"""Which of some patterns can match a text at all, told in one pass: slower ones run only where they may find."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence

import re2

_MEMORY = 32 << 20


class Hints:
    """Patterns in RE2 sets. Where a set runs out of memory it says that all of its may match: none is ever skipped.

    Each group of patterns is a set of its own, at a microsecond a text. Long patterns multiply one another's states in
    one automaton, and to make a state takes longer than to pass through a hundred; a text never seen before needs some.
    """

    def __init__(self, *groups: Sequence[str]) -> None:
        self._sets: list[tuple[Callable[[bytes], list[int]], int, range]] = []
        first = 0
        for patterns in groups:
            options = re2.Options()
            options.log_errors = False
            options.max_mem = _MEMORY
            together = re2.Set.SearchSet(options)
            for pattern in patterns:
                together.Add(pattern)
            sentinel: int = together.Add("")
            together.Compile()
            match: Callable[[bytes], list[int]] = together._set.Match  # noqa: SLF001 - the wrapper costs as much
            self._sets.append((match, sentinel, range(first, first + sentinel)))
            first += sentinel

    def of(self, text: str) -> Collection[int]:
        """The numbers of the patterns that may match `text`, counted through all groups."""
        data = text.encode("utf-8", "surrogatepass")
        hints: list[int] = []
        for match, sentinel, numbers in self._sets:
            found = match(data)
            if len(found) != 1 or found[0] != sentinel:
                hints += [numbers[index] for index in found if index != sentinel] if sentinel in found else numbers
        return hints
