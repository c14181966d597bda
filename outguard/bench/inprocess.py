"""What is measured on this process's own thread: Presidio, our patterns alone, the whole rules path, long texts.

Presidio comes last of all imports: whoever measures memory does so without it.
"""

from __future__ import annotations

import gc
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib import import_module

from outguard.bench.load import Measured, measure_together
from outguard.bench.text import BenchReply, bench_replies
from outguard.bootstrap import build_judge, detector_packs, rules_of
from outguard.detection.document import Document
from outguard.detection.engine import PackDetector, build_scanner
from outguard.detection.recognizers.own import OwnDetector
from outguard.detection.scan import Scanner
from outguard.domain.authority import AuthorityProfile
from outguard.domain.context import ReplyContext
from outguard.domain.reply import Content, Customer, Recipient
from outguard.policy.compile import compile_policy

PROFILE = "brightloom"
WARM_UP_REPLIES = 500
_LONG, _SHORT = 256 * 1024, 1024
_PARTS, _ROUNDS = 64, 3
_HOSTILE = {
    "prose": "",
    "a.a.a.": "a.",
    "digits": "4",
    "@@@": "@",
    "brackets": "{[(<",
    "base64": "QUJDREVGRw",
    "dashes": "4-",
    "quotes": "\"'> ",
    "lines": "a\n",
    "(at)": "(at)",
    "cards": "4111 1111 1111 1111 ",
}


def customer_of(reply: BenchReply) -> Customer:
    """Who the reply goes to."""
    return Customer(id="c-1", name=reply.name, emails=(reply.email,), phones=(), known_values=(reply.order_id,))


def recipient_of(reply: BenchReply) -> Recipient:
    """Where the reply goes to."""
    return Recipient(customer_id="c-1", display_name=reply.name, address=reply.email)


@dataclass(frozen=True, kw_only=True, slots=True)
class Engines:
    """The two ways to look at a reply; both take a text and its context."""

    patterns: Callable[[str, ReplyContext], object]
    judge: Callable[[str, ReplyContext], object]
    profile: AuthorityProfile


def load_engines() -> Engines:
    """Our engines with the shipped rules."""
    files = rules_of(None)
    policy = compile_policy(files)
    scanner = build_scanner(detector_packs(files))
    found = [one for one in scanner.detectors if isinstance(one, PackDetector | OwnDetector)]
    patterns = Scanner(found)
    judge = build_judge(files, scanner=scanner)
    return Engines(
        patterns=lambda text, context: patterns.scan([Document(text=text)], context),
        judge=lambda text, context: judge.judge(Content(text=text), context, policy),
        profile=policy.profiles[PROFILE],
    )


def context_of(reply: BenchReply, profile: AuthorityProfile) -> ReplyContext:
    """What the reply is judged against: an empty ledger, the recipient's own name, address and order."""
    return ReplyContext(
        recipient=recipient_of(reply),
        customer=customer_of(reply),
        profile=profile,
        ledger=(),
        now=datetime.now(UTC),
        channel="email",
    )


def measure_engines(engines: Engines, seconds: float) -> dict[str, Measured]:
    """Presidio and our two engines in turns, each over the same texts."""
    analyzer, profile = import_module("outguard.bench.presidio").build_analyzer(), engines.profile
    calls: Mapping[str, Callable[[BenchReply], object]] = {
        "presidio": lambda reply: analyzer.analyze(reply.text, language="en"),
        "patterns": lambda reply: engines.patterns(reply.text, context_of(reply, profile)),
        "judge": lambda reply: engines.judge(reply.text, context_of(reply, profile)),
    }
    _settle()
    return measure_together(calls, bench_replies(), seconds, warm_up=WARM_UP_REPLIES)


def _settle() -> None:
    """Take what is loaded out of garbage collection, as a server does: Presidio's objects too would be walked."""
    gc.collect()
    gc.freeze()


def long_to_short(engines: Engines) -> dict[str, float]:
    """How many times as long 256 KiB take as 1 KiB, by kind of text; 256 is what a linear engine gives."""
    _settle()
    source = bench_replies()
    context = context_of(next(source), engines.profile)
    prose = " ".join(next(source).text for _ in range(_LONG // 250))
    ratios: dict[str, float] = {}
    for name, piece in _HOSTILE.items():
        text = "99 " + (piece * (_LONG // len(piece)) if piece else prose)
        heads = (f"{number:02d} " for number in range(_PARTS))  # no text twice running: its sentences are remembered
        parts = [(head + text[3:])[:_SHORT] for head in heads]
        whole = part = float("inf")
        for _ in range(_ROUNDS):  # in turns, the least of each: what else the machine does must not count
            part = min(part, _cpu_s(lambda parts=parts: [engines.judge(one, context) for one in parts]) / _PARTS)  # type: ignore[misc]
            whole = min(whole, _cpu_s(lambda text=text: engines.judge(text[:_LONG], context)))  # type: ignore[misc]
        ratios[name] = round(whole / part, 1)
    return ratios


def _cpu_s(call: Callable[[], object]) -> float:
    started = time.process_time()
    call()
    return time.process_time() - started
