"""Settings, from the environment (`OUTGUARD_*`) over `outguard.toml` over defaults.

Frozen once read. The file may hold nothing unknown. `verify` refuses what would start but not be safe. Every
setting is described in `docs/settings.md`.
"""

from __future__ import annotations

import ipaddress
import json
import re
import socket
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, SecretStr, ValidationError
from pydantic_settings import (
    BaseSettings,
    InitSettingsSource,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
)

from outguard.errors import ConfigError

DEFAULT_FILE = Path("outguard.toml")
MAX_FILE_BYTES = 256 * 1024
MAX_WORKERS = 64
_INSTANCE = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9./-]{0,126}[A-Za-z0-9])?\Z")
_LISTEN = re.compile(r"(?:\[(?P<six>[0-9a-fA-F:.]+)\]|(?P<host>[A-Za-z0-9.-]+)):(?P<port>[0-9]{1,5})\Z")
_TABLES = frozenset({"nlp"})
_NOT_IN_FILE = frozenset({"master_keys", "signing_key"})

Seconds = Annotated[float, Field(gt=0, allow_inf_nan=False)]
Count = Annotated[int, Field(ge=1)]


class Settings(BaseSettings):
    """All settings of a server; `load_settings` reads them."""

    model_config = SettingsConfigDict(
        env_prefix="OUTGUARD_",
        env_ignore_empty=True,
        extra="forbid",
        frozen=True,
        hide_input_in_errors=True,
        validate_default=True,
    )

    listen: str = "127.0.0.1:8443"
    tls_cert_file: Path | None = None
    tls_key_file: Path | None = None
    allow_plaintext: bool = False
    reflection: bool = False
    max_concurrent: Count = 256
    max_waiting: Count = 1024
    drain_s: Seconds = 10.0
    workers: Annotated[int, Field(ge=1, le=MAX_WORKERS)] = 1
    log_level: Literal["debug", "info", "warning", "error"] = "info"

    instance: str = "outguard"
    data_dir: Path = Path("var")
    database_url: SecretStr | None = None
    rules_dir: Path | None = None
    policy_watch_s: Annotated[float, Field(ge=0, le=3600, allow_inf_nan=False)] = 2.0
    policy_profile: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,99}$")] = "default"

    nlp_model: Annotated[str, Field(min_length=1)] = "outguard_en"
    nlp_required: bool = True

    master_key_file: Path | None = None
    signing_key_file: Path | None = None
    master_keys: SecretStr | None = None
    signing_key: SecretStr | None = None
    create_keys: bool | None = None

    evaluation_budget_ms: Annotated[int, Field(ge=10, le=60_000)] = 300
    claim_lease_s: Annotated[float, Field(ge=1, le=86_400, allow_inf_nan=False)] = 300.0
    max_wait_s: Annotated[float, Field(gt=0, le=600, allow_inf_nan=False)] = 60.0
    max_text_chars: Count = 256 * 1024
    max_payload_depth: Annotated[int, Field(ge=1, le=90)] = 64
    max_payload_nodes: Count = 20_000
    max_attachments: Annotated[int, Field(ge=0)] = 10
    max_attachment_bytes: Count = 1024 * 1024
    value_days: Annotated[int, Field(ge=0, le=3650)] = 90
    tenant_value_days: dict[str, Annotated[int, Field(ge=0, le=3650)]] | None = None
    max_values: Annotated[int, Field(ge=1000)] = 1_000_000
    max_page: Annotated[int, Field(ge=1, le=10_000)] = 500

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Arguments over environment; `load_settings` adds the file below them."""
        del settings_cls, dotenv_settings, file_secret_settings
        return (init_settings, env_settings)

    @property
    def effective_database_url(self) -> str:
        """The database, by default an SQLite file in `data_dir`."""
        if self.database_url is not None:
            return self.database_url.get_secret_value()
        return f"sqlite:///{self._embedded_database}"

    @property
    def effective_master_key_file(self) -> Path:
        """The master key file, by default in `data_dir`."""
        return self.master_key_file or self.data_dir / "master-keys.json"

    @property
    def effective_signing_key_file(self) -> Path:
        """The signing key file, by default in `data_dir`."""
        return self.signing_key_file or self.data_dir / "signing-key.pem"

    @property
    def master_keys_text(self) -> str | None:
        """Master keys given in the environment."""
        return None if self.master_keys is None else self.master_keys.get_secret_value()

    @property
    def signing_key_text(self) -> str | None:
        """The signing key given in the environment."""
        return None if self.signing_key is None else self.signing_key.get_secret_value()

    @property
    def may_create_keys(self) -> bool:
        """Whether missing key files are made: as `create_keys` says, else only before the embedded database exists."""
        if self.create_keys is not None:
            return self.create_keys
        return self.database_url is None and not self._embedded_database.exists()

    @property
    def uses_tls(self) -> bool:
        """Whether the server speaks TLS."""
        return self.tls_cert_file is not None and self.tls_key_file is not None

    @property
    def _embedded_database(self) -> Path:
        return self.data_dir / "outguard.db"

    def verify(self) -> None:
        """Check what no single setting shows.

        Raises:
            ConfigError: with every problem found and what to do about each.
        """
        problems = [*self._listen_problems(), *self._file_problems()]
        if self.workers > 1 and not hasattr(socket, "SO_REUSEPORT"):
            problems.append("workers: this system cannot share a port between processes; use 1")
        if not _INSTANCE.match(self.instance):
            problems.append("instance: use 1 to 128 letters, digits, dots, slashes and hyphens, e.g. example.org/prod")
        if problems:
            raise ConfigError("; ".join(problems))

    def _listen_problems(self) -> list[str]:
        match = _LISTEN.match(self.listen)
        if match is None or int(match["port"]) > 65_535:
            return ["listen: write HOST:PORT, e.g. 127.0.0.1:8443 or [::1]:8443"]
        if (self.tls_cert_file is None) != (self.tls_key_file is None):
            return ["tls_cert_file, tls_key_file: set both or neither"]
        if self.uses_tls or self.allow_plaintext or _is_loopback(match["six"] or match["host"]):
            return []
        tls = "set tls_cert_file and tls_key_file, or allow_plaintext=true where a proxy encrypts"
        return [f"listen: only a loopback address may be served without TLS; {tls}"]

    def _file_problems(self) -> list[str]:
        files = {"tls_cert_file": self.tls_cert_file, "tls_key_file": self.tls_key_file}
        problems = [f"{name}: no such file" for name, path in files.items() if path and not path.is_file()]
        if self.rules_dir is not None and not self.rules_dir.is_dir():
            problems.append("rules_dir: no such directory; leave it out to use the shipped rules")
        if self.data_dir.exists() and not self.data_dir.is_dir():
            problems.append("data_dir: not a directory")
        return problems


def load_settings(file: Path | None = None, **overrides: Any) -> Settings:
    """Read the settings: `overrides` over environment over file over defaults.

    Without `file`, `outguard.toml` in the working directory is read if it exists. Call `verify` before
    serving.

    Raises:
        ConfigError: if the file is missing or no TOML, or a setting is unknown or malformed; all problems at
            once.
    """
    values = _read_file(file or DEFAULT_FILE, is_required=file is not None)

    class _Layered(Settings):
        @classmethod
        def settings_customise_sources(
            cls,
            settings_cls: type[BaseSettings],
            init_settings: PydanticBaseSettingsSource,
            env_settings: PydanticBaseSettingsSource,
            dotenv_settings: PydanticBaseSettingsSource,
            file_secret_settings: PydanticBaseSettingsSource,
        ) -> tuple[PydanticBaseSettingsSource, ...]:
            del dotenv_settings, file_secret_settings
            return (init_settings, env_settings, InitSettingsSource(settings_cls, dict(values)))

    try:
        return _Layered(**overrides)
    except ValidationError as error:
        problems = (f"{'.'.join(map(str, one['loc'])) or 'settings'}: {one['msg']}" for one in error.errors())
        raise ConfigError("; ".join(problems)) from None


class _Exact(Settings):
    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        del settings_cls, env_settings, dotenv_settings, file_secret_settings
        return (init_settings,)


def exact_settings(**values: Any) -> Settings:
    """Defaults with `values` over them, whatever environment and files say."""
    return _Exact(**values)


def settings_to_json(settings: Settings) -> str:
    """All settings, secrets in clear: for a pipe to a process of ours, never for a log or a file."""
    values = settings.model_dump()
    return json.dumps(
        {name: one.get_secret_value() if isinstance(one, SecretStr) else one for name, one in values.items()},
        default=str,
    )


def settings_of_json(text: str) -> Settings:
    """What `settings_to_json` wrote."""
    return exact_settings(**json.loads(text))


def _read_file(path: Path, *, is_required: bool) -> Mapping[str, Any]:
    if not is_required and not path.exists():
        return {}
    try:
        data = path.read_bytes()
        values = tomllib.loads(data.decode()) if len(data) <= MAX_FILE_BYTES else None
    except OSError as error:
        raise ConfigError(f"cannot read the settings file {path}: {error.strerror}") from error
    except ValueError as error:
        raise ConfigError(f"the settings file {path} is not TOML") from error
    if values is None:
        raise ConfigError(f"the settings file {path} is larger than {MAX_FILE_BYTES} bytes")
    values = _flat(values)
    unknown = sorted(values.keys() - Settings.model_fields.keys())
    if unknown:
        raise ConfigError(f"{path}: unknown settings: {', '.join(unknown)}; docs/settings.md lists all")
    secret = sorted(values.keys() & _NOT_IN_FILE)
    if secret:
        raise ConfigError(f"{path}: {', '.join(secret)}: keys belong in key files or the environment, not here")
    return values


def _flat(values: Mapping[str, Any]) -> dict[str, Any]:
    """`nlp.model = ...` is `nlp_model`, as a dotted name or in a table."""
    flat: dict[str, Any] = {}
    for name, value in values.items():
        if name in _TABLES and isinstance(value, dict):
            flat |= {f"{name}_{key}": part for key, part in value.items()}
        else:
            flat[name] = value
    return flat


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
