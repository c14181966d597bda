"""Fuzz targets: whatever the text, payload or disguise, the engine answers, in bounds and repeatably."""

from __future__ import annotations

import base64
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from outguard.detection.document import Document
from outguard.detection.engine import build_scanner
from outguard.detection.fields import documents_of
from outguard.detection.normalize import normalize
from outguard.detection.scan import Scanner
from outguard.domain.authority import AuthorityProfile
from outguard.domain.context import ReplyContext
from outguard.domain.finding import Finding
from outguard.domain.reply import Content, Customer, Recipient
from outguard.errors import OutguardError

RULES = Path(__file__).parents[2] / "rules"
PROFILE = AuthorityProfile(name="shop", company="Brightloom")
NOW = datetime(2026, 1, 1, tzinfo=UTC)
KNOWN = Customer(
    id="c", name="Ana Lima", known_values=("ORD-5512", "org-lima", "12 Elm Lane, Austin", "", " ", "\ud800")
)
PIECES = (
    "4242", " ", "-", ".", "@", "(at)", " dot ", "%40", "&#64;", "four ", "double ", "\u200b", "\u202e", "\ud800",
    "\u0430", "\uff14", "Hi Ana,", "\n\n", "With love,\n", "12 Elm Lane", ", Suite 4", "TX 78712", "password: ",
    "sk_live_", "-----BEGIN ", "{{", "DE89", "1.1.1.1", "::", "KzkxIDQxNTU1NTAxMzI=", "your address is ",
    "born 1 May 1990", "?", "\U0001f642", "_", "/", "\0", "e\u0301",
)  # fmt: skip
TEXTS = st.one_of(st.text(max_size=80), st.lists(st.sampled_from(PIECES), max_size=30).map("".join))
LEAVES = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), TEXTS)
PAYLOADS = st.dictionaries(
    st.text(max_size=12),
    st.recursive(
        LEAVES, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4)
    ),
    max_size=5,
)
FUZZ = settings(deadline=None, max_examples=80, suppress_health_check=[HealthCheck.too_slow])


class _Limits:
    max_text_chars = 10_000
    max_payload_depth = 20
    max_payload_nodes = 500
    max_attachments = 2
    max_attachment_bytes = 1_000


@lru_cache(maxsize=1)
def _scanner() -> Scanner:
    files = {str(path.relative_to(RULES)): path.read_text("utf-8") for path in (RULES / "detectors").glob("*.yaml")}
    return build_scanner(files)


def _scan(text: str, *, customer: Customer | None) -> list[Finding]:
    context = ReplyContext(
        recipient=Recipient(), customer=customer, profile=PROFILE, ledger=(), now=NOW, last_user=text
    )
    return _scanner().scan([Document(text=text)], context)


@FUZZ
@given(TEXTS, st.sampled_from((None, KNOWN, Customer(id=""))))
def test_any_text_is_scanned_and_every_finding_lies_in_it(text: str, customer: Customer | None) -> None:
    findings = _scan(text, customer=customer)
    assert findings == _scan(text, customer=customer), "the same text is told the same"
    for finding in findings:
        assert finding.start == finding.end == -1 or 0 <= finding.start < finding.end <= len(text)
        assert 0 <= finding.score <= 1


@FUZZ
@given(TEXTS)
def test_any_text_is_normalised_and_every_span_leads_back(text: str) -> None:
    normalized = normalize(text)
    for view in (normalized, *normalized.views):
        for start in range(len(view.text)):
            first, last = view.original_span(start, start + 1)
            assert 0 <= first <= last <= len(text)


@FUZZ
@given(PAYLOADS, TEXTS)
def test_any_payload_is_walked_or_refused(payload: dict[str, Any], text: str) -> None:
    try:
        documents = documents_of(Content(text=text, payload=payload), _Limits())
    except OutguardError:
        return
    assert documents[0].text == text
    assert all(document.field and document.field.startswith("payload") for document in documents[1:])


@pytest.mark.parametrize(
    "piece",
    ["a.", "1.", "4 ", "%40", "&#64;", "one ", "\u200b", "12 Elm Lane, ", "Hi Ana, ", "= ", "A", "\ud800", "@", "::"],
)
def test_hostile_repetition_is_scanned(piece: str) -> None:
    text = (piece * 8_000)[:16_000]
    assert all(one.end <= len(text) for one in _scan(text, customer=KNOWN))


def test_nested_encodings_end() -> None:
    text = "card 4111 1111 1111 1111"
    for _ in range(8):
        text = base64.b64encode(text.encode()).decode()
    assert all(one.end <= len(text) for one in _scan(text, customer=None))
