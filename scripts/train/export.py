"""Write a trained net as int8 ONNX with its vocabulary, labels and hashes, and as a spaCy pipeline around them.

Usage: python scripts/train/export.py NET.pt... --base DIR --out models/outguard_en [--thresholds JSON]
Of several nets that went on from the same one the mean of the weights is written: it errs less than each of them.

The model card is not written here: its scores come from `evaluate.py`.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import logging
import tempfile
from pathlib import Path

import torch
from labels import ACTS, TAGS, TYPES, VALUES
from net import Encoder, load_net
from onnxruntime.quantization import QuantType, quantize_dynamic

from outguard.detection.neural.component import FACTORY, register

FORMAT = "outguard-neural-1"
VERSION = "0.3.0"
FILES = ("labels.json", "model.onnx", "vocab.txt")
THRESHOLDS = {"PERSON": 0.3, "LOCATION": 0.4, "ORGANIZATION": 0.4, "STREET_ADDRESS": 0.5, "DATE_OF_BIRTH": 0.5}
THRESHOLDS |= dict.fromkeys(VALUES, 0.3)


def mean(paths: list[Path]) -> Encoder:
    """The net whose weights are the mean of those saved at `paths`."""
    nets = [load_net(path) for path in paths]
    states = [net.state_dict() for net in nets]
    nets[0].load_state_dict({name: torch.stack([state[name] for state in states]).mean(0) for name in states[0]})
    return nets[0]


def write_onnx(net: Encoder, path: Path) -> None:
    """The net as float ONNX, any number of texts of any length."""
    net.eval()
    example = (torch.randint(1, 1000, (2, 16)), torch.zeros((2, 16), dtype=torch.long))
    axes = {0: torch.export.Dim("texts"), 1: torch.export.Dim("pieces", max=512)}
    torch.onnx.export(
        net,
        example,
        str(path),
        input_names=["ids", "cases"],
        output_names=["rows"],
        dynamic_shapes=(axes, axes),
        dynamo=True,
        external_data=False,
        verbose=False,
    )


def write_hashes(folder: Path) -> None:
    """SHA-256 of every file the loader reads."""
    hashes = {name: hashlib.sha256((folder / name).read_bytes()).hexdigest() for name in FILES}
    (folder / "hashes.json").write_text(json.dumps(hashes, indent=2) + "\n")


def write_pipeline(folder: Path) -> None:
    """What makes the folder a spaCy pipeline with the encoder as its only component."""
    import spacy  # noqa: PLC0415 - slow to import

    register()
    about = "Names, places and what the sentences of an English support reply do"
    meta = {"name": folder.name.removeprefix("en_"), "version": VERSION, "license": "Apache-2.0", "description": about}
    nlp = spacy.blank("en", meta=meta)
    nlp.add_pipe(FACTORY)
    nlp.to_disk(folder)


def main() -> None:
    """Export, quantise, hash."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("nets", type=Path, nargs="+")
    parser.add_argument("--base", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--thresholds", type=json.loads, default=THRESHOLDS)
    args = parser.parse_args()
    logging.getLogger().setLevel(logging.ERROR)
    torch.set_num_threads(1)
    net = mean(args.nets)
    args.out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as scratch:
        whole = Path(scratch) / "model.onnx"
        write_onnx(net, whole)
        quantize_dynamic(
            whole,
            args.out / "model.onnx",
            op_types_to_quantize=["MatMul", "Gather"],
            per_channel=True,
            reduce_range=True,
            weight_type=QuantType.QInt8,
        )
    (args.out / "vocab.txt").write_bytes((args.base / "vocab.txt").read_bytes())
    labels = {"format": FORMAT, "tags": TAGS, "acts": ACTS, "types": TYPES, "thresholds": args.thresholds}
    (args.out / "labels.json").write_text(json.dumps(labels, indent=1) + "\n")
    write_hashes(args.out)
    write_pipeline(args.out)
    print(sum(path.stat().st_size for path in args.out.rglob("*")) / 1e6, "MB")


if __name__ == "__main__":
    main()
