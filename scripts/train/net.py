"""The encoder: MiniLM's six layers with a case feature, and one linear layer that reads every word.

Its output for a word is one row: tag logits, act logits, type logits and two pooling scores. A sentence's acts are the
softmax-weighted mean of its words' act logits, so that any span can be scored after a single forward pass.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import torch
from labels import OUTPUTS
from torch import Tensor, nn
from torch.nn import functional as fn

from outguard.detection.neural.wordpiece import CASES


@dataclass(frozen=True)
class Shape:
    """Sizes of the encoder."""

    vocab: int = 30522
    width: int = 384
    heads: int = 12
    inner: int = 1536
    layers: int = 6
    positions: int = 512
    frozen: int = 2
    """So many of the lowest layers, and the embeddings, stay as they were pre-trained."""
    case_at: int = 2
    """The words' case is told before this layer."""
    dropout: float = 0.1


class Drop(nn.Module):
    """Dropout that takes a feature from all words of a text at once: as good here, and far cheaper on a processor."""

    def __init__(self, share: float) -> None:
        super().__init__()
        self.share = share

    def forward(self, x: Tensor) -> Tensor:
        """`x` without some of its features while training."""
        if not self.training or not self.share:
            return x
        kept = torch.rand(x.shape[0], 1, x.shape[2]) >= self.share
        return x * (kept / (1.0 - self.share)).to(x.dtype)


class Layer(nn.Module):
    """One post-norm transformer layer, as BERT has it."""

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.heads = shape.heads
        self.query = nn.Linear(shape.width, shape.width)
        self.key = nn.Linear(shape.width, shape.width)
        self.value = nn.Linear(shape.width, shape.width)
        self.out = nn.Linear(shape.width, shape.width)
        self.norm1 = nn.LayerNorm(shape.width, eps=1e-12)
        self.up = nn.Linear(shape.width, shape.inner)
        self.down = nn.Linear(shape.inner, shape.width)
        self.norm2 = nn.LayerNorm(shape.width, eps=1e-12)
        self.drop = Drop(shape.dropout)

    def forward(self, x: Tensor, bias: Tensor) -> Tensor:
        """`bias` is added to the attention scores: 0 for words, very negative for padding."""
        size, length, width = x.shape

        def split(y: Tensor) -> Tensor:
            return y.view(size, length, self.heads, width // self.heads).transpose(1, 2)

        scores = split(self.query(x)) @ split(self.key(x)).transpose(2, 3) * (width // self.heads) ** -0.5
        mixed = (scores + bias).softmax(-1) @ split(self.value(x))
        x = self.norm1(x + self.drop(self.out(mixed.transpose(1, 2).reshape(size, length, width))))
        return self.norm2(x + self.drop(self.down(fn.gelu(self.up(x)))))


class Encoder(nn.Module):
    """Pieces and case classes in, one row of logits a piece out."""

    def __init__(self, shape: Shape, outputs: int) -> None:
        super().__init__()
        self.shape = shape
        self.word = nn.Embedding(shape.vocab, shape.width)
        self.position = nn.Embedding(shape.positions, shape.width)
        self.norm = nn.LayerNorm(shape.width, eps=1e-12)
        self.case = nn.Embedding(CASES, shape.width)
        self.layers = nn.ModuleList(Layer(shape) for _ in range(shape.layers))
        self.drop = Drop(shape.dropout)
        self.head = nn.Linear(shape.width, outputs)
        nn.init.zeros_(self.case.weight)

    def forward(self, ids: Tensor, cases: Tensor) -> Tensor:
        """Rows of logits; padding (id 0) is not looked at."""
        logits: Tensor = self.head(self.drop(self.hidden(ids, cases)))
        return logits

    def hidden(self, ids: Tensor, cases: Tensor) -> Tensor:
        """What the last layer makes of each piece."""
        bias = (ids == 0)[:, None, None, :].to(torch.float32) * -1e4
        x = self.norm(self.word(ids) + self.position.weight[: ids.shape[1]])
        for number, layer in enumerate(self.layers):
            if number == self.shape.case_at:
                x = x + self.case(cases)
            x = layer(x, bias)
        return x

    def trainable(self) -> list[tuple[str, nn.Parameter]]:
        """Everything but the embeddings and the lowest layers, which stay as they were pre-trained."""
        still = ("word.", "position.", "norm.", *(f"layers.{n}." for n in range(self.shape.frozen)))
        for name, parameter in self.named_parameters():
            parameter.requires_grad_(not name.startswith(still))
        return [(name, parameter) for name, parameter in self.named_parameters() if parameter.requires_grad]


_LAYER = {
    "attention.self.query": "query",
    "attention.self.key": "key",
    "attention.self.value": "value",
    "attention.output.dense": "out",
    "attention.output.LayerNorm": "norm1",
    "intermediate.dense": "up",
    "output.dense": "down",
    "output.LayerNorm": "norm2",
}


def load_pretrained(net: Encoder, folder: Path) -> None:
    """Copy a BERT checkpoint's weights (`model.safetensors`) into `net`."""
    from safetensors.torch import load_file  # noqa: PLC0415 - only the first run needs it

    source = load_file(folder / "model.safetensors")
    with torch.no_grad():
        net.word.weight.copy_(source["embeddings.word_embeddings.weight"])
        kind = source["embeddings.token_type_embeddings.weight"][0]
        net.position.weight.copy_(source["embeddings.position_embeddings.weight"] + kind)
        net.norm.weight.copy_(source["embeddings.LayerNorm.weight"])
        net.norm.bias.copy_(source["embeddings.LayerNorm.bias"])
        for number, layer in enumerate(net.layers):
            for theirs, ours in _LAYER.items():
                for part in ("weight", "bias"):
                    target = getattr(getattr(layer, ours), part)
                    target.copy_(source[f"encoder.layer.{number}.{theirs}.{part}"])


def load_net(path: Path) -> Encoder:
    """A net saved by `train.py`, or one read back from an exported `.onnx`."""
    if path.suffix == ".onnx":
        from read_back import read_back  # noqa: PLC0415 - it needs this module

        shape, state = read_back(path)
    else:
        saved = torch.load(path)
        shape, state = Shape(**saved["shape"]), saved["net"]
    net = Encoder(shape, OUTPUTS)
    net.load_state_dict(state)
    return net
