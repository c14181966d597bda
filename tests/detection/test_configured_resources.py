"""What a company says is inside is found wherever it stands, and whole."""

from __future__ import annotations

from dataclasses import replace

import pytest

from outguard.detection.internal_parts.blocks import MAX_SPANS
from outguard.detection.internal_parts.configured import find_configured
from outguard.domain.authority import AuthorityProfile

PROFILE = AuthorityProfile(
    name="acme",
    company="Acme",
    internal_hosts=("corp.acme.example", "Wiki.Acme.Example", "nas07"),
    internal_patterns=(r"OPS[0-9]{4,6}", r"(?i)ext\.? ?8[0-9]{3}", r"/acme/(?:ops|hr)/[\w./-]+"),
)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("See https://ci.corp.acme.example:8443/job/7?x=1, please.", ["https://ci.corp.acme.example:8443/job/7?x=1"]),
        ("On WIKI.ACME.EXAMPLE and on corp.acme.example.", ["WIKI.ACME.EXAMPLE", "corp.acme.example"]),
        (r"It is on \\nas07\share\x.doc now.", [r"\\nas07\share\x.doc"]),
        ("Write to ops@corp.acme.example for that.", ["corp.acme.example"]),
        ("\u0130 first, then nas07 and nas07 again.", ["nas07", "nas07"]),
        ("Logged as OPS20441; dial Ext. 8123 or ext 8124.", ["OPS20441", "Ext. 8123", "ext 8124"]),
        ("The file /acme/hr/pay-2026.csv is there.", ["/acme/hr/pay-2026.csv"]),
        ("XOPS20441, OPS204412345, nas071, mycorp.acme.example.org and text 8123 are none.", []),
        ("www.acme.example is ours and public.", []),
    ],
)
def test_configured_names_are_found(text: str, found: list[str]) -> None:
    assert [
        text[one.start : one.end] for one in sorted(find_configured(text, PROFILE), key=lambda one: one.start)
    ] == found


def test_a_profile_without_names_costs_nothing() -> None:
    assert find_configured("nas07", replace(PROFILE, internal_hosts=(), internal_patterns=())) == []


def test_more_than_a_reply_holds_is_one_finding() -> None:
    text = "nas07 " * (MAX_SPANS + 5)
    assert [(one.start, one.end) for one in find_configured(text, PROFILE)] == [(0, len(text))]
