"""A teacher's net and the smaller student cut out of it: some of its layers, and of each the busiest inner neurons."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import onnx
import torch
from labels import OUTPUTS
from net import Encoder, Layer, Shape
from onnx import numpy_helper
from torch import Tensor, nn


def load_net(path: Path) -> Encoder:
    """A net saved by `train.py`, or one read back from an exported int8 model (a little rounder than it was).

    Raises:
        ValueError: if the exported model is of another shape than the default one.
    """
    if path.suffix == ".onnx":
        shape, state = Shape(), _from_onnx(path)
    else:
        saved = torch.load(path)
        shape, state = (Shape(**saved["shape"]), saved["net"]) if "shape" in saved else (Shape(), saved)
    net = Encoder(shape, OUTPUTS)
    missing = set(net.state_dict()) ^ set(state)
    if missing:
        raise ValueError(f"{path} does not hold such a net: {sorted(missing)[:4]}")
    net.load_state_dict(state)
    return net


def _from_onnx(path: Path) -> dict[str, Tensor]:
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
        node = users[name]
        while node.op_type != "Add":
            node = users[node.output[0]]
        bias = next(each for each in node.input if each.endswith(".bias"))
        state[bias.replace(".bias", ".weight")] = whole.T
    return {name: torch.from_numpy(np.ascontiguousarray(value)) for name, value in state.items()}


def cut_out(teacher: Encoder, keep: list[int], inner: int, ids: Tensor, cases: Tensor) -> Encoder:
    """The layers `keep` of the teacher, each with its `inner` busiest neurons on the texts given."""
    shape = replace(
        teacher.shape,
        layers=len(keep),
        inner=inner,
        frozen=0,
        case_at=sum(number < teacher.shape.case_at for number in keep),
    )
    student = Encoder(shape, OUTPUTS)
    with torch.no_grad():
        for name in ("word", "position", "norm", "case", "head"):
            getattr(student, name).load_state_dict(getattr(teacher, name).state_dict())
        busy = _activity(teacher, ids, cases)
        for number, layer in zip(keep, student.layers, strict=True):
            source = teacher.layers[number]
            worth = busy[number] * source.down.weight.norm(dim=0)
            best = worth.topk(inner).indices.sort().values
            for part in ("query", "key", "value", "out", "norm1", "norm2"):
                getattr(layer, part).load_state_dict(getattr(source, part).state_dict())
            layer.up.weight.copy_(source.up.weight[best])
            layer.up.bias.copy_(source.up.bias[best])
            layer.down.weight.copy_(source.down.weight[:, best])
            layer.down.bias.copy_(source.down.bias)
    return student


def _activity(teacher: Encoder, ids: Tensor, cases: Tensor) -> list[Tensor]:
    """How strongly each inner neuron of each layer fires on average."""
    sums: list[Tensor] = []

    def watch(_module: nn.Module, _inputs: object, output: Tensor) -> None:
        sums.append(nn.functional.gelu(output)[ids != 0].square().mean(0).sqrt())

    layers = [layer for layer in teacher.layers if isinstance(layer, Layer)]
    hooks = [layer.up.register_forward_hook(watch) for layer in layers]
    teacher.eval()
    teacher(ids, cases)
    for hook in hooks:
        hook.remove()
    return sums
