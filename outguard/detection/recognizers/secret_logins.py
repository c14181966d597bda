"""Names and passwords in pairs: in URLs, connection strings, headers and on command lines."""

from __future__ import annotations

import base64
import binascii
import re

from outguard.detection.recognizers.secret_examples import is_placeholder
from outguard.detection.recognizers.secret_values import is_password

_STOCK = re.compile(
    r"(?:my)?pass(?:word)?|passwd|pwd|secret|token|login|admin|root|user(?:name)?|test(?:ing)?|xxx|yyy|12345?6?|foo|bar|key"
    r"|api_?key|api_token|guest|demo|changeme|abc|1111",
    re.IGNORECASE,
)
_NAMED_SLOT = re.compile(r"(?:(?:my|your|the|user|db)[-_]?)?password", re.IGNORECASE)
_LEAST_EXAMPLE = 4
"""A shorter word after the colon is no password, not even an example's."""


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
    """Whether `user:pass` is the stock login of manuals.

    Where the word `password` stands for the password the slot is named and nothing is in it: a template like
    `{user}:{password}`, which is left alone.
    """
    user, _, password = value.partition(":")
    if len(password) < _LEAST_EXAMPLE or len(set(password)) < 2 or _NAMED_SLOT.fullmatch(password):
        return False
    return not re.search(r"[$<>{}*%]", value) and _is_stock(user, password)


def is_db_url(value: str) -> bool:
    """Whether a connection string holds a filled-in password."""
    rest = value.partition("://")[2]
    return is_url_credential(rest.rpartition("@")[0] if "@" in rest else "")


def is_basic_auth(value: str) -> bool:
    """Whether base64 decodes to `user:password`."""
    try:
        text = base64.b64decode(value + "=" * (-len(value) % 4), validate=True).decode("latin-1")
    except (ValueError, binascii.Error):
        return False
    user, colon, password = text.partition(":")
    return (
        bool(colon)
        and user.isprintable()
        and user.isascii()
        and not is_placeholder(text)
        and not _STOCK.fullmatch(password)
    )


def _is_stock(user: str, password: str) -> bool:
    is_stock = _STOCK.fullmatch(password) or _NAMED_SLOT.fullmatch(password)
    return user.lower() == password.lower() or is_stock is not None
