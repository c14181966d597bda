"""What a code, a password or a made-up token looks like: shapes that tell them from dates, times and plain words.

These checks bear out words that stand around a value; none of them would do alone.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from outguard.detection.recognizers.secret_examples import is_placeholder

_DATE = re.compile(r"(?:19|20)\d\d[ .-]\d{1,2}[ .-]\d{1,2}|\d{1,2}[ .-]\d{1,2}[ .-](?:19|20)\d\d")
_LEAST_DIGITS = 3
_LONGEST_ALL_DIGITS = 8
"""Longer numbers that people type in are accounts, phones and cards, which have rules of their own."""
_SIGNS = frozenset("!#$%&*+=?@^_~")
_WORDY = re.compile(r"[^\W\d_]+(?:['\u2019&+/-][^\W\d_]+)*")
_LINK = re.compile(r"://|\b[\w-]+\.[a-z]{2,}(?:/|$)|^[\w.+-]+@[\w.-]+$")


def is_door_code(value: str) -> bool:
    """Whether a value is a code that somebody types: three digits at least, no date, no long number."""
    digits = sum(character.isdigit() for character in value)
    if digits < _LEAST_DIGITS - any(character.isalpha() for character in value) or _DATE.fullmatch(value):
        return False
    return digits <= _LONGEST_ALL_DIGITS or any(character.isalpha() for character in value)


def is_strong_word(value: str) -> bool:
    """Whether a value is a made-up password: no plain or joined words, no link, no address, no placeholder."""
    if "[" in value or _LINK.search(value) or is_placeholder(value) or not any(map(str.isalpha, value)):
        return False
    if _WORDY.fullmatch(value):
        return False
    return any(map(str.isdigit, value)) or not _SIGNS.isdisjoint(value[1:-1])


_TALK = re.compile(
    r"(?:a|about|above|accepted|active|added|after|again|all|allowed|also|always|an|and|another|any|are|as|asked|at|be"
    r"|been|before|best|better|between|blank|both|but|by|can|case|changed|chosen|clear|closed|complete|confidential"
    r"|correct|current|deleted|different|disabled|done|down|due|each|either|empty|enabled|enough|expired|fine|first"
    r"|following|for|free|from|full|further|gone|good|green|had|has|have|he|her|hers|here|hidden|his|how|however|i"
    r"|if|in|incorrect|inside|invalid|is|it|its|just|kept|known|last|later|least|left|less|linked|live|locked|long"
    r"|lost|made|matched|me|mine|missing|mixed|more|most|much|my|necessary|needed|never|new|next|no|none|nor|not"
    r"|nothing|now|of|off|ok|okay|old|on|once|one|only|open|or|other|our|ours|out|outside|over|own|please|private"
    r"|public|ready|really|red|refused|rejected|required|reset|right|safe|same|saved|second|secret|secure|sensitive"
    r"|sent|set|shared|she|short|shown|simply|since|so|some|something|soon|still|stored|strong|such|sure|taken|than"
    r"|that|the|their|them|then|there|these|they|third|this|those|through|to|today|together|tomorrow|tonight|too|top"
    r"|true|two|typed|under|unique|unknown|unlocked|until|up|updated|upon|us|used|usual|valid|very|void|was|we|weak"
    r"|were|what|when|where|whether|which|who|why|will|with|within|without|working|wrong|yes|yesterday|yet|you|your"
    r"|yours)"
)
"""What follows `is` in talk of passwords without giving one."""
_TALK_END = re.compile(r"(?:[^e]ed|ing|ly|[ai]ble|less|ful)$")
_JOINED_TALK = re.compile(
    r"(?:e|non|pre|re|self|one|two|three|four|five|six|eight|ten|multi|co|well|built|case|long|short|up|log|sign|mid|so|"
    r"all|read|full|half|user|follow|least|at)[-/.].*"
    r"|.*[-/](?:in|up|on|off|out|time|sensitive|free|only|based|protected|specific|use|to|blind|wide|proof|friendly|key)",
    re.IGNORECASE,
)
_LEAST_WORD = 3


def is_code_word(value: str) -> bool:
    """Whether words after `is` are what was chosen, not talk of it: no link, no placeholder, no adjective or verb."""
    if "[" in value or _LINK.search(value) or is_placeholder(value) or _JOINED_TALK.fullmatch(value):
        return False
    words = value.lower().split()
    if not words or len(value) < _LEAST_WORD or (_TALK.fullmatch(words[0]) and len(words) < _LEAST_WORD):
        return False
    is_plain = len(words) == 1 and value.islower() and value.isalpha()
    return not (is_plain and _TALK_END.search(value))


_MONTHS = re.compile(
    r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?"
    r"|nov(?:ember)?|dec(?:ember)?|spring|summer|autumn|fall|winter)[-._/]?\d{1,4}",
    re.IGNORECASE,
)
_PLAIN_NAMES = re.compile(
    r"(?:level|step|room|zone|plan|phase|part|page|chapter|version|release|build|windows|android|chrome|firefox|safari|"
    r"tier|grade|form|year|week|day|unit|gate|line|route|covid|sha|utf|iso|base|md|mp|ps|web|ipv?|http|tls|wpa|aes|rsa|"
    r"log|oauth|vitamin|bus|bay|dock|slot|port|least|max|min|under|over)[-._/]?\d{1,4}",
    re.IGNORECASE,
)


def is_made_word(value: str) -> bool:
    """Whether words joined with digits are a made-up password: no month, no version, no number of a plain thing."""
    if _LINK.search(value) or is_placeholder(value) or value.isupper():
        return False
    last = re.split(r"[-._!&/+](?=[^\W\d_])", value)[-1]
    return not any(pattern.fullmatch(part) for pattern in (_MONTHS, _PLAIN_NAMES) for part in (value, last))


_LEAST_BODY, _LEAST_OF_KIND = 10, 3
"""A made-up token's random part is as long, and has as many letters and as many digits."""
_PLAIN_IDS = frozenset(
    ["acct", "ch", "cus", "evt", "in", "inv", "order", "ord", "pi", "prod", "req", "rfc", "sub", "tr", "txn", "uuid"]
)
"""Prefixes under which systems hand out numbers that open nothing."""


def is_house_token(value: str) -> bool:
    """Whether a value has a random part that no word, date, number or plain identifier has."""
    parts = [part for part in re.split(r"[_.=%/+-]", value) if part]
    if len(value) < _LEAST_BODY + 2 or is_placeholder(value) or not parts or parts[0].lower() in _PLAIN_IDS:
        return False
    if any(_DATE.fullmatch(part) for part in parts) or value.isupper():
        return False
    mixed = "".join(part for part in parts if any(map(str.isdigit, part)))
    letters = sum(map(str.isalpha, mixed))
    digits = sum(map(str.isdigit, mixed))
    return len(mixed) >= _LEAST_BODY and letters >= _LEAST_OF_KIND and digits >= _LEAST_OF_KIND


def is_secret_link(value: str) -> bool:
    """Whether a link's last part is random: whoever has the link can use it."""
    last = value.rstrip("/").rpartition("/")[2]
    if is_placeholder(value.partition("://")[2].partition("/")[2]) or not last.isascii():
        return False
    digits = sum(map(str.isdigit, last))
    return digits >= 2 and sum(map(str.isalpha, last)) >= _LEAST_OF_KIND


CODE_VALIDATORS: Mapping[str, Callable[[str], bool]] = {
    "door_code": is_door_code,
    "strong_word": is_strong_word,
    "code_word": is_code_word,
    "made_word": is_made_word,
}
"""The checks by the names that packs call them by."""
