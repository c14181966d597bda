"""What is plainly an example of a credential: a form to fill in, a word that says so, a key that vendors print."""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from itertools import pairwise

from outguard.domain.finding import Status

_PLACEHOLDER = re.compile(
    r"x{5,}|\*{3,}|\.{3,}|\.{2,}$|…|#{4,}|<[^<>]{0,80}>|\$\{|\$\(|\{\{|\}\}|\{[a-z_]+\}|^%[sdv]|%\([a-z_]+\)|^\$[a-z_]"
    r"|placeholder|change[-_ ]?(?:me|this|it)|redacted|replace[-_]?(?:me|with|this)|insert[-_ ]"
    r"|(?:^|[^a-z])your[-_ ]?[a-z_-]*(?:key|token|secret|pass|id|cred|bot|webhook|here)"
    r"|(?:^|[-_])(?:todo|tbd|fixme|n/?a|none|null|nil|undefined|fake|invalid|foobar)(?:$|[-_])|put[-_]?your|goes[-_]?here"
    r"|token[-_]?here|key[-_]?here|tokenhere|keyhere|stringhere|here$|not[-_]?a[-_]?real|notarealkey|\[redacted|\[[A-Z_]{4,}\]",
    re.IGNORECASE,
)
_EXAMPLE = re.compile(r"example|sample|dummy", re.IGNORECASE)
_EXAMPLE_PART = re.compile(r"(?:^|[^a-z0-9])(?:example|sample|dummy)(?:$|[^a-z0-9])", re.IGNORECASE)
_EXAMPLE_SHARE = 0.25
"""A word like `example` says so as a part of its own or as this much of the value; in a URL the host may have it."""
_PUBLISHED = frozenset(
    (
        "b7d61096898ce748",
        "f3082ce9d6992144",
        "f56e323494a6ffc2",
        "2037abcaffb2b777",
        "3f370c9dd8225c63",
        "e4a5542bb7fd7b67",
        "a19f89ab3555eac1",
        "0b476bdf9acf2123",
        "eb540d2b6ee2a0a4",
        "37f8f09bdf12c2f2",
        "8731261cb72d8626",
        "49f777db995e8260",
        "27a9a42931dff7eb",
        "dc0fcf046c61640c",
        "4c98242dcadc8b29",
        "ea9bb1082cf95663",
        "3a8b61d0f636b007",
        "a6c814bc555ae62c",
        "78314b11be2e5815",
        "a7b580d711ef2807",
    )
)
"""SHA-256 (first 16 digits) of keys that vendors print in public samples: gitleaks (MIT), AWS, Kubernetes list them."""
_RUN = re.compile(r"([^\d])\1{7,}|(\d)\2{11,}", re.DOTALL)
_FILLERS = frozenset("xXaA*#._-0123456789")
_FILLED_SHARE = 0.4
"""A value is a blank form where this much of it are long runs of one character that people fill forms with."""
_STEPS = re.compile(r"1234567890123|0123456789012|\b(\d{4})-\1-\1-")
_BLANK = re.compile(r"x{5,}|\*{3,}|#{4,}|\.{3,}|…|<|\$\{|\{\{|your[-_ ]?[a-z]|put[-_]your", re.IGNORECASE)
LEAST_COUNT = 6
"""A value that says itself twice is counted out where so many of its characters follow each other."""
MAX_VALUE = 4096


def is_placeholder(value: str) -> bool:
    """Whether the words are plainly an example: `YOUR_API_KEY`, `xxxxx`, `<token>`, `${VAR}`, AWS's documented keys."""
    value = value[:MAX_VALUE]
    if _fingerprint(value) in _PUBLISHED:
        return True
    if not value.strip() or _PLACEHOLDER.search(value) or _is_blank_form(value) or _STEPS.search(value):
        return True
    if _EXAMPLE.search(value) and _is_said_example(value):
        return True
    tail = re.split(r"[_.-]", value)[-1] if len(value) < 80 else value
    return len(tail) >= 8 and len(set(tail.lower())) <= 3 and _most_common(tail) in _FILLERS


def is_not_placeholder(value: str) -> bool:
    """Whether the value is no plain example."""
    return not is_placeholder(value)


def is_filled_in(value: str) -> bool:
    """Whether a vendor-shaped value is no blank form (`xxxxx`); an `...EXAMPLE...` is told as placeholder."""
    body = re.split(r"[_:.-]", value, maxsplit=1)[-1]
    body = body if len(body) >= 6 else value
    if _fingerprint(value) in _PUBLISHED or _BLANK.search(value) or _is_blank_form(value):
        return False
    return len(set(body.lower())) > 3 or _most_common(body) not in _FILLERS


def secret_status(value: str) -> Status:
    """Live unless plainly an example; a filled-in key block is live, its encoding has long runs of one letter."""
    if value.startswith(("-----BEGIN", "PuTTY-User-Key", "---- BEGIN")):
        return Status.LIVE
    return Status.PLACEHOLDER if is_placeholder(value) else Status.LIVE


def is_counted_out(value: str) -> bool:
    """Whether half of the value is `abcdef`, `987654` or the like in one run, or it says such a run twice."""
    longest = longest_count(value)
    half = len(value) // 2
    return longest * 2 >= len(value) or (longest >= LEAST_COUNT and value[:half] == value[-half:])


def longest_count(value: str) -> int:
    """How many characters follow each other like `abcdef` or `321`, at most."""
    longest = run = 1
    last = 0
    for one, other in pairwise(value.lower()):
        step = 1 if one + other == "90" else ord(other) - ord(one)
        run = run + 1 if abs(step) == 1 and (step == last or run == 1) else 1 + (abs(step) == 1)
        last = step
        longest = max(longest, run)
    return longest


def _is_said_example(value: str) -> bool:
    if "://" in value:
        return _EXAMPLE.search(value.partition("://")[2].rpartition("@")[0]) is not None
    said = sum(len(word) for word in _EXAMPLE.findall(value))
    return said >= _EXAMPLE_SHARE * len(value) or _EXAMPLE_PART.search(value) is not None


def _most_common(value: str) -> str:
    return Counter(value).most_common(1)[0][0]


def _is_blank_form(value: str) -> bool:
    filled = sum(len(run.group()) for run in _RUN.finditer(value) if run.group()[0] in _FILLERS)
    return filled >= _FILLED_SHARE * len(value)


def _fingerprint(value: str) -> str:
    return hashlib.sha256(value.encode("utf-8", "surrogatepass")).hexdigest()[:16]
