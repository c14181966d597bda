"""An audit log as a file that anybody can check without us.

JSON lines: a header (format, origin, verifier key, tenant, size), one line per entry (index, the entry's bytes as they
were hashed, leaf hash), the signed checkpoint. Writing and checking stream: memory does not grow with the log.

The checkpoint's signature is what counts, and it is worth what the verifier key is worth: an auditor brings their own,
from before or from elsewhere. The key in the header only shows that a file fits itself.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from outguard.audit.checkpoint import read_checkpoint, verify_checkpoint
from outguard.audit.entry import MAX_ENTRY_BYTES, entry_time, parse_entry
from outguard.audit.merkle import Frontier, leaf_hash
from outguard.audit.note import VerifierKey
from outguard.domain.audit import Checkpoint, Entry
from outguard.errors import IntegrityError, InvalidInputError

FORMAT = "outguard-audit-export/1"
MAX_LINE_CHARS = 7 * MAX_ENTRY_BYTES
"""Escaping makes a character of an entry at most six."""
CLOCK_SLACK = timedelta(seconds=60)
"""Entries of one batch may be out of order by a little; more is worth a look."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ExportReport:
    """What checking found; `is_valid` only without any problem. Warnings are for people to weigh."""

    tenant: str
    origin: str
    size: int
    first_time: datetime | None
    last_time: datetime | None
    first_bad_index: int | None
    problems: tuple[str, ...]
    warnings: tuple[str, ...]

    @property
    def is_valid(self) -> bool:
        """Whether the file is exactly what the checkpoint's signer signed."""
        return not self.problems


def header_line(*, origin: str, verifier_key: str, tenant: str, size: int) -> str:
    """The first line."""
    return _line({"format": FORMAT, "origin": origin, "verifier_key": verifier_key, "tenant": tenant, "size": size})


def entry_line(index: int, data: bytes) -> str:
    """The line of one entry.

    Raises:
        IntegrityError: if the stored bytes are not text.
    """
    try:
        text = data.decode()
    except UnicodeDecodeError as error:
        raise IntegrityError(f"the stored bytes of entry {index} are damaged") from error
    return _line({"index": index, "data": text, "leaf_hash": base64.b64encode(leaf_hash(data)).decode()})


def checkpoint_line(note: str) -> str:
    """The last line."""
    return _line({"checkpoint": note})


def export_lines(entries: Iterable[Entry], *, checkpoint: Checkpoint, verifier_key: str, tenant: str) -> Iterator[str]:
    """All lines, each with its newline; `entries` are those of the checkpoint's tree, in order."""
    yield header_line(origin=checkpoint.origin, verifier_key=verifier_key, tenant=tenant, size=checkpoint.head.size)
    for entry in entries:
        yield entry_line(entry.index, entry.data)
    yield checkpoint_line(checkpoint.note)


def verify_export(lines: Iterable[str], *, verifier_key: str | None) -> ExportReport:
    """Check an export from its lines alone; never raises for what the lines hold.

    `verifier_key` is the key the auditor trusts. Without it the key in the header is used, and the report warns that
    this shows only that the file fits itself.

    Raises:
        InvalidInputError: if `verifier_key` is malformed.
    """
    check = _Check()
    trusted = None if verifier_key is None else VerifierKey.parse(verifier_key)
    for line in lines:
        check.take(line)
    return check.report(trusted)


class _Check:
    """The state of checking: a frontier, two times and a few findings, however long the log."""

    def __init__(self) -> None:
        self._problems: list[str] = []
        self._warnings: list[str] = []
        self._header: dict[str, Any] | None = None
        self._note: str | None = None
        self._frontier = Frontier()
        self._bad_index: int | None = None
        self._first_time: datetime | None = None
        self._last_time: datetime | None = None
        self._lines = 0

    def take(self, line: str) -> None:
        """Read one line; after the first bad one only the checkpoint is still looked for."""
        self._lines += 1
        try:
            value = _parse_line(line)
            if self._lines == 1:
                self._header = _check_header(value)
            elif value.keys() == {"checkpoint"}:
                self._take_checkpoint(value["checkpoint"])
            elif self._bad_index is None and self._header is not None:
                self._take_entry(value, self._header["tenant"])
        except IntegrityError as error:
            self._refuse(error.message)

    def _take_checkpoint(self, note: Any) -> None:
        if self._note is not None:
            raise IntegrityError("the export holds more than one checkpoint")
        if not isinstance(note, str):
            raise IntegrityError("the checkpoint is not a string")
        self._note = note

    def _take_entry(self, value: dict[str, Any], tenant: str) -> None:
        index = self._frontier.size
        if self._note is not None:
            raise IntegrityError("there are lines after the checkpoint")
        if value.keys() != {"index", "data", "leaf_hash"} or not isinstance(value["data"], str):
            raise IntegrityError("the line is no entry (it needs index, data and leaf_hash)")
        if type(value["index"]) is not int or value["index"] != index:
            raise IntegrityError("an entry is missing, added or out of order here")
        data = _encode(value["data"])
        if value["leaf_hash"] != base64.b64encode(leaf_hash(data)).decode():
            raise IntegrityError("the entry does not match its leaf hash")
        fields = parse_entry(data)
        if fields["index"] != index:
            raise IntegrityError("the entry was written for another place in the log")
        if fields["tenant"] != tenant:
            raise IntegrityError("the entry belongs to another tenant")
        self._take_time(entry_time(fields), index)
        self._frontier = self._frontier.append(leaf_hash(data))

    def _take_time(self, at: datetime, index: int) -> None:
        if self._last_time is None:
            self._first_time = self._last_time = at
            return
        if at < self._last_time - CLOCK_SLACK and not self._warnings:
            self._warnings.append(f"entry {index}: its time lies more than a minute before an earlier entry's")
        self._last_time = max(self._last_time, at)

    def _refuse(self, message: str) -> None:
        if self._lines == 1:
            self._problems.append(f"header: {message}")
        elif self._note is not None:
            if message not in self._problems:
                self._problems.append(message)
        elif self._bad_index is None:
            self._bad_index = self._frontier.size
            self._problems.append(f"entry {self._bad_index}: {message}")

    def report(self, trusted: VerifierKey | None) -> ExportReport:
        """Judge the whole once all lines are read."""
        header = self._header
        if self._lines == 0:
            self._problems.append("the export is empty")
        if self._note is None:
            self._problems.append(
                f"the export is cut short after {self._frontier.size} entries: there is no checkpoint"
            )
        elif header is not None:
            self._check_checkpoint(header, self._note, trusted)
        return ExportReport(
            tenant="" if header is None else header["tenant"],
            origin="" if header is None else header["origin"],
            size=self._frontier.size,
            first_time=self._first_time,
            last_time=self._last_time,
            first_bad_index=self._bad_index,
            problems=tuple(self._problems),
            warnings=tuple(self._warnings),
        )

    def _check_checkpoint(self, header: dict[str, Any], note: str, trusted: VerifierKey | None) -> None:
        try:
            embedded = VerifierKey.parse(header["verifier_key"])
        except InvalidInputError as error:
            self._problems.append(f"header: {error.message}")
            return
        if trusted is None:
            self._warnings.append(
                "no verifier key was given: the key inside the export was used, which shows that the file fits "
                "itself, not who signed it"
            )
        elif trusted != embedded:
            self._problems.append("the export names another verifier key than the one you trust")
        try:
            verify_checkpoint(note, trusted or embedded)
        except IntegrityError as error:
            self._problems.append(f"checkpoint: {error.message}")
        try:
            self._check_head(header, read_checkpoint(note))
        except IntegrityError:
            return  # malformed: said above

    def _check_head(self, header: dict[str, Any], checkpoint: Checkpoint) -> None:
        if checkpoint.origin != header["origin"]:
            self._problems.append("the header names another log than the checkpoint")
        if not checkpoint.origin.endswith(f"/{header['tenant']}"):
            self._problems.append("the header names another tenant than the checkpoint")
        if checkpoint.head.size != header["size"]:
            self._problems.append("the header names another size than the checkpoint")
        if self._bad_index is not None:
            return
        size, signed = self._frontier.size, checkpoint.head.size
        if size != signed:
            self._bad_index = min(size, signed)
            what = "are missing from" if size < signed else "were added at"
            self._problems.append(
                f"entry {self._bad_index}: entries {what} the end: {size} are here, {signed} are signed for"
            )
        elif self._frontier.root() != checkpoint.head.root:
            self._problems.append(
                "the entries do not give the signed root: at least one was changed together with its leaf hash"
            )


def _line(value: dict[str, Any]) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")) + "\n"


def _parse_line(line: str) -> dict[str, Any]:
    if len(line) > MAX_LINE_CHARS:
        raise IntegrityError("the line is longer than any entry can be")
    try:
        value = json.loads(line, object_pairs_hook=_unique)
    except (ValueError, RecursionError) as error:
        raise IntegrityError("the line is not JSON") from error
    if not isinstance(value, dict):
        raise IntegrityError("the line is not a JSON object")
    return value


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) != len(pairs):
        raise ValueError("a key stands twice")
    return value


def _check_header(value: dict[str, Any]) -> dict[str, Any]:
    if value.get("format") != FORMAT:
        raise IntegrityError(f"this is no export of the format {FORMAT}")
    words = ("format", "origin", "verifier_key", "tenant")
    is_whole = value.keys() == {*words, "size"} and all(isinstance(value[word], str) for word in words)
    if not is_whole or type(value["size"]) is not int:
        raise IntegrityError("it needs exactly format, origin, verifier_key, tenant and size")
    return value


def _encode(text: str) -> bytes:
    try:
        return text.encode()
    except UnicodeEncodeError as error:
        raise IntegrityError("the entry is not valid Unicode") from error
