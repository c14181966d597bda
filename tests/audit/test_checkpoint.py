"""Checkpoints: three lines, one spelling, one log per key name."""

from __future__ import annotations

import base64

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from fake_log import Log

from outguard.audit.checkpoint import Ed25519Signer, checkpoint_text, read_checkpoint, verify_checkpoint
from outguard.audit.merkle import EMPTY_ROOT
from outguard.audit.note import VerifierKey, sign_note
from outguard.domain.audit import TreeHead
from outguard.errors import IntegrityError, InvalidInputError

KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
ORIGIN = "outguard.example/prod/default"
ROOT = base64.b64encode(bytes(range(32))).decode()


def verifier(name: str = ORIGIN) -> VerifierKey:
    return VerifierKey(name=name, public=KEY.public_key().public_bytes_raw())


def test_text_is_the_one_of_the_specification() -> None:
    head = TreeHead(size=20852163, root=base64.b64decode("CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I="))
    assert checkpoint_text("example.com/behind-the-sofa", head) == (
        "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n"
    )


def test_signed_checkpoint_verifies_with_the_key_auditors_are_given(log: Log) -> None:
    checkpoint = log.checkpoint()
    key = VerifierKey.parse(log.verifier_key)
    assert verify_checkpoint(checkpoint.note, key) == checkpoint == read_checkpoint(checkpoint.note)


def test_empty_tree_can_be_signed() -> None:
    head = TreeHead(size=0, root=EMPTY_ROOT)
    assert verify_checkpoint(Ed25519Signer(KEY).sign(ORIGIN, head), verifier()).head == head


def test_checkpoint_of_another_log_is_refused() -> None:
    note = Ed25519Signer(KEY).sign("outguard.example/prod/other", TreeHead(size=0, root=EMPTY_ROOT))
    with pytest.raises(IntegrityError):
        verify_checkpoint(note, verifier())


def test_text_about_another_log_under_our_key_name_is_refused() -> None:
    text = checkpoint_text("outguard.example/prod/other", TreeHead(size=0, root=EMPTY_ROOT))
    with pytest.raises(IntegrityError, match="another log"):
        verify_checkpoint(sign_note(text, ORIGIN, KEY), verifier())


@pytest.mark.parametrize("origin", ["", "a b", "a+b", "a\nb"])
def test_origin_no_note_can_hold_is_not_signed(origin: str) -> None:
    with pytest.raises(InvalidInputError):
        Ed25519Signer(KEY).sign(origin, TreeHead(size=0, root=EMPTY_ROOT))


@pytest.mark.parametrize(
    "text",
    [
        f"{ORIGIN}\n1\n",
        f"{ORIGIN}\n1\n{ROOT}\nextension\n",
        f"\n1\n{ROOT}\n",
        f"{ORIGIN}\n01\n{ROOT}\n",
        f"{ORIGIN}\n-1\n{ROOT}\n",
        f"{ORIGIN}\n1.0\n{ROOT}\n",
        f"{ORIGIN}\n١\n{ROOT}\n",
        f"{ORIGIN}\n{'9' * 30}\n{ROOT}\n",
        f"{ORIGIN}\n1\n{ROOT[:-4]}\n",
        f"{ORIGIN}\n1\n{ROOT[:-1]}\n",
        f"{ORIGIN}\n1\nä{ROOT[1:]}\n",
        f"{ORIGIN}\n1\n{ROOT.replace('8=', '9=')}\n",
        f"{ORIGIN}\n0\n{ROOT}\n",
    ],
)
def test_malformed_checkpoint_is_refused_though_signed(text: str) -> None:
    note = sign_note(text, ORIGIN, KEY)
    with pytest.raises(IntegrityError):
        verify_checkpoint(note, verifier())
    with pytest.raises(IntegrityError):
        read_checkpoint(note)
