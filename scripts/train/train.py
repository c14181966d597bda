"""Train the encoder.

Usage: python scripts/train/train.py --data DIR --labelled DIR --base DIR --out DIR [--start NET] [--names-only]
           [--skip finance,hospitality] [--pieces 1500000] [--minutes 60] [--rate 2e-4] [--seed 7]

`--data` holds the span sets, `--labelled` the replies and sentences, `--base` a BERT checkpoint with `vocab.txt`. With
`--skip` whole industries are left out, to be measured. `make train` calls it three times: for names alone, for what
every encoder may know (all industries that can be left out skipped), and, with two seeds, for the rest; a measurement
(`unseen.py`) repeats the last with one industry skipped. `--minutes` ends the schedule by the clock where that is
sooner. The state is saved every few minutes to OUT/state.pt; the same call goes on from there, and does nothing once
the result, OUT/net.pt, is there. Then: `export.py`, `calibrate.py`, `card.py`.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from random import Random
from typing import Any

import torch
from data import Corpus, Example, joined
from labels import ACT_TABLE, ACTS, OUTPUTS, TAG_TABLE, TAGS, TYPE_TABLE, TYPES
from net import Encoder, Shape, load_net, load_pretrained
from torch import Tensor

from outguard.detection.neural.wordpiece import DIGIT, LOWER, UPPER, WordPiece

BATCH = 2304
"""Pieces a step, padding included."""
LONGEST = 128
SAVE_EVERY_S = 180.0


def tensors(batch: list[Example], pieces: WordPiece, recase: Random | None) -> tuple[Tensor, Tensor, Tensor]:
    """Ids, cases and the column of each word's first piece (-1 where there is none)."""
    length = max(example.size for example in batch)
    most = max(len(example.words) for example in batch)
    ids = torch.full((len(batch), length), pieces.pad)
    cases = torch.zeros((len(batch), length), dtype=torch.long)
    firsts = torch.full((len(batch), max(most, 1)), -1)
    for row, example in enumerate(batch):
        pick = recase.random() if recase else 1.0
        line, column = [pieces.cls], 1
        for number, word in enumerate(example.words):
            case = word.case
            if case != DIGIT and pick < 0.33:
                case = LOWER if pick < 0.3 else UPPER
            firsts[row, number] = column
            cases[row, column : column + len(word.pieces)] = case
            line.extend(word.pieces)
            column += len(word.pieces)
        line.append(pieces.sep)
        ids[row, : len(line)] = torch.tensor(line)
    return ids, cases, firsts


def by_word(logits: Tensor, firsts: Tensor) -> Tensor:
    """The rows of the words' first pieces."""
    at = firsts.clamp(min=0)[:, :, None].expand(-1, -1, logits.shape[2])
    return logits.gather(1, at)


def pooled(rows: Tensor, sentences: list[tuple[int, int, int]]) -> Tensor:
    """Act and type logits of each (text, first word, last word + 1)."""
    place = torch.arange(rows.shape[1])[None, :]
    spans = torch.tensor(sentences)
    outside = (place < spans[:, 1:2]) | (place >= spans[:, 2:3])
    mine = rows[spans[:, 0]]
    split = len(TAGS) + len(ACTS)
    parts = []
    for score, columns in ((-2, slice(len(TAGS), split)), (-1, slice(split, -2))):
        weights = mine[:, :, score].masked_fill(outside, -1e4).softmax(-1)
        parts.append((weights[:, None, :] @ mine[:, :, columns]).squeeze(1))
    return torch.cat(parts, dim=-1)


class Losses:
    """Minus the log of what the allowed labels get together."""

    def __init__(self) -> None:
        self.tables = [torch.tensor(table.rows) for table in (TAG_TABLE, ACT_TABLE, TYPE_TABLE)]

    def _loss(self, logits: Tensor, codes: Tensor, which: int) -> Tensor:
        table = self.tables[which]
        allowed = table[codes]
        told = allowed.sum(-1) < table.shape[1]
        logs = logits.log_softmax(-1).masked_fill(allowed == 0, -1e4).logsumexp(-1)
        return -(logs * told).sum() / told.sum().clamp(min=1)

    def __call__(self, rows: Tensor, batch: list[Example]) -> tuple[Tensor, list[float]]:
        """The sum of the heads' losses, and each."""
        anything = TAG_TABLE.codes["*"]
        tags = torch.full(rows.shape[:2], anything)
        for row, example in enumerate(batch):
            tags[row, : len(example.tags)] = torch.tensor(example.tags, dtype=torch.long)
        parts = [self._loss(rows[:, :, : len(TAGS)], tags, 0)]
        spans = [(row, a, b) for row, example in enumerate(batch) for a, b, _, _ in example.sentences]
        if spans:
            logits = pooled(rows, spans)
            codes = torch.tensor([(x, y) for example in batch for _, _, x, y in example.sentences])
            parts.append(self._loss(logits[:, : len(ACTS)], codes[:, 0], 1))
            parts.append(self._loss(logits[:, len(ACTS) : len(ACTS) + len(TYPES)], codes[:, 1], 2))
        return torch.stack(parts).sum(), [float(part.detach()) for part in parts]


def batches(pool: list[Example], random: Random) -> Iterator[list[Example]]:
    """Endless batches of similar length; some texts are joined."""
    while True:
        order = random.sample(pool, len(pool))
        texts: list[Example] = []
        while order:
            text = order.pop()
            while order and random.random() < 0.25 and text.size + order[-1].size < LONGEST:
                text = joined([text, order.pop()])
            texts.append(text)
        texts = [text for text in texts if text.words and text.size <= LONGEST]
        texts.sort(key=lambda text: text.size + random.random() * 6)
        made: list[list[Example]] = [[]]
        for text in texts:
            if made[-1] and (len(made[-1]) + 1) * text.size > BATCH:
                made.append([])
            made[-1].append(text)
        random.shuffle(made)
        yield from made


def pools(corpus: Corpus, skip: frozenset[str], *, names_only: bool) -> dict[str, tuple[float, list[Example]]]:
    """Each pool with its share of the steps."""
    if names_only:
        return {"names": (1.0, corpus.names())}
    replies = corpus.replies(skip, renamed=False) + corpus.replies(skip, renamed=True)
    found = {
        "names": (0.18, corpus.names()),
        "sentences": (0.34, corpus.sentences(skip)),
        "replies": (0.34, replies),
        "values": (0.08, corpus.values()),
        "own": (0.02, corpus.own()),
        "dialogues": (0.04, corpus.dialogues()),
    }
    return {name: part for name, part in found.items() if part[1]}


def main() -> None:
    """Train until `--pieces` are read."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name in ("data", "labelled", "base", "out"):
        parser.add_argument(f"--{name}", type=Path, required=True)
    parser.add_argument("--skip", default="", help="industries to leave out, comma-separated")
    parser.add_argument("--pieces", type=int, default=1_500_000)
    parser.add_argument("--minutes", type=float, default=float("inf"))
    parser.add_argument("--rate", type=float, default=2e-4)
    parser.add_argument("--start", type=Path, help="a net.pt, or an exported model.onnx, to go on from")
    parser.add_argument(
        "--names-only", action="store_true", help="learn no acts yet: what every later training can share"
    )
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument(
        "--half", action="store_true", help="bfloat16 where it is safe: faster on processors that have it"
    )
    args = parser.parse_args()
    if (args.out / "net.pt").exists():
        print(f"{args.out / 'net.pt'} is there already")
        return
    torch.set_num_threads(args.threads)
    torch.manual_seed(args.seed)
    pieces = WordPiece.from_file(args.base / "vocab.txt")
    skip = frozenset(name for name in args.skip.split(",") if name)
    args.out.mkdir(parents=True, exist_ok=True)
    corpus = Corpus(pieces, args.data, args.labelled, args.seed)
    parts = pools(corpus, skip, names_only=args.names_only)
    for name, (share, pool) in parts.items():
        print(
            f"{name}: {len(pool)} texts, {sum(text.size for text in pool)} pieces, {share:.0%} of the steps", flush=True
        )
    if args.start:
        net = load_net(args.start)
    else:
        net = Encoder(Shape(), OUTPUTS)
        load_pretrained(net, args.base)
    run(net, parts, pieces, args)
    torch.save({"shape": asdict(net.shape), "net": net.state_dict()}, args.out / "net.pt")


def run(net: Encoder, parts: dict[str, tuple[float, list[Example]]], pieces: WordPiece, args: Any) -> None:
    """The steps."""
    named = net.trainable()
    groups = [
        {"params": [p for n, p in named if n.startswith(("head", "case"))], "lr": args.rate * 8, "weight_decay": 0.0},
        {"params": [p for n, p in named if not n.startswith(("head", "case"))], "lr": args.rate, "weight_decay": 0.01},
    ]
    optimizer = torch.optim.AdamW(groups, fused=True)
    bases = [group["lr"] for group in optimizer.param_groups]
    done, step, spent, state_file = 0, 0, 0.0, args.out / "state.pt"
    if state_file.exists():
        state = torch.load(state_file)
        net.load_state_dict(state["net"])
        optimizer.load_state_dict(state["optimizer"])
        done, step, spent = state["done"], state["step"], state["spent"]
    random, losses = Random(args.seed + step), Losses()  # noqa: S311 - seeded training
    streams = {name: batches(pool, random) for name, (_, pool) in parts.items()}
    names, shares = list(parts), [share for share, _ in parts.values()]
    shown: dict[str, list[float]] = {}
    begun = saved = time.monotonic()
    read, progress = 0, 0.0
    net.train()
    while progress < 1.0:
        name = random.choices(names, shares)[0]
        batch = next(streams[name])
        ids, cases, firsts = tensors(batch, pieces, random)
        progress = max(done / args.pieces, (spent + time.monotonic() - begun) / 60 / args.minutes)
        factor = max(min(1.0, progress / 0.06 + 0.02) * (1.0 - 0.97 * progress), 0.0)
        for group, base in zip(optimizer.param_groups, bases, strict=True):
            group["lr"] = base * factor
        with torch.autocast("cpu", dtype=torch.bfloat16, enabled=args.half):
            rows = by_word(net(ids, cases), firsts).float()
            loss, parts_of = losses(rows, batch)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_([p for _, p in named], 1.0)
        optimizer.step()
        done, step, read = done + ids.numel(), step + 1, read + ids.numel()
        old = shown.setdefault(name, parts_of)
        shown[name] = [0.95 * a + 0.05 * b for a, b in zip(old, parts_of, strict=False)]
        if step % 10 == 0:
            speed = read / (time.monotonic() - begun)
            told = " ".join(f"{key}={'/'.join(f'{v:.3f}' for v in values)}" for key, values in sorted(shown.items()))
            print(
                f"{progress:6.1%} {speed:5.0f} pieces/s, {(args.pieces - done) / speed / 60:4.1f} min left  {told}",
                flush=True,
            )
        if time.monotonic() - saved > SAVE_EVERY_S:
            saved = time.monotonic()
            state = {"net": net.state_dict(), "optimizer": optimizer.state_dict(), "done": done, "step": step}
            torch.save({**state, "spent": spent + saved - begun, "shape": asdict(net.shape)}, state_file)
    state_file.unlink(missing_ok=True)


if __name__ == "__main__":
    sys.exit(main())
