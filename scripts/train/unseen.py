"""What a new company would meet: measure the rules on industries that nothing was learnt from, and learn the weights.

Usage: python scripts/train/unseen.py DATA [--models DIR] [--write]
DATA holds `eval/` (labelled replies, sentences, profiles; docs/labels.md). For each industry a sentence model is
trained without its replies and sentences (unless DIR has NAME.yaml; some minutes each), the weights of
`detectors/commitments_weights.yaml` and of `internal.yaml`'s prose are learnt from the other industries' replies, each
scored by the model that had not seen it, and the whole judge is run on the industry. Prints the table. `--write` puts
weights learnt from all industries into the rules. Needs the `train` extra for scikit-learn.
"""

from __future__ import annotations

import argparse
import gzip
import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import yaml
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import StandardScaler

from outguard.bench.corpus import parse_json, read_lines
from outguard.bench.sample import parse_sample
from outguard.bench.score import Scorer, match_spans
from outguard.bootstrap import rules_of
from outguard.cli.judging import OfflineJudge, Source, span_of
from outguard.cli.scenario import Scenario, parse_scenario
from outguard.detection.commitments.clauses import Clause, clauses
from outguard.detection.commitments.lexicon import load_lexicon
from outguard.detection.commitments.linear import MODEL_FILE, load
from outguard.detection.commitments.quotes import is_quoted, quoted_spans
from outguard.detection.commitments.read import Folded, Reader
from outguard.detection.commitments.sentences import SentenceReader
from outguard.detection.commitments.weigh import WEIGHTS_FILE, Surroundings, may_matter, signs
from outguard.detection.internal_parts.blocks import find_blocks, overlaps
from outguard.detection.internal_parts.patterns import INTERNAL_FILE, InternalPatterns, load_patterns
from outguard.detection.internal_parts.prose import leak_signs, place_of
from outguard.domain.context import ReplyContext
from outguard.domain.policy import Policy
from outguard.flows.evaluate_reply import profile_of
from outguard.policy.compile import compile_policy

STEMS = {
    "finance": "bank insur credit payment tax loan mortgage pension crypto broker accounting fintech lender invest "
    "wealth savings trading remittance building_society bnpl financial",
    "hospitality": "hotel ticket food travel holiday event restaurant airline hostel theatre camping catering cinema "
    "festival cruise meal vacation tour bed_and_breakfast hawker concert conference",
    "digital": "saas hosting cloud game stream software domain app e-learning video_on_demand crm e-signature",
    "essential": "pharmac clinic utilit parking energy water electric gas dental dentist telehealth telemed hospital "
    "optic vet medical health eye_care toll smart_meter blood physio district_heating laboratory",
}
LEAKS = frozenset({"INTERNAL_NOTE", "SYSTEM_PROMPT", "REASONING", "OTHER_CUSTOMER"})
Signs = tuple[Mapping[str, float], int]


def group_of(industry: str) -> str:
    """Which left-out industry a sentence's industry belongs to, or empty."""
    name = industry.lower().replace("_", " ")
    return next(
        (group for group, stems in STEMS.items() if any(s.replace("_", " ") in name for s in stems.split())), ""
    )


def model_without(industry: str, data: Path, models: Path) -> str:
    """The sentence model that saw nothing of `industry`, trained now where `models` does not hold it."""
    path = models / f"{industry}.yaml"
    if not path.exists():
        models.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory() as folder:
            kept = Path(folder) / "sentences.jsonl.gz"
            with gzip.open(kept, "wt", encoding="utf-8") as out:
                for source in sorted((data / "eval" / "train").glob("sentences-*.jsonl.gz")):
                    with gzip.open(source, "rt", encoding="utf-8") as lines:
                        out.writelines(x for x in lines if group_of(json.loads(x)["industry"] or "") != industry)
            replies = [str(replies_of(other, data)) for other in STEMS if other != industry]
            dialogues = data / "data" / "tau2-bench" / "dialogues.jsonl.gz"
            script = Path(__file__).parents[1] / "train_commitments.py"
            command = [sys.executable, str(script), str(kept), "--out", str(path), "--replies", *replies]
            command += ["--dialogues", str(dialogues)] if dialogues.exists() else []
            subprocess.run(command, check=True)  # noqa: S603 - our own script
    return path.read_text(encoding="utf-8")


def replies_of(industry: str, data: Path) -> Path:
    """The industry's labelled replies."""
    return data / "eval" / "train" / f"{industry}.jsonl.gz"


class Learner:
    """Turns labelled replies into signs with labels, and those into weights."""

    def __init__(self, files: Mapping[str, str], policy: Policy) -> None:
        self._policy = policy
        self._reader = Reader(load_lexicon(files))
        self._patterns: InternalPatterns = load_patterns(files)

    def signs(self, path: Path, model: str) -> tuple[list[Signs], list[Signs]]:
        """Of all clauses what they do (0 nothing, 1 state terms, 2 bind), of all sentences whether they leak."""
        reader = SentenceReader(load(model))
        deeds: list[Signs] = []
        leaks: list[Signs] = []
        for line in read_lines(str(path)):
            value = parse_json(line)
            text = value["reply"].get("text")
            if not text:
                continue
            scenario = parse_scenario(value)
            spans = [span for span in value["expected"]["spans"] if span.get("start") is not None]
            deeds.extend(self._deeds(text, scenario, spans, reader))
            leaks.extend(self._leaks(text, scenario, spans, reader))
        return deeds, leaks

    def _deeds(self, text: str, scenario: Scenario, spans: Sequence[Any], reader: SentenceReader) -> Iterator[Signs]:
        policy = profile_of(self._policy, scenario.profile).published_policy
        around = Surroundings(scenario.ledger, policy)
        quotes, last = quoted_spans(text), len(text.rstrip())
        spans = [span for span in spans if span["category"] == "commitment"]
        for sentence in reader.read(text):
            pieces = clauses(sentence.clause)
            parts = reader.score(pieces) if len(pieces) > 1 else []
            for scored, level in [(sentence, int(bool(parts))), *((part, 2) for part in parts)]:
                clause = scored.clause
                if may_matter(scored.acts, around) and not is_quoted(clause.start, clause.end, quotes):
                    folded = Folded(clause.text)
                    is_last = clause.end >= last
                    found = signs(clause, scored.acts, folded, self._reader, around, level=level, is_last=is_last)
                    yield found, _does(clause, spans)

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


def learn(rows: Sequence[Signs], strength: float) -> tuple[dict[str, list[float]], list[float]]:
    """Weights by sign, one for each label but 0, and their biases."""
    names = sorted({name for found, _ in rows for name in found})
    names = [name for name in names if sum(bool(found.get(name)) for found, _ in rows) >= 8]
    table = np.array([[float(found.get(name, 0.0)) for name in names] for found, _ in rows])
    scaler = StandardScaler(with_mean=False).fit(table)
    fitted = LogisticRegression(C=strength, max_iter=800).fit(scaler.transform(table), [label for _, label in rows])
    weights, bias = fitted.coef_ / scaler.scale_, fitted.intercept_
    if len(bias) > 1:
        weights, bias = weights[1:] - weights[0], bias[1:] - bias[0]
    return {name: weights[:, at].tolist() for at, name in enumerate(names)}, bias.tolist()


def with_weights(files: Mapping[str, str], deeds: Sequence[Signs], leaks: Sequence[Signs]) -> dict[str, str]:
    """The rule files with weights learnt from these rows."""
    weights, bias = learn(deeds, 0.02)
    kept = {name: [_short(x) for x in pair] for name, pair in weights.items() if max(map(abs, pair)) >= 0.01}
    head = "# What each sign of a clause weighs for stating terms and for binding (scripts/train/unseen.py learns\n"
    head += (
        "# them from labelled replies that the sentence model had not seen). A sign that is not named weighs nothing.\n"
    )
    tree = {"commitments_weights": {"bias": [_short(x) for x in bias], "weights": kept}}
    text = head + yaml.safe_dump(tree, default_flow_style=None, width=120)
    leak_weights, leak_bias = learn(leaks, 0.03)
    one = {"bias": _short(leak_bias[0])} | {name: _short(pair[0]) for name, pair in leak_weights.items()}
    before, mark, _ = files[INTERNAL_FILE].partition("    weights: {")
    body = yaml.safe_dump(one, default_flow_style=True, width=100).strip().replace("\n", "\n            ")
    return {**files, WEIGHTS_FILE: text, INTERNAL_FILE: f"{before}{mark}{body.lstrip('{')}\n"}


def _short(number: float) -> float:
    return float(f"{number:.3g}")


def measure(files: Mapping[str, str], data: Path, path: Path) -> list[str]:
    """The table's row of the judge with these rules, no language model, on one set."""
    with tempfile.TemporaryDirectory() as folder:
        for name, text in files.items():
            file = Path(folder) / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, encoding="utf-8")
        judge = OfflineJudge(Source(rules=Path(folder), profiles=data / "eval" / "profiles", model="none"))
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


def main() -> None:
    """Train what is missing, learn, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("--models", type=Path, default=Path("var/unseen"), help="where the models are kept")
    parser.add_argument("--write", action="store_true", help="put weights learnt from all industries into rules/")
    options = parser.parse_args()
    files = rules_of(None, options.data / "eval" / "profiles")
    packs = {name: text for name, text in files.items() if name.startswith("detectors/")}
    learner = Learner(packs, compile_policy(files))
    models = {name: model_without(name, options.data, options.models) for name in STEMS}
    rows = {name: learner.signs(replies_of(name, options.data), models[name]) for name in STEMS}
    print("| set left out | ALLOW kept | QUARANTINE recall | accuracy | commitment F1 | inside recall | precision |")
    print("|---|---:|---:|---:|---:|---:|---:|")
    for name in STEMS:
        deeds, leaks = ([row for other in STEMS if other != name for row in rows[other][at]] for at in (0, 1))
        learnt = {**with_weights(files, deeds, leaks), MODEL_FILE: models[name]}
        print(f"| {name} | " + " | ".join(measure(learnt, options.data, replies_of(name, options.data))) + " |")
    if options.write:
        deeds, leaks = ([row for name in STEMS for row in rows[name][at]] for at in (0, 1))
        learnt = with_weights(files, deeds, leaks)
        for name in (WEIGHTS_FILE, INTERNAL_FILE):
            (Path(__file__).parents[2] / "rules" / name).write_text(learnt[name], encoding="utf-8")


if __name__ == "__main__":
    main()
