"""Offline judging: every line is answered, in order, and whatever cannot be judged gets an error and no text."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from concurrent.futures import Future
from pathlib import Path
from typing import Any, Self

import pytest

from outguard.bench.corpus import Line
from outguard.cli import judging
from outguard.cli.judging import OfflineJudge, Source, finding_row, judge_lines, label_path, span_of
from outguard.domain.finding import Category, Finding, FindingAction
from outguard.domain.verdict import Verdict
from outguard.errors import ConfigError
from outguard.flows.judge_reply import Judgement

SHIPPED = Source(rules=None, profiles=None)


def line(value: Any, number: int = 1) -> Line:
    data = value if isinstance(value, bytes) else json.dumps(value).encode()
    return Line(number=number, data=data)


@pytest.fixture(scope="module")
def judge() -> OfflineJudge:
    return OfflineJudge(SHIPPED)


@pytest.mark.parametrize(
    ("field", "path"),
    [
        (None, None),
        ("subject", "subject"),
        ("attachments[0]", "attachments[0]"),
        ("payload.items[0].note", "items.0.note"),
        ("payload.a", "a"),
        ("payload", ""),
        ("payload[2].x", "2.x"),
    ],
)
def test_payload_paths_are_told_as_the_labels_tell_them(field: str | None, path: str | None) -> None:
    assert label_path(field) == path


def test_a_whole_field_has_no_offsets() -> None:
    finding = Finding(
        category=Category.INTERNAL,
        type="INTERNAL_NOTE",
        status=None,
        start=-1,
        end=-1,
        score=0.9,
        rule="r",
        field="payload.note",
        action=FindingAction.REMOVE,
    )
    row = finding_row(finding)
    assert (row["start"], row["end"], row["field"], row["status"], row["action"]) == (
        None,
        None,
        "note",
        None,
        "remove",
    )
    assert span_of(row).field == "note"


def test_an_answer_has_exactly_the_promised_keys(judge: OfflineJudge) -> None:
    answer = judge.answer(line({"id": "a", "text": "Write to jo@example.com."}))
    assert list(answer) == ["id", "verdict", "text", "payload", "findings", "policy_snapshot", "elapsed_ms"]
    assert answer["policy_snapshot"].startswith("v1:")
    row = next(row for row in answer["findings"] if row["type"] == "EMAIL_ADDRESS")
    assert list(row) == ["category", "type", "status", "start", "end", "field", "score", "rule", "action"]
    assert (row["start"], row["end"], row["field"]) == (9, 23, None)


def test_offsets_are_code_points(judge: OfflineJudge) -> None:
    answer = judge.answer(line({"id": "a", "text": "\U0001f600é jo@example.com"}))
    row = next(row for row in answer["findings"] if row["type"] == "EMAIL_ADDRESS")
    assert row["start"] == 3


def test_a_held_reply_has_no_text(judge: OfflineJudge) -> None:
    scenario = {
        "id": "q",
        "reply": {"text": "Dear Maria, I have refunded $500.00 to your card."},
        "customer": {"name": "Maria"},
    }
    answer = judge.answer(line(scenario))
    assert answer["verdict"] == "QUARANTINE"
    assert (answer["text"], answer["payload"]) == (None, None)


@pytest.mark.parametrize(
    ("data", "identity", "words"),
    [
        (b"nope", None, "line 7: not valid JSON"),
        (b'{"id": "x", "text": 3}', "x", "line 7: text must be"),
        (b'{"id": "x", "profile": "no-such", "text": "hi"}', "x", "line 7: "),
        (rb'{"id": "x", "text": "\ud800"}', None, "line 7: holds a lone surrogate"),
    ],
)
def test_a_bad_line_is_answered_with_its_place(
    judge: OfflineJudge, data: bytes, identity: str | None, words: str
) -> None:
    answer = judge.answer(line(data, number=7))
    assert answer.keys() == {"id", "error"}
    assert answer["id"] == identity
    assert answer["error"].startswith(words)


def test_a_payload_nested_too_deep_may_not_go(judge: OfflineJudge) -> None:
    deep = b'{"id": "d", "reply": {"payload": {"a": ' + b"[" * 900 + b"]" * 900 + b"}}}"
    answer = judge.answer(line(deep))
    assert answer.get("verdict", "QUARANTINE") == "QUARANTINE"
    assert not answer.get("payload")


def test_a_fault_while_judging_is_an_error_without_content(
    judge: OfflineJudge, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> Judgement:
        raise RuntimeError("jo@example.com")

    monkeypatch.setattr(judge._judge, "judge", fail)
    answer = judge.answer(line({"id": "a", "text": "jo@example.com"}))
    assert answer == {"id": "a", "error": "line 1: cannot be judged (RuntimeError)"}


def test_a_degraded_answer_says_so(judge: OfflineJudge, monkeypatch: pytest.MonkeyPatch) -> None:
    held = Judgement(verdict=Verdict.QUARANTINE, findings=(), content=None, degraded=True, degraded_reason="x")
    monkeypatch.setattr(judge._judge, "judge", lambda *_, **__: held)
    answer = judge.answer(line({"id": "a", "text": "hi"}))
    assert (answer["degraded"], answer["degraded_reason"]) == (True, "x")


def test_several_processes_keep_the_order() -> None:
    lines = [line({"id": n, "text": f"parcel {n}"}, number=n) for n in range(100)]
    lines[40] = line(b"bad", number=40)
    answers = list(judge_lines(lines, SHIPPED, workers=2))
    assert [answer["id"] for answer in answers] == [n if n != 40 else None for n in range(100)]


def test_chunks_are_bounded_in_lines_and_bytes() -> None:
    small = [line(b"x", number=n) for n in range(70)]
    assert [len(chunk) for chunk in judging._chunks(small)] == [32, 32, 6]
    large = [line(b"x" * 900_000, number=n) for n in range(3)]
    assert [len(chunk) for chunk in judging._chunks(large)] == [2, 1]


def test_reading_is_not_run_far_ahead_of_writing(monkeypatch: pytest.MonkeyPatch) -> None:
    class Direct:
        """A pool that answers at once."""

        def __init__(self, *_: object, **__: object) -> None: ...

        def __enter__(self) -> Self:
            return self

        def __exit__(self, *_: object) -> None: ...

        def submit(self, _: object, chunk: Sequence[Line]) -> Any:
            future: Future[list[dict[str, Any]]] = Future()
            future.set_result([{"id": item.number} for item in chunk])
            return future

    monkeypatch.setattr(judging, "ProcessPoolExecutor", Direct)
    taken = 0

    def endless() -> Iterator[Line]:
        nonlocal taken
        while True:
            taken += 1
            yield line(b"x", number=taken)

    answers = judge_lines(endless(), SHIPPED, workers=2)
    assert next(answers) == {"id": 1}
    assert taken <= 2 * 3 * 32 + 1


def test_rules_of_a_missing_folder_are_a_config_error(tmp_path: Path) -> None:
    with pytest.raises(ConfigError):
        OfflineJudge(Source(rules=tmp_path / "none", profiles=None))
