"""What the shipped language model costs: run as a module it loads it, reads replies and prints the figures as JSON.

All times are CPU time of this process, so that one busy core of a shared machine gives the same figures as an idle one.
"""

from __future__ import annotations

import json
import os
import sys
import time
from importlib import import_module
from itertools import islice
from statistics import median

from outguard.bench.process import resident_bytes
from outguard.bench.text import bench_replies

SINGLE, BATCHED, BATCH = 200, 384, 32


def measure() -> dict[str, float | None]:
    """Seconds to load it; milliseconds of one reply; replies a second in batches; memory of runtime and model."""
    bootstrap, loading = import_module("outguard.bootstrap"), import_module("outguard.detection.neural.load")
    before = resident_bytes(os.getpid())
    started = time.process_time()
    model = loading.load_model(bootstrap.shipped_model())
    load_s = time.process_time() - started
    texts = [reply.text for reply in islice(bench_replies(), SINGLE + BATCHED)]
    model.read_all(texts[:BATCH])
    single_s = [_cpu_s(model, [text]) for text in texts[:SINGLE]]
    batches = [texts[start : start + BATCH] for start in range(SINGLE, SINGLE + BATCHED, BATCH)]
    batched_s = median(_cpu_s(model, batch) for batch in batches)
    after = resident_bytes(os.getpid())
    return {
        "model_load_s": round(load_s, 3),
        "model_cpu_ms": round(median(single_s) * 1000, 2),
        "model_batched_per_s": round(BATCH / batched_s, 1),
        "model_mb": None if before is None or after is None else round((after - before) / 1e6, 1),
    }


def _cpu_s(model: object, texts: list[str]) -> float:
    started = time.process_time()
    model.read_all(texts)  # type: ignore[attr-defined]
    return time.process_time() - started


if __name__ == "__main__":
    sys.stdout.write(json.dumps(measure()) + "\n")
