"""Reading line corpora: JSON lines, plain or gzipped, with every bound stated and every bad line told apart.

A bad line never stops the reading: it comes out as a `Line` with a `problem` and no value. Problems name
the place, never the content. JSON is read strictly: no NaN or Infinity, no lone surrogates, no nesting that
exhausts the stack.
"""

from __future__ import annotations

import gzip
import json
import math
import sys
import zlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, cast

from outguard.errors import InvalidInputError

MAX_LINE_BYTES = 4 * 1024 * 1024
_GZIP_MAGIC = b"\x1f\x8b"


@dataclass(frozen=True, kw_only=True, slots=True)
class Line:
    """One line: its number (from 1) and either its bytes or what is wrong with it."""

    number: int
    data: bytes = b""
    problem: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Span:
    """A labelled or found place: offsets into the text, or a dotted payload field (then `start` is None)."""

    category: str
    type: str
    status: str | None = None
    start: int | None = None
    end: int | None = None
    field: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Expected:
    """What the labels say: the verdict (None where a corpus has only spans) and the spans."""

    decision: str | None
    spans: tuple[Span, ...]


def read_lines(source: str, *, max_bytes: int = MAX_LINE_BYTES) -> Iterator[Line]:
    """The non-blank lines of a file (`-` is standard input), gzipped or not, holding one line at a time.

    Raises:
        InvalidInputError: if the file cannot be read at all or its compression breaks off.
    """
    with _open(source) as stream:
        number = 0
        while True:
            number += 1
            try:
                data = stream.readline(max_bytes + 1)
                oversize = len(data) > max_bytes and not data.endswith(b"\n")
                if oversize:
                    _skip_rest(stream)
            except (OSError, EOFError, zlib.error) as error:
                raise InvalidInputError(f"cannot read past line {number - 1}: {_why(error)}") from error
            if not data:
                return
            if oversize:
                yield Line(number=number, problem=f"line {number}: longer than {max_bytes} bytes")
            elif data.strip():
                yield Line(number=number, data=data)


def parse_json(line: Line) -> Any:
    """The JSON value of a line.

    Raises:
        InvalidInputError: for anything that is not strict JSON in valid Unicode.
    """
    where = f"line {line.number}"
    if line.problem is not None:
        raise InvalidInputError(line.problem)
    try:
        text = line.data.decode("utf-8-sig" if line.number == 1 else "utf-8")
        value = json.loads(text, parse_constant=_no_constant, parse_float=_finite)
        if "\\u" in text:
            json.dumps(value, ensure_ascii=False).encode()
    except UnicodeDecodeError as error:
        raise InvalidInputError(f"{where}: not valid UTF-8 at byte {error.start}") from None
    except UnicodeEncodeError:
        raise InvalidInputError(f"{where}: holds a lone surrogate, which is no valid Unicode") from None
    except json.JSONDecodeError as error:
        raise InvalidInputError(f"{where}: not valid JSON at column {error.colno}") from None
    except RecursionError:
        raise InvalidInputError(f"{where}: nested too deeply") from None
    except ValueError:
        raise InvalidInputError(f"{where}: holds a number that is not finite or too long") from None
    return value


def parse_expected(value: Mapping[str, Any]) -> Expected | None:
    """The labels of a corpus line: `expected` of a scenario, or `spans` of a span set; None without labels.

    Raises:
        InvalidInputError: if labels are there but malformed.
    """
    expected = value.get("expected")
    if isinstance(expected, Mapping):
        decision = expected.get("decision")
        if decision is not None and not isinstance(decision, str):
            raise InvalidInputError("expected.decision must be a string")
        return Expected(decision=decision, spans=_spans(expected.get("spans")))
    if "spans" in value:
        return Expected(decision=None, spans=_spans(value["spans"]))
    return None


def _spans(value: Any) -> tuple[Span, ...]:
    if value is None:
        return ()
    if not isinstance(value, Sequence) or isinstance(value, str):
        raise InvalidInputError("spans must be a list")
    return tuple(_span(item, index) for index, item in enumerate(value))


def _span(item: Any, index: int) -> Span:
    if not isinstance(item, Mapping):
        raise InvalidInputError(f"spans[{index}] must be an object")
    category, kind = item.get("category", "pii"), item.get("type", item.get("label"))
    start, end, field = item.get("start"), item.get("end"), item.get("field")
    if not isinstance(category, str) or not isinstance(kind, str):
        raise InvalidInputError(f"spans[{index}] needs a category and a type")
    if field is None and not (type(start) is int and type(end) is int and 0 <= start <= end):
        raise InvalidInputError(f"spans[{index}] needs start and end, or a field")
    return Span(category=category, type=kind, status=item.get("status"), start=start, end=end, field=field)


@contextmanager
def _open(source: str) -> Iterator[IO[bytes]]:
    if source == "-":
        yield _plain(sys.stdin.buffer)
        return
    try:
        raw = Path(source).open("rb")  # noqa: SIM115 - closed by the `with` below
    except OSError as error:
        raise InvalidInputError(f"cannot open {source}: {_why(error)}") from error
    with raw:
        yield _plain(raw)


def _plain(raw: Any) -> IO[bytes]:
    compressed = raw.peek(2)[:2] == _GZIP_MAGIC
    return cast("IO[bytes]", gzip.GzipFile(fileobj=raw) if compressed else raw)


def _skip_rest(stream: IO[bytes]) -> None:
    while True:
        part = stream.readline(65536)
        if not part or part.endswith(b"\n"):
            return


def _why(error: BaseException) -> str:
    return getattr(error, "strerror", None) or "damaged or cut-off compressed data"


def _no_constant(_: str) -> float:
    raise ValueError


def _finite(literal: str) -> float:
    value = float(literal)
    if not math.isfinite(value):
        raise ValueError
    return value
