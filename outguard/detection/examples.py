"""Example texts of packs, with made-up values filled in.

`{alnum:36}` in an example stands for 36 letters and digits, always the same ones for the same example, so that no file
of ours holds anything that a secret scanner would take for a live credential.
"""

from __future__ import annotations

import base64
import hashlib
import re
import string

_ALPHABETS = {
    "alnum": string.ascii_letters + string.digits,
    "alpha": string.ascii_letters,
    "low": string.ascii_lowercase + string.digits,
    "lower": string.ascii_lowercase,
    "up": string.ascii_uppercase + string.digits,
    "upper": string.ascii_uppercase,
    "digit": string.digits,
    "hex": "0123456789abcdef",
    "HEX": "0123456789ABCDEF",
    "b32": string.ascii_uppercase + "234567",
    "bech": "QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L",
    "b64": string.ascii_letters + string.digits + "+/",
    "url": string.ascii_letters + string.digits + "_-",
    "word": string.ascii_letters + string.digits + "_",
}
_SLOT = re.compile(r"\{(" + "|".join(_ALPHABETS) + r"|json64|pair64):(\d{1,4}|[\w=,-]{1,80})\}")
_UUID = re.compile(r"\{uuid\}")


def expand(example: str) -> str:
    """The example with its slots filled.

    `{hex:8}` is eight digits, `{uuid}` a UUID, `{json64:alg=HS256,typ=JWT}` the base64 of a JSON object, `{pair64:12}`
    that of a user and password.
    """
    counter = 0

    def fill(match: re.Match[str]) -> str:
        nonlocal counter
        counter += 1
        kind, argument = match.groups()
        if kind == "json64":
            return _json64(argument)
        if kind == "pair64":
            pair = "acme:" + _characters(example, _ALPHABETS["alnum"], int(argument))
            return base64.b64encode(pair.encode()).decode()
        return _characters(f"{example}#{counter}", _ALPHABETS[kind], int(argument))

    with_uuids = _UUID.sub("{hex:8}-{hex:4}-4{hex:3}-9{hex:3}-{hex:12}", example)
    return _SLOT.sub(fill, with_uuids)


def _characters(seed: str, alphabet: str, count: int) -> str:
    made = ""
    block = 0
    while len(made) < count:
        digest = hashlib.sha256(f"{seed}/{block}".encode()).digest()
        made += "".join(alphabet[byte % len(alphabet)] for byte in digest)
        block += 1
    return made[:count]


def _json64(argument: str) -> str:
    members = ",".join(f'"{key}":"{value}"' for key, _, value in (pair.partition("=") for pair in argument.split(",")))
    return base64.urlsafe_b64encode(f"{{{members}}}".encode()).decode().rstrip("=")
