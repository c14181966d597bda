"""The switch that stops automation, as each tenant's last decision saw it.

A board may be kept without asking the store again: every decision rests on the version it saw (`pause.seen_pauses`), so
that one which saw an old board is not written. Whoever meets that decides anew on the newest.
"""

from __future__ import annotations

from outguard.domain.pause import PauseBoard
from outguard.ports import PauseStore


class PauseBoards:
    """One board per tenant; only for decisions that name it as `seen`."""

    def __init__(self, store: PauseStore) -> None:
        self._store = store
        self._boards: dict[str, PauseBoard] = {}

    async def of(self, tenant: str) -> PauseBoard:
        """The tenant's board, perhaps an old one.

        Raises:
            UnavailableError: if the store does not answer.
        """
        board = self._boards.get(tenant)
        return await self.newest(tenant) if board is None else board

    async def newest(self, tenant: str) -> PauseBoard:
        """The tenant's board as it stands now.

        Raises:
            UnavailableError: if the store does not answer.
        """
        board = self._boards[tenant] = await self._store.get_pauses(tenant)
        return board
