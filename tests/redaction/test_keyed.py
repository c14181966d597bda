"""Keyed words: the same value, type and conversation give the same word, and nobody else can make one."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from redaction_finders import Plain, found, spanning

from outguard.domain.finding import Category, FindingAction
from outguard.domain.reply import Content
from outguard.redaction.keyed import MAX_ISSUED, is_issued, pseudonym_of
from outguard.redaction.redact import redact
from outguard.redaction.text import redact_text

HASH, PSEUDONYM = FindingAction.HASH, FindingAction.PSEUDONYM
KEY, OTHER = b"k" * 32, b"o" * 32
TEXT = "Ask Maria Lopez about it."


def name(action: FindingAction, category: Category = Category.PII) -> str:
    finding = found(TEXT, "Maria Lopez", "PERSON", action, category=category)
    return redact_text(TEXT, [finding], Plain())[0].removeprefix("Ask ").removesuffix(" about it.")


def test_a_pseudonym_names_its_type_and_is_remembered() -> None:
    words = Plain()
    left, _ = redact_text(TEXT, [found(TEXT, "Maria Lopez", "PERSON", PSEUDONYM)], words)
    (issued,) = words.issued.values()
    assert re.fullmatch(r"PERSON_[A-Z2-7]{20}", issued.word)
    assert left == f"Ask {issued.word} about it."
    assert (issued.type, issued.value) == ("PERSON", "Maria Lopez")
    assert "Maria" not in repr(issued)


@pytest.mark.parametrize(
    ("kind", "one", "same"),
    [
        ("PERSON", "Maria Lopez", "MARIA  lopez"),
        ("EMAIL_ADDRESS", "maria@example.com", "Maria@Example\u200b.com"),
        ("PHONE_NUMBER", "(415) 555-0132", "415.555.0132"),
        ("CREDIT_CARD", "4111 1111 1111 1111", "4111111111111111"),
    ],
)
def test_a_value_is_the_same_however_it_is_written(kind: str, one: str, same: str) -> None:
    assert pseudonym_of(KEY, kind, one) == pseudonym_of(KEY, kind, same)


@pytest.mark.parametrize(
    ("kind", "value"), [("PERSON", "Maria Lopes"), ("STREET_ADDRESS", "Maria Lopez"), ("PERSON", "")]
)
def test_another_value_or_type_is_another_word(kind: str, value: str) -> None:
    assert pseudonym_of(KEY, kind, value)[-20:] != pseudonym_of(KEY, "PERSON", "Maria Lopez")[-20:]


def test_another_conversation_is_another_word() -> None:
    word = pseudonym_of(KEY, "PERSON", "Maria Lopez")
    assert pseudonym_of(OTHER, "PERSON", "Maria Lopez") != word
    assert is_issued((KEY,), word)
    assert is_issued((OTHER, KEY), word)
    assert not is_issued((OTHER,), word)


@given(place=st.integers(0, 19), letter=st.sampled_from("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"))
def test_a_changed_word_is_forged(place: int, letter: str) -> None:
    word = pseudonym_of(KEY, "PERSON", "Maria Lopez")
    at = len(word) - 20 + place
    changed = word[:at] + letter + word[at + 1 :]
    assert is_issued((KEY,), changed) == (changed == word)


@pytest.mark.parametrize("word", ["", "PERSON_", "person_" + "2" * 20, "PERSON_" + "2" * 20 + "\n", "P" * 3000])
def test_what_has_not_the_shape_is_no_pseudonym(word: str) -> None:
    assert not is_issued((KEY,), word)


def test_a_type_cannot_be_swapped() -> None:
    word = pseudonym_of(KEY, "PERSON", "Maria Lopez")
    assert not is_issued((KEY,), word.replace("PERSON", "ACCOUNT_ID"))


def test_a_hash_can_be_compared_but_not_guessed() -> None:
    first = name(HASH)
    assert re.fullmatch(r"\[PERSON:[a-p]{32}\]", first)
    assert first == name(HASH)
    finding = found(TEXT, "Maria Lopez", "PERSON", HASH)
    assert redact_text(TEXT, [finding], Plain(OTHER))[0] != redact_text(TEXT, [finding], Plain())[0]


@pytest.mark.parametrize("action", [HASH, PSEUDONYM])
def test_without_a_key_there_are_placeholders(action: FindingAction) -> None:
    words = Plain(b"")
    assert redact_text(TEXT, [found(TEXT, "Maria Lopez", "PERSON", action)], words)[0] == "Ask [PERSON] about it."
    assert not words.issued


def test_a_credential_never_gets_a_pseudonym() -> None:
    words = Plain()
    secret = found(TEXT, "Lopez", "PASSWORD", PSEUDONYM, category=Category.SECRET)
    both = [secret, found(TEXT, "Maria Lopez", "PERSON", PSEUDONYM)]
    assert redact_text(TEXT, both, words)[0] == "Ask [PASSWORD] about it."
    assert not words.issued


def test_of_overlapping_findings_the_stricter_action_is_done() -> None:
    for stricter in (HASH, FindingAction.REPLACE, FindingAction.REMOVE):
        words = Plain()
        pair = [found(TEXT, "Maria Lopez", "PERSON", PSEUDONYM), found(TEXT, "Lopez", "PERSON", stricter)]
        redact_text(TEXT, pair, words)
        assert not words.issued


def test_so_many_pseudonyms_a_reply_may_have() -> None:
    text = " ".join(f"u{n:03}" for n in range(MAX_ISSUED + 5))
    findings = [spanning(5 * n, 5 * n + 4, "PERSON", PSEUDONYM) for n in range(MAX_ISSUED + 5)]
    words = Plain()
    assert redact_text(text, findings, words)[0].count("[PERSON]") == 5
    assert len(words.issued) == MAX_ISSUED


@given(text=st.text(min_size=1, max_size=40), action=st.sampled_from([HASH, PSEUDONYM]))
def test_redacting_twice_changes_nothing(text: str, action: FindingAction) -> None:
    once = redact_text(text, [spanning(0, len(text), "PERSON", action)], Plain())[0]
    assert redact_text(once, [spanning(0, len(once), "PERSON", action)], Plain())[0] == once


def test_the_same_value_in_all_parts_is_one_word() -> None:
    content = Content(subject="Maria", text="to Maria", payload={"who": "Maria"})
    findings = [
        spanning(0, 5, "PERSON", PSEUDONYM, field="subject"),
        spanning(3, 8, "PERSON", PSEUDONYM),
        spanning(0, 5, "PERSON", PSEUDONYM, field="payload.who"),
    ]
    words = Plain()
    redacted = redact(content, findings, words)
    (word,) = words.issued
    assert redacted.content == Content(subject=word, text=f"to {word}", payload={"who": word})
    assert {detail.action for detail in redacted.details} == {"pseudonym"}
