"""What the detection engine costs to have: run as a module it loads all packs and prints seconds and memory as JSON."""

from __future__ import annotations

import json
import os
import sys
import time
from importlib import import_module
from itertools import islice

from outguard.bench.process import resident_bytes
from outguard.bench.text import bench_replies
from outguard.domain.reply import Content

SCANNED = 500
"""Replies that are judged before memory is read: automata grow with use."""


def measure() -> dict[str, float | None]:
    """CPU seconds to read, check and compile all packs and models; memory that this and the engine's code take."""
    import_module("outguard.storage.store")  # what the store takes is not the engine's
    before = resident_bytes(os.getpid())
    inprocess, bootstrap = import_module("outguard.bench.inprocess"), import_module("outguard.bootstrap")
    engine, policies = import_module("outguard.detection.engine"), import_module("outguard.policy.compile")
    files = bootstrap.rules_of(None)
    started = time.process_time()
    scanner = engine.build_scanner(bootstrap.detector_packs(files))
    load_s = time.process_time() - started
    policy = policies.compile_policy(files)
    judge = bootstrap.build_judge(files, scanner=scanner)
    profile = policy.profiles[inprocess.PROFILE]
    for reply in islice(bench_replies(), SCANNED):
        judge.judge(Content(text=reply.text), inprocess.context_of(reply, profile), policy)
    after = resident_bytes(os.getpid())
    megabytes = None if before is None or after is None else round((after - before) / 1e6, 1)
    return {"packs_load_s": round(load_s, 3), "engine_mb": megabytes}


if __name__ == "__main__":
    sys.stdout.write(json.dumps(measure()) + "\n")
