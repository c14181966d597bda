"""Sealed content: opens only where it belongs, with its key, unchanged; with the key gone, nothing links to it."""

from __future__ import annotations

import hashlib
import hmac

import pytest
from hypothesis import given
from hypothesis import strategies as st

from outguard.errors import IntegrityError
from outguard.ports import Sealer
from outguard.storage.envelope import AesGcmSealer, erase
from outguard.storage.keys import KEY_BYTES, KeyRing

RING = KeyRing.generate()
SEALER = AesGcmSealer(RING)
TEXT = b"quarantined words of a customer"
SEALED = SEALER.seal(TEXT, tenant="default", subject_id="rep-1")


def opened(blob: bytes, sealer: Sealer = SEALER) -> bytes:
    return sealer.open(blob, tenant="default", subject_id="rep-1")


@given(st.binary(max_size=300), st.text(max_size=20), st.text(max_size=20))
def test_what_is_sealed_opens(plaintext: bytes, tenant: str, subject_id: str) -> None:
    sealed = SEALER.seal(plaintext, tenant=tenant, subject_id=subject_id)
    assert SEALER.open(sealed.blob, tenant=tenant, subject_id=subject_id) == plaintext
    assert SEALER.mac_of(sealed.blob, tenant=tenant, subject_id=subject_id) == sealed.mac


def test_blob_holds_no_plain_text() -> None:
    assert TEXT not in SEALED.blob
    assert len(SEALED.mac) == 64


def test_same_words_give_unlike_blobs_and_macs() -> None:
    """Every item has its own key: equal content cannot be seen from the store or the record."""
    again = SEALER.seal(TEXT, tenant="default", subject_id="rep-1")
    assert again.blob != SEALED.blob
    assert again.mac != SEALED.mac


@pytest.mark.parametrize(
    ("tenant", "subject_id"),
    [("rival", "rep-1"), ("default", "rep-2"), ("", "defaultrep-1"), ("defaultr", "ep-1"), ("rep-1", "default")],
)
def test_blob_does_not_open_elsewhere(tenant: str, subject_id: str) -> None:
    with pytest.raises(IntegrityError):
        SEALER.open(SEALED.blob, tenant=tenant, subject_id=subject_id)


@given(st.integers(0, 8 * len(SEALED.blob) - 1))
def test_any_changed_bit_is_noticed(bit: int) -> None:
    number = int.from_bytes(SEALED.blob, "big") ^ (1 << bit)
    with pytest.raises(IntegrityError):
        opened(number.to_bytes(len(SEALED.blob), "big"))


@given(st.integers(0, len(SEALED.blob) - 1))
def test_cut_blob_is_noticed(length: int) -> None:
    with pytest.raises(IntegrityError):
        opened(SEALED.blob[:length])


@given(st.binary(max_size=200))
def test_no_bytes_but_ours_open(blob: bytes) -> None:
    with pytest.raises(IntegrityError):
        opened(blob)


def test_parts_of_two_blobs_do_not_mix() -> None:
    other = SEALER.seal(TEXT, tenant="default", subject_id="rep-1").blob
    for cut in range(2, len(other)):
        if other[:cut] + SEALED.blob[cut:] not in {other, SEALED.blob}:
            with pytest.raises(IntegrityError):
                opened(other[:cut] + SEALED.blob[cut:])


def test_after_rotation_old_items_open_and_new_ones_use_the_new_key() -> None:
    rotated = RING.rotated()
    later = AesGcmSealer(rotated)
    assert opened(SEALED.blob, later) == TEXT
    fresh = later.seal(TEXT, tenant="default", subject_id="rep-1")
    assert opened(fresh.blob, later) == TEXT
    with pytest.raises(IntegrityError, match="not in the key ring"):
        opened(fresh.blob)


def test_dropping_a_master_key_closes_what_it_sealed() -> None:
    later = AesGcmSealer(RING.rotated().without(RING.current_id))
    with pytest.raises(IntegrityError, match="not in the key ring"):
        opened(SEALED.blob, later)


def test_other_key_under_the_same_id_does_not_open() -> None:
    impostor = KeyRing(current_id=RING.current_id, keys={RING.current_id: bytes(32)})
    with pytest.raises(IntegrityError):
        opened(SEALED.blob, AesGcmSealer(impostor))


def test_erasing_destroys_key_and_content_for_good() -> None:
    rest = erase(SEALED.blob)
    with pytest.raises(IntegrityError):
        opened(rest)
    with pytest.raises(IntegrityError):
        SEALER.mac_of(rest, tenant="default", subject_id="rep-1")
    assert erase(SEALER.seal(b"x" * 500, tenant="t", subject_id="s").blob) == rest
    with pytest.raises(IntegrityError):
        erase(b"no blob")


def test_after_erasing_the_mac_links_to_no_text() -> None:
    """Whoever guesses the words and holds the master keys still cannot test the guess against the record."""
    rest = erase(SEALED.blob)
    known = [*RING.keys.values(), rest, hashlib.sha256(TEXT).digest(), b""]
    assert all(hmac.new(key, TEXT, hashlib.sha256).hexdigest() != SEALED.mac for key in known)
    assert SEALED.mac != hashlib.sha256(TEXT).hexdigest()
    guesses = {SEALER.seal(TEXT, tenant="default", subject_id="rep-1").mac for _ in range(20)}
    assert SEALED.mac not in guesses


def test_errors_never_repeat_content() -> None:
    with pytest.raises(IntegrityError) as caught:
        SEALER.open(SEALED.blob, tenant="jane@example.com", subject_id="rep-1")
    assert "jane" not in str(caught.value)


def test_derived_keys_depend_on_every_name_and_on_the_master_key() -> None:
    names = {"tenant": "t", "purpose": "p", "subject_id": "s"}
    (key,) = SEALER.derive_keys(**names)
    assert len(key) == KEY_BYTES
    assert SEALER.derive_keys(**names) == (key,)
    others = [SEALER.derive_keys(**{**names, name: "x"})[0] for name in names]
    others += [SEALER.derive_keys(tenant="tp", purpose="", subject_id="s")[0]]
    others += [AesGcmSealer(KeyRing.generate()).derive_keys(**names)[0]]
    assert len({key, *others}) == 6


def test_after_a_rotation_the_new_key_comes_first_and_the_old_one_is_known() -> None:
    names = {"tenant": "t", "purpose": "p", "subject_id": "s"}
    new, old = AesGcmSealer(RING.rotated()).derive_keys(**names)
    assert (old,) == SEALER.derive_keys(**names)
    assert new != old
