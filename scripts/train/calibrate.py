"""Write into a model's labels how often an entity heard with a score was one, and renew its hashes.

Usage: python scripts/train/calibrate.py MODEL_DIR --data DIR

Measured on texts that were never learnt from: the unseen slices of the span sets and, for addresses, those texts of
presidio-research's synth_v2 whose templates are not among the ones learnt. Pool-adjacent-violators, then a few points.
"""

from __future__ import annotations

import argparse
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from data import KINDS, Corpus
from evaluate import SETS, lowered
from export import write_hashes
from industries import read

from outguard.detection.neural.model import NeuralModel
from outguard.detection.neural.wordpiece import WordPiece

Row = dict[str, Any]
LEAST_PAIRS = 40
LEAST_STEP = 0.04


def template(row: Row) -> str:
    """The words of a made text between its values."""
    out, begin = "", 0
    for span in sorted(row["spans"], key=lambda each: int(each["start"])):
        out += row["text"][begin : span["start"]] + " "
        begin = span["end"]
    return re.sub(r"\W+", " ", out + row["text"][begin:]).strip().lower()


def unseen_templates(data: Path) -> list[Row]:
    """The rows of synth_v2 whose templates were not learnt from."""
    folder = data / "presidio-research"
    learnt = {template(row) for row in read(folder / "generated_large_even_templates.jsonl.gz")}
    return [row for row in read(folder / "synth_v2.jsonl.gz") if template(row) not in learnt]


def pairs(model: NeuralModel, rows: list[Row], kinds: frozenset[str]) -> Iterator[tuple[str, float, bool]]:
    """Kind, score and whether it was right, of every entity heard."""
    for row, reading in zip(rows, model.read_all([row["text"] for row in rows]), strict=True):
        gold = [(s["start"], s["end"], KINDS.get(s["label"], s["label"])) for s in row["spans"] if not s.get("handle")]
        for entity in reading.entities(row["text"], dict.fromkeys(kinds, 0.2)):
            if entity.kind in kinds:
                right = any(entity.start < b and a < entity.end and kind == entity.kind for a, b, kind in gold)
                yield entity.kind, entity.score, right


def curve(found: list[tuple[float, bool]]) -> list[tuple[float, float]]:
    """Points of the rising curve that fits best."""
    blocks: list[list[float]] = []  # sum of scores, right ones, count
    for score, right in sorted(found):
        blocks.append([score, float(right), 1.0])
        while len(blocks) > 1 and blocks[-2][1] * blocks[-1][2] >= blocks[-1][1] * blocks[-2][2]:
            last = blocks.pop()
            blocks[-1] = [a + b for a, b in zip(blocks[-1], last, strict=True)]
    points: list[tuple[float, float]] = []
    for total, right, count in blocks:
        heard, share = total / count, (right + 0.5) / (count + 1)
        if count >= 5 and (not points or (share - points[-1][1] >= LEAST_STEP and heard - points[-1][0] >= 0.01)):
            points.append((round(heard, 3), round(share, 3)))
    return [(0.0, 0.0), *points, (1.0, points[-1][1] if points else 1.0)]


def main() -> None:
    """Measure, write, hash."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", type=Path)
    parser.add_argument("--data", type=Path, required=True)
    args = parser.parse_args()
    path = args.model / "labels.json"
    labels = json.loads(path.read_text())
    labels.pop("curves", None)
    path.write_text(json.dumps(labels, indent=1) + "\n")
    write_hashes(args.model)
    model = NeuralModel(args.model)
    corpus = Corpus(WordPiece.from_file(args.model / "vocab.txt"), args.data, args.data, 7)
    named = [row for name in SETS for row in corpus.spans(name)[1]]
    found = list(pairs(model, named + lowered(named), frozenset({"PERSON", "LOCATION", "ORGANIZATION"})))
    found += pairs(model, unseen_templates(args.data), frozenset({"STREET_ADDRESS"}))
    curves = {}
    for kind in model.labels.kinds:
        mine = [(score, right) for name, score, right in found if name == kind]
        if len(mine) >= LEAST_PAIRS:
            curves[kind] = curve(mine)
            print(kind, len(mine), curves[kind])
    path.write_text(json.dumps({**labels, "curves": curves}, indent=1) + "\n")
    write_hashes(args.model)


if __name__ == "__main__":
    main()
