"""Machine text that a reply means to show: a code example for the reader, or what the reader themselves sent.

Support of a product for developers is full of it. It is shown where the words before it hand it to the reader ("run
this:", "your log says:"), or where the reader's last message holds the same; never where it names an inside system.
"""

from __future__ import annotations

import re

_BEFORE = 240
_LEAST_SAID = 12
_TO_READER = re.compile(
    r"(?i)\b(?:you|your|yours)\b|\b(?:for example|for instance|e\.g\.|an? example|as an example|sample"
    r"|like (?:this|so|these)|such as|as follows|looks like|instead of)\b"
    r"|(?:^|[.,;:!?\n)] ?|\b(?:then|please|or|and|to|simply|just) )(?:run|try|use|add|put|set|send|call|paste|replace"
    r"|change|type|enter|execute|query|import|install|include|copy|make|write|configure|export|append|start|restart)\b"
)
_OF_OURS = re.compile(
    r"(?i)\b(?:our|ours|my) (?:\w+ ){0,2}(?:system|logs?|servers?|side|end|backend|database|service|tools?|console"
    r"|records?)\b|\b(?:internal|internally|debug|error id|raw)\b"
    r"|\b(?:we|I) (?:get|got|see|saw|received|pulled|found|ran)\b"
    r"|\b(?:system|backend|server|database|tool|lookup|service) (?:says|said|returned|returns|gave|threw|shows)\b"
)
_INSIDE = re.compile(
    r"(?i)\b[\w-]+\.(?:internal|corp|local|intranet|intra|lan|priv)\b|\b(?:10|192\.168|172\.(?:1[6-9]|2\d|3[01]))\.\d+\.\d+"
    r"|(?:^|[\s\"'(=])/(?:srv|opt|mnt|data|app|apps|root|home|var|etc)/|\b[A-Z]:\\"
)
_SPACES = re.compile(r"\s+")


def is_shown(text: str, start: int, end: int, last_user: str) -> bool:
    """Whether text[start:end] is shown to the reader on purpose."""
    block = text[start:end]
    if last_user and _was_sent(block, last_user):
        return True
    if _INSIDE.search(block) is not None:
        return False
    return _is_introduced(text, start) or _is_introduced(text, text.rfind("\n\n", 0, start) + 2)


def _is_introduced(text: str, start: int) -> bool:
    lead = _lead(text, start)
    return bool(lead) and _TO_READER.search(lead) is not None and _OF_OURS.search(lead) is None


def _lead(text: str, start: int) -> str:
    """The sentence before `start` that has not ended there: what it hands over follows."""
    before = text[max(0, start - _BEFORE) : start].rstrip(" \t\n`*>~\"'")
    if not before or before[-1] in ".!?":
        return ""
    begin = max(before.rfind(mark) for mark in (". ", "! ", "? ", "\n\n"))
    return before[begin + 1 :]


def _was_sent(block: str, last_user: str) -> bool:
    """Whether all lines of `block` that say anything are in the reader's message."""
    said = _SPACES.sub(" ", last_user)
    lines = [line for raw in block.splitlines() if len(line := _SPACES.sub(" ", raw).strip(" `~>|")) >= _LEAST_SAID]
    return bool(lines) and all(line in said for line in lines)
