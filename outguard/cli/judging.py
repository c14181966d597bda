"""Judging scenario lines offline: one line in, one answer out, whatever the line holds.

Fails closed: what cannot be judged gets `{"id", "error"}` and no text. Errors name places, never content.
"""

from __future__ import annotations

import hmac
import secrets
import time
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from itertools import chain
from multiprocessing import get_context
from pathlib import Path
from typing import TYPE_CHECKING, Any

from outguard.bench.corpus import Line, Span, parse_json
from outguard.cli.registered import registered_texts
from outguard.cli.scenario import Scenario, parse_scenario, scenario_id
from outguard.domain.context import ReplyContext
from outguard.domain.finding import Finding
from outguard.domain.reply import Content
from outguard.errors import OutguardError, UnavailableError

if TYPE_CHECKING:
    from outguard.domain.policy import Policy
    from outguard.flows.judge_reply import ReplyJudge

_CHUNK_LINES = 32
_CHUNK_BYTES = 1024 * 1024
_CHUNKS_PER_WORKER = 3


@dataclass(frozen=True, kw_only=True, slots=True)
class Source:
    """Where rules, profiles, language model (None: the shipped) and registered texts come from; workers get it too."""

    rules: Path | None
    profiles: Path | None
    model: str | None = None
    key: bytes = field(default_factory=lambda: secrets.token_bytes(32), repr=False)
    """Makes the pseudonyms and hashes of one run: nobody can turn them back."""
    texts: tuple[Path, ...] = ()


class OfflineJudge:
    """The real judge with the policy of a folder, no store and no network."""

    def __init__(self, source: Source) -> None:
        from outguard.bootstrap import DEFAULT_MODEL, offline_judge
        from outguard.flows.evaluate_reply import profile_of

        self._profile_of = profile_of
        self._judge: ReplyJudge
        self._policy: Policy
        self._judge, self._policy = offline_judge(source.rules, source.profiles, source.model or DEFAULT_MODEL)
        self._key = source.key
        self._registered = registered_texts(source.texts) if source.texts else None

    def answer(self, line: Line) -> dict[str, Any]:
        """The answer to one line; never raises for what the line holds."""
        identity: str | int | None = None
        try:
            value = parse_json(line)
            identity = scenario_id(value)
            return self._answer(value)
        except OutguardError as error:
            return {"id": identity, "error": _at(line, error.message)}
        except RecursionError:
            return {"id": identity, "error": _at(line, "nested too deeply")}
        except Exception as error:  # noqa: BLE001 - one bad line must not stop the others, and its text must not show
            return {"id": identity, "error": _at(line, f"cannot be judged ({type(error).__name__})")}

    def _answer(self, value: Any) -> dict[str, Any]:
        scenario = parse_scenario(value)
        started = time.perf_counter()
        judgement = self._judge.judge(Content.of(scenario.reply), self._context(scenario), self._policy)
        elapsed_ms = (time.perf_counter() - started) * 1000
        content = judgement.content
        answer = {
            "id": scenario.id,
            "verdict": judgement.verdict.value,
            "text": None if content is None else content.text,
            "payload": None if content is None else content.payload,
            "findings": [finding_row(finding) for finding in judgement.findings],
            "policy_snapshot": self._policy.snapshot,
            "elapsed_ms": round(elapsed_ms, 3),
        }
        if judgement.degraded:
            answer |= {"degraded": True, "degraded_reason": judgement.degraded_reason}
        return answer

    def _context(self, scenario: Scenario) -> ReplyContext:
        return ReplyContext(
            recipient=scenario.reply.recipient,
            customer=scenario.customer,
            profile=self._profile_of(self._policy, scenario.profile),
            ledger=scenario.ledger,
            now=datetime.now(UTC),
            channel=scenario.reply.channel,
            last_user=scenario.last_user,
            confidence=scenario.confidence,
            sources=scenario.sources,
            is_sent_now=False,
            conversation_key=partial(
                hmac.digest, self._key, scenario.reply.conversation_id.encode("utf-8", "surrogatepass"), "sha256"
            ),
            registered=self._registered,
        )


def finding_row(finding: Finding) -> dict[str, Any]:
    """A finding as `check` prints it: payload fields as dotted paths, no offsets for whole fields."""
    whole = finding.start < 0
    return {
        "category": finding.category.value,
        "type": finding.type,
        "status": None if finding.status is None else finding.status.value,
        "start": None if whole else finding.start,
        "end": None if whole else finding.end,
        "field": label_path(finding.field),
        "score": round(finding.score, 4),
        "rule": finding.rule,
        "action": finding.action.value,
    }


def label_path(field: str | None) -> str | None:
    """`payload.items[0].note` as the labels write it: `items.0.note`. Other fields stay as they are."""
    if field is None or not field.startswith("payload"):
        return field
    return field.removeprefix("payload").replace("[", ".").replace("]", "").removeprefix(".")


def span_of(row: dict[str, Any]) -> Span:
    """A finding row as the scorer wants it."""
    return Span(
        category=row["category"],
        type=row["type"],
        status=row["status"],
        start=row["start"],
        end=row["end"],
        field=row["field"],
    )


def judge_lines(lines: Iterable[Line], source: Source, *, workers: int = 1) -> Iterator[dict[str, Any]]:
    """Answers in the order of the lines, from this process or from several; memory stays bounded."""
    if workers <= 1:
        judge = OfflineJudge(source)
        return (judge.answer(line) for line in lines)
    return chain.from_iterable(_parallel(lines, source, workers))


def _result(future: Future[list[dict[str, Any]]]) -> list[dict[str, Any]]:
    try:
        return future.result()
    except BrokenProcessPool as error:
        raise UnavailableError("a worker process died; the answers so far are complete") from error


def _parallel(lines: Iterable[Line], source: Source, workers: int) -> Iterator[list[dict[str, Any]]]:
    pool = ProcessPoolExecutor(workers, mp_context=get_context("spawn"), initializer=_start_worker, initargs=(source,))
    with pool:
        waiting: deque[Future[list[dict[str, Any]]]] = deque()
        for chunk in _chunks(lines):
            waiting.append(pool.submit(_answer_chunk, chunk))
            if len(waiting) >= workers * _CHUNKS_PER_WORKER:
                yield _result(waiting.popleft())
        while waiting:
            yield _result(waiting.popleft())


def _chunks(lines: Iterable[Line]) -> Iterator[list[Line]]:
    chunk: list[Line] = []
    size = 0
    for line in lines:
        chunk.append(line)
        size += len(line.data)
        if len(chunk) >= _CHUNK_LINES or size >= _CHUNK_BYTES:
            yield chunk
            chunk, size = [], 0
    if chunk:
        yield chunk


_worker: list[OfflineJudge] = []


def _start_worker(source: Source) -> None:
    _worker.append(OfflineJudge(source))


def _answer_chunk(chunk: list[Line]) -> list[dict[str, Any]]:
    return [_worker[0].answer(line) for line in chunk]


def _at(line: Line, message: str) -> str:
    return message if message.startswith("line ") else f"line {line.number}: {message}"
