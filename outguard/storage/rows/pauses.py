"""The board of pauses as a row of PAUSE_BOARDS; a tenant has one, called like the tenant."""

from __future__ import annotations

import json
from typing import Any

from outguard.domain.pause import Pause, PauseBoard, PauseScope
from outguard.storage.rows.values import Values, dump, micros, moment_of


def pause_board_row(board: PauseBoard) -> Values:
    """A board in the order of PAUSE_BOARDS."""
    pauses = [
        {
            "pause_id": pause.pause_id,
            "scope": pause.scope.value,
            "value": pause.value,
            "reason": pause.reason,
            "paused_by": pause.paused_by,
            "paused_at": micros(pause.paused_at),
        }
        for pause in board.pauses
    ]
    return (board.tenant, board.tenant, board.version, dump(pauses))


def pause_board_of(row: Any) -> PauseBoard:
    """The board of a row of PAUSE_BOARDS."""
    return PauseBoard(
        tenant=row.tenant,
        pauses=tuple(
            Pause(
                pause_id=one["pause_id"],
                scope=PauseScope(one["scope"]),
                value=one["value"],
                reason=one["reason"],
                paused_by=one["paused_by"],
                paused_at=moment_of(one["paused_at"]),
            )
            for one in json.loads(row.pauses)
        ),
        version=row.version,
    )
