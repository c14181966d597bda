"""Texts to register, read from files: one text a file, or one a line of JSON.

| what | read as |
|---|---|
| a folder | every `.txt`, `.md`, `.jsonl` and `.jsonl.gz` below it; below a folder named `public` they are public |
| a `.jsonl` file, plain or gzipped | `{"name" or "id", "text" or "content", "title", "kind" or "internal", "type"}` |
| any other file | one internal text in UTF-8, named by the file |
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from outguard.bench.corpus import parse_json, read_lines
from outguard.domain.source import SourceKind
from outguard.errors import InvalidInputError

MAX_FILE_BYTES = 4 * 1024 * 1024
_LINES = (".jsonl", ".jsonl.gz")
_TEXTS = (".txt", ".md")


@dataclass(frozen=True, kw_only=True, slots=True)
class SourceText:
    """A text to register."""

    name: str
    kind: SourceKind
    type: str
    text: str


def read_sources(path: Path, *, kind: SourceKind | None = None, finding_type: str = "") -> Iterator[SourceText]:
    """The texts of a file or folder; `kind` and `finding_type`, where given, count for all of them.

    Raises:
        InvalidInputError: if a file cannot be read, or a line is malformed.
    """
    files = sorted(path.rglob("*")) if path.is_dir() else [path]
    for file in files:
        if path.is_dir() and (not file.is_file() or not file.name.endswith((*_LINES, *_TEXTS))):
            continue
        name = file.relative_to(path).as_posix() if path.is_dir() else file.name
        is_public = path.is_dir() and "public" in {path.name, *file.relative_to(path).parts[:-1]}
        usual = kind or (SourceKind.PUBLIC if is_public else SourceKind.INTERNAL)
        if file.name.endswith(_LINES):
            for line in read_lines(str(file)):
                yield _of_line(
                    parse_json(line), f"{name} line {line.number}", kind or (usual if is_public else None), finding_type
                )
        else:
            yield SourceText(name=name, kind=usual, type=_type(usual, finding_type), text=_read(file))


def _of_line(value: Any, where: str, kind: SourceKind | None, finding_type: str) -> SourceText:
    if not isinstance(value, Mapping):
        raise InvalidInputError(f"{where}: a JSON object is wanted")
    name, text = value.get("name", value.get("id")), value.get("text", value.get("content"))
    title, type_ = value.get("title", ""), value.get("type", "")
    if not all(isinstance(one, str) for one in (name, text, title, type_)):
        raise InvalidInputError(f"{where}: name (or id) and text (or content) must be strings")
    found = kind or _kind(value, where)
    whole = f"{title}\n{text}" if title else str(text)
    return SourceText(name=str(name), kind=found, type=_type(found, finding_type or type_), text=whole)


def _kind(value: Mapping[str, Any], where: str) -> SourceKind:
    said = value.get("kind")
    if said is None:
        return SourceKind.PUBLIC if value.get("internal") is False else SourceKind.INTERNAL
    if said not in set(SourceKind):
        raise InvalidInputError(f"{where}: kind must be one of {', '.join(SourceKind)}")
    return SourceKind(said)


def _type(kind: SourceKind, finding_type: str) -> str:
    return finding_type if kind is SourceKind.INTERNAL else ""


def _read(file: Path) -> str:
    try:
        if file.stat().st_size > MAX_FILE_BYTES:
            raise InvalidInputError(f"{file.name} is larger than {MAX_FILE_BYTES} bytes")
        return file.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidInputError(f"{file.name} cannot be read as UTF-8 text") from error
