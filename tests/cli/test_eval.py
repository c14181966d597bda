"""`outguard eval` on each format and on a folder, as a user runs it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from outguard.cli.main import app

MAIL = "jo@example.org"
SPAN_LINE = {"id": "s", "text": f"Write to {MAIL}.", "spans": [{"start": 9, "end": 23, "label": "EMAIL_ADDRESS"}]}
CASE = {**SPAN_LINE, "id": "c", "class": "positive", "entity": "EMAIL_ADDRESS"}
NO_CASE = {"id": "n", "text": "Write to us.", "spans": [], "class": "negative", "entity": "EMAIL_ADDRESS"}
NO_KEY = {"id": "k", "text": "api_key = YOUR_API_KEY", "spans": [], "class": "negative"}


def key_line() -> dict[str, Any]:
    """A positive of a secrets set, put together here so that no scanner of sources finds it."""
    key = "AK" + "IA" + "Q7R2T5V8X3Z6B4D7"
    return {"id": "p", "text": f"aws_access_key_id = {key}", "spans": [], "class": "positive"}


def write(path: Path, *lines: Any) -> str:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(json.dumps(line) + "\n" for line in lines), "utf-8")
    return str(path)


def scores(capfdbinary: pytest.CaptureFixture[bytes], *arguments: str, status: int = 0) -> Any:
    assert app(["eval", *arguments, "--json"]) == status
    return json.loads(capfdbinary.readouterr().out)


def test_each_format_has_its_part(tmp_path: Path, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    file = write(tmp_path / "all.jsonl", SPAN_LINE, CASE, NO_CASE, key_line(), NO_KEY)
    result = scores(capfdbinary, file)
    assert result["formats"] == ["credential", "entity_case", "span_set"]
    assert result["span_set"]["types"]["EMAIL_ADDRESS"]["f2"] == 1.0
    assert result["span_set"]["words"]["all_types"]["recall"] == 1.0
    assert result["entity_cases"]["all"]["recall"] == result["entity_cases"]["all"]["specificity"] == 1.0
    assert result["credentials"]["recall"] == result["credentials"]["specificity"] == 1.0
    assert "disguised" not in result


def test_presidio_is_scored_beside(tmp_path: Path, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    file = write(tmp_path / "all.jsonl", SPAN_LINE, CASE)
    result = scores(capfdbinary, file, "--presidio")
    assert result["span_set_presidio"]["types"]["EMAIL_ADDRESS"]["recall"] == 1.0
    assert result["entity_cases_presidio"]["all"]["recall"] == 1.0


def test_every_positive_is_judged_in_its_disguises(tmp_path: Path, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    file = write(tmp_path / "all.jsonl", SPAN_LINE, NO_CASE)
    disguised = scores(capfdbinary, file, "--disguise")["disguised"]
    assert disguised["disguises"]["[at] and [dot]"]["recall"] == 1.0
    assert disguised["all"]["values"] == len(disguised["disguises"])


def test_people_get_tables(tmp_path: Path, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    file = write(tmp_path / "all.jsonl", SPAN_LINE, CASE, NO_CASE, key_line(), NO_KEY)
    assert app(["eval", file, "--disguise", "--presidio"]) == 0
    shown = capfdbinary.readouterr().out.decode()
    assert all(title in shown for title in ("Span set", "One-entity cases", "Credentials", "Disguises"))
    assert "Verdicts" not in shown


def test_a_folder_is_run_and_reported(tmp_path: Path, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    write(tmp_path / "sets/data/secrets-secretlint/cases.jsonl.gz", key_line(), NO_KEY)
    report = tmp_path / "quality.md"
    result = scores(capfdbinary, str(tmp_path / "sets"), "--report", str(report))
    assert result["sets"]["secrets-secretlint"]["credentials"]["recall"] == 1.0
    assert "data/tau2-bench/dialogues.jsonl.gz" in result["skipped"]
    text = report.read_text("utf-8")
    assert "eval/replies_dev.jsonl.gz" in text
    assert "`outguard eval DATA/data/secrets-secretlint/cases.jsonl.gz --disguise`" in text
    assert str(tmp_path) not in text


def test_a_bad_line_is_a_failure_of_the_folder(tmp_path: Path, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    write(tmp_path / "data/secrets-secretlint/cases.jsonl.gz", key_line(), {"id": "x"})
    assert scores(capfdbinary, str(tmp_path), status=1)["failed"] == 1


@pytest.mark.parametrize("extra", [[], ["--report", "x.md"]])
def test_a_folder_without_sets_is_refused(
    tmp_path: Path, capfdbinary: pytest.CaptureFixture[bytes], extra: list[str]
) -> None:
    assert app(["eval", str(tmp_path), *extra]) == 2
    assert b"none of the sets" in capfdbinary.readouterr().err


def test_a_report_needs_a_folder(tmp_path: Path, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    file = write(tmp_path / "all.jsonl", SPAN_LINE)
    assert app(["eval", file, "--report", str(tmp_path / "x.md")]) == 2
    assert b"--report needs a folder" in capfdbinary.readouterr().err


NOTE = "The duty manager may waive up to thirty fees a day without telling the ledger team."
FAQ = "Every branch opens at nine in the morning and closes at five on all weekdays."


def test_documents_are_pasted_into_replies(tmp_path: Path, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    documents = ({"id": "a", "content": NOTE, "internal": True}, {"id": "b", "content": FAQ, "internal": False})
    file = write(tmp_path / "data/tau2-bench/banking_docs.jsonl.gz", *documents)
    result = scores(capfdbinary, file, "--leaks")
    assert (result["internal"], result["public"]) == (1, 1)
    assert result["leaks"]["internal"]["sentence, as it is"]["share"] == 1.0
    assert result["leaks"]["public"]["all"]["share"] == 0.0
    assert app(["eval", file, "--leaks"]) == 0
    assert b"Pasted internal documents: 1" in capfdbinary.readouterr().out
    report = tmp_path / "report.md"
    assert app(["eval", str(tmp_path), "--report", str(report)]) == 0
    assert "## Internal documents pasted into replies" in report.read_text()
