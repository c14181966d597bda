"""Commands on the store of a data folder: tokens and the audit log."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest

from outguard.cli.main import app


@pytest.fixture
def data_dir(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.chdir(tmp_path)
    return str(tmp_path / "var")


def run(capfdbinary: pytest.CaptureFixture[bytes], *arguments: str) -> tuple[int, str, str]:
    status = app(arguments)
    captured = capfdbinary.readouterr()
    return status, captured.out.decode(), captured.err.decode()


def test_a_token_is_made_listed_and_revoked(data_dir: str, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    made = run(capfdbinary, "token", "create", "bot", "--role", "agent", "--topic", "support.*", "--data-dir", data_dir)
    assert made[0] == 0
    bearer = made[1].strip()
    assert bearer.startswith("og_tok-")
    token_id, secret = bearer.split("_")[1:]
    listed = run(capfdbinary, "token", "list", "--data-dir", data_dir)[1]
    assert token_id in listed
    assert "valid" in listed
    assert secret not in listed
    assert run(capfdbinary, "token", "revoke", token_id, "--data-dir", data_dir)[0] == 0
    assert "revoked" in run(capfdbinary, "token", "list", "--data-dir", data_dir)[1]
    status, _, error = run(capfdbinary, "token", "revoke", "tok-none", "--data-dir", data_dir)
    assert (status, error.count("\n")) == (2, 1)


@pytest.mark.parametrize(
    "wrong",
    [
        ("--role", "agent"),
        ("--role", "auditor", "--topic", "x"),
        ("--role", "agent", "--topic", "x", "--skill", "y"),
        ("--role", "king"),
        ("--role", "auditor", "--days", "0"),
    ],
)
def test_a_token_that_makes_no_sense_is_refused(
    data_dir: str, capfdbinary: pytest.CaptureFixture[bytes], wrong: tuple[str, ...]
) -> None:
    status, out, error = run(capfdbinary, "token", "create", "x", *wrong, "--data-dir", data_dir)
    assert (status, out) == (2, "")
    assert error


def test_an_export_verifies_until_it_is_changed(
    data_dir: str, tmp_path: Path, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    for name in ("ada", "bo"):
        assert run(capfdbinary, "token", "create", name, "--role", "auditor", "--data-dir", data_dir)[0] == 0
    out = tmp_path / "log.jsonl"
    assert run(capfdbinary, "audit", "export", "--data-dir", data_dir, "--out", str(out))[0] == 0
    key = run(capfdbinary, "audit", "key", "--data-dir", data_dir)[1].strip()
    assert run(capfdbinary, "audit", "verify", str(out), "--key", key)[0] == 0

    zipped = tmp_path / "log.jsonl.gz"
    zipped.write_bytes(gzip.compress(out.read_bytes()))
    status, shown, _ = run(capfdbinary, "audit", "verify", str(zipped), "--key", key, "--json")
    assert (status, json.loads(shown)["valid"], json.loads(shown)["entries"]) == (0, True, 2)

    out.write_bytes(out.read_bytes().replace(b"auditor", b"admin", 1))
    status, shown, _ = run(capfdbinary, "audit", "verify", str(out), "--key", key)
    assert status == 1
    assert "NOT valid" in shown

    cut = tmp_path / "cut.jsonl"
    cut.write_bytes(gzip.decompress(zipped.read_bytes()).rsplit(b"\n", 2)[0])
    assert run(capfdbinary, "audit", "verify", str(cut), "--key", key)[0] == 1


def test_an_unknown_setting_is_one_clear_line(tmp_path: Path, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    config = tmp_path / "outguard.toml"
    config.write_text("colour = 'red'\n", encoding="utf-8")
    status, _, error = run(capfdbinary, "token", "list", "--config", str(config))
    assert status == 2
    assert "colour" in error
    assert error.count("\n") == 1
