"""Decide what a clause does and is about, from the scorer's probabilities and the lexicon's cues."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace

from outguard.detection.commitments.extract import Reading, Tense
from outguard.detection.commitments.lexicon import ABSOLUTES, APPROVED, BINDS, RELEASES, Lexicon
from outguard.detection.commitments.scorer import ABSOLUTE_ACTS, DEED_ACTS, NO_TYPE, STATING_ACTS, Acts
from outguard.detection.commitments.terms import TIMES
from outguard.detection.commitments.tokens import words

ABSOLUTE_TYPES = {
    "guarantee": "GUARANTEE",
    "admission": "LIABILITY_ADMISSION",
    "advice": "LEGAL_MEDICAL_FINANCIAL_ADVICE",
}
_MAX_TYPES = 4
_HOPELESS = 0.08
_DENIED = 0.4
_PERFECT = frozenset({"'ve", "have", "has", "been", "now", "i", "we", "is", "are"})
_UNMAKING = frozenset(
    (
        *("not", "n't", "no", "never", "nothing", "none", "neither", "without", "cannot"),
        *("if", "once", "when", "after", "until", "before", "unless", "whether", "waiting", "request", "requested"),
        *("may", "might", "could", "would", "should", "can", "usually", "normally", "need", "needs"),
    )
)


_FOLLOWED = frozenset({"as", "per", "at", "on", "by"})
_ASKING = frozenset({"request", "requested"})
_BETWEEN = frozenset({"now", "just", "successfully", "already", "also", "gone", "ahead", "and", "manually"})
_OURS = (["i", "'ve"], ["we", "'ve"], ["i", "have"], ["we", "have"])
_LEADS_TO_DEED = frozenset({"i", "we", "been", "be"})
"""One of these stands before every deed that is stated."""
_DONE_WORDS = frozenset({"sent", "put", "taken", "made", "given", "paid", "set", "reset", "got", "brought"})
_THEIRS = frozenset({"who", "which", "they", "since", "he", "she", "whose", "by", "any", "some"})
_WHAT = frozenset({"both", "the", "your", "a", "an", "all", "$", "it", "that", "them", "this", "these", "those"})
_GONE = frozenset({"gone", "done", "yours", "torn", "forgotten", "history", "sorted", "settled", "fixed", "paid"})
_MAX_LINE, _NEAR = 16, 9
_PAID_BACK = frozenset({"refunded", "reimbursed", "compensated", "credited"})
_PLAIN_DEEDS = frozenset(("refund", "reimburse", "compensate", "credit", "waive", "cancel", "replace"))
"""What the company does for a customer, in the words of its own business: whoever says that they will, promises it."""
_PLAIN_PAST = frozenset(
    {"refunded", "reimbursed", "compensated", "credited", "waived", "cancelled", "canceled", "replaced"}
)
_WE = frozenset({"i", "we"})
_OF_COURSE = frozenset(
    {"also", "then", "just", "gladly", "happily", "personally", "immediately", "now", "already", "both"}
)
_TAIL = frozenset({"too", "as", "well", "now", "also", "in", "full", "today"})
_HARDLY = 0.6
_ASSURANCES, _FEW = frozenset({("took", "care", "of"), ("got", "you", "covered")}), 4
_YOU_WILL_BE = (["you", "will", "be"], ["you", "'ll", "be"])
_ABSOLUTE_NAMES = frozenset(ABSOLUTE_TYPES.values())


class Folded:
    """A text with its folded words and marks, which are found once and only when asked for."""

    __slots__ = ("_cues", "_joined", "_marks", "_tokens", "claims", "text")

    def __init__(self, text: str) -> None:
        self.text = text
        self._tokens: list[str] | None = None
        self._joined = ""
        self._marks: Mapping[str, int] | None = None
        self._cues: Mapping[str, int] | None = None
        self.claims: bool | None = None
        """What `Reader.claims` found."""

    @property
    def tokens(self) -> list[str]:
        """The folded words."""
        if self._tokens is None:
            self._tokens = words(self.text)
        return self._tokens

    @property
    def joined(self) -> str:
        """The folded words with a space between and at each side."""
        if not self._joined:
            self._joined = " " + " ".join(self.tokens) + " "
        return self._joined

    def marks(self, lexicon: Lexicon) -> Mapping[str, int]:
        """How many phrases of each group of marks are among the words."""
        if self._marks is None:
            self._marks = lexicon.marks.hits(self.tokens, self.joined)
        return self._marks

    def cues(self, lexicon: Lexicon) -> Mapping[str, int]:
        """How many cue words of each type are among the words."""
        if self._cues is None:
            self._cues = lexicon.types.hits(self.tokens, self.joined)
        return self._cues


class Reader:
    """Reads clauses with a lexicon; the scorer's answer is handed in."""

    def __init__(self, lexicon: Lexicon) -> None:
        self._lexicon = lexicon
        limits = lexicon.thresholds
        self._idiom, self._deed, self._release = limits["idiom"], limits["deed"], limits["release"]
        self._question, self._bind = limits["question"], limits["bind"]
        self._soft, self._cue = limits["soft"], limits["cue"]
        self._plain_deed = limits["plain_deed"]
        self._runner_up = math.log(limits["runner_up"])

    def binding(self, acts: Acts, text: Folded) -> float:
        """How likely words bind the company to something that has a type."""
        score = acts.absolute + acts.deed * (1.0 - acts.typeless**2)
        if score < _HOPELESS:
            return score
        marks = text.marks(self._lexicon)
        if acts.denying < _DENIED:
            if marks[BINDS] or marks[ABSOLUTES]:
                score += self._idiom
            if self.claims(text):
                score += self._deed
        if marks[RELEASES]:
            score -= self._release * min(marks[RELEASES], 2)
        return min(max(score, 0.0), 1.0)

    def marks(self, text: Folded) -> Mapping[str, int]:
        """How many phrases of each group of marks are among the words."""
        return text.marks(self._lexicon)

    def cues(self, text: Folded) -> Mapping[str, int]:
        """How many cue words of each type are among the words."""
        return text.cues(self._lexicon)

    def read(
        self, acts: Acts, text: Folded, within: float, bound: float, *, requests: Sequence[Sequence[str]] = ()
    ) -> Reading | None:
        """The reading of a clause that states terms or binds so likely, None where it does neither.

        `requests` are the words of each request that is a deed at this company.
        """
        asks = _asks(text)
        is_plain = self._is_plain(acts, text, requests)
        if is_plain:
            bound = max(bound, self._plain_deed)
        if bound >= (self._question if asks else self._bind):
            reading = self._bound(acts, text, bound)
            return _of_deed(reading) if is_plain else reading
        if within >= self._soft and not asks:
            likely = acts.acts
            act = max(STATING_ACTS, key=lambda one: likely.get(one, 0.0))
            types, _ = self._types(act, acts, text)
            return Reading(
                act=act, types=types, binding=False, score=within, tense=Tense.OPEN, words=frozenset(text.tokens)
            )
        return None

    def may_read(
        self, acts: Acts, text: Folded, within: float, bound: float, *, requests: Sequence[Sequence[str]] = ()
    ) -> bool:
        """Whether `read` could give a reading for probabilities up to these."""
        return bound >= self._bind or within >= self._soft or self._is_plain(acts, text, requests)

    def _is_plain(self, acts: Acts, text: Folded, requests: Sequence[Sequence[str]]) -> bool:
        return not _asks(text) and self.plainly_done(acts, text.tokens, requests)

    def claims(self, text: Folded) -> bool:
        """`claims_deed`, looked for once."""
        if text.claims is None:
            text.claims = self.claims_deed(text.tokens)
        return text.claims

    def claims_deed(self, tokens: list[str]) -> bool:
        """Whether a deed's participle follows "I've", "has been" or "is now", and nothing unmakes it."""
        if self._lexicon.deeds.isdisjoint(tokens) or not _UNMAKING.isdisjoint(tokens):
            return False
        deeds = self._lexicon.deeds
        return any(
            word in deeds and not _PERFECT.isdisjoint(tokens[max(0, at - 3) : at]) for at, word in enumerate(tokens)
        )

    def plainly_done(self, acts: Acts, tokens: list[str], requests: Sequence[Sequence[str]] = ()) -> bool:
        """Whether the plainest words say that a deed is done, and the scorer does not hear a denial in them.

        "Consider the fine torn up" is one whatever the scorer hears.
        """
        if requests:
            said = set(tokens)
            if any(said.issuperset(request) for request in requests):
                return self.states_deed(tokens, is_request=True)
        if tokens[:1] == ["consider"]:
            return any(word in self._lexicon.deeds or word in _GONE for word in tokens[2:_NEAR])
        if acts.denying < _HARDLY and (_does_plainly(tokens) or _ends_done(tokens) or _assures(tokens)):
            return True
        return acts.denying < _DENIED and (self.states_deed(tokens) or self.names_deed(tokens))

    def tells_deed(self, tokens: list[str]) -> bool:
        """Whether the plainest words tell a deed of our own, before any scorer is asked."""
        if _PLAIN_PAST.isdisjoint(tokens) and _PLAIN_DEEDS.isdisjoint(tokens):
            return False
        return _does_plainly(tokens) or ("been" not in tokens and self.states_deed(tokens))

    def states_deed(self, tokens: list[str], *, is_request: bool = False) -> bool:
        """Whether the plainest words say that a deed is done: "I've cancelled", "your plan has been changed".

        Where the deed `is_request`, submitting it is doing it.
        """
        if _LEADS_TO_DEED.isdisjoint(tokens):
            return False
        unmaking = _UNMAKING.intersection(tokens)
        if unmaking and not (unmaking <= _ASKING and (is_request or _as_asked(tokens))):
            return False
        for at, word in enumerate(tokens):
            if word in _PAID_BACK and tokens[max(0, at - 3) : at] in _YOU_WILL_BE:
                return True
            if not (word in self._lexicon.deeds or word.endswith("ed") or word in _DONE_WORDS):
                continue
            start = at
            while start and tokens[start - 1] in _BETWEEN:
                start -= 1
            if tokens[max(0, start - 2) : start] in _OURS and word not in self._lexicon.harmless:
                return True
            is_deed = word in self._lexicon.deeds or (word == "submitted" and (is_request or "successfully" in tokens))
            if is_deed and tokens[start - 1 : start] == ["been"] and _THEIRS.isdisjoint(tokens[:at]):
                return True
        return False

    def names_deed(self, tokens: list[str]) -> bool:
        """Whether a line begins with a deed that has no subject: "2. Removed both fees"."""
        if len(tokens) > _MAX_LINE or not _UNMAKING.isdisjoint(tokens):
            return False
        first = next((at for at, word in enumerate(tokens) if word[0].isalpha()), -1)
        return (
            first >= 0 and tokens[first] in self._lexicon.deeds and not _WHAT.isdisjoint(tokens[first + 1 : first + 2])
        )

    def _bound(self, acts: Acts, text: Folded, binding: float) -> Reading:
        likely = acts.acts
        # The group is chosen first: advice that half sounds like a guarantee is no promise because neither leads alone.
        group = ABSOLUTE_ACTS if acts.absolute > acts.deed else DEED_ACTS
        act = max(group, key=lambda one: likely.get(one, 0.0))
        marks = text.marks(self._lexicon)
        if act in DEED_ACTS and marks[ABSOLUTES]:
            act = "guarantee"
        types, is_cued = self._types(act, acts, text)
        tense = Tense.PROMISED if act == "promise" else Tense.DONE
        return Reading(
            act=act,
            types=types,
            cued=is_cued,
            binding=True,
            score=binding,
            tense=Tense.ON_ITS_WAY if marks[APPROVED] else tense,
            words=frozenset(text.tokens),
        )

    def _types(self, act: str, acts: Acts, text: Folded) -> tuple[tuple[str, ...], bool]:
        """The likeliest types, and whether a cue word of the first is among the words."""
        cues, weight = text.cues(self._lexicon), self._cue
        if act in ABSOLUTE_TYPES:
            only = ABSOLUTE_TYPES[act]
            return (only,), cues.get(only, 0) > 0
        absolute = _ABSOLUTE_NAMES if act in DEED_ACTS else frozenset()
        scores = {
            name: math.log(probability + 1e-6) + weight * min(cues.get(name, 0), 2)
            for name, probability in acts.types.items()
            if name != NO_TYPE and name not in absolute
        }
        ranked = sorted(scores, key=scores.__getitem__, reverse=True)[:_MAX_TYPES]
        least = scores[ranked[0]] + self._runner_up
        chosen = tuple([name for name in ranked if scores[name] >= least])
        return chosen, cues.get(chosen[0], 0) > 0


def _does_plainly(tokens: Sequence[str]) -> bool:
    """Whether the words say "I refunded" or "we'll also waive", and nothing unmakes it."""
    if not (_PLAIN_PAST.isdisjoint(tokens) and _PLAIN_DEEDS.isdisjoint(tokens)) and _UNMAKING.isdisjoint(tokens):
        for at, word in enumerate(tokens):
            start = at
            while start and tokens[start - 1] in _OF_COURSE:
                start -= 1
            if word in _PLAIN_PAST and tokens[start - 1 : start] in (["i"], ["we"]):
                return True
            if word in _PLAIN_DEEDS and tokens[start - 1 : start] in (["'ll"], ["will"]):
                return start > 1 and tokens[start - 2] in _WE
    return False


def _assures(tokens: Sequence[str]) -> bool:
    """Whether the words say "I went ahead and took care of that" or "we've got you covered", and nothing unmakes it."""
    if ("care" not in tokens and "covered" not in tokens) or not _UNMAKING.isdisjoint(tokens):
        return False
    return any(
        tuple(tokens[at : at + 3]) in _ASSURANCES and not _WE.isdisjoint(tokens[max(0, at - _FEW) : at])
        for at in range(len(tokens))
    )


def _ends_done(tokens: Sequence[str]) -> bool:
    """Whether the words are no more than "your order is cancelled": a rule would say when."""
    if _PLAIN_PAST.isdisjoint(tokens):
        return False
    rest = list(tokens)
    while rest and (rest[-1] in _TAIL or not rest[-1][0].isalnum()):
        rest.pop()
    return (
        len(rest) > 3
        and rest[-1] in _PLAIN_PAST
        and rest[-2] in {"is", "are", "now"}
        and "your" in rest
        and _UNMAKING.isdisjoint(rest)
    )


def _asks(text: Folded) -> bool:
    return "?" in text.text[-3:]


def _as_asked(tokens: Sequence[str]) -> bool:
    """Whether the words tell of a request that was followed: "as you requested", "at your request"."""
    return any(
        word in _ASKING
        and tokens[at - 1] in {"you", "your", "as"}
        and not _FOLLOWED.isdisjoint(tokens[max(0, at - 3) : at])
        for at, word in enumerate(tokens)
    )


def _of_deed(reading: Reading) -> Reading:
    """A deed that is told as done is about no time to come, whatever its words are like."""
    types = tuple(kind for kind in reading.types if kind not in TIMES)
    return replace(reading, types=types or ("OTHER",))
