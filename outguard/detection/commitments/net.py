"""A small neural net over the signs of a clause: one hidden layer, which hears what signs mean together.

`scripts/train/unseen.py` learns it beside the linear weights, and puts it into their file. The linear weights say
which clauses it is asked about; it has the last word.
"""

from __future__ import annotations

import base64
from array import array
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from outguard.errors import InvalidInputError

if TYPE_CHECKING:
    from numpy.typing import NDArray

FARTHEST = 5.0
"""A sign counts at most so many standard deviations from its mean: a rare one must not outweigh all others."""
OUTCOMES = 3
"""Neither, states terms, binds."""


class Net:
    """Probabilities that a clause does nothing, states terms or binds, from its signs by name."""

    __slots__ = ("_at", "_b1", "_b2", "_mean", "_scale", "_w1", "_w2", "names")

    def __init__(self, names: Sequence[str], parts: Sequence[NDArray[np.float32]]) -> None:
        """`parts`: mean and scale of the signs, weights and bias of the hidden layer, weights and bias of the last."""
        self.names = tuple(names)
        self._at = {name: place for place, name in enumerate(names)}
        self._mean, self._scale, self._w1, self._b1, self._w2, self._b2 = map(np.ascontiguousarray, parts)

    def weigh(self, found: Mapping[str, float]) -> tuple[float, float, float]:
        """The probabilities of the three outcomes; a sign that is not named in `found` is 0."""
        values, at = np.zeros(len(self._at), dtype=np.float32), self._at
        for name, value in found.items():
            place = at.get(name)
            if place is not None:
                values[place] = value
        return self._weigh(values)

    def places_in(self, names: Sequence[str]) -> NDArray[np.intp]:
        """Where each of the net's signs stands in a row of `names`, or how long that is: it is not among them."""
        at = {name: place for place, name in enumerate(names)}
        return np.array([at.get(name, len(names)) for name in self.names], dtype=np.intp)

    def weigh_row(
        self, row: Sequence[float], places: NDArray[np.intp], found: Iterable[tuple[int, float]]
    ) -> tuple[float, float, float]:
        """As `weigh`, of a row of values that `places_in` knows; `found` are more signs by their place in `names`."""
        values = np.frombuffer(array("f", (*row, 0.0)), dtype=np.float32).take(places)
        for place, value in found:
            values[place] = value
        return self._weigh(values)

    def _weigh(self, values: NDArray[np.float32]) -> tuple[float, float, float]:
        """In few calls, each of which takes longer than what it reckons: `values` is used up."""
        values -= self._mean
        values /= self._scale
        np.maximum(values, -FARTHEST, out=values)
        np.minimum(values, FARTHEST, out=values)
        hidden = values.dot(self._w1)
        hidden += self._b1
        np.maximum(hidden, 0.0, out=hidden)
        powers = hidden.dot(self._w2)
        powers += self._b2
        powers -= max(powers.tolist())
        np.exp(powers, out=powers)
        powers /= np.add.reduce(powers)
        plain, within, bound = powers.tolist()
        return plain, within, bound


def dump(names: Sequence[str], parts: Sequence[NDArray[np.float32]]) -> dict[str, Any]:
    """A net as plain values, for a YAML file."""
    flat = np.concatenate([np.asarray(part, dtype="<f4").ravel() for part in parts])
    return {"signs": list(names), "hidden": len(parts[3]), "numbers": base64.b85encode(flat.tobytes()).decode()}


def load(tree: Mapping[str, Any]) -> Net:
    """The net that `dump` wrote.

    Raises:
        InvalidInputError: if it is malformed.
    """
    try:
        names, hidden = [str(name) for name in tree["signs"]], int(tree["hidden"])
        flat = np.frombuffer(base64.b85decode(tree["numbers"]), dtype="<f4")
        shapes = [(len(names),), (len(names),), (len(names), hidden), (hidden,), (hidden, OUTCOMES), (OUTCOMES,)]
        ends = np.cumsum([int(np.prod(shape)) for shape in shapes])
        if len(flat) != ends[-1]:
            raise InvalidInputError("a net of weights has numbers missing or left over; learn the weights again")
        if not np.isfinite(flat).all() or not (flat[len(names) : 2 * len(names)] > 0.0).all():
            raise InvalidInputError("a net of weights has numbers that weigh nothing; learn the weights again")
        parts = [part.reshape(shape) for part, shape in zip(np.split(flat, ends[:-1]), shapes, strict=True)]
    except (KeyError, TypeError, ValueError) as error:
        raise InvalidInputError("a net of weights is malformed; learn the weights again") from error
    return Net(names, parts)
