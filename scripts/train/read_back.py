"""The weights of an exported int8 model, a little rounder than they were, to go on training from what ships."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import onnx
import torch
from labels import ACTS, TAGS, TYPES
from net import Shape
from onnx import numpy_helper
from torch import Tensor


def read_back(path: Path) -> tuple[Shape, dict[str, Tensor]]:
    """Shape and weights of `path`, as `export.py` wrote it; all its layers are to learn, and labels that it has not."""
    graph = onnx.load(path).graph
    values = {each.name: numpy_helper.to_array(each) for each in graph.initializer}
    users = {name: node for node in graph.node for name in node.input}
    state: dict[str, np.ndarray] = {
        name: value for name, value in values.items() if name.endswith((".weight", ".bias")) and value.ndim
    }
    for name, value in values.items():
        if not name.endswith("_quantized"):
            continue
        stem = name.removesuffix("_quantized")
        zero, scale = values[f"{stem}_zero_point"].astype(np.float32), values[f"{stem}_scale"]
        whole = (value.astype(np.float32) - zero) * scale
        if stem.endswith(".weight"):
            state[stem] = whole
            continue
        node = users[name]  # a product's weights have no name of their own: the bias added to it has
        while node.op_type != "Add":
            node = users[node.output[0]]
        bias = next(each for each in node.input if each.endswith(".bias"))
        state[bias.replace(".bias", ".weight")] = whole.T
    told = json.loads((path.parent / "labels.json").read_text())
    rows = [*told["tags"], *told["acts"], *told["types"]]
    for name in ("head.weight", "head.bias"):
        state[name] = _by_label(state[name], rows)
    layers = len({name.split(".")[1] for name in state if name.startswith("layers.")})
    inner = len(state["layers.0.up.bias"])
    shape = replace(Shape(), layers=layers, inner=inner, frozen=0)
    return shape, {name: torch.tensor(value) for name, value in state.items()}


def _by_label(head: np.ndarray, rows: list[str]) -> np.ndarray:
    """The head with a row for each label of today: that of before, or one that says nothing yet."""
    new = np.zeros_like(head[:1])
    return np.concatenate([head[at : at + 1] if at is not None else new for at in _places(rows)] + [head[len(rows) :]])


def _places(rows: list[str]) -> list[int | None]:
    places = {label: at for at, label in enumerate(rows)}
    return [places.get(label) for label in (*TAGS, *ACTS, *TYPES)]
