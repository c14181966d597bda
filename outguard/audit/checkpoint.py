"""C2SP checkpoints (c2sp.org/tlog-checkpoint): a tree head as the text of a signed note.

Three lines: origin, size, base64 of the root. The name of the signing key is the origin, so a key given out
for one tenant's log proves nothing about another's. Extension lines are refused: we write none.
"""

from __future__ import annotations

import base64
import binascii
import re

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from outguard.audit.merkle import EMPTY_ROOT, HASH_BYTES
from outguard.audit.note import VerifierKey, open_note, sign_note, split_note
from outguard.domain.audit import Checkpoint, TreeHead
from outguard.errors import IntegrityError

_SIZE = re.compile(r"(?:0|[1-9][0-9]{0,18})\Z", re.ASCII)


class Ed25519Signer:
    """Signs tree heads with one key, under the origin's name; a `ports.CheckpointSigner`."""

    def __init__(self, key: Ed25519PrivateKey) -> None:
        self._key = key

    def sign(self, origin: str, head: TreeHead) -> str:
        """The signed note of `head`.

        Raises:
            InvalidInputError: if `origin` has a space, a plus or a control character, or more than 255
                characters.
        """
        return sign_note(checkpoint_text(origin, head), origin, self._key)

    def verifier_key(self, origin: str) -> str:
        """The C2SP verifier key that auditors of this origin are given."""
        return str(VerifierKey(name=origin, public=self._key.public_key().public_bytes_raw()))


def checkpoint_text(origin: str, head: TreeHead) -> str:
    """The unsigned text of a checkpoint."""
    return f"{origin}\n{head.size}\n{base64.b64encode(head.root).decode()}\n"


def verify_checkpoint(note: str, key: VerifierKey) -> Checkpoint:
    """The checkpoint that `key` has signed.

    Raises:
        IntegrityError: if the note is malformed, of another origin, or without a good signature by `key`.
    """
    origin, head = _parse_text(open_note(note, key))
    if origin != key.name:
        raise IntegrityError("the checkpoint is of another log than the key")
    return Checkpoint(origin=origin, head=head, note=note)


def read_checkpoint(note: str) -> Checkpoint:
    """The checkpoint as the note says, its signature NOT verified.

    Raises:
        IntegrityError: if the note is malformed.
    """
    origin, head = _parse_text(split_note(note)[0])
    return Checkpoint(origin=origin, head=head, note=note)


def _parse_text(text: str) -> tuple[str, TreeHead]:
    lines = text.split("\n")
    if len(lines) != 4 or lines[3] or not lines[0] or not _SIZE.match(lines[1]):
        raise IntegrityError("a checkpoint has exactly three lines: origin, size, root")
    try:
        root = base64.b64decode(lines[2].encode("ascii"), validate=True)
    except (binascii.Error, UnicodeEncodeError) as error:
        raise IntegrityError("the root in a checkpoint is not base64") from error
    if len(root) != HASH_BYTES or base64.b64encode(root).decode() != lines[2]:
        raise IntegrityError("the root in a checkpoint is not a SHA-256 hash")
    head = TreeHead(size=int(lines[1]), root=root)
    if head.size == 0 and root != EMPTY_ROOT:
        raise IntegrityError("a checkpoint of an empty tree has the wrong root")
    return lines[0], head
