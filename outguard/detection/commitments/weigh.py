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
from operator import itemgetter, mul
from typing import Any

import yaml

from outguard.detection.commitments.amounts import find_amounts
from outguard.detection.commitments.clauses import Clause
from outguard.detection.commitments.deadlines import find_deadlines
from outguard.detection.commitments.lexicon import ABSOLUTES, APPROVED, BINDS, RELEASES
from outguard.detection.commitments.named import SUM, TARGET, TIME, may_name
from outguard.detection.commitments.net import Net
from outguard.detection.commitments.net import load as load_net
from outguard.detection.commitments.read import Folded, Reader
from outguard.detection.commitments.scorer import NO_TYPE, Acts
from outguard.detection.commitments.targets import find_targets, same_target
from outguard.detection.commitments.terms import deeds_of, published_terms, requests_of
from outguard.detection.commitments.tokens import words
from outguard.detection.yaml_text import load_yaml
from outguard.domain.action import LedgerEntry, LedgerState
from outguard.domain.authority import Authority, AuthorityProfile
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
_SHORT = 5
PART = 2
"""The level of a clause that is one of several in its sentence."""
_MAX_COUNT = 2
_MAX_SCORERS = 8
"""Each scorer tells the same acts every time: their weights are kept in that order for so many."""
MAX_CUES, MAX_CUED = 2, 3
_MARKS = (BINDS, RELEASES, ABSOLUTES, APPROVED)
_UNMARKED = 0, 0, 0, 0
_of_marks = itemgetter(*_MARKS)
Pair = tuple[float, float]
"""What is for `WITHIN` and what for `BOUND`."""
_NOTHING = 0.0, 0.0
_CAME_BACK = re.compile(
    r"(?i)\b(?:turned down|declined|rejected|refused|denied|bounced|came back|(?:sent|straight|taken|gone|go) back"
    r"|out again|reversed|undone|didn['\u2019]t (?:go|come|get)|did not (?:go|come|get)|failed|still|waiting"
    r"|until|till)\b"
)
"""Words that tell of a deed which did not stand."""
_FIRST_PERSON, _SECOND_PERSON = frozenset({"i", "we"}), frozenset({"you", "your"})
SIGNAL_WORDS = frozenset(
    (
        *("if", "can", "may", "might", "could", "would", "should", "will", "'ll", "'ve", "not", "n't", "no", "please"),
        *("once", "until", "when", "unless", "has", "have", "been", "was", "were", "is", "are", "now", "you", "your"),
        *("i", "we", "it", "they", "he", "she", "usually", "normally", "within", "up"),
    )
)
"""Words that are signs by themselves."""


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a reply is held against, as far as it tells what words mean."""

    ledger: Sequence[LedgerEntry] = ()
    policy: tuple[str, ...] = ()
    now: datetime | None = None
    requests: tuple[tuple[str, ...], ...] = ()
    """The words of each kind of the profile's that is itself a request."""
    terms: Mapping[str, Authority] = field(default_factory=dict)
    """The profile's terms by kind."""
    _by_state: dict[str, list[LedgerEntry]] = field(default_factory=dict)

    @staticmethod
    def of(ledger: Sequence[LedgerEntry], profile: AuthorityProfile, now: datetime | None = None) -> Surroundings:
        """What a reply is held against that is sent `now` (None: not known) under the terms of `profile`."""
        deeds = deeds_of(ledger, profile)
        return Surroundings(deeds, profile.published_policy, now, requests_of(profile), profile.commitments)

    def __post_init__(self) -> None:
        for entry in self.ledger[-_MAX_ENTRIES:]:
            state = {LedgerState.EXECUTED: "done", LedgerState.APPROVED: "approved"}.get(entry.state, "open")
            self._by_state.setdefault(state, []).append(entry)

    @property
    def states(self) -> Mapping[str, list[LedgerEntry]]:
        """The ledger's entries by whether they are `done`, `approved` or `open` (all else)."""
        return self._by_state


@lru_cache(maxsize=64)
def _policy_words(policy: tuple[str, ...]) -> tuple[frozenset[str], tuple[frozenset[str], ...]]:
    """The long words of all sentences, and those of each."""
    sentences = tuple(frozenset(word for word in words(one) if len(word) >= _LONG_WORD) for one in policy)
    return frozenset().union(*sentences), sentences


def _akin(named: str, target: str) -> bool:
    """Whether two identifiers look like two of one kind."""
    return len(named) > _LONG_WORD and target.lower()[:2] == named[:2] and not named.isdigit()


def log_odds(probability: float) -> float:
    """The log odds of a probability, kept finite."""
    return math.log((probability + 0.01) / (1.01 - probability))


def signs(
    clause: Clause, acts: Acts, text: Folded, reader: Reader, around: Surroundings, *, level: int, is_last: bool
) -> dict[str, float]:
    """The signs of a clause by name; `level` 0: a sentence of one clause, 1: of several, 2: one of several clauses."""
    shape = shape_signs(acts, text, reader, around, is_part=level == PART, is_last=is_last)
    kinds = may_name(text.tokens)
    return said_signs(acts, text, shape) | fact_signs(
        clause, acts, text, reader, around, kinds=kinds, is_only=level == 0
    )


def said_signs(acts: Acts, text: Folded, shape: Sequence[float]) -> dict[str, float]:
    """The signs of acts, single words, `shape_signs` and what the language model says by itself."""
    found = {"act " + act: probability for act, probability in acts.acts.items()}
    found |= {"word " + word: 1.0 for word in SIGNAL_WORDS.intersection(text.tokens)}
    found |= zip(SHAPE, shape, strict=True)
    return found | heard_signs(acts.heard)


SHAPE = (
    *("mark " + name for name in _MARKS),
    *("binding odds", "deed odds", "absolute odds", "stating odds", "denying odds"),
    *("typeless", "typeless binding", "binding", "likeliest type", "claims deed", "like policy", "asks", "length"),
    *("short", "part", "begins with you", "begins with us", "last"),
)
"""The names of `shape_signs`, in their order."""
BINDING = SHAPE.index("binding")


def shape_signs(
    acts: Acts, text: Folded, reader: Reader, around: Surroundings, *, is_part: bool, is_last: bool
) -> tuple[float, ...]:
    """The signs that cost little to tell, beside acts and single words: phrases, odds, and where the clause stands."""
    tokens, marks = text.tokens, reader.marks(text)
    deed, first = acts.absolute + acts.deed, tokens[0] if tokens else ""
    return (
        *_counted(marks),
        *map(log_odds, (deed, acts.deed, acts.absolute, acts.stating, acts.denying)),
        acts.typeless,
        acts.typeless * deed,
        reader.binding(acts, text),
        acts.top_type,
        reader.claims(text),
        _likeness(tokens, around.policy),
        "?" in text.text[-3:],
        math.log(len(tokens) + 1),
        len(tokens) < _SHORT,
        is_part,
        first in _SECOND_PERSON,
        first in _FIRST_PERSON,
        is_last,
    )


def _counted(marks: Mapping[str, int]) -> tuple[int, ...]:
    binds, releases, absolutes, approved = _of_marks(marks)
    if binds or releases or absolutes or approved:
        most = _MAX_COUNT
        return min(binds, most), min(releases, most), min(absolutes, most), min(approved, most)
    return _UNMARKED


def heard_signs(heard: Acts | None) -> dict[str, float]:
    """What the language model says by itself: where it differs from the other scorer, it may weigh more or less."""
    if heard is None:
        return {}
    deed = heard.absolute + heard.deed
    return {
        "heard binding odds": log_odds(deed),
        "heard deed odds": log_odds(heard.deed),
        "heard absolute odds": log_odds(heard.absolute),
        "heard stating odds": log_odds(heard.stating),
        "heard denying odds": log_odds(heard.denying),
        "heard typeless": heard.typeless,
        "heard typeless binding": heard.typeless * deed,
    }


def fact_signs(
    clause: Clause, acts: Acts, text: Folded, reader: Reader, around: Surroundings, *, kinds: int, is_only: bool
) -> dict[str, float]:
    """The signs that are searched for: cues of types, sums, times, targets, and what the ledger has of them.

    `kinds` is what the words may name (`named.may_name`); `screen.Screen` knows the most that each sign can be.
    """
    cues = reader.cues(text)
    cued = len(cues) - list(cues.values()).count(0)
    types = [(share, kind) for kind, share in acts.types.items() if kind != NO_TYPE] if cued else ()
    found: dict[str, float] = {
        "cued types": min(cued, MAX_CUED),
        "cues of type": min(cues.get(max(types)[1], 0), MAX_CUES) if types else 0,
        "only clause": is_only,
    }
    _add_facts(found, clause.text, kinds, around, acts.absolute + acts.deed)
    return found


def _likeness(tokens: Sequence[str], policy: tuple[str, ...]) -> float:
    """How much of the words stands in that sentence of the published policy which has most of them."""
    all_words, sentences = _policy_words(policy)
    shared = all_words.intersection(tokens)
    if not shared:
        return 0.0
    long_words = {word for word in tokens if len(word) >= _LONG_WORD}
    return max([len(shared & one) for one in sentences]) / (len(long_words) + 3)


def _add_facts(found: dict[str, float], text: str, kinds: int, around: Surroundings, deed: float) -> None:
    sums = find_amounts(text) if kinds & SUM else []
    times = find_deadlines(text) if kinds & TIME else []
    named = find_targets(text) if kinds & TARGET else ()
    terms = published_terms(around.policy) if times else {}
    found |= {
        "sum": bool(sums),
        "time": bool(times),
        "vague time": any(one.vague for one in times),
        "business days": any(one.business for one in times),
        "published time": any((one.least, one.most, one.business) in terms for one in times),
        "target": bool(named),
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
    found["came to nothing"] = bool(around.states.get("open")) and _CAME_BACK.search(text) is not None


class Weigher:
    """Probabilities that a clause binds, states terms or does neither."""

    def __init__(
        self,
        weights: Mapping[str, Sequence[float]],
        bias: Sequence[float],
        net: Net | None = None,
        types: Mapping[str, float] | None = None,
    ) -> None:
        """`net` has the last word on clauses that the weights do not rule out; `types` weigh the signs of types."""
        self.net, self.types = net, types
        self._weights = {name: (pair[0], pair[1]) for name, pair in weights.items()}
        self._bias = bias[0], bias[1]
        self._acts = self._of_kind("act ")
        self._of_acts: dict[tuple[str, ...], tuple[list[float], list[float]]] = {}
        self._words = {word: pair for word, pair in self._of_kind("word ").items() if word in SIGNAL_WORDS}
        self._heard = frozenset(self._words)
        shape = [self._weights.get(name, _NOTHING) for name in SHAPE]
        self._shape = [pair[0] for pair in shape], [pair[1] for pair in shape]

    def _of_kind(self, kind: str) -> dict[str, Pair]:
        return {name.removeprefix(kind): pair for name, pair in self._weights.items() if name.startswith(kind)}

    @property
    def weights(self) -> Mapping[str, Pair]:
        """What each sign weighs."""
        return self._weights

    def weigh_words(self, acts: Acts, tokens: Sequence[str], shape: Sequence[float]) -> Pair:
        """What the bias, acts, single words and `shape_signs` weigh."""
        names, shares = acts.shares
        of_acts = self._of_acts.get(names) or self._for_acts(names)
        within, bound = self._bias
        within += sum(map(mul, of_acts[0], shares))
        bound += sum(map(mul, of_acts[1], shares))
        for word in self._heard.intersection(tokens):
            pair = self._words[word]
            within += pair[0]
            bound += pair[1]
        of_within, of_bound = self._shape
        return within + sum(map(mul, of_within, shape)), bound + sum(map(mul, of_bound, shape))

    def _for_acts(self, names: tuple[str, ...]) -> tuple[list[float], list[float]]:
        """What these acts weigh, in their order: a scorer always tells the same ones."""
        pairs = [self._acts.get(act, _NOTHING) for act in names]
        weights = [pair[0] for pair in pairs], [pair[1] for pair in pairs]
        if len(self._of_acts) < _MAX_SCORERS:
            self._of_acts[names] = weights
        return weights

    def add(self, found: Mapping[str, float], to: Pair | None = None) -> Pair:
        """What `found` weighs for `WITHIN` and `BOUND`, beside the bias or what was weighed before."""
        within, bound = to or self._bias
        weights = self._weights
        for name, value in found.items():
            pair = weights.get(name) if value else None
            if pair is not None:
                within += pair[0] * value
                bound += pair[1] * value
        return within, bound

    def weigh(self, found: Mapping[str, float], beside: Pair | None = None) -> tuple[float, float, float]:
        """The probabilities of `PLAIN`, `WITHIN` and `BOUND`."""
        within, bound = self.add(found, beside)
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
        tree: dict[str, Any] = load_yaml(files[name])["commitments_weights"]
        weights = {str(sign): (float(pair[0]), float(pair[1])) for sign, pair in tree["weights"].items()}
        within, bound = tree["bias"]
        net = load_net(tree["net"]) if "net" in tree else None
        types = {str(sign): float(weight) for sign, weight in tree["types"].items()} if "types" in tree else None
        return Weigher(weights, (float(within), float(bound)), net, types)
    except (KeyError, TypeError, AttributeError, ValueError, IndexError, yaml.YAMLError) as error:
        raise InvalidInputError(f"{name} is missing or malformed") from error
