"""Credentials: what the packs find, what they leave, and what they call an example."""

from __future__ import annotations

import gzip
import json
import os
from datetime import UTC, datetime
from pathlib import Path

import pytest
import yaml

from outguard.detection.document import Document
from outguard.detection.engine import build_scanner, lint_detectors
from outguard.detection.examples import expand
from outguard.detection.scan import Scanner
from outguard.domain.authority import AuthorityProfile
from outguard.domain.context import ReplyContext
from outguard.domain.finding import Category, Finding, Status
from outguard.domain.reply import Recipient

RULES = Path(__file__).parents[2] / "rules" / "detectors"
FILES = {f"detectors/{path.name}": path.read_text(encoding="utf-8") for path in sorted(RULES.glob("*.yaml"))}
PACKS = {name: text for name, text in FILES.items() if "/secrets_" in name}
CONTEXT = ReplyContext(
    recipient=Recipient(),
    customer=None,
    profile=AuthorityProfile(name="x", company="X"),
    ledger=(),
    now=datetime(2026, 1, 1, tzinfo=UTC),
)


@pytest.fixture(scope="module")
def scanner() -> Scanner:
    return build_scanner(FILES)


def secrets(scanner: Scanner, text: str) -> list[Finding]:
    found = scanner.scan([Document(text=text)], CONTEXT)
    return [finding for finding in found if finding.category is Category.SECRET]


def test_every_rule_catches_and_leaves_its_examples() -> None:
    assert lint_detectors(PACKS) == []


def test_two_hundred_vendors_are_known() -> None:
    rules = [rule for text in PACKS.values() for rule in yaml.safe_load(text)["rules"]]
    assert len({rule["entity"] for rule in rules if rule.get("entity")}) >= 200


def test_no_pack_holds_a_live_looking_value(scanner: Scanner) -> None:
    for text in PACKS.values():
        examples = [example for rule in yaml.safe_load(text)["rules"] for example in rule["catch"]]
        live = [
            example[one.start : one.end]
            for example in examples
            for one in secrets(scanner, example)
            if one.status is Status.LIVE and one.rule != "secrets.aws_account_id"
        ]
        assert [value for value in live if "{" not in value] == []


@pytest.mark.parametrize(
    ("template", "kind"),
    [
        ("our own key (sk_live_{alnum:24}) works", "API_KEY"),
        ("I tested with `ghp_{alnum:36}` today", "ACCESS_TOKEN"),
        ("AKIA{b32:16} / {b64:40}", "API_KEY"),
        ("ask acme_live_{alnum:32} for it", "API_KEY"),
        ("it fires https://hooks.slack.com/services/T{up:10}/B{up:10}/{alnum:24} lol", "WEBHOOK_URL"),
        ("mongodb+srv://cx:{alnum:16}@m0.acme.internal/uploads", "DB_URL"),
        ("(user viewer, password {alnum:10}a4X)", "PASSWORD"),
        ("the admin password is {alnum:6}-{digit:3}x, keep it", "PASSWORD"),
        ("GET /x  Authorization: Bearer {json64:alg=HS256,typ=JWT}.{json64:sub=1}.{url:43}", "ACCESS_TOKEN"),
        ("for FA-18077: sid=s%3A{alnum:24}.{alnum:43}", "SESSION_ID"),
        ("<add key='ClientSecret' value='{alnum:32}' />", "API_KEY"),
        ("env:\n  - name: PAY_TOKEN\n    value: {alnum:32}", "API_KEY"),
        ("`docker login -u ci -p {alnum:24} hub.acme.example`", "PASSWORD"),
        ("client_secret: {lower:24}", "API_KEY"),
        (
            "recovery phrase: " + " ".join(["{lower:5} {lower:8} {lower:4}"] * 4),
            "PRIVATE_KEY",
        ),
        ("-----BEGIN RSA PRIVATE KEY-----\n{b64:64}\n{b64:64}\n-----END RSA PRIVATE KEY-----", "PRIVATE_KEY"),
    ],
)
def test_a_live_credential_is_found_with_its_type(scanner: Scanner, template: str, kind: str) -> None:
    found = [finding.type for finding in secrets(scanner, expand(template)) if finding.status is Status.LIVE]
    assert kind in found


@pytest.mark.parametrize(
    "text",
    [
        "set api_key = YOUR_API_KEY and run it",
        "Authorization: Bearer <your-api-key-here>",
        "export TOKEN=${TOKEN}",
        "AKIAIOSFODNN7EXAMPLE",
        "sk_test_xxxxxxxxxxxxxxxxxxxxxxxx",
        "https://user:pass@example.com",
        "token = '1234567890abcdef1234567890abcdef'",
    ],
)
def test_an_example_is_never_live(scanner: Scanner, text: str) -> None:
    assert [one.rule for one in secrets(scanner, text) if one.status is Status.LIVE] == []


@pytest.mark.parametrize(
    "text",
    [
        "Your password is encrypted and we cannot see it.",
        "The token is shown in your settings page.",
        "Basic understanding of the API key rotation is enough.",
        "Order ORD-5512, tracking TRK-88213007, invoice INV-2024-000123.",
        "See https://acme.example:8080/callback?state=ok for details.",
        "Reset the password: open the link, then log in with email / phone.",
        "password_expires_at: 2031-05-01T12:00:00Z, passwordPolicy: 'min-8-chars'",
        "next_page_token: {alnum:40}, primary_key: {hex:32}",
        "MAIL_PASSWORD=passwordplaceholder and secret: myapplicationconfiguration",
        "password: [PASSWORD], api_key = [API_KEY], https://%5BPASSWORD%5D@acme.example/x",
    ],
)
def test_ordinary_and_redacted_words_are_left(scanner: Scanner, text: str) -> None:
    assert secrets(scanner, expand(text)) == []


def test_an_example_login_in_a_link_is_told_and_is_no_mailbox(scanner: Scanner) -> None:
    found = scanner.scan([Document(text="clone https://user:pass@git.example.com/x first")], CONTEXT)
    assert {(one.type, one.status) for one in found} == {("URL", None), ("PASSWORD", Status.PLACEHOLDER)}


@pytest.mark.data
def test_open_sets_reach_the_targets(scanner: Scanner) -> None:
    root = os.environ.get("OUTGUARD_TEST_DATA")
    if not root:
        pytest.skip("set OUTGUARD_TEST_DATA to the folder of data sets")
    counts = {"positive": [0, 0], "negative": [0, 0]}
    for path in sorted(Path(root).glob("secrets-*/cases.jsonl.gz")):
        with gzip.open(path, "rt", encoding="utf-8") as lines:
            for line in lines:
                case = json.loads(line)
                if case["id"].startswith("ip_public/"):
                    continue  # addresses are personal data here, not credentials
                found = secrets(scanner, case["text"])
                hit = bool(found) if case["class"] == "positive" else any(one.status is Status.LIVE for one in found)
                counts[case["class"]][0] += hit
                counts[case["class"]][1] += 1
    assert counts["positive"][0] / counts["positive"][1] >= 0.95
    assert 1 - counts["negative"][0] / counts["negative"][1] >= 0.95
