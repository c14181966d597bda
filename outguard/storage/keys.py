"""Keys at rest: a ring of master keys for sealing, and the Ed25519 key that signs checkpoints.

A key file is readable by its owner alone or it is refused; a missing one is created only when told so, whole
or not at all. Keys never appear in errors or in `repr`.
"""

from __future__ import annotations

import base64
import binascii
import json
import os
import re
import secrets
import stat
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Protocol

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

from outguard.errors import ConfigError

FORMAT = "outguard-master-keys/1"
KEY_BYTES = 32
MAX_FILE_BYTES = 64 * 1024
_ID = re.compile(r"[a-z0-9][a-z0-9.-]{0,31}\Z")


@dataclass(frozen=True, kw_only=True)
class KeyRing:
    """Master keys by id: the current one seals, all of them open."""

    current_id: str
    keys: Mapping[str, bytes] = field(repr=False)

    def __post_init__(self) -> None:
        if self.current_id not in self.keys:
            raise ConfigError("the current master key is not among the keys")
        if not all(_ID.match(key_id) for key_id in self.keys):
            raise ConfigError("a master key id has 1 to 32 of a-z, 0-9, dot and hyphen")
        if any(len(key) != KEY_BYTES for key in self.keys.values()):
            raise ConfigError("a master key must have exactly 32 bytes (base64 of 32 random bytes)")
        object.__setattr__(self, "keys", MappingProxyType(dict(self.keys)))

    @classmethod
    def generate(cls) -> KeyRing:
        """A ring with one fresh key."""
        key_id = _new_id()
        return cls(current_id=key_id, keys={key_id: secrets.token_bytes(KEY_BYTES)})

    def rotated(self) -> KeyRing:
        """The ring with one more, fresh key, which seals from now on."""
        key_id = _new_id()
        return KeyRing(current_id=key_id, keys={**self.keys, key_id: secrets.token_bytes(KEY_BYTES)})

    def without(self, key_id: str) -> KeyRing:
        """The ring less one old key: what it sealed can never be opened again."""
        return KeyRing(
            current_id=self.current_id, keys={name: key for name, key in self.keys.items() if name != key_id}
        )


@dataclass(frozen=True, kw_only=True)
class Keys:
    """Everything a server keeps secret."""

    ring: KeyRing
    signing: Ed25519PrivateKey = field(repr=False)


class KeySettings(Protocol):
    """What the settings say of keys: given as text, or else in files that may have to be made."""

    @property
    def master_keys_text(self) -> str | None:
        """Master keys as `parse_key_list` reads them."""
        ...

    @property
    def signing_key_text(self) -> str | None:
        """The signing key as PEM."""
        ...

    @property
    def effective_master_key_file(self) -> Path:
        """Where the key ring is kept."""
        ...

    @property
    def effective_signing_key_file(self) -> Path:
        """Where the signing key is kept."""
        ...

    @property
    def may_create_keys(self) -> bool:
        """Whether a missing file may be made."""
        ...


def load_or_create_keys(settings: KeySettings) -> Keys:
    """The keys the settings point to.

    Raises:
        ConfigError: if one is missing and may not be made, is readable by others, or malformed.
    """
    create = settings.may_create_keys
    master, signing = settings.master_keys_text, settings.signing_key_text
    return Keys(
        ring=parse_key_list(master)
        if master is not None
        else load_key_ring(settings.effective_master_key_file, create=create),
        signing=parse_signing_key(signing)
        if signing is not None
        else load_signing_key(settings.effective_signing_key_file, create=create),
    )


def parse_key_list(text: str) -> KeyRing:
    """Read `<id>:<base64>[,<id>:<base64>...]`, the current key first (the form of an environment variable).

    Raises:
        ConfigError: if it is malformed.
    """
    keys: dict[str, bytes] = {}
    for part in text.split(","):
        key_id, colon, encoded = part.strip().partition(":")
        if not colon or key_id in keys:
            raise ConfigError("master keys are written <id>:<base64>,<id>:<base64> with every id once")
        keys[key_id] = _decode(encoded)
    return KeyRing(current_id=next(iter(keys)), keys=keys)


def parse_key_ring(text: str) -> KeyRing:
    """Read the JSON of a key file.

    Raises:
        ConfigError: if it is malformed or of another format.
    """
    try:
        value = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise ConfigError("the master key file is not JSON") from error
    if not isinstance(value, dict) or value.get("format") != FORMAT:
        raise ConfigError(f"the master key file is not of the format {FORMAT}")
    current, keys = value.get("current"), value.get("keys")
    if value.keys() != {"format", "current", "keys"} or not isinstance(current, str):
        raise ConfigError("the master key file has exactly the fields format, current and keys")
    if not isinstance(keys, dict) or not all(isinstance(key, str) for key in keys.values()):
        raise ConfigError("keys in the master key file maps ids to base64 strings")
    return KeyRing(current_id=current, keys={key_id: _decode(key) for key_id, key in keys.items()})


def load_key_ring(path: Path, *, create: bool = False) -> KeyRing:
    """Read the key file; with `create`, a missing one is made with one fresh key.

    Raises:
        ConfigError: if the file is missing, readable by others, or malformed.
    """
    if create and not path.exists():
        _write_new(path, _ring_text(KeyRing.generate()))
    return parse_key_ring(_read_private(path, "master key file"))


def save_key_ring(path: Path, ring: KeyRing) -> None:
    """Replace the key file in one step.

    Raises:
        ConfigError: if it cannot be written.
    """
    try:
        os.replace(_write_beside(path, _ring_text(ring)), path)  # noqa: PTH105 - one step, on purpose
        _sync_folder(path.parent)
    except OSError as error:
        raise ConfigError(f"cannot write the key file {path}: {error.strerror}") from error


def parse_signing_key(text: str) -> Ed25519PrivateKey:
    """Read an unencrypted PKCS #8 PEM with an Ed25519 key.

    Raises:
        ConfigError: if it is anything else.
    """
    try:
        key = load_pem_private_key(text.encode(), password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise ConfigError("the signing key is not an unencrypted PKCS #8 PEM") from error
    if not isinstance(key, Ed25519PrivateKey):
        raise ConfigError("the signing key must be an Ed25519 key")
    return key


def load_signing_key(path: Path, *, create: bool = False) -> Ed25519PrivateKey:
    """Read the signing key file; with `create`, a missing one is made.

    Raises:
        ConfigError: if the file is missing, readable by others, or malformed.
    """
    if create and not path.exists():
        key = Ed25519PrivateKey.generate()
        pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        _write_new(path, pem.decode())
    return parse_signing_key(_read_private(path, "signing key file"))


def _new_id() -> str:
    return "k" + secrets.token_hex(6)


def _decode(encoded: str) -> bytes:
    try:
        return base64.b64decode(encoded.encode("ascii"), validate=True)
    except (binascii.Error, UnicodeEncodeError) as error:
        raise ConfigError("a master key is not base64") from error


def _ring_text(ring: KeyRing) -> str:
    keys = {key_id: base64.b64encode(key).decode() for key_id, key in ring.keys.items()}
    return json.dumps({"format": FORMAT, "current": ring.current_id, "keys": keys}, indent=2) + "\n"


def _read_private(path: Path, what: str) -> str:
    try:
        with path.open("rb") as file:
            status = os.fstat(file.fileno())
            if not stat.S_ISREG(status.st_mode):
                raise ConfigError(f"the {what} {path} is not a regular file")
            if status.st_mode & (stat.S_IRWXG | stat.S_IRWXO):
                raise ConfigError(f"the {what} {path} is open to others; run: chmod 600 {path}")
            data = file.read(MAX_FILE_BYTES + 1)
    except FileNotFoundError as error:
        message = f"the {what} {path} is missing; restore it, or set create_keys to make a new one"
        raise ConfigError(message) from error
    except OSError as error:
        raise ConfigError(f"cannot read the {what} {path}: {error.strerror}") from error
    if len(data) > MAX_FILE_BYTES:
        raise ConfigError(f"the {what} {path} is too large")
    try:
        return data.decode()
    except UnicodeDecodeError as error:
        raise ConfigError(f"the {what} {path} is not text") from error


def _write_new(path: Path, text: str) -> None:
    """Make the file whole, or leave the one that another process made meanwhile."""
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        beside = _write_beside(path, text)
        try:
            path.hardlink_to(beside)
        except FileExistsError:
            return
        finally:
            beside.unlink()
        _sync_folder(path.parent)
    except OSError as error:
        raise ConfigError(f"cannot create the key file {path}: {error.strerror}") from error


def _write_beside(path: Path, text: str) -> Path:
    beside = path.with_name(f".{path.name}.{secrets.token_hex(6)}")
    descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    return beside


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
