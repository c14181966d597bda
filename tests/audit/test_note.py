"""Signed notes: the published example verifies, and nothing but a clean note does."""

from __future__ import annotations

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from outguard.audit.note import VerifierKey, open_note, sign_note
from outguard.errors import IntegrityError, InvalidInputError

NEUMANN = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
NEUMANN_TEXT = "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n"
NEUMANN_NOTE = (
    NEUMANN_TEXT + "\n— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6"
    "RyyBwJnAM=\n"
)
KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
VERIFIER = VerifierKey(name="example.org/log", public=KEY.public_key().public_bytes_raw())
NOTE = sign_note("hello\n", VERIFIER.name, KEY)
OTHER = Ed25519PrivateKey.from_private_bytes(bytes(32))


def test_published_example_of_the_format_verifies() -> None:
    """The example of golang.org/x/mod/sumdb/note, where the format comes from."""
    assert open_note(NEUMANN_NOTE, VerifierKey.parse(NEUMANN)) == NEUMANN_TEXT


def test_verifier_key_survives_its_text() -> None:
    assert str(VerifierKey.parse(NEUMANN)) == NEUMANN
    assert VerifierKey.parse(str(VERIFIER)) == VERIFIER


@pytest.mark.parametrize(
    "text",
    [
        "",
        "PeterNeumann",
        NEUMANN.replace("c74f20a3", "c74f20a4"),
        NEUMANN.replace("c74f20a3", "C74F20A3"),
        NEUMANN.replace("Peter", "Petra"),
        NEUMANN.replace("ARpc", "Ahpc"),
        NEUMANN[:-4],
        NEUMANN + "=",
        "+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
        "Peter Neumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
        "PeterNeumann+c74f20a3+ärger",
    ],
)
def test_malformed_verifier_key_is_refused(text: str) -> None:
    with pytest.raises(InvalidInputError):
        VerifierKey.parse(text)


@given(st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=50))
def test_what_is_signed_opens(text: str) -> None:
    assert open_note(sign_note(text + "\n", VERIFIER.name, KEY), VERIFIER) == text + "\n"


def test_note_with_blank_lines_in_its_text_opens() -> None:
    assert open_note(sign_note("a\n\nb\n", VERIFIER.name, KEY), VERIFIER) == "a\n\nb\n"


@given(st.integers(0, len(NOTE) - 1), st.characters(exclude_categories=["Cs"]))
def test_any_changed_character_is_refused(at: int, character: str) -> None:
    changed = NOTE[:at] + character + NOTE[at + 1 :]
    if changed == NOTE:
        return
    with pytest.raises(IntegrityError):
        open_note(changed, VERIFIER)


def test_signatures_of_strangers_are_passed_over() -> None:
    witness = sign_note("hello\n", "witness.example", OTHER).split("\n\n")[1]
    assert open_note(NOTE + witness, VERIFIER) == "hello\n"


def test_bad_signature_under_our_key_spoils_a_note_that_has_a_good_one() -> None:
    wrong = sign_note("other\n", VERIFIER.name, KEY).split("\n\n")[1]
    with pytest.raises(IntegrityError, match="wrong"):
        open_note(NOTE + wrong, VERIFIER)


def test_note_of_another_key_under_our_name_is_refused() -> None:
    with pytest.raises(IntegrityError, match="not signed by the expected key"):
        open_note(sign_note("hello\n", VERIFIER.name, OTHER), VERIFIER)


@pytest.mark.parametrize(
    "note",
    [
        "",
        "hello\n",
        "hello\n\n",
        NOTE[:-1],
        NOTE + "\n",
        NOTE.replace("—", "-"),
        NOTE.replace("hello", "hel\rlo"),
        NOTE.replace("hello", "hel\x00lo"),
        NOTE.replace("hello", "hel\ud800lo"),
        NOTE.replace("— ", "—  "),
        NOTE + "— x AAAA\n",
        NOTE + "— x ärger\n",
        NOTE + "— witness AAAAAAAA\n" * 200,
        "x" * 70_000 + NOTE,
    ],
)
def test_malformed_note_is_refused(note: str) -> None:
    with pytest.raises(IntegrityError):
        open_note(note, VERIFIER)


@pytest.mark.parametrize("text", ["", "hello", "a\tb\n", "a\x7f\n", "a\ud800\n"])
def test_text_no_note_can_hold_is_not_signed(text: str) -> None:
    with pytest.raises(InvalidInputError):
        sign_note(text, VERIFIER.name, KEY)


@pytest.mark.parametrize("name", ["", "a b", "a+b", "a\u00a0b", "a\nb", "x" * 256])
def test_name_no_note_can_hold_is_not_used(name: str) -> None:
    with pytest.raises(InvalidInputError):
        sign_note("hello\n", name, KEY)
