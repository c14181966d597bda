"""Weigh what is known of a clause: scores, words, sums, times, policy and ledger, into one judgement of what it does.

The sentence scorer sees words alone. Here its scores are signs among others, each with a weight that
`scripts/train/unseen.py` learns from labelled replies which the scorer had not seen. Of the ledger only what speaks
for a claim counts: an empty ledger makes no words harmless.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from typing import Any

import yaml

from outguard.detection.commitments.amounts import find_amounts
from outguard.detection.commitments.clauses import Clause
from outguard.detection.commitments.deadlines import find_deadlines
from outguard.detection.commitments.lexicon import ABSOLUTES, APPROVED, BINDS, RELEASES
from outguard.detection.commitments.read import Folded, Reader
from outguard.detection.commitments.scorer import NO_TYPE, Acts
from outguard.detection.commitments.targets import find_targets, same_target
from outguard.detection.commitments.terms import published_terms
from outguard.detection.commitments.tokens import words
from outguard.domain.action import LedgerEntry, LedgerState
from outguard.errors import InvalidInputError

WEIGHTS_FILE = "detectors/commitments_weights.yaml"
MODEL_WEIGHTS_FILE = "detectors/commitments_weights_model.yaml"
"""Weights for clauses that a language model heard too; without this file the others serve them as well."""
PLAIN, WITHIN, BOUND = range(3)
_HOPELESS = 0.05
_LEAST_STATING = 0.2
_MAX_ENTRIES = 500
"""So many of the ledger's last entries are looked at for signs; the judgement looks at all."""
_LONG_WORD = 4
_MAX_COUNT = 2
_CAME_BACK = re.compile(
    r"(?i)\b(?:turned down|declined|rejected|refused|denied|bounced|came back|(?:sent|straight|taken|gone|go) back"
    r"|out again|reversed|undone|didn['\u2019]t (?:go|come|get)|did not (?:go|come|get)|failed|still|waiting"
    r"|until|till)\b"
)
"""Words that tell of a deed which did not stand."""
_FIRST_PERSON, _SECOND_PERSON = frozenset({"i", "we"}), frozenset({"you", "your"})
_SIGNAL_WORDS = frozenset(
    (
        *("if", "can", "may", "might", "could", "would", "should", "will", "'ll", "'ve", "not", "n't", "no", "please"),
        *("once", "until", "when", "unless", "has", "have", "been", "was", "were", "is", "are", "now", "you", "your"),
        *("i", "we", "it", "they", "he", "she", "usually", "normally", "within", "up"),
    )
)

_SIGNAL_NAMES = {word: "word " + word for word in _SIGNAL_WORDS}


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a reply is held against, as far as it tells what words mean."""

    ledger: Sequence[LedgerEntry] = ()
    policy: tuple[str, ...] = ()
    now: datetime | None = None
    requests: tuple[tuple[str, ...], ...] = ()
    """The words of each kind of the profile's that is itself a request."""
    _by_state: dict[str, list[LedgerEntry]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for entry in self.ledger[-_MAX_ENTRIES:]:
            state = {LedgerState.EXECUTED: "done", LedgerState.APPROVED: "approved"}.get(entry.state, "open")
            self._by_state.setdefault(state, []).append(entry)

    @property
    def states(self) -> Mapping[str, list[LedgerEntry]]:
        """The ledger's entries by whether they are `done`, `approved` or `open` (all else)."""
        return self._by_state


@lru_cache(maxsize=64)
def _policy_words(policy: tuple[str, ...]) -> tuple[frozenset[str], ...]:
    return tuple(frozenset(word for word in words(one) if len(word) >= _LONG_WORD) for one in policy)


def _akin(named: str, target: str) -> bool:
    """Whether two identifiers look like two of one kind."""
    return len(named) > _LONG_WORD and target.lower()[:2] == named[:2] and not named.isdigit()


def _log_odds(probability: float) -> float:
    return math.log((probability + 0.01) / (1.01 - probability))


def signs(
    clause: Clause, acts: Acts, text: Folded, reader: Reader, around: Surroundings, *, level: int, is_last: bool
) -> dict[str, float]:
    """The signs of a clause by name; `level` 0: a sentence of one clause, 1: of several, 2: one of several clauses."""
    tokens, likely = text.tokens, acts.acts
    deed = acts.absolute + acts.deed
    found = {"act " + act: probability for act, probability in likely.items()}
    found.update([(_SIGNAL_NAMES[word], 1.0) for word in _SIGNAL_WORDS.intersection(tokens)])
    marks = reader.marks(text)
    for name in (BINDS, RELEASES, ABSOLUTES, APPROVED):
        found["mark " + name] = min(marks[name], _MAX_COUNT)
    kinds = [(share, kind) for kind, share in acts.types.items() if kind != NO_TYPE]
    share, kind = max(kinds) if kinds else (0.0, "")
    cues = reader.cues(text)
    found |= {
        "binding odds": _log_odds(deed),
        "deed odds": _log_odds(acts.deed),
        "absolute odds": _log_odds(acts.absolute),
        "stating odds": _log_odds(acts.stating),
        "denying odds": _log_odds(acts.denying),
        "typeless": acts.typeless,
        "typeless binding": acts.typeless * deed,
        "binding": reader.binding(acts, text),
        "likeliest type": share,
        "cued types": min(len(cues) - list(cues.values()).count(0), 3),
        "cues of type": min(cues.get(kind, 0), _MAX_COUNT),
        "claims deed": reader.claims_deed(tokens),
        "asks": "?" in text.text[-3:],
        "length": math.log(len(tokens) + 1),
        "short": len(tokens) < 5,
        "only clause": level == 0,
        "part": level == _MAX_COUNT,
        "begins with you": tokens[:1] != [] and tokens[0] in _SECOND_PERSON,
        "begins with us": tokens[:1] != [] and tokens[0] in _FIRST_PERSON,
        "last": is_last,
    }
    if acts.heard is not None:
        _add_heard(found, acts.heard)
    _add_facts(found, clause, tokens, around, deed)
    return found


def _add_heard(found: dict[str, float], heard: Acts) -> None:
    """What the language model says by itself: where it differs from the other scorer, it may weigh more or less."""
    deed = heard.absolute + heard.deed
    found |= {
        "heard binding odds": _log_odds(deed),
        "heard deed odds": _log_odds(heard.deed),
        "heard absolute odds": _log_odds(heard.absolute),
        "heard stating odds": _log_odds(heard.stating),
        "heard denying odds": _log_odds(heard.denying),
        "heard typeless": heard.typeless,
        "heard typeless binding": heard.typeless * deed,
    }


def _add_facts(
    found: dict[str, float], clause: Clause, tokens: Sequence[str], around: Surroundings, deed: float
) -> None:
    sums, times, named = find_amounts(clause.text), find_deadlines(clause.text), find_targets(clause.text)
    terms = published_terms(around.policy)
    long_words = {word for word in tokens if len(word) >= _LONG_WORD}
    shares = [len(long_words & one) / (len(long_words) + 3) for one in _policy_words(around.policy)]
    found |= {
        "sum": bool(sums),
        "time": bool(times),
        "vague time": any(one.vague for one in times),
        "business days": any(one.business for one in times),
        "published time": any((one.least, one.most, one.business) in terms for one in times),
        "target": bool(named),
        "like policy": max(shares, default=0.0),
    }
    for state, entries in around.states.items():
        is_named = any(e.target and any(same_target(one, e.target) for one in named) for e in entries) if named else 0
        is_sum = any(e.amount is not None and any(one.value == e.amount.amount for one in sums) for e in entries)
        found[f"{state} target"], found[f"{state} sum"] = is_named, is_sum
        if state == "done":
            found["done binding"] = deed if is_named or is_sum else 0.0
            found["other target"] = not is_named and any(
                e.target and _akin(one, e.target) for e in entries for one in named
            )
            found["other sum"] = bool(sums) and not is_sum and any(e.amount is not None for e in entries)
    found["came to nothing"] = bool(around.states.get("open")) and _CAME_BACK.search(clause.text) is not None


class Weigher:
    """Probabilities that a clause binds, states terms or does neither."""

    def __init__(self, weights: Mapping[str, Sequence[float]], bias: Sequence[float]) -> None:
        self._weights = {name: (pair[0], pair[1]) for name, pair in weights.items()}
        self._bias = bias

    def weigh(self, found: Mapping[str, float]) -> tuple[float, float, float]:
        """The probabilities of `PLAIN`, `WITHIN` and `BOUND`."""
        within, bound = self._bias
        weights = self._weights
        for name, value in found.items():
            pair = weights.get(name) if value else None
            if pair is not None:
                within += pair[0] * value
                bound += pair[1] * value
        top = max(0.0, within, bound)
        plain, within, bound = math.exp(-top), math.exp(within - top), math.exp(bound - top)
        total = plain + within + bound
        return plain / total, within / total, bound / total


def may_matter(acts: Acts, around: Surroundings) -> bool:
    """Whether a clause is worth weighing at all."""
    deed = acts.absolute + acts.deed
    return deed >= (_HOPELESS if not around.ledger else _HOPELESS / 2) or acts.stating >= _LEAST_STATING


def load_weighers(files: Mapping[str, str]) -> tuple[Weigher, Weigher]:
    """Read the weights for clauses that no language model heard, and for those that one did.

    Raises:
        InvalidInputError: if a file is malformed or the first is missing.
    """
    plain = _load(files, WEIGHTS_FILE)
    return plain, _load(files, MODEL_WEIGHTS_FILE) if MODEL_WEIGHTS_FILE in files else plain


def _load(files: Mapping[str, str], name: str) -> Weigher:
    try:
        tree: dict[str, Any] = yaml.safe_load(files[name])["commitments_weights"]
        weights = {str(sign): (float(pair[0]), float(pair[1])) for sign, pair in tree["weights"].items()}
        within, bound = tree["bias"]
        return Weigher(weights, (float(within), float(bound)))
    except (KeyError, TypeError, AttributeError, ValueError, IndexError, yaml.YAMLError) as error:
        raise InvalidInputError(f"{name} is missing or malformed") from error
