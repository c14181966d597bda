"""Offline checks for credentials: what is a placeholder, what is shaped like the real thing, whose checksum holds.

A check drops a match only where the format itself demands it (a JWT header is JSON, a PEM body is base64) or where the
words are plainly no secret; a wrong checksum merely lowers a score, since formats change faster than rules.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
import math
import re
import zlib
from collections import Counter
from collections.abc import Callable, Mapping
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
_LEAST_COUNT = 6
"""A value that says itself twice is counted out where so many of its characters follow each other."""
_CODE = re.compile(
    r"^[A-Za-z_][\w]*(?:(?:\.|->|::)[A-Za-z_]\w*)+(?:\(.*|\[.*)?$|^[A-Za-z_]\w*\(|^\(|^&|^@[A-Za-z_{]|^\$|^%|^/[\w./-]*$|^~/"
    r"|^\.{1,2}/|\[['\"\d]|::|\+\+|=>|->|\\\(|\(\)|^[a-z][a-z0-9+.-]*://[^@\s]*$|^function\b|^!\w"
    r"|^arn:|^projects/"
)
_COMMON_PAIRS = (
    "aaabacadagaialamanaparasataubabebiblbobrcacechcickclcocrctdadedidodrdseaecedeeefeielemeneperesetevex"
    "fefffifofrgageghgigrguhahehihoiaicidieigiliminioirisitivkekilaldlelilllolslulymamemimompnancndnengni"
    "nnnonsntocodofolomonoooporosotouovowpapepiplpoprptqurardrerirmrnrorrrsrtrurysascseshsisospssstsutatc"
    "tethtitotrtstttutyueulumunurusutvaveviwa"
)
"""The letter pairs that most words and names in code are made of, two letters each."""
_PAIRS = frozenset(_COMMON_PAIRS[index : index + 2] for index in range(0, len(_COMMON_PAIRS), 2))
_JUMBLED_SHARE, _LEAST_JUMBLED = 0.42, 10
"""Letters are no words where no more than this much of their pairs are common ones: nine in ten random strings."""
_IDENTIFIER = re.compile(r"^[A-Za-z]+(?:[_.-][A-Za-z]+)*$")
_CAMEL = re.compile(r"^[a-z]+(?:[A-Z][a-z]+)+\d{0,2}$|^(?:[A-Z][a-z]+){2,}\d{0,2}$")
_WORD = re.compile(r"^(?:[a-z]+|[A-Z]+|[A-Z][a-z]+)\d?$")
_UUID = re.compile(r"^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$", re.IGNORECASE)
_HEX = re.compile(r"^[0-9a-f]+$", re.IGNORECASE)
_DATE = re.compile(r"^\d{1,4}[-/.:]\d{1,2}[-/.:]\d{1,4}")
_BASE64 = re.compile(r"^[A-Za-z0-9][A-Za-z0-9+/]{38,}={0,2}$")
_MOMENT = re.compile(r"^\d{4}-\d\d-\d\d(?:[T ]\d|$)")
_BASE62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_MAX_VALUE = 4096
_LEAST_TOKEN = 16
_STOCK = frozenset(
    (
        "password",
        "pass",
        "passwd",
        "pwd",
        "secret",
        "token",
        "login",
        "admin",
        "root",
        "user",
        "username",
        "test",
        "testing",
        "xxx",
        "yyy",
        "1234",
        "12345",
        "123456",
        "foo",
        "bar",
        "key",
        "apikey",
        "guest",
        "demo",
        "mypassword",
        "changeme",
        "abc",
        "1111",
        "api_key",
        "api_token",
        "mypass",
    )
)

_SENTENCE_WORDS = frozenset(
    [
        *("and", "are", "but", "can", "for", "from", "has", "have", "her", "his", "its", "never", "not", "our"),
        *(
            "please",
            "share",
            "store",
            "the",
            "their",
            "them",
            "these",
            "they",
            "those",
            "was",
            "were",
            "with",
            "words",
            "would",
        ),
    ]
)
"""Words that no wallet's word list has and hardly any sentence of twelve words lacks."""

Validator = Callable[[str], bool]


def is_placeholder(value: str) -> bool:
    """Whether the words are plainly an example: `YOUR_API_KEY`, `xxxxx`, `<token>`, `${VAR}`, AWS's documented keys."""
    value = value[:_MAX_VALUE]
    if _fingerprint(value) in _PUBLISHED:
        return True
    if not value.strip() or _PLACEHOLDER.search(value) or _is_blank_form(value) or _STEPS.search(value):
        return True
    if _EXAMPLE.search(value) and _is_said_example(value):
        return True
    tail = re.split(r"[_.-]", value)[-1] if len(value) < 80 else value
    return len(tail) >= 8 and len(set(tail.lower())) <= 3 and _most_common(tail) in _FILLERS


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


def _is_counted_out(value: str) -> bool:
    """Whether half of the value is `abcdef`, `987654` or the like in one run, or it says such a run twice."""
    longest = _longest_count(value)
    half = len(value) // 2
    return longest * 2 >= len(value) or (longest >= _LEAST_COUNT and value[:half] == value[-half:])


def _longest_count(value: str) -> int:
    """How many characters follow each other like `abcdef` or `321`, at most."""
    longest = run = 1
    last = 0
    for one, other in pairwise(value.lower()):
        step = 1 if one + other == "90" else ord(other) - ord(one)
        run = run + 1 if abs(step) == 1 and (step == last or run == 1) else 1 + (abs(step) == 1)
        last = step
        longest = max(longest, run)
    return longest


def _fingerprint(value: str) -> str:
    return hashlib.sha256(value.encode("utf-8", "surrogatepass")).hexdigest()[:16]


def secret_status(value: str) -> Status:
    """Live unless plainly an example; a filled-in key block is live, its encoding has long runs of one letter."""
    if value.startswith(("-----BEGIN", "PuTTY-User-Key", "---- BEGIN")):
        return Status.LIVE
    return Status.PLACEHOLDER if is_placeholder(value) else Status.LIVE


def entropy(value: str) -> float:
    """Shannon bits per character."""
    size = len(value)
    return -sum(n / size * math.log2(n / size) for n in Counter(value).values()) if size else 0.0


def looks_random(value: str) -> bool:
    """Whether a field's value has the make of a token: long, no spaces, letters and digits mixed."""
    value = value.strip()
    if value[:7].lower() in {"bearer ", "basic: "}:
        value = value[7:]
    if not 16 <= len(value) <= _MAX_VALUE or any(char.isspace() for char in value) or is_placeholder(value):
        return False
    if _DATE.match(value) or ("://" in value and "@" not in value):
        return False
    has_digit = any(char.isdigit() for char in value)
    has_letter = any(char.isalpha() for char in value)
    return has_letter and has_digit and entropy(value) >= 2.9 and not _is_words(value)


def _is_words(value: str) -> bool:
    """Whether the value reads as words: an identifier, a slug, a file name."""
    parts = [part for part in re.split(r"[-_.:/ ]", value) if part]
    wordy = sum(len(part) for part in parts if _WORD.match(part))
    return len(parts) > 1 and wordy * 3 >= len(value) * 2 and sum(c.isdigit() for c in value) <= 4


def _is_jumbled(value: str) -> bool:
    """Whether letters alone make no words: not in any language that is written in them, nor in code."""
    letters = value.lower()
    if len(letters) < _LEAST_JUMBLED or not letters.isascii() or not letters.isalpha():
        return False
    common = sum(one + other in _PAIRS for one, other in pairwise(letters))
    return common <= _JUMBLED_SHARE * (len(letters) - 1) and not _is_counted_out(value)


def is_assigned_secret(value: str) -> bool:
    """Whether the right-hand side of `api_key = ...` is a literal credential: no code, no words, no placeholder."""
    value = value.strip().rstrip(",;")
    if not 8 <= len(value) <= _MAX_VALUE or is_placeholder(value) or _DATE.match(value):
        return False
    if _CODE.search(value) and not _BASE64.match(value):
        return False
    if _IDENTIFIER.match(value) and (value.islower() or value.isupper() or _CAMEL.match(value) or "_" in value):
        return _is_jumbled(value) and len(value) >= _LEAST_TOKEN
    if _is_counted_out(value):
        return False
    if value.isdigit() or value.endswith("-"):
        return False
    return entropy(value) >= _least_entropy(value) and not _is_words(value)


def _least_entropy(value: str) -> float:
    size = len(value)
    if _UUID.match(value):
        return 2.0
    if size < 12:
        return 2.5
    if _HEX.match(value):
        return 2.7
    return 3.0 if size < 20 else 3.2


def is_strong_secret(value: str) -> bool:
    """As `is_assigned_secret`, of ten characters, with a digit or jumbled: for names that often hold something else."""
    has_sign = any(char.isdigit() for char in value) or (len(value) >= _LEAST_TOKEN and _is_jumbled(value))
    return len(value) >= 10 and has_sign and is_assigned_secret(value)


def is_token_value(value: str) -> bool:
    """As `is_strong_secret`, but no UUID: what is called a token and is one, is most often an identifier."""
    return not _UUID.match(value) and is_strong_secret(value)


def is_password(value: str) -> bool:
    """Whether the right-hand side of `password = ...` is a literal: mixed characters, no code, no placeholder."""
    value = value.strip().rstrip(",;")
    if not 6 <= len(value) <= 256 or is_placeholder(value) or _CODE.search(value) or _MOMENT.match(value):
        return False
    if _IDENTIFIER.match(value):
        return _is_jumbled(value)
    kinds = (
        any(map(str.islower, value)),
        any(map(str.isupper, value)),
        any(map(str.isdigit, value)),
        not value.isalnum(),
    )
    return sum(kinds) >= 2 and len(set(value)) >= 5


def is_strong_password(value: str) -> bool:
    """As `is_password`, with a digit and three kinds of characters, and no date, amount or reference number."""
    value = value.strip().rstrip(",;.")
    kinds = (
        any(map(str.islower, value)),
        any(map(str.isupper, value)),
        any(map(str.isdigit, value)),
        not value.isalnum(),
    )
    return len(value) >= 8 and any(map(str.isdigit, value)) and sum(kinds) >= 3 and is_password(value)


def is_not_placeholder(value: str) -> bool:
    """Whether the value is no plain example."""
    return not is_placeholder(value)


def is_url_credential(value: str) -> bool:
    """Whether `user:password` is filled in: no variable, no template, no stock words, not the same word twice."""
    user, _, password = value.partition(":")
    if (
        len(set(password)) < 2
        or len(password) < 3
        or is_placeholder(password)
        or re.search(r"[$<>{}*]|%[sdv]\b|%\(", value)
    ):
        return False
    return not _is_stock(user.strip("\"'"), password.strip("\"'"))


def is_user_password(value: str) -> bool:
    """As `is_url_credential`, for a command line: one of the two may be empty."""
    value = value.replace('"', "").replace("'", "")
    user, _, password = value.partition(":")
    if not user or not password:
        return is_password(user or password)
    return is_url_credential(value.replace("{", "").replace("}", ""))


def is_example_credential(value: str) -> bool:
    """Whether `user:password` is the stock example of manuals."""
    user, _, password = value.partition(":")
    return bool(password) and not re.search(r"[$<>{}*%]", value) and _is_stock(user, password)


def _is_stock(user: str, password: str) -> bool:
    return user.lower() == password.lower() or password.lower() in _STOCK


def is_db_url(value: str) -> bool:
    """Whether a connection string holds a filled-in password."""
    rest = value.partition("://")[2]
    return is_url_credential(rest.rpartition("@")[0] if "@" in rest else "")


def is_jwt(value: str) -> bool:
    """Whether header and payload are base64 of JSON objects, and the header names an algorithm or type."""
    parts = value.split(".")
    if len(parts) < 2:
        return False
    header = _json_part(parts[0])
    if not ({"alg", "typ", "enc"} & header.keys() if header is not None else _is_broken_header(parts[0])):
        return False
    if len(parts) == 3 and 0 < len(parts[2]) < 20:
        return False
    return len(parts) == 5 or _is_base64_text(parts[1])


def _json_part(part: str) -> dict[str, object] | None:
    try:
        value = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    except (ValueError, binascii.Error, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def _is_broken_header(part: str) -> bool:
    """A header that somebody touched: no JSON any more, but its beginning and a key are there."""
    try:
        data = base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))
    except (ValueError, binascii.Error):
        return False
    return data.startswith(b'{"') and data.endswith(b"}") and (b'"alg"' in data or b'"typ"' in data)


def _is_base64_text(part: str) -> bool:
    try:
        return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))[:1] == b"{"
    except (ValueError, binascii.Error):
        return False


def is_private_key(value: str) -> bool:
    """Whether a PEM-like block has a body of base64 lines: at least 40 characters that look random."""
    if "redacted" in value.lower():
        return False
    body = re.sub(
        r"-----[A-Z0-9 ]+-----|(?:Proc-Type|DEK-Info|Version|Comment)[^\n]*|\\r|\\n|[\s\"'+,|>]",
        "",
        value[: _MAX_VALUE * 4],
    )
    return len(body) >= 40 and entropy(body[-256:]) >= 3.5


def has_github_checksum(value: str) -> bool:
    """Whether the last six characters are the base-62 CRC32 of the rest (GitHub, npm and their like)."""
    body = value.rpartition("_")[2]
    return len(body) > 6 and _base62(zlib.crc32(body[:-6].encode())) == body[-6:]


def has_grafana_checksum(value: str) -> bool:
    """Whether the last eight characters are the CRC32 of the rest, least byte first (Grafana service accounts)."""
    body, _, given = value.rpartition("_")
    return zlib.crc32(body.encode()).to_bytes(4, "little").hex() == given.lower()


def has_atlassian_checksum(value: str) -> bool:
    """Whether the eight digits after `=` are the CRC32 of what stands before (Atlassian API tokens since 2023)."""
    body, _, given = value.rpartition("=")
    return bool(body) and f"{zlib.crc32(body.encode()):08x}" == given.lower()


def _base62(number: int) -> str:
    digits = ""
    while number:
        number, rest = divmod(number, 62)
        digits = _BASE62[rest] + digits
    return digits.rjust(6, "0")


def is_filled_in(value: str) -> bool:
    """Whether a vendor-shaped value is no blank form (`xxxxx`); an `...EXAMPLE...` is told as placeholder."""
    body = re.split(r"[_:.-]", value, maxsplit=1)[-1]
    body = body if len(body) >= 6 else value
    if _fingerprint(value) in _PUBLISHED or _BLANK.search(value) or _is_blank_form(value):
        return False
    return len(set(body.lower())) > 3 or _most_common(body) not in _FILLERS


def is_mixed(value: str) -> bool:
    """Whether a token has both letters and digits, no long run, no plain words: guards prefixes that words share."""
    if is_placeholder(value):
        return False
    body = re.split(r"[_:-]", value, maxsplit=1)[-1]
    return any(map(str.isdigit, body)) and any(map(str.isalpha, body)) and entropy(body) >= 2.5


def is_varied(value: str) -> bool:
    """Whether a value has digits and letters and few repeats, and is no plain example."""
    has_both = any(map(str.isdigit, value)) and any(map(str.isalpha, value))
    return has_both and entropy(value) >= 3.0 and not is_placeholder(value)


def is_uncounted(value: str) -> bool:
    """As `is_varied`, without eight letters or digits in a row: for shapes that no mark of a vendor bears out."""
    return is_varied(value) and _longest_count(value) < _LEAST_COUNT + 2


def is_numbered(value: str) -> bool:
    """Whether a short value has a digit after its prefix, or is a plain example: else it is a word."""
    return is_placeholder(value) or any(map(str.isdigit, value[3:]))


def is_seed_phrase(value: str) -> bool:
    """Whether the words are a wallet's: twelve to twenty-four, and none of those that every sentence has."""
    words = re.split(r"[ ,]+", value.strip())
    return len(words) % 3 == 0 and not _SENTENCE_WORDS.intersection(words)


def is_basic_auth(value: str) -> bool:
    """Whether base64 decodes to `user:password`."""
    try:
        text = base64.b64decode(value + "=" * (-len(value) % 4), validate=True).decode("latin-1")
    except (ValueError, binascii.Error):
        return False
    user, colon, password = text.partition(":")
    return bool(colon) and user.isprintable() and user.isascii() and not is_placeholder(text) and password not in _STOCK


SECRET_VALIDATORS: Mapping[str, Validator] = {
    "assigned_secret": is_assigned_secret,
    "strong_secret": is_strong_secret,
    "token_value": is_token_value,
    "password": is_password,
    "not_placeholder": is_not_placeholder,
    "placeholder": is_placeholder,
    "url_credential": is_url_credential,
    "user_password": is_user_password,
    "example_credential": is_example_credential,
    "strong_password": is_strong_password,
    "db_url": is_db_url,
    "jwt": is_jwt,
    "private_key": is_private_key,
    "github_checksum": has_github_checksum,
    "grafana_checksum": has_grafana_checksum,
    "atlassian_checksum": has_atlassian_checksum,
    "filled_in": is_filled_in,
    "mixed": is_mixed,
    "varied": is_varied,
    "uncounted": is_uncounted,
    "numbered": is_numbered,
    "seed_words": is_seed_phrase,
    "basic_auth": is_basic_auth,
}
