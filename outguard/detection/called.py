"""Given names by which a reply calls its reader outside greetings: "Jonas, your order ...", "you're all set, Jonas!".

Only names of the list of given names count here: at a sentence's begin any word has a capital letter.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator

_NAME = re.compile(
    r"([^a-z\W\d_](?<![^\s,].)[^\W\d_]{1,20}(?: [A-Z][^\W\d_]{1,20})?)"
    r"(?=[,!.?:]|\s[-\u2013\u2014]\s|\s?[\u2600-\u27bf\U0001f300-\U0001faff])"
)
"""Begins with one set of characters, which `re` looks for fast, and looks back from there."""
_TO_YOU = re.compile(
    r"(?i)\b(?:you|your|you're|you've|you'll|thanks|sorry|apologies|welcome|i|i've|i'll|we|we've|we'll)\b"
)
_TOLD_OF = re.compile(
    r", (?:who|whose|whom|our|the|a|an|from|of|or|in|at|will|has|his|her|their|and)\b|, (?!I\b)[\dA-Z]"
)
_BEFORE_CALL = re.compile(
    r"(?i)\b(?:that|again|you|all|it|now|back|day|wait|waiting|patience|up|way|done|set|delay|trouble|welcome|course|luck"
    r"|much|problem|worries|worry|fine|okay|ok|good|great|go|right|free|lucky|then|though|too|question|help|soon|afternoon|morning|evening|here|this|news|question|sure|well|today)\Z"
)
_COMMON_WORDS = frozenset(
    (
        *(
            "will",
            "mark",
            "bill",
            "grace",
            "art",
            "may",
            "hope",
            "faith",
            "rose",
            "sue",
            "drew",
            "rich",
            "chase",
            "frank",
        ),
        *(
            "gene",
            "jack",
            "penny",
            "pat",
            "bob",
            "rob",
            "nick",
            "don",
            "dot",
            "joy",
            "ray",
            "max",
            "guy",
            "dean",
            "dale",
        ),
        *(
            "sandy",
            "ruby",
            "amber",
            "sky",
            "summer",
            "april",
            "june",
            "august",
            "dawn",
            "eve",
            "heather",
            "ivy",
            "lily",
        ),
        *(
            "daisy",
            "violet",
            "olive",
            "pearl",
            "crystal",
            "star",
            "melody",
            "harmony",
            "charity",
            "patience",
            "prudence",
        ),
        *(
            "chance",
            "earnest",
            "page",
            "robin",
            "jay",
            "cliff",
            "glen",
            "miles",
            "lance",
            "hank",
            "buck",
            "rusty",
            "sonny",
        ),
        *("sunny", "buddy", "sterling", "norm", "wade", "stew", "van", "con"),
    )
)
_MONTHS = re.compile(r"\b(?:Feb|Mar|Apr|Oct|Nov|Dec)\b")
"""Beside these "Jan" is a month."""
_MAX_NAMES = 200


def called_names(text: str, given: Collection[str]) -> Iterator[tuple[int, int]]:
    """Where `text` calls somebody by a name of `given` (lower case)."""
    for number, match in enumerate(_NAME.finditer(text)):
        if number >= _MAX_NAMES:
            return
        first = match.group(1).split(" ")[0]
        if first == "Jan" and _MONTHS.search(text) is not None:
            continue
        if first.lower() in given and first.lower() not in _COMMON_WORDS and _is_call(text, *match.span(1)):
            yield match.span(1)


def _is_call(text: str, start: int, end: int) -> bool:
    low, high = max(0, start - 300), min(len(text), end + 300)
    begin = max(low, *(text.rfind(mark, low, start) + 1 for mark in "\n.!?"))
    stop = min(high, *(at for mark in "\n.!?" if (at := text.find(mark, end, high)) >= 0), high)
    before, after = text[begin:start].strip(), text[end:stop]
    is_asked = before.endswith(",") and text[end : end + 1] == "?"
    if _TOLD_OF.match(after) or not (is_asked or _TO_YOU.search(before + " " + after)):
        return False
    if not before:
        return text[end : end + 1] not in {".", "?"} and bool(after.strip(",!:- \u2013\u2014"))
    if before.endswith(","):
        return len(before.split()) > 2 and text[end : end + 1] in {"!", ".", "?"}
    return _BEFORE_CALL.search(before) is not None
