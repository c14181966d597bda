"""The weights of an exported int8 model, a little rounder than they were, to go on training from what ships."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import onnx
import torch
from net import Shape
from onnx import numpy_helper
from torch import Tensor


def read_back(path: Path) -> tuple[Shape, dict[str, Tensor]]:
    """Shape and weights of `path`, as `export.py` wrote it; all its layers are to learn."""
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
    layers = len({name.split(".")[1] for name in state if name.startswith("layers.")})
    inner = len(state["layers.0.up.bias"])
    shape = replace(Shape(), layers=layers, inner=inner, frozen=0)
    return shape, {name: torch.tensor(value) for name, value in state.items()}
