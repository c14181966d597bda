"""What keeps reviewers sharp (R30): a bound on what one person holds, and a break after many grants. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import pairwise

from outguard.domain.policy import FatiguePolicy
from outguard.domain.review import GivenRuling, RulingKind
from outguard.errors import ReviewerLimitError

_GRANTS = frozenset({RulingKind.APPROVE, RulingKind.RELEASE, RulingKind.EDIT_AND_RELEASE})


def check_load(policy: FatiguePolicy, held: int) -> None:
    """Raise ReviewerLimitError if somebody who holds `held` items may not claim one more."""
    if held >= policy.max_open_requests_per_reviewer:
        raise ReviewerLimitError(f"you hold {held} items; rule on some or give them back first")


def check_pace(policy: FatiguePolicy, given: Sequence[GivenRuling], *, now: datetime) -> None:
    """Raise ReviewerLimitError if the reviewer needs a break.

    `given` are the latest rulings, newest first, at least as many as `cooldown_after_approvals`. That many grants with
    no denial or rejection and no break of `cooldown_s` among them ask for one.
    """
    many = policy.cooldown_after_approvals
    latest = given[:many]
    if not many or len(latest) < many or any(one.kind not in _GRANTS for one in latest):
        return
    pause = timedelta(seconds=policy.cooldown_s)
    had_break = any(newer.at - older.at >= pause for newer, older in pairwise(latest))
    if not had_break and now - latest[0].at < pause:
        left_s = int((pause - (now - latest[0].at)).total_seconds()) + 1
        raise ReviewerLimitError(f"{many} grants without a break: come back in {left_s} s")
