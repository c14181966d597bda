"""RFC 6962 trees: the public vectors of Certificate Transparency, and properties for every tree."""

from __future__ import annotations

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from outguard.audit.merkle import (
    EMPTY_ROOT,
    Frontier,
    consistency_path,
    inclusion_path,
    leaf_hash,
    node_hash,
    root_of,
    verify_consistency,
    verify_inclusion,
)
from outguard.errors import IntegrityError, InvalidInputError

INPUTS = tuple(
    bytes.fromhex(text)
    for text in (
        "",
        "00",
        "10",
        "2021",
        "3031",
        "40414243",
        "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    )
)
ROOTS = (
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
)
LEAVES = tuple(leaf_hash(data) for data in INPUTS)

leaves = st.lists(st.binary(max_size=8).map(leaf_hash), min_size=1, max_size=40)


def reference_root(hashes: list[bytes]) -> bytes:
    """The definition of RFC 6962 §2.1, word for word."""
    if not hashes:
        return hashlib.sha256(b"").digest()
    if len(hashes) == 1:
        return hashes[0]
    split = 1
    while split * 2 < len(hashes):
        split *= 2
    return node_hash(reference_root(hashes[:split]), reference_root(hashes[split:]))


def flip(value: bytes, bit: int) -> bytes:
    number = int.from_bytes(value, "big") ^ (1 << bit % (8 * len(value)))
    return number.to_bytes(len(value), "big")


def test_empty_tree_is_the_hash_of_nothing() -> None:
    assert EMPTY_ROOT.hex() == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    assert root_of([]) == Frontier().root() == EMPTY_ROOT


@pytest.mark.parametrize("size", range(1, 9))
def test_roots_are_the_public_vectors(size: int) -> None:
    assert root_of(LEAVES[:size]).hex() == ROOTS[size - 1]


@pytest.mark.parametrize(
    ("index", "size", "path"),
    [
        (0, 1, []),
        (
            0,
            8,
            [
                "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
                "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
                "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
            ],
        ),
        (
            5,
            8,
            [
                "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
                "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
                "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
            ],
        ),
        (2, 3, ["fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"]),
    ],
)
def test_inclusion_paths_are_the_public_vectors(index: int, size: int, path: list[str]) -> None:
    made = inclusion_path(LEAVES[:size], index)
    assert [node.hex() for node in made] == path
    assert verify_inclusion(LEAVES[index], index=index, size=size, path=made, root=bytes.fromhex(ROOTS[size - 1]))


@pytest.mark.parametrize(
    ("first", "second", "path"),
    [
        (1, 1, []),
        (
            1,
            8,
            [
                "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
                "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
                "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
            ],
        ),
        (
            6,
            8,
            [
                "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
                "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
                "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
            ],
        ),
        (
            2,
            5,
            [
                "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
                "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
            ],
        ),
    ],
)
def test_consistency_paths_are_the_public_vectors(first: int, second: int, path: list[str]) -> None:
    made = consistency_path(LEAVES[:second], first)
    assert [node.hex() for node in made] == path
    assert verify_consistency(
        first=first,
        first_root=bytes.fromhex(ROOTS[first - 1]),
        second=second,
        second_root=bytes.fromhex(ROOTS[second - 1]),
        path=made,
    )


@given(leaves)
def test_frontier_equals_the_definition(hashes: list[bytes]) -> None:
    one_by_one = Frontier()
    for leaf in hashes:
        one_by_one = one_by_one.append(leaf)
    assert one_by_one == Frontier().extend(hashes)
    assert one_by_one.root() == root_of(hashes) == reference_root(hashes)
    assert one_by_one.size == len(hashes)


def test_appending_leaves_the_old_frontier_alone() -> None:
    old = Frontier().extend(LEAVES[:3])
    old.append(LEAVES[3])
    assert old.root().hex() == ROOTS[2]


@given(leaves)
def test_frontier_survives_storing(hashes: list[bytes]) -> None:
    frontier = Frontier().extend(hashes)
    assert Frontier.from_bytes(frontier.to_bytes()) == frontier


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\x00" * 7,
        b"\x00" * 9,
        (1).to_bytes(8, "big"),
        (3).to_bytes(8, "big") + bytes(32),
        bytes(8) + bytes(32),
    ],
)
def test_damaged_frontier_is_refused(data: bytes) -> None:
    with pytest.raises(IntegrityError):
        Frontier.from_bytes(data)


def test_frontier_of_wrong_hashes_is_refused() -> None:
    with pytest.raises(IntegrityError):
        Frontier(size=1, nodes=(b"short",))
    with pytest.raises(InvalidInputError):
        Frontier().append(b"short")


@given(leaves, st.data())
def test_every_inclusion_proof_verifies(hashes: list[bytes], data: st.DataObject) -> None:
    index = data.draw(st.integers(0, len(hashes) - 1))
    path = inclusion_path(hashes, index)
    assert verify_inclusion(hashes[index], index=index, size=len(hashes), path=path, root=root_of(hashes))


@given(leaves, st.data())
def test_any_changed_bit_breaks_an_inclusion_proof(hashes: list[bytes], data: st.DataObject) -> None:
    index = data.draw(st.integers(0, len(hashes) - 1))
    parts = [hashes[index], root_of(hashes), *inclusion_path(hashes, index)]
    victim = data.draw(st.integers(0, len(parts) - 1))
    parts[victim] = flip(parts[victim], data.draw(st.integers(0, 255)))
    leaf, root, *path = parts
    assert not verify_inclusion(leaf, index=index, size=len(hashes), path=path, root=root)


@given(leaves, st.data())
def test_inclusion_proof_fits_one_place_and_length_only(hashes: list[bytes], data: st.DataObject) -> None:
    index = data.draw(st.integers(0, len(hashes) - 1))
    leaf, root, size = hashes[index], root_of(hashes), len(hashes)
    path = inclusion_path(hashes, index)
    assert not verify_inclusion(leaf, index=index, size=size, path=(*path, root), root=root)
    assert not verify_inclusion(leaf, index=index, size=size, path=path[:-1], root=root) or not path
    other = data.draw(st.integers(0, len(hashes) - 1))
    if hashes[other] != leaf:
        assert not verify_inclusion(hashes[other], index=index, size=size, path=path, root=root)
        other_path = inclusion_path(hashes, other)
        assert not verify_inclusion(leaf, index=other, size=size, path=other_path, root=root)


@given(leaves, st.data())
def test_every_consistency_proof_verifies(hashes: list[bytes], data: st.DataObject) -> None:
    first = data.draw(st.integers(0, len(hashes)))
    assert verify_consistency(
        first=first,
        first_root=root_of(hashes[:first]),
        second=len(hashes),
        second_root=root_of(hashes),
        path=consistency_path(hashes, first),
    )


@given(leaves, st.data())
def test_any_changed_bit_breaks_a_consistency_proof(hashes: list[bytes], data: st.DataObject) -> None:
    first = data.draw(st.integers(1, len(hashes)))
    parts = [root_of(hashes[:first]), root_of(hashes), *consistency_path(hashes, first)]
    victim = data.draw(st.integers(0, len(parts) - 1))
    parts[victim] = flip(parts[victim], data.draw(st.integers(0, 255)))
    assert not verify_consistency(
        first=first, first_root=parts[0], second=len(hashes), second_root=parts[1], path=parts[2:]
    )


@given(st.lists(st.binary(max_size=8).map(leaf_hash), min_size=2, max_size=40, unique=True), st.data())
def test_rewritten_history_has_no_consistency_proof(hashes: list[bytes], data: st.DataObject) -> None:
    first = data.draw(st.integers(1, len(hashes) - 1))
    changed = data.draw(st.integers(0, first - 1))
    rewritten = [*hashes[:changed], leaf_hash(b"rewritten history"), *hashes[changed + 1 :]]
    assert not verify_consistency(
        first=first,
        first_root=root_of(hashes[:first]),
        second=len(hashes),
        second_root=root_of(rewritten),
        path=consistency_path(rewritten, first),
    )


@given(st.integers(0, 20), st.integers(0, 20), st.lists(st.binary(min_size=32, max_size=32), max_size=6))
def test_invented_proofs_are_refused(index: int, size: int, path: list[bytes]) -> None:
    leaf, root = leaf_hash(b"a"), leaf_hash(b"b")
    assert not verify_inclusion(leaf, index=index, size=size, path=path, root=root)
    assert not verify_consistency(first=index, first_root=leaf, second=size, second_root=root, path=path)


def test_malformed_hashes_and_places_are_refused() -> None:
    root = bytes.fromhex(ROOTS[0])
    assert not verify_inclusion(LEAVES[0][:31], index=0, size=1, path=(), root=root)
    assert not verify_inclusion(LEAVES[0], index=-1, size=1, path=(), root=root)
    assert not verify_inclusion(LEAVES[0], index=1, size=1, path=(), root=root)
    assert not verify_consistency(first=2, first_root=root, second=1, second_root=root, path=())
    assert not verify_consistency(first=0, first_root=root, second=1, second_root=root, path=())
    assert not verify_consistency(first=0, first_root=EMPTY_ROOT, second=0, second_root=root, path=())
    assert not verify_consistency(first=1, first_root=root, second=2, second_root=root, path=(b"x",))


@pytest.mark.parametrize("index", [-1, 8, 9])
def test_proof_outside_the_tree_is_an_error(index: int) -> None:
    with pytest.raises(InvalidInputError):
        inclusion_path(LEAVES, index)


@pytest.mark.parametrize("first", [-1, 9])
def test_consistency_outside_the_tree_is_an_error(first: int) -> None:
    with pytest.raises(InvalidInputError):
        consistency_path(LEAVES, first)
