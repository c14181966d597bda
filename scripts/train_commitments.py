"""Train the linear sentence scorer on labelled sentences and write its data file.

Usage: python scripts/train_commitments.py SENTENCES.jsonl.gz... --replies SCENARIOS.jsonl.gz... --out FILE
Input lines (files gzipped or not): {"prev", "text", "act", "type"}; labelled replies (docs/labels.md) may join: what
their spans allow a sentence to be narrows the first model's guess, and a second model learns from both. So may
dialogues of real agents, whose words before any write claim no deed. Needs the `train` extra; some minutes.
"""

from __future__ import annotations

import argparse
import gzip
import json
from collections import Counter
from pathlib import Path
from typing import IO, Any
from zlib import crc32

import numpy as np
from scipy.sparse import csr_matrix

from outguard.detection.commitments.clauses import Clause, clauses, sentences
from outguard.detection.commitments.linear import dump, sentence_features
from outguard.detection.commitments.scorer import SOFT_ACTS

Row = dict[str, Any]
TYPELESS = {"guarantee": "GUARANTEE", "admission": "LIABILITY_ADMISSION", "advice": "LEGAL_MEDICAL_FINANCIAL_ADVICE"}


def read_rows(paths: list[Path]) -> list[Row]:
    """All labelled sentences of the files."""
    rows: list[Row] = []
    for path in paths:
        with _opened(path) as lines:
            rows.extend(json.loads(line) for line in lines)
    return rows


def _opened(path: Path) -> IO[str]:
    return gzip.open(path, "rt", encoding="utf-8") if path.suffix == ".gz" else path.open(encoding="utf-8")


def type_of(row: Row) -> str | None:
    """The commitment type that the sentence is about, `NONE` where it is about none, None where that is not known."""
    if row.get("type") or row["act"] in TYPELESS:
        return str(row.get("type") or TYPELESS[row["act"]])
    return "NONE" if row["act"] in {"none", "reasoning", "internal", "instruction", "other_customer"} else None


ABSOLUTE = {kind: act for act, kind in TYPELESS.items()}
LEAKS = {
    "INTERNAL_NOTE": "internal",
    "SYSTEM_PROMPT": "instruction",
    "REASONING": "reasoning",
    "OTHER_CUSTOMER": "other_customer",
}
MAY_BIND_WITHIN = {
    "DELIVERY_DATE", "CALLBACK_OR_CONTACT", "RESOLUTION_TIME", "OTHER", "CREDIT_OR_COMPENSATION", "FEE_WAIVER",
}  # fmt: skip


def reply_rows(paths: list[Path], weight: float) -> list[Row]:
    """The sentences and clauses of labelled replies, each with the acts that its spans allow."""
    rows: list[Row] = []
    for path in paths:
        with _opened(path) as lines:
            for line in lines:
                scenario = json.loads(line)
                rows.extend(_rows_of(scenario, weight))
    return rows


def _rows_of(scenario: Row, weight: float) -> list[Row]:
    text = scenario["reply"].get("text")
    if not text:
        return []
    spans = [s for s in scenario["expected"]["spans"] if s.get("start") is not None]
    rows: list[Row] = []
    for sentence in sentences(text):
        pieces = clauses(sentence)
        for piece in [sentence, *(pieces if len(pieces) > 1 else [])]:
            allowed, kind = _allowed(piece, spans)
            if allowed:
                row = {"prev": piece.prev, "text": piece.text, "act": "", "type": kind, "allowed": allowed}
                rows.append({**row, "weight": weight / (2 if len(pieces) > 1 else 1)})
    return rows


def _allowed(piece: Clause, spans: list[Row]) -> tuple[tuple[str, ...], str | None]:
    """The acts a piece may have, and its type; none where the labels are in doubt."""
    best: Row | None = None
    for span in spans:
        shared = min(piece.end, span["end"]) - max(piece.start, span["start"])
        if shared <= 0 or span["category"] not in {"commitment", "internal"}:
            continue
        if span["type"] in {"DEBUG_TRACE", "INTERNAL_RESOURCE"}:
            return (), None
        if shared < 0.5 * min(len(piece.text), span["end"] - span["start"]):
            continue
        if best is None or _severity(span) > _severity(best):
            best = span
    if best is None:
        return ("none", *SOFT_ACTS), None
    kind = best["type"]
    if kind in LEAKS:
        return (LEAKS[kind],), None
    if best["status"] == "within_authority":
        return (("none", *SOFT_ACTS, "claim", "promise") if kind in MAY_BIND_WITHIN else SOFT_ACTS), kind
    if kind in ABSOLUTE:
        return (ABSOLUTE[kind],), None
    return ("claim", "promise"), kind


def dialogue_rows(paths: list[Path], weight: float, share: float) -> list[Row]:
    """Sentences of real agents in solved conversations before any write: whatever they say, no deed is claimed.

    Lines: {"id", "reward", "events": [{"reply"} or {"action", "kind"}]}. Of each hundred conversations, by a hash of
    their ids, `share` are read: the rest stay unseen, to measure on.
    """
    rows: list[Row] = []
    for path in paths:
        with gzip.open(path, "rt", encoding="utf-8") as lines:
            for line in lines:
                dialogue = json.loads(line)
                if dialogue["reward"] == 1.0 and crc32(str(dialogue["id"]).encode()) % 100 < 100 * share:
                    rows.extend(_rows_before_write(dialogue, weight))
    return rows


def _rows_before_write(dialogue: Row, weight: float) -> list[Row]:
    """Rows up to the first write, none of which claims a deed, and those of the reply after each write, which may."""
    rows: dict[str, Row] = {}
    written = fresh = False
    for event in dialogue["events"]:
        if "reply" not in event:
            written = fresh = written or event.get("kind") in {"write", "escalate"}
            continue
        if not written or fresh:
            allowed = ("none", *SOFT_ACTS, *(("claim", "promise") if written else ()))
            for sentence in sentences(event["reply"]):
                row = {"prev": sentence.prev, "text": sentence.text, "act": "", "type": None}
                rows.setdefault(sentence.text, {**row, "allowed": allowed, "weight": weight * (2 if written else 1)})
        fresh = False
    return list(rows.values())


def _severity(span: Row) -> int:
    return ["within_authority", "backed", None, "unbacked", "beyond_authority"].index(span.get("status"))


def vocabulary(rows: list[Row], size: int, least: int) -> tuple[list[str], list[set[str]]]:
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

    def label(self, rows: list[Row]) -> list[Row]:
        """`rows` with the likeliest act that each allows."""
        index = {name: row for row, name in enumerate(self.names)}
        out: list[Row] = []
        for row in rows:
            found = sentence_features(row.get("prev") or "", row["text"])
            known = [index[f] for f in found if f in index] or [0]
            logits = self.weights[known].sum(axis=0) * max(len(found), 1) ** -0.5 + self.bias
            act = max(row["allowed"], key=lambda one: logits[self.acts.index(one)])
            out.append({**row, "act": act})
        return out

    def fit(self, epochs: int, rate: float, decay: float, batch: int = 64) -> None:
        """Run `epochs` passes with a falling rate."""
        for epoch in range(epochs):
            step = rate * (1.0 - 0.9 * epoch / max(epochs, 1))
            order = self.random.permutation(len(self.rows))
            for start in range(0, len(order), batch):
                self._update(order[start : start + batch], step, decay)

    def _update(self, chosen: Any, step: float, decay: float) -> None:
        picked = [self.rows[i] for i in chosen]
        ends = np.cumsum([0, *map(len, picked)])
        unique, inverse = np.unique(np.concatenate(picked), return_inverse=True)
        table = csr_matrix((np.ones(len(inverse), np.float32), inverse, ends), shape=(len(chosen), len(unique)))
        norms = self.norms[chosen][:, None]
        logits = table @ self.weights[unique] * norms + self.bias
        error = self._errors(logits, chosen) * self.share[chosen][:, None]
        gradient = table.T @ (error * norms)
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
    parser.add_argument("--about", default="", help="what it learnt from, for the file's header")
    parser.add_argument("--replies", nargs="*", type=Path, default=[])
    parser.add_argument("--dialogues", nargs="*", type=Path, default=[])
    parser.add_argument("--share", type=float, default=0.5, help="of the dialogues to learn from")
    parser.add_argument("--weight", type=float, default=2.0, help="of a reply's sentence against a labelled one")
    parser.add_argument("--size", type=int, default=60_000)
    parser.add_argument("--keep", type=int, default=28_000, help="features with the largest weights that are written")
    parser.add_argument("--least", type=int, default=2)
    parser.add_argument("--epochs", type=int, default=20)
    parser.add_argument("--rate", type=float, default=1.0)
    parser.add_argument("--decay", type=float, default=1e-5)
    options = parser.parse_args()
    rows = read_rows(options.files)
    trainer = Trainer(rows, size=options.size, least=options.least)
    trainer.fit(options.epochs, options.rate, options.decay)
    if options.replies or options.dialogues:
        rows += trainer.label(reply_rows(options.replies, options.weight))
        rows += trainer.label(dialogue_rows(options.dialogues, options.weight / 4, options.share))
        trainer = Trainer(rows, size=options.size, least=options.least)
        trainer.fit(options.epochs, options.rate, options.decay)
    kept = np.sort(np.argsort(-np.abs(trainer.weights).max(axis=1))[: options.keep])
    text = dump(
        acts=trainer.acts,
        types=trainer.types,
        names=[trainer.names[row] for row in kept],
        weights=trainer.weights[kept],
        bias=trainer.bias,
        about=options.about,
    )
    options.out.write_text(text, encoding="utf-8")
    print(f"{options.out}: {len(kept)} features, {len(text) / 1e6:.2f} MB")


if __name__ == "__main__":
    main()
