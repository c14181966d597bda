"""The policy in force. Readers take `current` once per decision, so a reload in the middle of one changes nothing."""

from __future__ import annotations

from outguard.domain.policy import Policy


class PolicySource:
    """Holds one compiled policy; `replace` swaps it in whole, so the last good one stays until then."""

    __slots__ = ("_current",)

    def __init__(self, policy: Policy) -> None:
        self._current = policy

    @property
    def current(self) -> Policy:
        """The policy in force now."""
        return self._current

    def replace(self, policy: Policy) -> Policy:
        """Put `policy` in force and return the one it replaces (one reference is swapped: atomic)."""
        before, self._current = self._current, policy
        return before
