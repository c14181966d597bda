"""Learn the small net over the signs of a clause (`outguard.detection.commitments.net`)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
from sklearn.feature_extraction import DictVectorizer
from sklearn.neural_network import MLPClassifier
from sklearn.preprocessing import StandardScaler

from outguard.detection.commitments.course import ALONE, DONE_OF_KIND
from outguard.detection.commitments.net import FARTHEST

if TYPE_CHECKING:
    from numpy.typing import NDArray

OF_LEDGER = frozenset({
    *DONE_OF_KIND,
    *(f"{state} {what}" for state in ("done", "approved", "open", "other") for what in ("sum", "target")),
    "done binding", "came to nothing",
})  # fmt: skip
"""Signs that only a ledger gives."""
SEEDS = range(4)
HIDDEN = 24
ALONE_OF = 3
"""One clause of so many is shown as if no sentence stood around it, too."""
OFTEN = 30
"""A sign that fewer clauses have is not learnt from."""


def learn_net(
    rows: Sequence[tuple[Mapping[str, float], int]], lean: float
) -> tuple[list[str], list[NDArray[np.float32]]]:
    """Names and parts of a net: several small ones side by side, their logits averaged; `lean` is added to binding.

    What has a ledger is shown without it too: an empty ledger makes no words harmless. So are some without what stands
    around them: a reply may be a single sentence.
    """
    often = Counter(name for found, _ in rows for name, value in found.items() if value)
    kept = {name for name, times in often.items() if times >= OFTEN}
    vectorizer = DictVectorizer(sparse=False, dtype=np.float32, sort=True)
    table = vectorizer.fit_transform([{k: float(v) for k, v in found.items() if k in kept} for found, _ in rows])
    names, labels = list(vectorizer.get_feature_names_out()), np.array([label for _, label in rows])
    ledger = [at for at, name in enumerate(names) if name in OF_LEDGER]
    has = (table[:, ledger] != 0).any(axis=1)
    bare = table[has].copy()
    bare[:, ledger] = 0.0
    alone = table[::ALONE_OF].copy()
    for name, value in ALONE.items():
        alone[:, names.index(name)] = value
    table = np.concatenate([table, bare, alone])
    labels = np.concatenate([labels, labels[has], labels[::ALONE_OF]])
    scaler = StandardScaler().fit(table)
    inputs = np.clip(scaler.transform(table), -FARTHEST, FARTHEST)
    nets = [
        MLPClassifier(
            (HIDDEN,), alpha=0.03, learning_rate_init=2e-3, batch_size=256, max_iter=40,
            early_stopping=True, n_iter_no_change=4, random_state=seed,
        ).fit(inputs, labels)
        for seed in SEEDS
    ]  # fmt: skip
    last = sum(net.intercepts_[1] for net in nets) / len(nets) + np.array([0.0, 0.0, lean])
    parts = [
        scaler.mean_,
        scaler.scale_,
        np.concatenate([net.coefs_[0] for net in nets], axis=1),
        np.concatenate([net.intercepts_[0] for net in nets]),
        np.concatenate([net.coefs_[1] / len(nets) for net in nets]),
        last,
    ]
    return names, [np.asarray(part, dtype=np.float32) for part in parts]
