"""Train the linear sentence scorer on labelled sentences and write its data file.

Usage: python scripts/train_commitments.py SENTENCES.jsonl.gz... --out rules/detectors/commitments_model.yaml
Input lines: {"prev", "text", "act", "type"}. Only numpy is needed; one run takes about a minute.
"""

from __future__ import annotations

import argparse
import gzip
import json
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from outguard.detection.commitments.linear import dump, sentence_features

if TYPE_CHECKING:
    from numpy.typing import NDArray

Row = dict[str, Any]
Floats = "NDArray[np.float32]"
TYPELESS = {"guarantee": "GUARANTEE", "admission": "LIABILITY_ADMISSION", "advice": "LEGAL_MEDICAL_FINANCIAL_ADVICE"}


def read_rows(paths: list[Path]) -> list[Row]:
    """All labelled sentences of the files."""
    rows: list[Row] = []
    for path in paths:
        with gzip.open(path, "rt", encoding="utf-8") as lines:
            rows.extend(json.loads(line) for line in lines)
    return rows


def type_of(row: Row) -> str | None:
    """The commitment type that the sentence is about, None where it is about none."""
    return row.get("type") or TYPELESS.get(row["act"])


def vocabulary(rows: list[Row], size: int, least: int) -> tuple[list[str], list[list[str]]]:
    """The `size` most frequent features seen in at least `least` rows, and every row's features."""
    found = [sentence_features(row.get("prev") or "", row["text"]) for row in rows]
    counts = Counter(feature for one in found for feature in one)
    names = [name for name, count in counts.most_common(size) if count >= least]
    return names, found


class Trainer:
    """Multinomial logistic regression with AdaGrad on sparse binary features; two heads share the rows."""

    def __init__(self, rows: list[Row], *, size: int, least: int, seed: int = 7) -> None:
        self.acts = tuple(sorted({row["act"] for row in rows}))
        self.types = (*sorted({kind for row in rows if (kind := type_of(row))}),)
        self.names, found = vocabulary(rows, size, least)
        index = {name: row for row, name in enumerate(self.names)}
        self.rows = [np.array([index[f] for f in one if f in index] or [0], dtype=np.int64) for one in found]
        self.norms = np.array([max(len(one), 1) ** -0.5 for one in found], dtype=np.float32)
        self.act_of = np.array([self.acts.index(row["act"]) for row in rows])
        self.type_of = np.array([self.types.index(t) if (t := type_of(row)) else -1 for row in rows])
        self.share = np.array([row.get("weight", 1.0) for row in rows], dtype=np.float32)
        columns = len(self.acts) + len(self.types)
        self.weights = np.zeros((len(self.names), columns), dtype=np.float32)
        self.bias = np.zeros(columns, dtype=np.float32)
        self._seen = np.full((len(self.names), 1), 1e-3, dtype=np.float32)
        self._seen_bias = np.full(columns, 1e-2, dtype=np.float32)
        self.random = np.random.default_rng(seed)

    def fit(self, epochs: int, rate: float, decay: float, batch: int = 64) -> None:
        """Run `epochs` passes with a falling rate."""
        for epoch in range(epochs):
            step = rate * (1.0 - 0.9 * epoch / max(epochs, 1))
            order = self.random.permutation(len(self.rows))
            for start in range(0, len(order), batch):
                self._update(order[start : start + batch], step, decay)

    def _update(self, chosen: Any, step: float, decay: float) -> None:
        picked = [self.rows[i] for i in chosen]
        sizes = np.array([len(one) for one in picked])
        flat = np.concatenate(picked)
        starts = np.concatenate([[0], np.cumsum(sizes)[:-1]])
        norms = self.norms[chosen][:, None]
        logits = np.add.reduceat(self.weights[flat], starts, axis=0) * norms + self.bias
        error = self._errors(logits, chosen) * self.share[chosen][:, None]
        unique, inverse = np.unique(flat, return_inverse=True)
        gradient = np.zeros((len(unique), logits.shape[1]), dtype=np.float32)
        np.add.at(gradient, inverse, np.repeat(error * norms, sizes, axis=0))
        gradient = gradient / len(chosen) + decay * self.weights[unique]
        self._seen[unique] += np.square(gradient).mean(axis=1, keepdims=True)
        self.weights[unique] -= step * gradient / np.sqrt(self._seen[unique])
        slope = error.mean(axis=0)
        self._seen_bias += np.square(slope)
        self.bias -= step * slope / np.sqrt(self._seen_bias)

    def _errors(self, logits: Any, chosen: Any) -> Any:
        split, rows = len(self.acts), np.arange(len(chosen))
        acts, types = _softmax(logits[:, :split]), _softmax(logits[:, split:])
        acts[rows, self.act_of[chosen]] -= 1.0
        kinds = self.type_of[chosen]
        typed = kinds >= 0
        types[rows[typed], kinds[typed]] -= 1.0
        types[~typed] = 0.0
        return np.concatenate([acts, types], axis=1)


def _softmax(logits: Any) -> Any:
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    return powers / powers.sum(axis=1, keepdims=True)


def main() -> None:
    """Train and write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("files", nargs="+", type=Path)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--size", type=int, default=40_000)
    parser.add_argument("--least", type=int, default=3)
    parser.add_argument("--epochs", type=int, default=12)
    parser.add_argument("--rate", type=float, default=0.5)
    parser.add_argument("--decay", type=float, default=1e-5)
    options = parser.parse_args()
    rows = read_rows(options.files)
    trainer = Trainer(rows, size=options.size, least=options.least)
    trainer.fit(options.epochs, options.rate, options.decay)
    text = dump(
        acts=trainer.acts,
        types=trainer.types,
        names=trainer.names,
        weights=trainer.weights,
        bias=trainer.bias,
        about=f"{len(rows)} sentences",
    )
    options.out.write_text(text, encoding="utf-8")
    print(f"{options.out}: {len(trainer.names)} features, {len(text) / 1e6:.2f} MB")


if __name__ == "__main__":
    main()
