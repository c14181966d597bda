"""Learn what the signs of a commitment's type weigh (`outguard.detection.commitments.rank`)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from scipy.optimize import minimize

Choice = tuple[list[dict[str, float]], int]
"""The signs of each candidate type of a clause, and which of them is right."""
_RIDGE = 1e-4


def learn_types(choices: Sequence[Choice]) -> dict[str, float]:
    """The weight of each sign in a conditional logit: the right type is to score above the others of its clause."""
    names = sorted({name for candidates, _ in choices for found in candidates for name in found})
    at = {name: place for place, name in enumerate(names)}
    table = np.zeros((len(choices), len(choices[0][0]), len(names)))
    for row, (candidates, _) in enumerate(choices):
        for column, found in enumerate(candidates):
            for name, value in found.items():
                table[row, column, at[name]] = value
    right = np.array([gold for _, gold in choices])
    spread = table.reshape(-1, len(names)).std(axis=0) + 1e-3
    table /= spread
    every = np.arange(len(choices))

    def loss(weights: np.ndarray) -> tuple[float, np.ndarray]:
        scores = table @ weights
        scores -= scores.max(axis=1, keepdims=True)
        shares = np.exp(scores)
        shares /= shares.sum(axis=1, keepdims=True)
        told = -np.log(shares[every, right] + 1e-12).mean() + _RIDGE * float(weights @ weights)
        shares[every, right] -= 1.0
        return told, np.einsum("rc,rcn->n", shares, table) / len(choices) + 2 * _RIDGE * weights

    found = minimize(loss, np.zeros(len(names)), jac=True, method="L-BFGS-B", options={"maxiter": 200})
    weights: Mapping[str, float] = dict(zip(names, (found.x / spread).tolist(), strict=True))
    return {name: float(f"{weight:.3g}") for name, weight in weights.items() if abs(weight) >= 0.005}
