"""RFC 6962 Merkle trees over leaf hashes, pure.

A leaf is SHA-256(0x00 || data), a node SHA-256(0x01 || left || right), the empty tree SHA-256 of nothing.
Proofs hold their hashes in the order of RFC 6962 §2.1. Makers of proofs raise on a wrong index; verifiers
answer False to anything malformed, so that no input makes them pass by accident.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from outguard.errors import IntegrityError, InvalidInputError

HASH_BYTES = 32
EMPTY_ROOT = hashlib.sha256(b"").digest()
_SIZE_BYTES = 8


def leaf_hash(data: bytes) -> bytes:
    """The hash of one entry's bytes."""
    return hashlib.sha256(b"\x00" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """The hash of an inner node."""
    return hashlib.sha256(b"\x01" + left + right).digest()


@dataclass(frozen=True, kw_only=True, slots=True)
class Frontier:
    """A tree reduced to what appending needs: the roots of its perfect subtrees, largest first.

    A value: `append` and `extend` return the new frontier and leave this one as it is, so a transaction that
    fails simply drops its copy.
    """

    size: int = 0
    nodes: tuple[bytes, ...] = ()

    def __post_init__(self) -> None:
        if self.size < 0 or len(self.nodes) != self.size.bit_count():
            raise IntegrityError("a tree frontier does not fit its size")
        if any(len(node) != HASH_BYTES for node in self.nodes):
            raise IntegrityError("a tree frontier holds something that is not a SHA-256 hash")

    def append(self, leaf: bytes) -> Frontier:
        """The frontier with one more leaf hash."""
        return self.extend((leaf,))

    def extend(self, leaves: Iterable[bytes]) -> Frontier:
        """The frontier with more leaf hashes, in order."""
        size, nodes = self.size, list(self.nodes)
        for leaf in leaves:
            if len(leaf) != HASH_BYTES:
                raise InvalidInputError("a leaf hash must have 32 bytes")
            node, rest = leaf, size
            while rest & 1:
                node = node_hash(nodes.pop(), node)
                rest >>= 1
            nodes.append(node)
            size += 1
        return Frontier(size=size, nodes=tuple(nodes))

    def root(self) -> bytes:
        """The RFC 6962 tree hash."""
        if not self.nodes:
            return EMPTY_ROOT
        root = self.nodes[-1]
        for node in reversed(self.nodes[:-1]):
            root = node_hash(node, root)
        return root

    def to_bytes(self) -> bytes:
        """A fixed form for storing: size (8 bytes, big-endian), then the nodes."""
        return self.size.to_bytes(_SIZE_BYTES, "big") + b"".join(self.nodes)

    @classmethod
    def from_bytes(cls, data: bytes) -> Frontier:
        """Read what `to_bytes` wrote.

        Raises:
            IntegrityError: if the bytes are no frontier.
        """
        if len(data) < _SIZE_BYTES or (len(data) - _SIZE_BYTES) % HASH_BYTES:
            raise IntegrityError("stored bytes are no tree frontier")
        nodes = tuple(data[at : at + HASH_BYTES] for at in range(_SIZE_BYTES, len(data), HASH_BYTES))
        return cls(size=int.from_bytes(data[:_SIZE_BYTES], "big"), nodes=nodes)


def root_of(leaf_hashes: Iterable[bytes]) -> bytes:
    """The tree hash of all the leaves."""
    return Frontier().extend(leaf_hashes).root()


def inclusion_path(leaf_hashes: Sequence[bytes], index: int) -> tuple[bytes, ...]:
    """The proof that leaf `index` is in the tree of exactly `leaf_hashes`, lowest sibling first.

    Raises:
        InvalidInputError: if there is no such leaf.
    """
    if not 0 <= index < len(leaf_hashes):
        raise InvalidInputError("index is outside the tree", field="index")
    path: list[bytes] = []
    start, end = 0, len(leaf_hashes)
    while end - start > 1:
        middle = start + _split(end - start)
        if index < middle:
            path.append(root_of(leaf_hashes[middle:end]))
            end = middle
        else:
            path.append(root_of(leaf_hashes[start:middle]))
            start = middle
    return tuple(reversed(path))


def consistency_path(leaf_hashes: Sequence[bytes], first: int) -> tuple[bytes, ...]:
    """The proof that the tree of the first `first` leaves is a prefix of the tree of exactly `leaf_hashes`.

    Empty for `first` 0 or the whole size.

    Raises:
        InvalidInputError: if `first` is negative or larger than the tree.
    """
    if not 0 <= first <= len(leaf_hashes):
        raise InvalidInputError("the first size is outside the tree", field="first")
    if first in {0, len(leaf_hashes)}:
        return ()
    path: list[bytes] = []
    start, end, whole = 0, len(leaf_hashes), True
    while first != end:
        middle = start + _split(end - start)
        if first <= middle:
            path.append(root_of(leaf_hashes[middle:end]))
            end = middle
        else:
            path.append(root_of(leaf_hashes[start:middle]))
            start, whole = middle, False
    if not whole:
        path.append(root_of(leaf_hashes[start:end]))
    return tuple(reversed(path))


def verify_inclusion(leaf: bytes, *, index: int, size: int, path: Sequence[bytes], root: bytes) -> bool:
    """Whether `path` proves that the leaf hash `leaf` is number `index` in the tree (`size`, `root`)."""
    if not 0 <= index < size or not _are_hashes((leaf, root, *path)):
        return False
    node, place, last = leaf, index, size - 1
    for sibling in path:
        if last == 0:
            return False
        if place & 1 or place == last:
            node = node_hash(sibling, node)
            while not place & 1 and place:
                place, last = place >> 1, last >> 1
        else:
            node = node_hash(node, sibling)
        place, last = place >> 1, last >> 1
    return last == 0 and node == root


def verify_consistency(
    *, first: int, first_root: bytes, second: int, second_root: bytes, path: Sequence[bytes]
) -> bool:
    """Whether `path` proves that the first tree, of size `first`, is a prefix of the second."""
    if not 0 <= first <= second or not _are_hashes((first_root, second_root, *path)):
        return False
    if first == 0:
        return not path and first_root == EMPTY_ROOT and (second > 0 or second_root == EMPTY_ROOT)
    if first == second:
        return not path and first_root == second_root
    return _folds(first, first_root, second, second_root, path)


def _folds(first: int, first_root: bytes, second: int, second_root: bytes, path: Sequence[bytes]) -> bool:
    """RFC 9162 §2.1.4.2, for 0 < first < second: both roots follow from the path."""
    hashes = [first_root, *path] if first & (first - 1) == 0 else list(path)
    if not path:
        return False
    place, last = first - 1, second - 1
    while place & 1:
        place, last = place >> 1, last >> 1
    old = new = hashes[0]
    for node in hashes[1:]:
        if last == 0:
            return False
        if place & 1 or place == last:
            old, new = node_hash(node, old), node_hash(node, new)
            while not place & 1 and place:
                place, last = place >> 1, last >> 1
        else:
            new = node_hash(new, node)
        place, last = place >> 1, last >> 1
    return last == 0 and old == first_root and new == second_root


def _split(size: int) -> int:
    """The largest power of two below `size`."""
    return 1 << ((size - 1).bit_length() - 1)


def _are_hashes(values: Iterable[bytes]) -> bool:
    return all(len(value) == HASH_BYTES for value in values)
