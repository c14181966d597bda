"""Measure an exported model and write its card.

Usage: python scripts/train/card.py MODEL_DIR --net NET.pt --data DIR --labelled DIR [--groups finance]
"""

from __future__ import annotations

import argparse
import io
from contextlib import redirect_stdout
from pathlib import Path

from data import Corpus
from evaluate import measure_names, measure_replies, measure_sentences
from industries import HERE, WRITTEN, read
from net import load_net

from outguard.detection.neural.model import NeuralModel
from outguard.detection.neural.wordpiece import WordPiece


def main() -> None:
    """Measure, fill in, write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", type=Path)
    for name in ("net", "data", "labelled"):
        parser.add_argument(f"--{name}", type=Path, required=True)
    parser.add_argument("--groups", default="", help="industries that the model was trained without")
    args = parser.parse_args()
    net = load_net(args.net)
    model = NeuralModel(args.model)
    corpus = Corpus(WordPiece.from_file(args.model / "vocab.txt"), args.data, args.labelled, 7)
    groups = tuple(name for name in args.groups.split(",") if name)
    told = io.StringIO()
    with redirect_stdout(told):
        measure_names(model, corpus)
        measure_sentences(model, corpus, groups)
        measure_replies(model, corpus, groups)
    sizes = {path.name: path.stat().st_size for path in args.model.rglob("*") if path.is_file()}
    written = [sum(1 for _ in read(path)) for path in WRITTEN.glob("*.jsonl")]
    card = (HERE / "card.md").read_text(encoding="utf-8")
    (args.model / "model_card.md").write_text(
        card.format(
            layers=net.shape.layers,
            inner=net.shape.inner,
            parameters=round(sum(part.numel() for part in net.parameters()) / 1e6, 1),
            onnx=round(sizes["model.onnx"] / 1e6, 1),
            total=round(sum(sizes.values()) / 1e6, 1),
            companies=len(written),
            replies=sum(written),
            sentences=sum(1 for path in HERE.glob("sentences*.jsonl") for _ in read(path)),
            letters=sum(1 for _ in read(HERE / "letters.jsonl")),
            values=sum(1 for path in HERE.glob("values*.jsonl") for _ in read(path)),
            scores=told.getvalue().strip(),
        ),
        encoding="utf-8",
    )


if __name__ == "__main__":
    main()
