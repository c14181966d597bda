"""Exports: an honest one passes, every spoiled one is named with its first bad entry, offline and in small memory."""

from __future__ import annotations

import base64
import json
import tracemalloc
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from fake_log import START, Log, make_log

from outguard.audit.entry import build_entry
from outguard.audit.export import checkpoint_line, entry_line, header_line, verify_export
from outguard.audit.merkle import Frontier, leaf_hash
from outguard.domain.audit import EntryDraft, EntryKind, TreeHead
from outguard.errors import IntegrityError, InvalidInputError


def spoil(line: str, **fields: Any) -> str:
    return json.dumps(json.loads(line) | fields, ensure_ascii=False) + "\n"


def rewrite(line: str, old: str, new: str) -> str:
    """Change an entry's bytes and make its leaf hash fit again, as a forger would."""
    data = json.loads(line)["data"].replace(old, new)
    return entry_line(json.loads(line)["index"], data.encode())


def check(log: Log, lines: list[str]) -> tuple[int | None, str]:
    report = verify_export(lines, verifier_key=log.verifier_key)
    assert not report.is_valid
    return report.first_bad_index, "; ".join(report.problems)


@pytest.mark.parametrize("size", [0, 1, 7, 8])
def test_honest_export_is_valid(size: int) -> None:
    log = make_log(size=size)
    report = verify_export(log.lines(), verifier_key=log.verifier_key)
    assert report.is_valid, report.problems
    assert (report.size, report.tenant, report.origin) == (size, "default", log.origin)
    assert report.warnings == ()
    assert report.first_bad_index is None
    if size:
        assert (report.first_time, report.last_time) == (START, START + timedelta(seconds=size - 1))


def test_embedded_key_alone_is_warned_of(log: Log) -> None:
    report = verify_export(log.lines(), verifier_key=None)
    assert report.is_valid
    assert "no verifier key was given" in report.warnings[0]


def test_changed_byte_names_its_entry(log: Log) -> None:
    lines = log.lines()
    lines[4] = lines[4].replace("ALLOW", "REDACT")
    assert check(log, lines) == (3, "entry 3: the entry does not match its leaf hash")


def test_change_with_a_fitting_leaf_hash_breaks_the_root(log: Log) -> None:
    lines = log.lines()
    lines[4] = rewrite(lines[4], "ALLOW", "REDACT")
    index, problems = check(log, lines)
    assert index is None
    assert "do not give the signed root" in problems


@pytest.mark.parametrize("dropped", [0, 3, 5])
def test_dropped_entry_is_named(log: Log, dropped: int) -> None:
    lines = log.lines()
    del lines[1 + dropped]
    assert check(log, lines) == (dropped, f"entry {dropped}: an entry is missing, added or out of order here")


def test_dropped_entry_is_named_though_the_rest_is_renumbered(log: Log) -> None:
    lines = log.lines()
    del lines[3]
    lines[3:-1] = [spoil(line, index=at) for at, line in enumerate(lines[3:-1], 2)]
    assert check(log, lines) == (2, "entry 2: the entry was written for another place in the log")


def test_dropped_last_entry_is_named(log: Log) -> None:
    lines = log.lines()
    del lines[-2]
    index, problems = check(log, lines)
    assert index == 6
    assert "missing from the end: 6 are here, 7 are signed for" in problems


def test_reordered_entries_are_named(log: Log) -> None:
    lines = log.lines()
    lines[3], lines[4] = lines[4], lines[3]
    assert check(log, lines)[0] == 2


def test_added_entry_is_named(log: Log) -> None:
    lines = log.lines()
    lines.insert(3, lines[2])
    assert check(log, lines)[0] == 2


def test_entry_added_at_the_end_is_named(log: Log) -> None:
    lines = log.lines()
    lines.insert(-1, make_log(size=8).lines()[8])
    index, problems = check(log, lines)
    assert index == 7
    assert "added at the end: 8 are here, 7 are signed for" in problems


def test_truncated_export_is_named(log: Log) -> None:
    assert check(log, log.lines()[:4]) == (
        None,
        "the export is cut short after 3 entries: there is no checkpoint",
    )


def test_half_a_line_is_named(log: Log) -> None:
    lines = log.lines()[:4]
    lines[3] = lines[3][:40]
    index, problems = check(log, lines)
    assert index == 2
    assert "entry 2: the line is not JSON" in problems


def test_empty_file_is_invalid(log: Log) -> None:
    assert "the export is empty" in check(log, [])[1]


def test_forged_log_under_another_key_is_refused(log: Log) -> None:
    forged = make_log(seed=2)
    _, problems = check(log, forged.lines())
    assert "another verifier key than the one you trust" in problems
    assert "not signed by the expected key" in problems
    assert verify_export(forged.lines(), verifier_key=None).warnings


def test_forged_log_that_names_the_trusted_key_is_refused(log: Log) -> None:
    lines = make_log(seed=2).lines()
    lines[0] = spoil(lines[0], verifier_key=log.verifier_key)
    assert "not signed by the expected key" in check(log, lines)[1]


def test_old_checkpoint_does_not_cover_a_changed_log(log: Log) -> None:
    lines = log.lines()
    lines[-1] = make_log(size=5).lines()[-1]
    index, problems = check(log, lines)
    assert index == 5
    assert "the header names another size than the checkpoint" in problems


def test_log_of_another_tenant_is_refused(log: Log) -> None:
    assert "another verifier key" in check(log, make_log("rival").lines())[1]


def test_entries_of_another_tenant_are_named(log: Log) -> None:
    lines = log.lines()
    lines[2] = make_log("rival").lines()[2]
    assert check(log, lines) == (1, "entry 1: the entry belongs to another tenant")


def test_header_of_another_tenant_is_refused() -> None:
    log = make_log(size=0)
    lines = log.lines()
    lines[0] = spoil(lines[0], tenant="rival")
    assert "the header names another tenant than the checkpoint" in check(log, lines)[1]


def test_header_of_another_log_is_refused(log: Log) -> None:
    lines = log.lines()
    lines[0] = spoil(lines[0], origin="elsewhere/default")
    assert "the header names another log than the checkpoint" in check(log, lines)[1]


@pytest.mark.parametrize(
    "header",
    [
        "nonsense\n",
        "[]\n",
        "{}\n",
        '{"format": "outguard-audit-export/2"}\n',
        '{"format": "outguard-audit-export/1"}\n',
        header_line(origin="o", verifier_key="k", tenant="t", size=0).replace(":0}", ':"0"}'),
        header_line(origin="o", verifier_key="k", tenant="t", size=0).replace('"t"', "7"),
        header_line(origin="o", verifier_key="no key", tenant="default", size=7),
    ],
)
def test_bad_header_is_refused(log: Log, header: str) -> None:
    assert "header: " in check(log, [header, *log.lines()[1:]])[1]


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("7\n", "not a JSON object"),
        ("[" * 100_000, "not JSON"),
        ('{"index":0,"index":0,"data":"","leaf_hash":""}', "not JSON"),
        ('{"index":0}', "no entry"),
        ('{"index":0,"data":7,"leaf_hash":""}', "no entry"),
        ('{"index":true,"data":"","leaf_hash":""}', "out of order"),
        ('{"index":0,"data":"\\ud800","leaf_hash":""}', "valid Unicode"),
        (entry_line(0, b"{}"), "fields of schema version 1"),
        (" " * 8_000_000, "longer"),
    ],
)
def test_line_that_is_no_entry_is_named(log: Log, line: str, message: str) -> None:
    lines = log.lines()
    lines[1] = line
    index, problems = check(log, lines)
    assert index == 0
    assert problems.startswith("entry 0: ")
    assert message in problems


@pytest.mark.parametrize(
    ("tail", "message"),
    [
        ([checkpoint_line("x")], "more than one checkpoint"),
        ([entry_line(0, b"{}")] * 50, "lines after the checkpoint"),
        (["nonsense"] * 50, "not JSON"),
    ],
)
def test_lines_after_the_checkpoint_are_refused_once(log: Log, tail: list[str], message: str) -> None:
    problems = check(log, log.lines() + tail)[1]
    assert problems.count(message) == 1


@pytest.mark.parametrize("note", [7, "", "no note\n", "\ud800"])
def test_malformed_checkpoint_is_refused(log: Log, note: Any) -> None:
    lines = log.lines()
    lines[-1] = json.dumps({"checkpoint": note})
    assert "checkpoint" in check(log, lines)[1]


def test_trusted_key_must_be_one(log: Log) -> None:
    with pytest.raises(InvalidInputError):
        verify_export(log.lines(), verifier_key="nonsense")


def test_time_that_runs_back_is_warned_of_once() -> None:
    log = make_log(size=0)
    moments = (600, 590, 0, 0)
    drafts = (
        EntryDraft(kind=EntryKind.ITEM_RULED, principal_id="p", at=START + timedelta(seconds=at), subject_id="s")
        for at in moments
    )
    entries = tuple(build_entry(draft, "default", index) for index, draft in enumerate(drafts))
    odd = Log(tenant="default", signer=log.signer, entries=entries)
    report = verify_export(odd.lines(), verifier_key=odd.verifier_key)
    assert report.is_valid
    assert report.warnings == ("entry 2: its time lies more than a minute before an earlier entry's",)


def test_damaged_stored_bytes_are_not_exported() -> None:
    with pytest.raises(IntegrityError, match="entry 3"):
        entry_line(3, b"\xff")


def test_no_report_repeats_content(log: Log) -> None:
    lines = log.lines()
    lines[2] = spoil(lines[2], data="call me on 555-0100")
    assert "555" not in check(log, lines)[1]


def test_memory_does_not_grow_with_the_log() -> None:
    """Peak memory for 1,000 entries stays within a small constant of that for 100."""
    signer = make_log().signer
    origin = "outguard.example/prod/default"
    key = signer.verifier_key(origin)

    def lines(size: int) -> Iterator[str]:
        frontier = Frontier()
        draft = EntryDraft(kind=EntryKind.ITEM_RULED, principal_id="p", at=START, subject_id="s" * 200)
        yield header_line(origin=origin, verifier_key=key, tenant="default", size=size)
        for index in range(size):
            data = build_entry(draft, "default", index).data
            frontier = frontier.append(leaf_hash(data))
            yield entry_line(index, data)
        yield checkpoint_line(signer.sign(origin, TreeHead(size=size, root=frontier.root())))

    def peak(size: int) -> int:
        tracemalloc.start()
        try:
            assert verify_export(lines(size), verifier_key=key).is_valid
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

    peak(10)
    assert peak(1_000) < peak(100) + 100_000


def test_export_is_lines_of_readable_text(log: Log) -> None:
    lines = log.lines()
    assert len(lines) == 9
    assert all(line.endswith("\n") and line.count("\n") == 1 for line in lines)
    assert "naïve ✓" in lines[1]
    assert base64.b64decode(json.loads(lines[1])["leaf_hash"]) == log.entries[0].leaf_hash


def test_only_the_first_bad_entry_is_named(log: Log) -> None:
    lines = log.lines()
    lines[2] = lines[4] = "nonsense"
    assert check(log, lines) == (1, "entry 1: the line is not JSON")
