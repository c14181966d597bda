"""Evaluates a folder of sets (`data/`, `eval/` below it) and writes one report. Missing sets are named as skipped."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from outguard.bench.corpus import parse_json, read_lines
from outguard.bench.report import render_report
from outguard.bench.solved import SolvedReplies
from outguard.cli.eval_leaks import evaluate_leaks
from outguard.cli.eval_sets import Finder, SetRun, presidio_finder
from outguard.cli.judging import OfflineJudge, Source
from outguard.errors import ConfigError, InvalidInputError, UnavailableError

Say = Callable[[str], None]


@dataclass(frozen=True, kw_only=True, slots=True)
class SetFile:
    """A set of the folder: its name in the report, where it lies, and with which options it is run."""

    name: str
    path: str
    with_presidio: bool = False
    with_profiles: bool = False
    with_disguises: bool = True

    @property
    def command(self) -> str:
        """The exact command that gives this set's figures; DATA stands for the folder."""
        options = "".join(
            f" {option}"
            for option, is_on in (
                ("--profiles DATA/eval/profiles", self.with_profiles),
                ("--presidio", self.with_presidio),
                ("--disguise", self.with_disguises),
            )
            if is_on
        )
        return f"outguard eval DATA/{self.path}{options}"


def _scenarios(name: str, path: str) -> SetFile:
    return SetFile(name=name, path=path, with_profiles=True, with_disguises=False)


SETS = (
    _scenarios("replies_dev", "eval/replies_dev.jsonl.gz"),
    *(_scenarios(f"train/{name}", f"eval/train/{name}.jsonl.gz") for name in ("finance", "digital", "hospitality")),
    _scenarios("train/essential", "eval/train/essential.jsonl.gz"),
    SetFile(name="synth_v2", path="data/presidio-research/synth_v2.jsonl.gz", with_presidio=True),
    SetFile(
        name="generated_large",
        path="data/presidio-research/generated_large_even_templates.jsonl.gz",
        with_presidio=True,
        with_disguises=False,
    ),
    SetFile(name="recognizer-tests", path="data/presidio-recognizer-tests/cases.jsonl.gz", with_presidio=True),
    SetFile(name="secrets-gitleaks", path="data/secrets-gitleaks/cases.jsonl.gz"),
    SetFile(name="secrets-detect-secrets", path="data/secrets-detect-secrets/cases.jsonl.gz"),
    SetFile(name="secrets-secretlint", path="data/secrets-secretlint/cases.jsonl.gz"),
)
DIALOGUES = "data/tau2-bench/dialogues.jsonl.gz"
LEAKS = "data/tau2-bench/banking_docs.jsonl.gz"
LEAKS_COMMAND = f"outguard eval DATA/{LEAKS} --leaks"
REPLAY_COMMAND = f"outguard replay DATA/{DIALOGUES} --approve wanted"


def evaluate_folder(folder: Path, source: Source, report: Path | None, *, say: Say) -> dict[str, Any]:
    """Run every set that is there; the results by set, and the report if a path is given.

    Raises:
        InvalidInputError: if the folder holds none of the sets.
        ConfigError: if the report cannot be written.
    """
    present = [item for item in SETS if (folder / item.path).is_file()]
    skipped = [item.path for item in SETS if item not in present]
    if not present and not any((folder / name).is_file() for name in (DIALOGUES, LEAKS)):
        raise InvalidInputError("the folder holds none of the sets: it needs data/ or eval/ below it")
    profiles = folder / "eval" / "profiles"
    judges = _Judges(source, source.profiles or (profiles if profiles.is_dir() else None))
    sets: dict[str, Any] = {}
    rival = presidio_finder() if any(item.with_presidio for item in present) else None
    for item in present:
        say(f"evaluating {item.name} ...")
        sets[item.name] = {"command": item.command, **_run(folder / item.path, item, judges, rival)}
    replayed = None
    if (folder / DIALOGUES).is_file():
        say("replaying the conversations ...")
        replayed = {"command": REPLAY_COMMAND, **_replay(folder / DIALOGUES, source)}
    else:
        skipped.append(DIALOGUES)
    leaks = None
    if (folder / LEAKS).is_file():
        say("pasting documents ...")
        leaks = {"command": LEAKS_COMMAND, **evaluate_leaks(folder / LEAKS, source)}
    else:
        skipped.append(LEAKS)
    result = {
        "date": datetime.now(UTC).date().isoformat(),
        "sets": sets,
        "replay": replayed,
        "leaks": leaks,
        "skipped": skipped,
        "failed": sum(part["failed"] for part in sets.values()),
    }
    if report is not None:
        _write(report, result)
        say(f"wrote {report}")
    return result


class _Judges:
    """The judge with the scenarios' profiles for scenarios, with the shipped ones for the open sets."""

    def __init__(self, source: Source, profiles: Path | None) -> None:
        self._source = source
        self._profiles = profiles
        self._made: dict[bool, OfflineJudge] = {}

    def get(self, *, with_profiles: bool) -> OfflineJudge:
        """The judge, made once."""
        if with_profiles not in self._made:
            self._made.clear()
            profiles = self._profiles if with_profiles else self._source.profiles
            self._made[with_profiles] = OfflineJudge(replace(self._source, profiles=profiles))
        return self._made[with_profiles]


def _run(path: Path, item: SetFile, judges: _Judges, rival: Finder | None) -> dict[str, Any]:
    judge = judges.get(with_profiles=item.with_profiles)
    run = SetRun(judge, rival=rival if item.with_presidio else None, is_disguised=item.with_disguises)
    run.add_file(str(path))
    return run.summary()


def _replay(path: Path, source: Source) -> dict[str, Any]:
    """The replay as its own command runs it: a server of its own, every event through the client.

    Raises:
        UnavailableError: if it gave no summary.
    """
    options = [] if source.rules is None else ["--rules", str(source.rules)]
    options += [] if source.model is None else ["--model", source.model]
    with TemporaryDirectory() as folder:
        rows = Path(folder) / "rows.jsonl"
        command = [sys.executable, "-m", "outguard", "replay", str(path), "--approve", "wanted", "--out", str(rows)]
        done = subprocess.run([*command, *options], stdout=subprocess.PIPE, check=False)  # noqa: S603 - our own command
        try:
            summary: dict[str, Any] = json.loads(done.stdout)
        except ValueError:
            raise UnavailableError("the replay ended without a summary") from None
        solved = SolvedReplies()
        for line in read_lines(str(rows)):
            solved.add(parse_json(line))
    return {**summary, "solved": solved.summary()}


def _write(report: Path, result: Mapping[str, Any]) -> None:
    try:
        before = report.read_text(encoding="utf-8") if report.exists() else ""
        report.write_text(render_report(result, before), encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"cannot write {report}") from error
