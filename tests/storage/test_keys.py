"""Key files: private, whole, of a known format, or refused; made only when told so."""

from __future__ import annotations

import base64
import json
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    KeySerializationEncryption,
    NoEncryption,
    PrivateFormat,
)

from outguard.errors import ConfigError
from outguard.storage import keys
from outguard.storage.keys import (
    KeyRing,
    load_key_ring,
    load_or_create_keys,
    load_signing_key,
    parse_key_list,
    parse_key_ring,
    parse_signing_key,
    save_key_ring,
)

ONE = base64.b64encode(bytes(range(32))).decode()
TWO = base64.b64encode(bytes(32)).decode()


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def pem(key: Any, encryption: KeySerializationEncryption | None = None) -> str:
    data: bytes = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, encryption or NoEncryption())
    return data.decode()


def test_missing_key_file_is_not_made_unless_told_so(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="missing"):
        load_key_ring(tmp_path / "keys.json")
    with pytest.raises(ConfigError, match="missing"):
        load_signing_key(tmp_path / "key.pem")
    assert list(tmp_path.iterdir()) == []


def test_made_key_files_are_private_and_lasting(tmp_path: Path) -> None:
    ring_file, signing_file = tmp_path / "new" / "keys.json", tmp_path / "new" / "key.pem"
    ring = load_key_ring(ring_file, create=True)
    signing = load_signing_key(signing_file, create=True)
    assert mode(ring_file) == mode(signing_file) == 0o600
    assert mode(tmp_path / "new") == 0o700
    assert load_key_ring(ring_file, create=True) == ring
    assert load_signing_key(signing_file).private_bytes_raw() == signing.private_bytes_raw()
    assert sorted(path.name for path in (tmp_path / "new").iterdir()) == ["key.pem", "keys.json"]


def test_file_another_process_made_meanwhile_wins(tmp_path: Path) -> None:
    path = tmp_path / "keys.json"
    first = load_key_ring(path, create=True)
    keys._write_new(path, keys._ring_text(KeyRing.generate()))
    assert load_key_ring(path) == first
    assert [one.name for one in tmp_path.iterdir()] == ["keys.json"]


@pytest.mark.parametrize("bits", [0o640, 0o604, 0o660, 0o644, 0o610])
def test_key_file_open_to_others_is_refused(tmp_path: Path, bits: int) -> None:
    ring_file, signing_file = tmp_path / "keys.json", tmp_path / "key.pem"
    load_key_ring(ring_file, create=True)
    load_signing_key(signing_file, create=True)
    for path in (ring_file, signing_file):
        path.chmod(bits)
    with pytest.raises(ConfigError, match="chmod 600"):
        load_key_ring(ring_file)
    with pytest.raises(ConfigError, match="chmod 600"):
        load_signing_key(signing_file)


def test_unreadable_places_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError):
        load_key_ring(tmp_path)
    blocked = tmp_path / "file"
    blocked.write_text("")
    with pytest.raises(ConfigError, match="cannot create"):
        load_key_ring(blocked / "keys.json", create=True)
    with pytest.raises(ConfigError, match="cannot write"):
        save_key_ring(tmp_path / "nowhere" / "keys.json", KeyRing.generate())
    with pytest.raises(ConfigError, match="not a regular file"):
        load_key_ring(Path("/dev/null"))


@pytest.mark.parametrize("data", [b"\xff\xfe", b"x" * 70_000])
def test_file_that_is_no_key_file_is_refused(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "keys.json"
    path.write_bytes(data)
    path.chmod(0o600)
    with pytest.raises(ConfigError):
        load_key_ring(path)


def test_rotation_is_saved_and_keeps_old_keys(tmp_path: Path) -> None:
    path = tmp_path / "keys.json"
    old = load_key_ring(path, create=True)
    save_key_ring(path, old.rotated())
    new = load_key_ring(path)
    assert new.current_id != old.current_id
    assert new.keys[old.current_id] == old.keys[old.current_id]
    assert mode(path) == 0o600
    assert set(new.without(old.current_id).keys) == {new.current_id}


def test_current_key_cannot_be_dropped() -> None:
    ring = KeyRing.generate()
    with pytest.raises(ConfigError):
        ring.without(ring.current_id)


def test_key_list_names_the_current_key_first() -> None:
    ring = parse_key_list(f"k2:{TWO}, k1:{ONE}")
    assert ring.current_id == "k2"
    assert ring.keys == {"k2": bytes(32), "k1": bytes(range(32))}


@pytest.mark.parametrize(
    "text",
    [
        "",
        "k1",
        ONE,
        f"k1:{ONE},",
        f"k1:{ONE},k1:{TWO}",
        f"K1:{ONE}",
        f":{ONE}",
        f"{'k' * 33}:{ONE}",
        "k1:",
        "k1:????",
        "k1:äöü",
        f"k1:{ONE[:-4]}",
        f"k1:{base64.b64encode(bytes(33)).decode()}",
    ],
)
def test_malformed_key_list_is_refused(text: str) -> None:
    with pytest.raises(ConfigError) as caught:
        parse_key_list(text)
    assert ONE not in str(caught.value)


GOOD = {"format": "outguard-master-keys/1", "current": "k1", "keys": {"k1": ONE}}


def test_key_file_format_is_read() -> None:
    assert parse_key_ring(json.dumps(GOOD)).keys == {"k1": bytes(range(32))}


@pytest.mark.parametrize(
    "value",
    [
        "nonsense",
        [],
        {**GOOD, "format": "outguard-master-keys/2"},
        {**GOOD, "extra": 1},
        {**GOOD, "current": "k2"},
        {**GOOD, "current": 7},
        {**GOOD, "keys": [ONE]},
        {**GOOD, "keys": {"k1": 7}},
        {**GOOD, "keys": {"k1": ONE[:-4]}},
        {**GOOD, "keys": {}},
    ],
)
def test_malformed_key_file_is_refused(value: Any) -> None:
    with pytest.raises(ConfigError):
        parse_key_ring(value if isinstance(value, str) else json.dumps(value))


def test_signing_key_is_an_open_ed25519_pem() -> None:
    key = Ed25519PrivateKey.generate()
    assert parse_signing_key(pem(key)).private_bytes_raw() == key.private_bytes_raw()


def test_other_signing_keys_are_refused() -> None:
    key = Ed25519PrivateKey.generate()
    for text in ("", "nonsense", pem(generate_private_key(SECP256R1())), pem(key, BestAvailableEncryption(b"p"))):
        with pytest.raises(ConfigError):
            parse_signing_key(text)


def test_keys_do_not_show() -> None:
    ring = parse_key_list(f"k1:{ONE}")
    assert "k1" in repr(ring)
    assert "\\x01" not in repr(ring)
    assert ONE not in repr(ring)


@dataclass
class Told:
    """What settings say of keys."""

    effective_master_key_file: Path
    effective_signing_key_file: Path
    may_create_keys: bool
    master_keys_text: str | None = None
    signing_key_text: str | None = None


def test_keys_given_as_text_need_no_files(tmp_path: Path) -> None:
    signing = Ed25519PrivateKey.generate()
    settings = Told(tmp_path / "a", tmp_path / "b", may_create_keys=True)
    settings.master_keys_text, settings.signing_key_text = f"k1:{ONE}", pem(signing)
    found = load_or_create_keys(settings)
    assert found.ring.current_id == "k1"
    assert found.signing.private_bytes_raw() == signing.private_bytes_raw()
    assert list(tmp_path.iterdir()) == []


def test_key_files_are_made_only_if_settings_allow_it(tmp_path: Path) -> None:
    settings = Told(tmp_path / "a", tmp_path / "b", may_create_keys=False)
    with pytest.raises(ConfigError, match="create_keys"):
        load_or_create_keys(settings)
    settings.may_create_keys = True
    made = load_or_create_keys(settings)
    settings.may_create_keys = False
    assert load_or_create_keys(settings).ring == made.ring
