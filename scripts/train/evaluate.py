"""Measure an exported model on what it has not learnt from.

Usage: python scripts/train/evaluate.py MODEL_DIR --data DIR --labelled DIR [--groups finance,hospitality]

Names: the unseen slices of the span sets, as they are and lower-cased. Sentences and replies: the industry groups that
the model was trained without (`train.py --skip`); none by default, since a shipped model has seen them all.
"""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from data import KINDS, Corpus
from industries import group_of, read
from labels import ACTS, TYPELESS

from outguard.detection.commitments.clauses import sentences
from outguard.detection.commitments.scorer import BINDING_ACTS
from outguard.detection.neural.model import NeuralModel
from outguard.detection.neural.reading import Reading
from outguard.detection.neural.wordpiece import WordPiece

Row = dict[str, Any]
STEPS = (0.3, 0.4, 0.5, 0.7)
SETS = ("wnut17", "broad-twitter-corpus", "wikigold")


class Count:
    """Right, wrong and missed."""

    def __init__(self) -> None:
        self.right = self.wrong = self.missed = 0

    @property
    def recall(self) -> float:
        """Of what is there, what was found."""
        return self.right / max(self.right + self.missed, 1)

    @property
    def precision(self) -> float:
        """Of what was found, what is there."""
        return self.right / max(self.right + self.wrong, 1)

    @property
    def f1(self) -> float:
        """The harmonic mean of both."""
        return 2 * self.right / max(2 * self.right + self.wrong + self.missed, 1)

    def __str__(self) -> str:
        return f"R {self.recall:.3f} P {self.precision:.3f} F1 {self.f1:.3f} (n={self.right + self.missed})"


def names(rows: list[Row], kind: str, step: float, *, exact: bool, readings: list[Reading]) -> Count:
    """Found against marked spans; @handles count neither way."""
    count = Count()
    for row, reading in zip(rows, readings, strict=True):
        marked = [s for s in row["spans"] if KINDS.get(s["label"], s["label"]) == kind]
        skip = [s for s in marked if s.get("handle")]
        gold = [(s["start"], s["end"]) for s in marked if not s.get("handle")]
        found = [
            (e.start, e.end)
            for e in reading.entities(row["text"], {kind: step})
            if e.kind == kind and not any(e.start < s["end"] and s["start"] < e.end for s in skip)
        ]

        def hit(a: tuple[int, int], others: list[tuple[int, int]]) -> bool:
            return a in others if exact else any(a[0] < b[1] and b[0] < a[1] for b in others)

        count.missed += sum(not hit(span, found) for span in gold)
        count.right += sum(hit(span, found) for span in gold)
        count.wrong += sum(not hit(span, gold) for span in found)
    return count


def lowered(rows: Iterable[Row]) -> list[Row]:
    """The rows in lower case, where that keeps the offsets."""
    return [{**row, "text": row["text"].lower()} for row in rows if len(row["text"].lower()) == len(row["text"])]


def measure_names(model: NeuralModel, corpus: Corpus) -> None:
    """Print recall and precision per set, kind and threshold."""
    pooled: list[Row] = []
    for name in (*SETS, "all", "letters"):
        rows = pooled if name == "all" else corpus.spans(name)[1]
        pooled = pooled if name == "all" else pooled + rows
        for case, these in (("as is", rows), ("lower", lowered(rows))):
            readings = model.read_all([row["text"] for row in these])
            for kind in ("PERSON",) if name != "all" else ("PERSON", "LOCATION", "ORGANIZATION"):
                for step in STEPS if name == "all" else (0.3,):
                    overlap = names(these, kind, step, exact=False, readings=readings)
                    exact = names(these, kind, step, exact=True, readings=readings)
                    print(f"{name:22}{case:6} {kind:13} >= {step}: overlap {overlap}; exact F1 {exact.f1:.3f}")


def measure_sentences(model: NeuralModel, corpus: Corpus, groups: tuple[str, ...]) -> None:
    """Print act, binding and type figures of labelled sentences."""
    rows = [row for path in sorted(corpus.labelled.glob("sentences-*.jsonl.gz")) for row in read(path)]
    for group in groups:
        these = [row for row in rows if group_of(row["industry"] or "") == group]
        prevs = [f"{row['prev']} " if row.get("prev") else "" for row in these]
        texts = [prev + row["text"] for prev, row in zip(prevs, these, strict=True)]
        heard = [
            reading.acts(len(prev), len(text))
            for prev, text, reading in zip(prevs, texts, model.read_all(texts), strict=True)
        ]
        right = sum(acts.best == row["act"] for acts, row in zip(heard, these, strict=True))
        print(f"{group}: {len(these)} sentences, act accuracy {right / max(len(these), 1):.3f}")
        per_act = {act: Count() for act in ACTS}
        kinds: dict[str, Count] = {}
        for acts, row in zip(heard, these, strict=True):
            _tell(per_act, row["act"], acts.best)
            gold = row["type"] or TYPELESS.get(row["act"])
            if row["act"] in BINDING_ACTS or acts.binding >= 0.5:
                heard_type = max(acts.types, key=acts.types.__getitem__) if acts.binding >= 0.5 else None
                _tell(kinds, gold if row["act"] in BINDING_ACTS else None, heard_type)
        print("  acts macro F1", round(sum(c.f1 for c in per_act.values()) / len(per_act), 3))
        typed = {name: count for name, count in kinds.items() if name != "NONE" and count.right + count.missed >= 5}
        print("  binding and type macro F1", round(sum(c.f1 for c in typed.values()) / max(len(typed), 1), 3))
        print("  ", {name: round(count.f1, 2) for name, count in typed.items()})
        for step in (0.3, 0.5, 0.7):
            count = Count()
            for acts, row in zip(heard, these, strict=True):
                _tick(count, row["act"] in BINDING_ACTS, acts.binding >= step)
            print(f"  binding >= {step}: {count}")


def measure_replies(model: NeuralModel, corpus: Corpus, groups: tuple[str, ...]) -> None:
    """Print binding figures by sentence of labelled replies; what is within authority counts neither way."""
    for group in groups:
        counts = {step: Count() for step in (0.3, 0.5, 0.7)}
        types: Counter[bool] = Counter()
        for row in read(corpus.labelled / f"{group}.jsonl.gz"):
            text = row["reply"].get("text") or ""
            spans = [
                s for s in row["expected"]["spans"] if s["category"] == "commitment" and s.get("start") is not None
            ]
            reading = model.read(text)
            for piece in sentences(text):
                inside = [s for s in spans if min(s["end"], piece.end) - max(s["start"], piece.start) >= 8]
                if any(s["status"] == "within_authority" for s in inside) or len(piece.text) < 8:
                    continue
                acts = reading.acts(piece.start, piece.end)
                for step, count in counts.items():
                    _tick(count, bool(inside), acts.binding >= step)
                if inside:
                    types[max(acts.types, key=acts.types.__getitem__) in {s["type"] for s in inside}] += 1
        print(f"{group} replies: type right {types[True] / max(types.total(), 1):.3f}")
        for step, count in counts.items():
            print(f"  binding >= {step}: {count}")


def _tell(counts: dict[str, Count], gold: str | None, heard: str | None) -> None:
    if gold == heard and gold is not None:
        counts.setdefault(gold, Count()).right += 1
        return
    if gold is not None:
        counts.setdefault(gold, Count()).missed += 1
    if heard is not None:
        counts.setdefault(heard, Count()).wrong += 1


def _tick(count: Count, gold: bool, heard: bool) -> None:  # noqa: FBT001 - two verdicts side by side
    count.right += gold and heard
    count.wrong += heard and not gold
    count.missed += gold and not heard


def main() -> None:
    """Print everything."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", type=Path)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--labelled", type=Path, required=True)
    parser.add_argument("--groups", default="")
    args = parser.parse_args()
    model = NeuralModel(args.model)
    pieces = WordPiece.from_file(args.model / "vocab.txt")
    corpus = Corpus(pieces, args.data, args.labelled, 7)
    measure_names(model, corpus)
    groups = tuple(name for name in args.groups.split(",") if name)
    measure_sentences(model, corpus, groups)
    measure_replies(model, corpus, groups)


if __name__ == "__main__":
    main()
