"""Offline checks of credentials."""

from __future__ import annotations

import base64
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from outguard.detection.examples import expand
from outguard.detection.pack import SURE_SCORE, Pack, RuleSpec
from outguard.detection.pattern import PatternScanner
from outguard.detection.recognizers.secret_examples import is_placeholder, secret_status
from outguard.detection.recognizers.secret_formats import (
    has_atlassian_checksum,
    has_github_checksum,
    has_grafana_checksum,
    is_jwt,
)
from outguard.detection.recognizers.secret_logins import is_example_credential, is_url_credential
from outguard.detection.recognizers.secret_values import is_assigned_secret, is_password
from outguard.detection.recognizers.secrets_checks import SECRET_VALIDATORS
from outguard.domain.finding import Status

BASE62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"


def test_a_right_checksum_is_known() -> None:
    body = expand("{alnum:30}")
    number, digits = zlib.crc32(body.encode()), ""
    while number:
        number, rest = divmod(number, 62)
        digits = BASE62[rest] + digits
    token = "ghp_" + body + digits.rjust(6, "0")
    assert has_github_checksum(token)
    assert not has_github_checksum(token[:-1] + ("a" if token[-1] != "a" else "b"))


@pytest.mark.parametrize(
    "value",
    [
        "YOUR_API_KEY",
        "your-token-here",
        "<token>",
        "${VAR}",
        "$TOKEN",
        "xxxxxxxx",
        "********",
        "changeme",
        "sk-...",
        "AKIAIOSFODNN7EXAMPLE",
        "wJalrXUtnFEMI/K7MDENG/bPxRfiCY" + "EXAMPLEKEY",
        "{{ secret }}",
        "[API_KEY]",
    ],
)
def test_plain_examples_are_placeholders(value: str) -> None:
    assert is_placeholder(value)


@pytest.mark.parametrize("value", [expand("{alnum:32}"), expand("{hex:40}"), expand("{uuid}"), "Tangerine-Otter-58"])
def test_real_values_are_no_placeholders(value: str) -> None:
    assert not is_placeholder(value)


@pytest.mark.parametrize(
    "value",
    [
        "get_secret('x')",
        "process.env.KEY",
        "internationalization",
        "2024-05-01T10:00",
        "YOUR_KEY_1",
        "SOME_NAME_HERE",
        "12345678901",
    ],
)
def test_code_words_and_dates_are_no_credentials(value: str) -> None:
    assert not is_assigned_secret(value)


def test_a_jwt_needs_a_header_that_says_so() -> None:
    header, body = expand("{json64:alg=HS256,typ=JWT}"), expand("{json64:sub=1}")
    assert is_jwt(f"{header}.{body}.{expand('{url:43}')}")
    assert is_jwt(f"{header}.{body}")
    assert not is_jwt(f"{body}.{body}.{expand('{url:43}')}")
    assert not is_jwt(f"{header}.zzz.{expand('{url:43}')}")


@pytest.mark.parametrize(
    ("value", "is_one"), [("hunter22!", True), ("required", False), ("${PASS}", False), ("abcdef", False)]
)
def test_passwords_mix_kinds_of_characters(value: str, is_one: bool) -> None:  # noqa: FBT001 - the case's answer
    assert is_password(value) is is_one


@pytest.mark.parametrize("value", ["user:pass", "admin:${PW}", "same:same", "nobody"])
def test_stock_url_credentials_are_left(value: str) -> None:
    assert not is_url_credential(value)


@pytest.mark.parametrize(
    ("value", "is_example"),
    [
        ("user:pass", True),
        ("admin:admin", True),
        ("username:password", False),
        ("admin:my_password", False),
        ("user:abc", False),
        ("user:1111", False),
    ],
)
def test_a_slot_that_is_named_or_too_short_holds_no_example(value: str, is_example: bool) -> None:  # noqa: FBT001
    assert is_example_credential(value) is is_example
    assert not is_url_credential(value)


@pytest.mark.parametrize(
    ("text", "is_one"), [("nothing but plain words here", False), ("nothing but 4 plain words 2", True)]
)
def test_words_in_base64_are_a_text_and_no_key(text: str, is_one: bool) -> None:  # noqa: FBT001
    assert is_assigned_secret(base64.b64encode(text.encode()).decode()) is is_one


@given(value=st.text(max_size=200))
@pytest.mark.parametrize("name", sorted(SECRET_VALIDATORS))
def test_no_check_raises(name: str, value: str) -> None:
    assert SECRET_VALIDATORS[name](value) in {True, False}


def test_a_grafana_checksum_is_known() -> None:
    body = "glsa_" + expand("{alnum:32}")
    token = f"{body}_{zlib.crc32(body.encode()).to_bytes(4, 'little').hex()}"
    assert has_grafana_checksum(token)
    assert not has_grafana_checksum(token.replace("glsa", "glsb"))


def test_an_atlassian_checksum_is_known() -> None:
    body = "ATATT3" + expand("{alnum:177}")
    assert has_atlassian_checksum(f"{body}={zlib.crc32(body.encode()):08X}")
    assert not has_atlassian_checksum(f"{body}={zlib.crc32(body.encode()) ^ 1:08X}")
    assert not has_atlassian_checksum(body)


def test_a_checksum_that_holds_leaves_no_doubt() -> None:
    rule = RuleSpec(
        id="x", type="ACCESS_TOKEN", patterns=("glsa_\\w+",), checksum="grafana_checksum", catch=("glsa_x",)
    )
    scanner = PatternScanner((Pack(name="p", text="", rules=(rule,)),), SECRET_VALIDATORS)
    body = "glsa_" + expand("{alnum:32}")
    scores = [
        match.score
        for check in (zlib.crc32(body.encode()), 1)
        for match in scanner.scan(f"{body}_{check.to_bytes(4, 'little').hex()}")
    ]
    assert scores == [SURE_SCORE, rule.score]


@pytest.mark.parametrize(
    ("value", "is_example"),
    [
        ("sk_live_" + "X" * 24, True),
        ("sk_live_" + "a" * 24, True),
        ("AKIA" + "Z" * 16, False),
        ("lin_api_" + expand("{alnum:33}") + "EXAMPLE", False),
        ("sk_example_" + expand("{alnum:40}"), True),
        ("mysql://app:" + expand("{alnum:14}") + "@db.example.com/x", False),
        ("xoxa-2-" + "1" * 12 + "-" + expand("{digit:14}-{hex:24}"), False),
    ],
)
def test_only_what_fills_a_form_makes_an_example(value: str, is_example: bool) -> None:  # noqa: FBT001
    assert is_placeholder(value) is is_example


def test_a_filled_in_key_block_is_live_however_its_encoding_runs() -> None:
    block = "-----BEGIN " + "OPENSSH PRIVATE KEY-----\n" + "A" * 40 + expand("{b64:200}")
    assert secret_status(block) is Status.LIVE


def test_a_header_that_somebody_touched_still_makes_a_token() -> None:
    def part(text: str) -> str:
        return base64.urlsafe_b64encode(text.encode("latin-1")).decode().rstrip("=")

    rest = part('{"sub":"1234567890"}') + "." + expand("{url:43}")
    assert is_jwt(part('{"alg":"\x9e\x1e","typ":"JWT"}') + "." + rest)
    assert not is_jwt(part('{"alg":"HS256","typ":"JWT') + "." + rest)
