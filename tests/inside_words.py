"""What the detector of inside-only content finds in a reply to Ann Lee, whose parcel is SHP-20131."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path

from outguard.detection.document import Document
from outguard.detection.internal import InternalDetector
from outguard.domain.authority import AuthorityProfile
from outguard.domain.context import ReplyContext
from outguard.domain.reply import Customer, Recipient

RULES = Path(__file__).parents[1] / "rules"


@lru_cache
def detector() -> InternalDetector:
    """The detector with the shipped rules."""
    files = {f"detectors/{p.name}": p.read_text(encoding="utf-8") for p in (RULES / "detectors").glob("*.yaml")}
    return InternalDetector(files)


def found(text: str, *known: str, last_user: str = "") -> list[tuple[str, str]]:
    """The type and words of each finding; `known` are the values on file, `last_user` the customer's last message."""
    context = ReplyContext(
        recipient=Recipient(display_name="Ann Lee"),
        customer=Customer(id="c-1", name="Ann Lee", known_values=known or ("SHP-20131",)),
        profile=AuthorityProfile(name="shop", company="Shop"),
        ledger=(),
        now=datetime(2026, 1, 5, tzinfo=UTC),
        last_user=last_user,
    )
    return [(one.type, text[one.start : one.end]) for one in detector().detect(Document(text=text), context)]
