"""What a new company would meet: measure the judge on industries that nothing was learnt from, and learn the weights.

Usage: python scripts/train/unseen.py DATA [--models DIR] [--base BERT --trunk NET.pt [--train ARGS]] [--write]
DATA holds `eval/` (labelled replies, sentences, profiles; docs/labels.md) and `data/` (span sets). For each industry a
sentence model is trained without its replies and sentences (unless DIR has NAME.yaml; a minute each) and, with
`--base`, an encoder as the shipped one is (unless DIR has NAME/outguard_en; ten minutes and more), from the net that
`make train` makes without any of them (OUT/trunk/net.pt). The weights of signs (`detectors/commitments_weights*.yaml`,
`internal.yaml`'s prose) are learnt from the other industries' replies and the written companies', each read by the
models that had not seen it (the companies lie in four shares; DIR may hold a share's encoder too), and the whole judge
is run on the industry. Prints the tables: without language model and, where DIR has encoders, with it. `--write` puts
a linear model and weights learnt from everything into the rules. Needs the `train` extra.
"""

from __future__ import annotations

import argparse
import gzip
import json
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import yaml
from evaluate import Count
from glossed import in_english
from industries import HERE, PROFILES, SHARES, STEMS, WRITTEN, kin_of, read, reply_files, sentence_rows, share_of
from learn_net import learn_net
from learn_types import Choice, learn_types
from sklearn.feature_extraction import DictVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import StandardScaler

from outguard.bench.corpus import parse_json, read_lines
from outguard.bench.sample import parse_sample
from outguard.bench.score import Scorer, match_spans
from outguard.bootstrap import rules_of
from outguard.cli.judging import OfflineJudge, Source, span_of
from outguard.cli.scenario import Scenario, parse_scenario
from outguard.detection.commitments.clauses import Clause, clauses
from outguard.detection.commitments.course import BESIDE, Course
from outguard.detection.commitments.lexicon import load_lexicon
from outguard.detection.commitments.linear import MODEL_FILE, load
from outguard.detection.commitments.net import dump
from outguard.detection.commitments.quotes import is_quoted, quoted_spans
from outguard.detection.commitments.rank import CANDIDATES, type_signs
from outguard.detection.commitments.read import Folded, Reader
from outguard.detection.commitments.scorer import NO_TYPE
from outguard.detection.commitments.sentences import SentenceReader
from outguard.detection.commitments.weigh import (
    MODEL_WEIGHTS_FILE,
    PART,
    WEIGHTS_FILE,
    Surroundings,
    may_matter,
    signs,
)
from outguard.detection.internal_parts.blocks import find_blocks, overlaps
from outguard.detection.internal_parts.patterns import INTERNAL_FILE, InternalPatterns, load_patterns
from outguard.detection.internal_parts.prose import leak_signs, place_of
from outguard.detection.neural.model import NeuralModel
from outguard.detection.neural.scorer import NeuralSentenceReader
from outguard.detection.neural.shared import SharedReader
from outguard.domain.context import ReplyContext
from outguard.domain.policy import Policy
from outguard.flows.evaluate_reply import profile_of
from outguard.policy.compile import compile_policy

ABOUT = "support sentences and replies written for outguard; tau2-bench dialogues (MIT)"
LEAN, HEARD_LEAN, SCREEN_LEAN = -1.4, -0.8, 0.0
"""Added to the log odds that a clause binds, without and with a language model: the written companies bind more often
and more quietly than most. Chosen on the industries left out and on replies_dev, for ALLOW against QUARANTINE."""
LEAKS = frozenset({"INTERNAL_NOTE", "SYSTEM_PROMPT", "REASONING", "OTHER_CUSTOMER"})
Signs = tuple[Mapping[str, float], int]
Rows = tuple[list[Signs], list[Signs], list[Choice]]
"""Clauses with what they do, sentences with whether they leak, and clauses with their type."""


@dataclass(frozen=True, slots=True)
class Fold:
    """What had not seen an industry: a linear sentence model and, where there is one, an encoder's folder."""

    linear: str
    encoder: Path | None

    def reader(self, *, heard: bool) -> SentenceReader:
        """Reads sentences with the linear model or, `heard`, with both."""
        linear = load(self.linear)
        if not heard or self.encoder is None:
            return SentenceReader(linear)
        return NeuralSentenceReader(SharedReader(NeuralModel(self.encoder)), linear)


def fold_without(industry: str, options: argparse.Namespace) -> Fold:
    """The models that saw nothing of `industry`, trained now where `--models` does not hold them."""
    linear, folder = options.models / f"{industry}.yaml", options.models / industry
    options.models.mkdir(parents=True, exist_ok=True)
    if not linear.exists():
        train_linear(linear, options.data, industry)
    if options.base and industry in STEMS and not (folder / "outguard_en" / "hashes.json").exists():
        train_encoder(folder, options, industry)
    encoder = folder / "outguard_en"
    return Fold(linear.read_text(encoding="utf-8"), encoder if (encoder / "hashes.json").exists() else None)


def train_linear(path: Path, data: Path, *skip: str, about: str = "") -> None:
    """Write the linear sentence model that is trained without the industries of `skip`."""
    labelled = data / "eval" / "train"
    with tempfile.TemporaryDirectory() as folder:
        kept, replies = Path(folder) / "sentences.jsonl.gz", Path(folder) / "replies.jsonl.gz"
        with gzip.open(kept, "wt", encoding="utf-8") as out:
            out.writelines(json.dumps(row) + "\n" for row in sentence_rows(labelled, skip))
        with gzip.open(replies, "wt", encoding="utf-8") as out:
            rows = (row for path in reply_files(labelled, skip).values() for row in read(path))
            out.writelines(json.dumps(in_english(row)) + "\n" for row in rows)
        dialogues = data / "data" / "tau2-bench" / "dialogues.jsonl.gz"
        command = [sys.executable, str(HERE.parent / "train_commitments.py"), str(kept), "--out", str(path)]
        command += ["--about", about, "--replies", str(replies)]
        command += ["--dialogues", str(dialogues)] if dialogues.exists() else []
        subprocess.run(command, check=True)  # noqa: S603 - our own script


def train_encoder(folder: Path, options: argparse.Namespace, industry: str) -> None:
    """Train, export and calibrate an encoder without `industry`, as `make train` does with all."""
    data, labelled = str(options.data / "data"), str(options.data / "eval" / "train")
    out, net, base = str(folder / "outguard_en"), folder / "net.pt", str(options.base)
    steps = [
        ["train.py", "--data", data, "--labelled", labelled, "--base", base, "--start", str(options.trunk)],
        ["export.py", str(net), "--base", base, "--out", out],
        ["calibrate.py", out, "--data", data],
    ]
    steps[0] += ["--out", str(folder), "--skip", industry, *options.train.split()]
    for step in steps:
        subprocess.run([sys.executable, str(HERE / step[0]), *step[1:]], check=True)  # noqa: S603 - our own scripts


def replies_of(industry: str, data: Path) -> Path:
    """The industry's labelled replies."""
    return data / "eval" / "train" / f"{industry}.jsonl.gz"


class Learner:
    """Turns labelled replies into signs with labels, and those into weights."""

    def __init__(self, files: Mapping[str, str], policy: Policy) -> None:
        self._policy = policy
        self._reader = Reader(load_lexicon(files))
        self._patterns: InternalPatterns = load_patterns(files)

    def signs(self, path: Path, reader: SentenceReader) -> Rows:
        """Of all clauses what they do (0 nothing, 1 state terms, 2 bind), of all sentences whether they leak."""
        deeds: list[Signs] = []
        leaks: list[Signs] = []
        kinds: list[Choice] = []
        for line in read_lines(str(path)):
            value = in_english(parse_json(line))
            text = value["reply"].get("text")
            if not text:
                continue
            scenario = parse_scenario(value)
            spans = [span for span in value["expected"]["spans"] if span.get("start") is not None]
            for told, kind in self._deeds(text, scenario, spans, reader):
                deeds.append(told)
                kinds += [kind] if kind else []
            leaks.extend(self._leaks(text, scenario, spans, reader))
        return deeds, leaks, kinds

    def _deeds(
        self, text: str, scenario: Scenario, spans: Sequence[Any], reader: SentenceReader
    ) -> Iterator[tuple[Signs, Choice | None]]:
        around = Surroundings.of(scenario.ledger, profile_of(self._policy, scenario.profile))
        quotes, last = quoted_spans(text), len(text.rstrip())
        spans = [span for span in spans if span["category"] == "commitment"]
        sentences = reader.read(text)
        course = Course(sentences, around)
        for number, sentence in enumerate(sentences):
            pieces = clauses(sentence.clause)
            parts = reader.score(pieces) if len(pieces) > 1 else []
            for scored, level in [(sentence, int(bool(parts))), *((part, PART) for part in parts)]:
                clause = scored.clause
                if may_matter(scored.acts, around) and not is_quoted(clause.start, clause.end, quotes):
                    folded = Folded(clause.text)
                    is_last = clause.end >= last
                    found = signs(clause, scored.acts, folded, self._reader, around, level=level, is_last=is_last)
                    found |= course.signs(number, scored.acts, is_part=level == PART)
                    beside = sentence.acts if level == PART else None, course.before(number)
                    cues, said = self._reader.cues(folded), frozenset(folded.tokens)
                    kinds = type_signs(scored.acts, cues, found, around, words=said, beside=beside)
                    yield (found, _does(clause, spans)), _kind(clause, spans, dict(kinds))

    def _leaks(self, text: str, scenario: Scenario, spans: Sequence[Any], reader: SentenceReader) -> Iterator[Signs]:
        context = ReplyContext(
            recipient=scenario.reply.recipient,
            customer=scenario.customer,
            profile=profile_of(self._policy, scenario.profile),
            ledger=scenario.ledger,
            now=datetime.now(UTC),
        )
        hints = self._patterns.hints.of(text)
        covered, scored = find_blocks(text, self._patterns, hints), reader.read(text)
        place = place_of(text, scored, hints, self._patterns, context)
        spans = [span for span in spans if span["type"] in LEAKS]
        for number, one in enumerate(scored):
            clause = one.clause
            if one.acts.leaking >= 0.015 and not overlaps(covered, clause.start, clause.end):
                yield leak_signs(scored, number, place), int(any(_shares(clause, span, 0.5) for span in spans))


def _shares(clause: Clause, span: Mapping[str, Any], least: float) -> bool:
    shared = min(clause.end, span["end"]) - max(clause.start, span["start"])
    return bool(shared > 0 and shared >= least * min(clause.end - clause.start, span["end"] - span["start"]))


def _does(clause: Clause, spans: Sequence[Mapping[str, Any]]) -> int:
    met = [span for span in spans if _shares(clause, span, 0.5)]
    return max((1 if span["status"] == "within_authority" else 2 for span in met), default=0)


def _kind(clause: Clause, spans: Sequence[Mapping[str, Any]], signs: Mapping[str, dict[str, float]]) -> Choice | None:
    """The types that the clause may be of, and which it is; None where that is none or several."""
    told = {span["type"] for span in spans if _shares(clause, span, 0.5)}
    return (list(signs.values()), CANDIDATES.index(told.pop())) if len(told) == 1 else None


def learn(rows: Sequence[Signs], strength: float) -> tuple[dict[str, list[float]], list[float]]:
    """Weights by sign, one for each label but 0, and their biases."""
    often = Counter(name for found, _ in rows for name, value in found.items() if value)
    names = sorted(name for name, times in often.items() if times >= 8)
    kept = set(names)
    signs_of = [{name: float(value) for name, value in found.items() if name in kept} for found, _ in rows]
    table = DictVectorizer(sort=True).fit_transform(signs_of)  # sparse: a clause has few of the signs
    scaler = StandardScaler(with_mean=False).fit(table)
    fitted = LogisticRegression(C=strength, max_iter=800).fit(scaler.transform(table), [label for _, label in rows])
    weights, bias = fitted.coef_ / scaler.scale_, fitted.intercept_
    if len(bias) > 1:
        weights, bias = weights[1:] - weights[0], bias[1:] - bias[0]
    return {name: weights[:, at].tolist() for at, name in enumerate(names)}, bias.tolist()


def with_weights(files: Mapping[str, str], rows: Rows, heard: Rows | None) -> dict[str, str]:
    """The rule files with weights learnt from these rows, and from those that an encoder heard too."""
    learnt = {**files, WEIGHTS_FILE: _table(rows[0], rows[2], "no language model heard", LEAN)}
    if heard:
        learnt[MODEL_WEIGHTS_FILE] = _table(heard[0], heard[2], "a language model heard too", HEARD_LEAN)
    before, _, _ = files[INTERNAL_FILE].partition("    weights: {")
    learnt[INTERNAL_FILE] = before + _leaks("weights", rows[1]) + (_leaks("heard_weights", heard[1]) if heard else "")
    return learnt


def _table(deeds: Sequence[Signs], kinds: Sequence[Choice], of: str, lean: float) -> str:
    weights, bias = learn([({k: v for k, v in found.items() if k not in BESIDE}, does) for found, does in deeds], 0.02)
    bias[1] += SCREEN_LEAN
    kept = {name: [_short(x) for x in pair] for name, pair in weights.items() if max(map(abs, pair)) >= 0.01}
    head = f"# What each sign of a clause that {of} weighs for stating terms and for binding\n"
    head += "# (scripts/train/unseen.py learns them from labelled replies that the sentence models had not seen).\n"
    head += "# A sign that is not named weighs nothing.\n"
    net = dump(*learn_net(deeds, lean))
    tree = {
        "commitments_weights": {
            "bias": [_short(x) for x in bias],
            "weights": kept,
            "net": net,
            "types": learn_types(kinds),
        }
    }
    return head + yaml.safe_dump(tree, default_flow_style=None, width=120)


def _leaks(name: str, leaks: Sequence[Signs]) -> str:
    weights, bias = learn(leaks, 0.03)
    one = {"bias": _short(bias[0])} | {sign: _short(pair[0]) for sign, pair in weights.items()}
    body = yaml.safe_dump(one, default_flow_style=True, width=100).strip().replace("\n", "\n            ")
    return f"    {name}: {body}\n"


def _short(number: float) -> float:
    return float(f"{number:.3g}")


def measure(files: Mapping[str, str], data: Path, path: Path, model: str) -> list[str]:
    """The table's row of the judge with these rules and this language model (`none`: without) on one set."""
    with tempfile.TemporaryDirectory() as folder:
        for name, text in files.items():
            file = Path(folder) / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, encoding="utf-8")
        judge = OfflineJudge(Source(rules=Path(folder), profiles=data / "eval" / "profiles", model=model))
    scorer = Scorer()
    wanted = got = met = 0
    for line in read_lines(str(path)):
        sample, answer = parse_sample(parse_json(line)), judge.answer(line)
        found = [span_of(row) for row in answer["findings"]]
        scorer.add(sample.expected, answer["verdict"], found, answer["elapsed_ms"])
        tallies = match_spans(sample.expected.spans, found)
        for (category, _), tally in tallies.items():
            if category == "commitment":
                wanted += tally.met + tally.missed
                got += tally.met + tally.wrong
                met += tally.status_right
    summary = scorer.summary()
    verdict, tree = summary["verdict"], summary["categories"]
    inside = [tree.get(name, {}) for name in ("internal", "identity")]
    total = {key: sum(part.get(key) or 0 for part in inside) for key in ("met", "labelled", "found")}
    rates = (verdict["allow_kept"], verdict["quarantine_recall"], verdict["accuracy"], 2 * met / max(wanted + got, 1))
    rates += (total["met"] / max(total["labelled"], 1), total["met"] / max(total["found"], 1))
    return [f"{rate:.3f}" for rate in rates]


def measure_types(path: Path, reader: SentenceReader) -> list[str]:
    """Macro F1 of commitment types on the very words of the set's commitments: the encoder's, and of both together."""
    alone: dict[str, Count] = {}
    both: dict[str, Count] = {}
    for line in read_lines(str(path)):
        value = in_english(parse_json(line))
        text = value["reply"].get("text") or ""
        spans = [span for span in value["expected"]["spans"] if span["category"] == "commitment"]
        if not text or not spans:
            continue
        before = reader.read(text)
        for span in spans:
            prev = max((one.clause for one in before if one.clause.start <= span["start"]), default=None)
            clause = Clause(span["start"], span["end"], text[span["start"] : span["end"]], prev.prev if prev else "")
            (scored,) = reader.score([clause])
            for counts, acts in ((both, scored.acts), (alone, scored.acts.heard or scored.acts)):
                _tell(counts, span["type"], max((n for n in acts.types if n != NO_TYPE), key=acts.types.__getitem__))
    rates = [sum(each.f1 for each in counts.values()) / max(len(counts), 1) for counts in (alone, both)]
    right = [sum(each.right for each in counts.values()) for counts in (alone, both)]
    total = sum(each.right + each.missed for each in both.values())
    return [f"{rate:.3f}" for rate in (*rates, *(each / max(total, 1) for each in right))]


def _tell(counts: dict[str, Count], gold: str, heard: str) -> None:
    for kind in (gold, heard):
        counts.setdefault(kind, Count())
    counts[gold].right += gold == heard
    counts[gold].missed += gold != heard
    counts[heard].wrong += gold != heard


VERDICTS = "ALLOW kept | QUARANTINE recall | accuracy | commitment F1 | inside recall | precision"
KINDS = "types macro F1, encoder | both | types right, encoder | both"


def table(title: str, rows: Mapping[str, list[str]]) -> None:
    """Print a table."""
    print(f"\n| set left out | {title} |")
    print("|---|" + "---:|" * (title.count("|") + 1))
    for name, cells in rows.items():
        print(f"| {name} | " + " | ".join(cells) + " |", flush=True)


def main() -> None:
    """Train what is missing, learn, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("--models", type=Path, default=Path("var/unseen"), help="where the models are kept")
    parser.add_argument("--base", type=Path, help="train the encoders that are missing from this BERT checkpoint")
    parser.add_argument("--trunk", type=Path, help="the net to go on from, trained without any of the industries")
    parser.add_argument("--train", default="", help="more arguments for train.py")
    parser.add_argument("--write", action="store_true", help="put what all industries teach into rules/")
    options = parser.parse_args()
    if options.base and not options.trunk:
        parser.error("--base needs --trunk")
    files = rules_of(None, options.data / "eval" / "profiles")
    folds = {name: fold_without(name, options) for name in (*STEMS, *SHARES)}
    paths = {name: replies_of(name, options.data) for name in STEMS}
    lessons = learnt_from(files, folds, paths)
    if any(fold.encoder for fold in folds.values()):
        heard = {name: fold.reader(heard=True) for name, fold in folds.items() if fold.encoder}
        table(KINDS, {name: measure_types(paths[name], heard[name]) for name in STEMS if name in heard})
    plain, both = {}, {}
    for name in STEMS:
        learnt = with_weights(files, *lessons.without(name))
        learnt[MODEL_FILE] = folds[name].linear
        plain[name] = measure(learnt, options.data, paths[name], "none")
        if folds[name].encoder:
            both[name] = measure(learnt, options.data, paths[name], str(folds[name].encoder))
    table(f"{VERDICTS} (no language model)", plain)
    if both:
        table(f"{VERDICTS} (with the language model)", both)
    if options.write:
        learnt = with_weights(files, *lessons.without(""))
        rules = HERE.parents[1] / "rules"
        for name in (WEIGHTS_FILE, MODEL_WEIGHTS_FILE, INTERNAL_FILE):
            if name in learnt:
                (rules / name).write_text(learnt[name], encoding="utf-8")
        train_linear(rules / MODEL_FILE, options.data, about=ABOUT)


@dataclass(frozen=True, slots=True)
class Lessons:
    """The signs of each set of replies: by its industry, and by what had not seen it (`heard`: an encoder too)."""

    plain: Mapping[str, Rows]
    heard: Mapping[str, Rows]
    kin: Mapping[str, str]

    def without(self, industry: str) -> tuple[Rows, Rows | None]:
        """The rows that neither the industry nor a company near it has a part in."""
        kept = [
            _joined(rows, [name for name in rows if self.kin[name] != industry]) for rows in (self.plain, self.heard)
        ]
        return kept[0], kept[1] if kept[1][0] else None


def learnt_from(files: Mapping[str, str], folds: Mapping[str, Fold], paths: Mapping[str, Path]) -> Lessons:
    """The signs of the industries and the written companies, each read by the models that had not seen it."""
    written = {path.stem: path for path in sorted(WRITTEN.glob("*.jsonl"))}
    fold_of = {name: folds[name] for name in paths} | {name: folds[share_of(name)] for name in written}
    kin = {name: name for name in paths} | {name: kin_of(path) for name, path in written.items()}
    packs = {name: text for name, text in files.items() if name.startswith("detectors/")}
    ours = Learner(packs, compile_policy(files))
    theirs = Learner(packs, compile_policy(rules_of(None, PROFILES)))
    plain: dict[str, Rows] = {}
    heard: dict[str, Rows] = {}
    for name, path in (paths | written).items():
        learner, fold = ours if name in paths else theirs, fold_of[name]
        plain[name] = learner.signs(path, fold.reader(heard=False))
        hearing = fold if fold.encoder else folds.get(kin[name], fold)  # what leaves an industry out leaves its kin out
        if hearing.encoder:
            heard[name] = learner.signs(path, hearing.reader(heard=True))
    return Lessons(plain, heard, kin)


def _joined(rows: Mapping[str, Rows], names: Iterable[str]) -> Rows:
    kept = list(names)
    deeds, leaks = ([row for name in kept for row in rows[name][at]] for at in (0, 1))
    return deeds, leaks, [row for name in kept for row in rows[name][2]]


if __name__ == "__main__":
    main()
