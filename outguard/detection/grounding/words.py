"""What a clause speaks of: its content words, cut to stems, with a few words that mean the same made one."""

from __future__ import annotations

import re
from functools import lru_cache

_WORD = re.compile(r"[^\W\d_]+(?:['\u2019][^\W\d_]+)?")


def words_of(text: str) -> frozenset[str]:
    """The words of a text of words."""
    return frozenset(text.split())


_EMPTY = words_of("""
    a an the this that these those it its they them their there here he she his her you your yours we our us i
    me my is are was were be been being am do does did done have has had having will would shall should can
    could may might must of to in on at by for from with without into onto about as than then so if or and but
    nor yet while when where which who whom whose what why how all any each every some such no not only just
    also both either neither own same too very more most less least other another please thank thanks sorry
    hello hi dear kindly yes sure within up over under between until before after during per via out off down
    back again once ever never always day days hour hours minute minutes week weeks month months year years
    night nights business working calendar percent dollar dollars euro euros pound pounds cent cents usd eur gbp
    total maximum minimum max min get gets got give gives let make makes made need needs want wants keep know
    like time times period long customer customers client clients user users policy accept accepts accepted
    allow allows allowed permit permitted offer offers offered provide provides provided available non others
    cost costs weigh weighs policies company applies apply applicable however therefore because since though
    although upon regarding
""")
"""Words that say nothing of what a clause is about."""

_ALIKE = """
    ship shipping shipment shipped deliver delivery delivered dispatch dispatched
    refund refunded refunds reimburse reimbursement moneyback
    cancel cancelled canceled cancellation cancellations cancelling canceling terminate termination
    fee fees charge charges charged surcharge
    purchase purchased purchases buy bought buying order ordered orders
    return returned returns returning returnable
    exchange exchanged exchanges swap swapped
    warranty guarantee guaranteed warranted
    take takes taking process processed processing arrive arrives arrived receive received appear appears
        credited reach post posted complete completed expect
    change changed changes changing modify modified modification amend amended
    bag bags baggage luggage suitcase
    free complimentary gratis
    eligible eligibility qualify qualifies qualified entitled
    trial trials
    discount discounts discounted
    cover covers covered coverage
    subscription subscriptions plan plans membership memberships
    late overdue
    deposit deposits
    open opening opened unopened
    store shop shops stores
    phone call telephone
    item items product products article articles goods
    international abroad overseas
    renew renewal renews renewed
    pay payment payments paid payable due
    book booking booked bookings reservation reservations
"""
"""One line, with those set in below it, for words that mean the same; the first stands for all."""

_SAME = {
    word: group.split()[0] for group in _ALIKE.replace("\n        ", " ").strip().splitlines() for word in group.split()
}

_ENDINGS = ("ations", "ation", "ments", "ment", "ings", "ing", "ies", "ied", "ers", "ed", "es", "ly", "s")


def is_empty(word: str) -> bool:
    """Whether a word (lower case) says nothing of what a clause is about."""
    return len(word) < 3 or word in _EMPTY


def topic_of(text: str) -> frozenset[str]:
    """The stems of the content words of `text` (lower case)."""
    return frozenset(stem(word) for word in _WORD.findall(text) if not is_empty(word))


@lru_cache(maxsize=8192)
def stem(word: str) -> str:
    """A word without its ending, or the word that stands for it."""
    same = _SAME.get(word)
    if same is not None:
        return same
    for ending in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= 3:
            word = word[: -len(ending)]
            break
    return _SAME.get(word, word.rstrip("e"))
