"""Registered texts are found verbatim and lightly edited, and nothing else is."""

from __future__ import annotations

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from outguard.detection.fingerprints.registry import StoredText, TextIndex, prints_of
from outguard.domain.source import Leak, SourceKind
from outguard.errors import InvalidInputError

KEY = bytes(range(32))
RUNBOOK = """Handling chargebacks from repeat claimants.
When a customer has filed more than two disputes within ninety days, escalate the case to the risk desk before replying.
Never mention the risk desk or the dispute counter to the customer, and offer store credit instead of a refund.
Goodwill above forty dollars needs the approval of the duty manager on the evening shift."""
HANDBOOK = """Refunds for cancelled workshops are paid back to the original card by our billing partner overnight.
Trainers should ring the venue hotline early when projectors or microphones fail during the opening session."""
TERMS = "Orders placed before noon leave our warehouse the same day and usually arrive within two working days."
LEAK = "Never mention the risk desk or the dispute counter to the customer, and offer store credit instead of a refund."


def index_of(*texts: tuple[str, str], public: tuple[str, ...] = (), canaries: tuple[str, ...] = ()) -> TextIndex:
    stored = [StoredText(name, SourceKind.INTERNAL, "INTERNAL_NOTE", "k", _prints(text)) for name, text in texts]
    stored += [
        StoredText(f"public {number}", SourceKind.PUBLIC, "", "k", _prints(text, SourceKind.PUBLIC))
        for number, text in enumerate(public)
    ]
    stored += [
        StoredText(f"canary {number}", SourceKind.CANARY, "CANARY", "k", _prints(text, SourceKind.CANARY))
        for number, text in enumerate(canaries)
    ]
    return TextIndex(stored, lambda _: KEY)


def _prints(text: str, kind: SourceKind = SourceKind.INTERNAL) -> bytes:
    return prints_of(kind, text, KEY)[0]


INDEX = index_of(("runbook", RUNBOOK), ("handbook", HANDBOOK))


def one_leak(text: str, index: TextIndex = INDEX) -> Leak:
    leaks = index.find(text)
    assert len(leaks) == 1, leaks
    return leaks[0]


def test_a_sentence_is_found_with_its_source_and_place() -> None:
    text = f"Hi Maria, thanks for asking. {LEAK} Have a nice day."
    leak = one_leak(text)
    assert (leak.name, leak.type) == ("runbook", "INTERNAL_NOTE")
    assert text[leak.start : leak.end] == LEAK.rstrip(".")


@pytest.mark.parametrize(
    "edited",
    [
        LEAK.upper(),
        LEAK.replace(" ", "\n  ").replace(",", ";"),
        LEAK.replace("dispute counter", "complaint counter"),
        LEAK.replace("or the dispute", "or dispute").replace("store credit", "credit"),
        LEAK.replace("mention", "metnion").replace("refund", "refudn"),
        "Nevre meniton teh rsik desk ro hte dispuet counetr ot the cusotmer",
        "escalate the case to the risk desk before replying",
        "we would escalate the case to the risk team before replying to you about that one",
        "Goodwill above 40 dollars needs the approval of the duty manager on the evening shift",
        "If a customer has filed more than 7 disputes within 30 days, escalate the case to the risk desk first",
    ],
    ids=[
        "case",
        "spacing",
        "a word changed",
        "words dropped",
        "typos",
        "swaps",
        "eight words",
        "inside another",
        "part",
        "two",
    ],
)
def test_light_edits_do_not_hide_a_leak(edited: str) -> None:
    assert one_leak(f"Hello there, it is good to hear from you. {edited} Best wishes").name == "runbook"


@pytest.mark.parametrize(
    "text",
    [
        "Never mention it, I was glad to help. The store credit is on your account and the refund follows.",
        "Please escalate the case to your bank if the charge does not disappear within ninety days.",
        "The customer service desk is open on the evening shift as well.",
        "",
        "no",
    ],
)
def test_words_of_ones_own_are_no_leak(text: str) -> None:
    assert INDEX.find(text) == []


def test_a_whole_document_is_one_leak_in_spite_of_edits() -> None:
    text = RUNBOOK.replace("two", "three").replace("risk desk before", "risk team before")
    leak = one_leak(text)
    assert leak.end - leak.start > 0.9 * len(text)


def test_each_of_two_texts_is_named() -> None:
    found = INDEX.find(f"{LEAK}\n\nSo much for that.\n\n{HANDBOOK}")
    assert [leak.name for leak in found] == ["runbook", "handbook"]


def test_what_is_public_never_flags() -> None:
    shared = "Goods that arrive damaged are replaced free of charge when a photo reaches us within ten days."
    index = index_of(("runbook", f"{RUNBOOK}\n{shared}"), public=(f"{TERMS}\n{shared}",))
    assert index.find(f"Dear Jo,\n{shared}\n{TERMS}") == []
    assert one_leak(f"{shared} {LEAK}", index).name == "runbook"


@given(st.integers(0, 40), st.integers(1, 40))
def test_any_part_of_a_public_text_may_be_said(start: int, count: int) -> None:
    words = f"{LEAK} {TERMS}".split()
    index = index_of(("runbook", RUNBOOK), ("terms, inside", TERMS), public=(" ".join(words),))
    assert index.find(" ".join(words[start : start + count])) == []


@settings(max_examples=50, deadline=None)
@given(st.integers(0, 2**32), st.integers(0, 3))
def test_eight_words_in_a_row_are_found_wherever_they_stand(seed: int, pad: int) -> None:
    """The guarantee: any eight words of a text that hold nine halves of meaning, in any surroundings."""
    chance = random.Random(seed)  # noqa: S311 - a text, no secret
    source = " ".join(
        chance.choices([f"word{chr(97 + one)}{chr(97 + two)}" for one in range(26) for two in range(26)], k=200)
    )
    index = index_of(("noise", source), ("runbook", RUNBOOK))
    at = chance.randrange(192)
    words = source.split()[at : at + 8]
    filler = "and so on with other things we say " * (40 * pad)
    assert one_leak(f"{filler}{' '.join(words)} {filler}", index).name == "noise"


def test_a_long_text_is_searched_to_its_end() -> None:
    filler = "The parcel left our house and the driver rang twice at your neighbour's door. " * 400
    leak = one_leak(filler + LEAK)
    assert leak.start >= len(filler)


def test_of_many_texts_that_share_words_one_is_named() -> None:
    index = index_of(*((f"copy {number:02}", RUNBOOK) for number in range(30)))
    assert one_leak(f"Hello. {LEAK}", index).name.startswith("copy")


def test_another_key_finds_nothing() -> None:
    stored = StoredText("runbook", SourceKind.INTERNAL, "INTERNAL_NOTE", "k", _prints(RUNBOOK))
    assert TextIndex([stored], lambda _: bytes(32)).find(LEAK) == []


def test_prints_hold_no_words() -> None:
    data = _prints(RUNBOOK)
    assert not any(word.encode() in data.lower() for word in RUNBOOK.lower().split() if len(word) > 3)


@pytest.mark.parametrize("text", ["", "only seven words are in this text", "12 34 56 78 90 11 12 13 14"])
def test_a_text_too_short_to_be_told_from_others_is_refused(text: str) -> None:
    with pytest.raises(InvalidInputError):
        prints_of(SourceKind.INTERNAL, text, KEY)
