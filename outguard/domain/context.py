"""What a reply is judged against."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from outguard.domain.action import LedgerEntry
from outguard.domain.authority import AuthorityProfile
from outguard.domain.reply import Customer, Recipient
from outguard.domain.source import RegisteredTexts


@dataclass(frozen=True, kw_only=True, slots=True)
class ReplyContext:
    """The recipient, the company's profile and the record of real actions.

    `customer` is None for text with no known recipient (then nothing is `own`). `last_user` is the customer's last
    message, `sources` the texts the caller approved (R22), `registered` the tenant's internal texts and canaries, if
    it has any, `others_values` keys of values in this reply that are on record as other customers'. `confidence` is the
    agent's own, 0 to 1, None where it says nothing. `conversation_key` gives the key of pseudonyms and hashes; without
    one there are placeholders in their stead. `is_sent_now` is false for a recorded
    reply whose time is not known: weekdays cannot be counted from `now` then.
    """

    recipient: Recipient
    customer: Customer | None
    profile: AuthorityProfile
    ledger: tuple[LedgerEntry, ...]
    now: datetime
    channel: str = ""
    last_user: str = ""
    sources: tuple[str, ...] = ()
    confidence: float | None = None
    conversation_key: Callable[[], bytes] | None = field(default=None, repr=False, compare=False)
    registered: RegisteredTexts | None = None
    others_values: frozenset[str] = field(default=frozenset(), repr=False)
    is_sent_now: bool = True
