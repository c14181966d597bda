"""Runs a set of internal and public documents: registers them, pastes them into replies, and counts what is found."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from outguard.bench.corpus import Line, parse_json, read_lines
from outguard.bench.leak_set import parse_document, score_leaks
from outguard.cli.judging import OfflineJudge, Source

_RULE = "internal.registered.text"


def evaluate_leaks(file: Path, source: Source) -> dict[str, Any]:
    """The figures of one file of `{"id", "title", "content", "internal"}` lines.

    Raises:
        InvalidInputError: if a line is none.
    """
    documents = [parse_document(parse_json(line)) for line in read_lines(str(file))]
    judge = OfflineJudge(Source(rules=source.rules, profiles=source.profiles, texts=(file,)))

    def is_leak(reply: str) -> bool:
        answer = judge.answer(Line(number=1, data=json.dumps({"id": "", "text": reply}).encode()))
        return any(row["rule"] == _RULE for row in answer["findings"])

    kinds = [one.is_internal for one in documents]
    return {"internal": sum(kinds), "public": len(kinds) - sum(kinds), "leaks": score_leaks(documents, is_leak)}
