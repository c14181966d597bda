"""Replies that claim a write which was not executed, made of recorded conversations. Pure.

Each reply right after a write that says the deed is done becomes a scenario whose ledger lacks every write of the
conversation: had the tool failed in silence, those words would have gone out all the same. All are labelled QUARANTINE.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

_DEED = (
    r"(?:cancel\w*|updat|chang|modif\w*|exchang|return|refund|book|confirm|submit\w*|process|initiat|issu|enabl"
    r"|refuel\w*|resum|complet|swap\w*|replac|add|switch|upgrad|remov|reactivat|restor)ed"
)
_CLAIM = re.compile(
    r"(?i)(?:\b(?:has|have|is|are|was|were|been|now|i)\b|['\u2019]ve\b)"
    rf"[^.?!\n]{{0,80}}\b(?:{_DEED}|sent|active again)\b"
)
_UNMADE = re.compile(r"(?i)\b(?:not|cannot|unable|once|if|would|could|may|whether|before|after)\b|n['\u2019]t\b")
_SENTENCE = re.compile(r"[^.?!\n]+[.?!]?")


def is_claim(reply: str) -> bool:
    """Whether a sentence of `reply` says in plain words that a deed is done."""
    return any(
        not piece.endswith("?") and _UNMADE.search(piece) is None and _CLAIM.search(piece) is not None
        for piece in _SENTENCE.findall(reply)
    )


def unexecuted_claims(dialogue: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Scenarios of one conversation (`events` with replies and tool calls), in the label guide's format."""
    was_write = False
    for number, event in enumerate(dialogue.get("events") or ()):
        if "reply" not in event:
            was_write = was_write or event.get("kind") == "write"
            continue
        if was_write and is_claim(event["reply"]):
            yield {
                "id": f"{dialogue.get('id')}#{number}",
                "profile": dialogue.get("domain") or "",
                "reply": {"conversation_id": str(dialogue.get("id")), "channel": "chat", "text": event["reply"]},
                "customer": {"id": str(dialogue.get("id")), "name": "", "emails": [], "phones": [], "known_values": []},
                "ledger": [],
                "last_user": event.get("last_user") or "",
                "expected": {"decision": "QUARANTINE", "spans": [], "why": "claims a write that the ledger lacks"},
            }
        was_write = False
