"""Settings: known names only, every problem at once, and no start on doubt."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from pydantic import ValidationError

from outguard.config import Settings, load_settings
from outguard.errors import ConfigError

DOC = Path(__file__).parent.parent / "docs" / "settings.md"


@pytest.fixture(autouse=True)
def _clean(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name in Settings.model_fields:
        monkeypatch.delenv(f"OUTGUARD_{name.upper()}", raising=False)


def file(text: str) -> Path:
    path = Path("outguard.toml")
    path.write_text(text)
    return path


def test_every_setting_is_documented_and_nothing_else() -> None:
    rows = re.findall(r"^\| `([a-z_]+)` \|", DOC.read_text(), re.MULTILINE)
    assert sorted(rows) == sorted(Settings.model_fields)


@pytest.mark.parametrize("name", sorted(Settings.model_fields))
def test_documented_default_is_the_real_one(name: str) -> None:
    row = re.search(rf"^\| `{name}` \| (.*?) \|", DOC.read_text(), re.MULTILINE)
    assert row is not None
    default = Settings.model_fields[name].default
    if default is None:
        assert "none" in row[1] or "`data_dir`" in row[1] or row[1] in {"shipped rules", "see right"}
        return
    shown = str(default).lower() if isinstance(default, bool) else str(default)
    assert row[1] == f"`{shown.removesuffix('.0')}`"


def test_defaults_may_start() -> None:
    settings = load_settings()
    settings.verify()
    assert settings.effective_database_url == "sqlite:///var/outguard.db"
    assert settings.effective_master_key_file == Path("var/master-keys.json")
    assert settings.effective_signing_key_file == Path("var/signing-key.pem")


def test_option_beats_environment_beats_file_beats_default(monkeypatch: pytest.MonkeyPatch) -> None:
    path = file('instance = "file"\ndrain_s = 1\nlog_level = "debug"\n')
    monkeypatch.setenv("OUTGUARD_INSTANCE", "environment")
    monkeypatch.setenv("OUTGUARD_DRAIN_S", "2")
    settings = load_settings(path, instance="option")
    assert (settings.instance, settings.drain_s, settings.log_level) == ("option", 2, "debug")
    assert settings.max_concurrent == 256


def test_file_in_the_working_directory_is_read() -> None:
    file('instance = "here"\n')
    assert load_settings().instance == "here"


def test_named_file_must_exist() -> None:
    with pytest.raises(ConfigError, match="cannot read"):
        load_settings(Path("missing.toml"))


@pytest.mark.parametrize("text", ["nonsense", "x" * 300_000])
def test_file_that_is_no_settings_file_is_refused(text: str) -> None:
    with pytest.raises(ConfigError):
        load_settings(file(text))


def test_unknown_settings_in_the_file_are_refused_by_name() -> None:
    with pytest.raises(ConfigError, match="unknown settings: listen_on, tls_cert"):
        load_settings(file('tls_cert = "a"\nlisten_on = "b"\n'))


def test_keys_in_the_file_are_refused() -> None:
    with pytest.raises(ConfigError, match="master_keys") as caught:
        load_settings(file('master_keys = "k1:hidden"\n'))
    assert "hidden" not in str(caught.value)


def test_all_malformed_settings_are_named_and_their_values_are_not() -> None:
    with pytest.raises(ConfigError) as caught:
        load_settings(file('drain_s = "s3cret"\nmax_concurrent = 0\nevaluation_budget_ms = 1\n'))
    assert {"drain_s", "max_concurrent", "evaluation_budget_ms"} <= set(re.findall(r"(\w+):", str(caught.value)))
    assert "s3cret" not in str(caught.value)


def test_unknown_option_is_refused() -> None:
    with pytest.raises(ConfigError, match="colour"):
        load_settings(colour="red")


def test_settings_are_frozen_and_hide_secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OUTGUARD_MASTER_KEYS", "k1:hidden")
    monkeypatch.setenv("OUTGUARD_SIGNING_KEY", "hidden")
    monkeypatch.setenv("OUTGUARD_DATABASE_URL", "postgresql+asyncpg://u:hidden@h/d")
    settings = load_settings()
    assert (settings.master_keys_text, settings.signing_key_text) == ("k1:hidden", "hidden")
    assert settings.effective_database_url.startswith("postgresql")
    assert "hidden" not in repr(settings)
    with pytest.raises(ValidationError):
        settings.instance = "other"


@pytest.mark.parametrize("listen", ["127.0.0.1:8443", "127.9.9.9:1", "[::1]:8443", "localhost:0"])
def test_loopback_may_be_plain(listen: str) -> None:
    load_settings(listen=listen).verify()


@pytest.mark.parametrize("listen", ["0.0.0.0:8443", "[::]:8443", "10.0.0.1:1", "host.example:443"])
def test_other_addresses_need_tls_or_consent(listen: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="allow_plaintext"):
        load_settings(listen=listen).verify()
    load_settings(listen=listen, allow_plaintext=True).verify()
    cert, key = tmp_path / "cert", tmp_path / "key"
    for path in (cert, key):
        path.write_text("pem")
    settings = load_settings(listen=listen, tls_cert_file=cert, tls_key_file=key)
    settings.verify()
    assert settings.uses_tls


@pytest.mark.parametrize(
    "listen", ["", "8443", "127.0.0.1", "127.0.0.1:", "127.0.0.1:99999", "::1:80", "[x]:80", "a b:1"]
)
def test_malformed_address_is_refused(listen: str) -> None:
    with pytest.raises(ConfigError, match="listen"):
        load_settings(listen=listen, allow_plaintext=True).verify()


def test_half_a_tls_pair_is_refused(tmp_path: Path) -> None:
    cert = tmp_path / "cert"
    cert.write_text("pem")
    with pytest.raises(ConfigError, match="set both or neither"):
        load_settings(tls_cert_file=cert).verify()


def test_all_doubts_are_named_at_once(tmp_path: Path) -> None:
    not_a_folder = tmp_path / "file"
    not_a_folder.write_text("")
    settings = load_settings(
        listen="everywhere",
        tls_cert_file=tmp_path / "no-cert",
        tls_key_file=tmp_path / "no-key",
        rules_dir=tmp_path / "no-rules",
        data_dir=not_a_folder,
        instance="two words",
    )
    with pytest.raises(ConfigError) as caught:
        settings.verify()
    for name in ("listen", "tls_cert_file", "tls_key_file", "rules_dir", "data_dir", "instance"):
        assert f"{name}: " in str(caught.value)


@pytest.mark.parametrize("instance", ["", "a b", "a+b", "/a", "a/", "a\n", "x" * 129, "ä"])
def test_instance_fits_a_checkpoint(instance: str) -> None:
    with pytest.raises(ConfigError, match="instance"):
        Settings(instance=instance).verify()


def test_keys_are_made_for_a_new_embedded_store_only(tmp_path: Path) -> None:
    """A key file that got lost must be noticed, not replaced."""
    assert load_settings(data_dir=tmp_path).may_create_keys
    assert not load_settings(database_url="postgresql+asyncpg://h/d").may_create_keys
    (tmp_path / "outguard.db").write_text("")
    assert not load_settings(data_dir=tmp_path).may_create_keys
    assert load_settings(data_dir=tmp_path, create_keys=True).may_create_keys
    assert not load_settings(create_keys=False).may_create_keys
