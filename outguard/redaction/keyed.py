"""Keyed words in place of values: pseudonyms (R24) and hashes.

Both are made with a key of one tenant's conversation, so that the same value of a conversation becomes the same word,
words of two conversations cannot be linked, and nobody without the key can guess a value's word or make one up. A
pseudonym is `<TYPE>_` and 20 characters of base32: 65 keyed bits that stand for the value, then 35 that
vouch for the word, so that a forged one is told without a look-up. Few digits are in these words, and none in hashes,
so that nobody's number is seen in them.
"""

from __future__ import annotations

import hmac
import re
import unicodedata

from outguard.domain.finding import Finding
from outguard.domain.pseudonym import IssuedPseudonym
from outguard.redaction.operators import MASKED_TYPES, Placeholders, salted_hash

MAX_ISSUED = 200
"""So many values of one reply get a pseudonym; further ones become placeholders."""

_ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
_NAME_LENGTH = 13
_CHECK_LENGTH = 7
_SHAPE = re.compile(r"[A-Z][A-Z0-9_]{0,99}_[A-Z2-7]{20}\Z")
_HASH_LENGTH = 32
_LETTERS = str.maketrans("0123456789", "ghijklmnop")
_NUMBER_TYPES = MASKED_TYPES | {"NATIONAL_ID", "CVV"}


class KeyedWords:
    """What redaction writes, for one reply: a policy's placeholders, and the words of a conversation's key.

    Without a key there are placeholders only. `issued` collects the pseudonyms that must be stored.
    """

    def __init__(self, placeholders: Placeholders, key: bytes) -> None:
        self._placeholders = placeholders
        self._key = key
        self.issued: dict[str, IssuedPseudonym] = {}

    def placeholder(self, finding: Finding) -> str:
        """The typed placeholder."""
        return self._placeholders.placeholder(finding)

    def pseudonym(self, finding: Finding, value: str) -> str | None:
        """The value's pseudonym; None where there is no key or room for another."""
        if not self._key:
            return None
        if is_issued((self._key,), value):
            return value
        word = pseudonym_of(self._key, finding.type, value)
        if word not in self.issued:
            if len(self.issued) >= MAX_ISSUED or not _SHAPE.match(word):
                return None
            self.issued[word] = IssuedPseudonym(word=word, type=finding.type, value=value)
        return word

    def keyed_hash(self, finding: Finding, value: str) -> str | None:
        """`[TYPE:<32 letters>]`; None without a key."""
        if not self._key:
            return None
        if re.fullmatch(rf"\[{finding.type}:[a-p]{{{_HASH_LENGTH}}}\]", value):
            return value
        digest = salted_hash(normal_form(finding.type, value), hmac.digest(self._key, b"hash", "sha256"))
        return f"[{finding.type}:{digest[:_HASH_LENGTH].translate(_LETTERS)}]"


def pseudonym_of(key: bytes, kind: str, value: str) -> str:
    """The word for `value` of a type, under a conversation's key."""
    name = hmac.digest(key, f"value\0{kind}\0{normal_form(kind, value)}".encode(), "sha256")
    word = f"{kind}_{_base32(name, _NAME_LENGTH)}"
    return word + _check(key, word)


def is_issued(keys: tuple[bytes, ...], word: str) -> bool:
    """Whether `word` was made with one of a conversation's keys: all others are forged, or another conversation's."""
    if not _SHAPE.match(word):
        return False
    name, check = word[:-_CHECK_LENGTH], word[-_CHECK_LENGTH:]
    return any(hmac.compare_digest(check, _check(key, name)) for key in keys)


def normal_form(kind: str, value: str) -> str:
    """What is the same value for a word: letter case, spaces and invisible signs aside; of numbers the digits."""
    text = unicodedata.normalize("NFKC", value).casefold().encode("utf-8", "backslashreplace").decode()
    if kind in _NUMBER_TYPES:
        bare = "".join(char for char in text if char.isalnum())
        if bare:
            return bare
    visible = "".join(char for char in text if unicodedata.category(char) != "Cf")
    return " ".join(visible.split())


def _check(key: bytes, word: str) -> str:
    return _base32(hmac.digest(key, b"check\0" + word.encode(), "sha256"), _CHECK_LENGTH)


def _base32(digest: bytes, length: int) -> str:
    number = int.from_bytes(digest, "big")
    return "".join(_ALPHABET[number >> 5 * place & 31] for place in range(length))
