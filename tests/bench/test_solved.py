"""Only judged replies of conversations that solved their task count."""

from __future__ import annotations

from outguard.bench.solved import SolvedReplies


def test_only_replies_of_solved_conversations_count() -> None:
    solved = SolvedReplies()
    for verdict, reward in (("ALLOW", 1.0), ("REDACT", 1.0), ("QUARANTINE", 1.0), ("ALLOW", 1.0), ("QUARANTINE", 0.0)):
        solved.add({"event": "reply", "reward": reward, "verdict": verdict})
    solved.add({"event": "action", "reward": 1.0, "decision": "ALLOW"})
    solved.add({"event": "reply", "reward": 1.0, "error": "unavailable"})
    summary = solved.summary()
    assert (summary["replies"], summary["allowed"], summary["not_quarantined"]) == (4, 0.5, 0.75)


def test_without_replies_there_is_no_share() -> None:
    assert SolvedReplies().summary()["allowed"] is None
