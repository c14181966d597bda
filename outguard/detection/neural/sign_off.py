"""Whether a name is the writer's own: the agent who signs or says who they are."""

from __future__ import annotations

import re

_SAYS = re.compile(
    r"(?i)\b(?:this is|i am|i['\u2019]m|my name is|it['\u2019]s"
    r"|(?:yours?|regards|wishes|cheers|thanks|thx|best|warmly|sincerely),) \Z"
)
_SIGNS = re.compile(r"(?:^|\n)[ \t>*_]*[-\u2013\u2014~]{0,2} ?\Z|(?:[.!?)\s][-\u2013\u2014~]{1,2} ?|/)\Z")
_LINES_AFTER = 3
_LONGEST_LINE = 80


def is_sign_off(text: str, start: int, end: int) -> bool:
    """Whether text[start:end] stands where the writer signs, or is introduced by "this is" and the like."""
    before = text[max(0, start - 24) : start]
    if _SAYS.search(before):
        return True
    if not text[:start].strip() or not _SIGNS.search(before):
        return False
    rest = text[end : end + _LINES_AFTER * _LONGEST_LINE + 1]
    if len(rest) > _LINES_AFTER * _LONGEST_LINE:
        return False
    lines = rest.strip().split("\n")
    return len(lines) <= _LINES_AFTER and all(len(line) <= _LONGEST_LINE for line in lines)
