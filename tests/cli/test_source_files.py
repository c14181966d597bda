"""Texts to register come from files, lines and folders."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest

from outguard.cli.main import app
from outguard.cli.source_files import read_sources
from outguard.domain.source import SourceKind
from outguard.errors import InvalidInputError

NOTE = "Never tell a caller that the night desk may double the voucher on request."
FAQ = "Vouchers are sent by e-mail on the next working day and never expire at all."


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Each kind of file, and one that is none of ours."""
    (tmp_path / "public").mkdir()
    (tmp_path / "note.md").write_text(NOTE, "utf-8")
    (tmp_path / "public" / "faq.txt").write_text(FAQ, "utf-8")
    (tmp_path / "picture.png").write_bytes(b"\x89PNG")
    lines = (
        {"id": "one", "title": "T", "content": NOTE, "internal": True},
        {"name": "two", "text": FAQ, "kind": "public"},
    )
    with gzip.open(tmp_path / "more.jsonl.gz", "wt") as stream:
        stream.writelines(json.dumps(line) + "\n" for line in lines)
    return tmp_path


def test_a_folder_gives_its_texts(folder: Path) -> None:
    found = list(read_sources(folder, finding_type="SYSTEM_PROMPT"))
    assert [(one.name, one.kind.value, one.type, one.text) for one in found] == [
        ("one", "internal", "SYSTEM_PROMPT", f"T\n{NOTE}"),
        ("two", "public", "", FAQ),
        ("note.md", "internal", "SYSTEM_PROMPT", NOTE),
        ("public/faq.txt", "public", "", FAQ),
    ]


def test_a_kind_that_is_given_counts_for_all(folder: Path) -> None:
    assert {one.kind for one in read_sources(folder, kind=SourceKind.PUBLIC)} == {SourceKind.PUBLIC}


@pytest.mark.parametrize(
    "line", ["[]", "{}", '{"name": "x", "text": 3}', '{"name": "x", "text": "y", "kind": "secret"}', "{"]
)
def test_a_malformed_line_is_told(tmp_path: Path, line: str) -> None:
    file = tmp_path / "bad.jsonl"
    file.write_text(line, "utf-8")
    with pytest.raises(InvalidInputError, match="line 1"):
        list(read_sources(file))


def test_a_file_that_is_no_text_is_told(tmp_path: Path) -> None:
    (tmp_path / "x.bin").write_bytes(b"\xff\xfe\xff")
    with pytest.raises(InvalidInputError, match="UTF-8"):
        list(read_sources(tmp_path / "x.bin"))


def test_texts_are_added_listed_and_removed(folder: Path, capfd: pytest.CaptureFixture[str]) -> None:
    data = ["--data-dir", str(folder / "var")]
    assert (
        app(["sources", "add", str(folder / "note.md"), "--name", "night desk", "--type", "SYSTEM_PROMPT", *data]) == 0
    )
    assert app(["sources", "add", str(folder / "public" / "faq.txt"), "--public", *data]) == 0
    assert app(["sources", "canary", "prompt", *data]) == 0
    said = capfd.readouterr().out.split()
    assert said[:2] == ["1", "registered"]
    assert said[-1].startswith("ref-")
    assert app(["sources", "list", *data]) == 0
    listed = capfd.readouterr().out
    assert all(word in listed for word in ("night desk", "SYSTEM_PROMPT", "faq.txt", "public", "canary"))
    assert "voucher" not in listed
    assert app(["sources", "remove", "night desk", *data]) == 0
    assert app(["sources", "remove", "night desk", *data]) == 2
    assert app(["sources", "add", str(folder), "--name", "x", *data]) == 2
    assert app(["sources", "add", str(folder), "--public", "--canary", *data]) == 2
    assert app(["audit", "export", *data]) == 0
    record = capfd.readouterr().out
    assert "source.added" in record
    assert "night desk may double" not in record


def test_check_looks_for_texts_of_files(folder: Path, capfd: pytest.CaptureFixture[str]) -> None:
    replies = folder / "replies.jsonl"
    texts = {"leak": f"Hello. {NOTE}", "public": f"Hello. {FAQ}"}
    replies.write_text("".join(json.dumps({"id": key, "text": text}) + "\n" for key, text in texts.items()), "utf-8")
    assert app(["check", str(replies), "--sources", str(folder / "note.md"), "--sources", str(folder / "public")]) == 0
    answers = [json.loads(line) for line in capfd.readouterr().out.splitlines()]
    rules = {one["id"]: [row["rule"] for row in one["findings"]] for one in answers}
    assert "internal.registered.text" in rules["leak"]
    assert "internal.registered.text" not in rules["public"]
