"""Whose name it is that the encoder heard: the recipient's, a public one, another person's, or none at all.

Public are the writer's own name, people of history, what is called after a person ("the Harper sofa"), and what the
company publishes. Own is the recipient's name in any form: short, foreign, with title, as an initial, after a
greeting.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import yaml

from outguard.detection.names import Names, fold, load_names
from outguard.detection.neural.sign_off import is_sign_off
from outguard.detection.ownership import OwnershipJudge
from outguard.detection.yaml_text import load_yaml
from outguard.domain.context import ReplyContext
from outguard.domain.finding import Status
from outguard.errors import InvalidInputError

FILE = "detectors/public_names.yaml"
_WORD = re.compile(r"[^\W\d_]+(?:['\u2019][^\W\d_]+)*")
_ARTICLE = re.compile(r"(?i)(?:^|[^\w])(?:the|an?|our|these|those|new)[ \"'\u201c\u2018*_]+\Z")
_THINGS = (
    "range collection series sofa chair lamp table desk bed shelf rug vase mug jacket dress boots? model edition "
    "version set plan package suite room street road lane avenue square hall park station airport school hospital "
    "clinic bridge house building centre center shop store branch day award prize museum library theatre theater "
    "stadium festival tour hotel inn bar caf\u00e9 cafe kitchen"
)
_THING = re.compile(rf"[\"'\u201d\u2019*_]*[ -](?:\d|(?:{'|'.join(_THINGS.split())})s?\b)", re.IGNORECASE)
_CODE = re.compile(r"[-#]\d|_")
_OPENERS = (
    "hi|hello|hey|dear|thanks|thank you|sorry|sure|ok|okay|yes|no|of course|no worries|no problem|great|perfect|got it|"
    "absolutely|welcome|understood|alright|good (?:morning|afternoon|evening)"
)
_VOCATIVE = re.compile(rf"(?i)(?:(?:^|[.!?\n])\W{{0,4}}|\b(?:{_OPENERS})(?: again)?,? )\Z")
_LAST_WORDS = re.compile(r"[a-z0-9'\u2019], \Z")
_CALLED = re.compile(r"[,!.:;?\u2013\u2014\n-]|\s*\Z")
_PARTY = re.compile(r"(?i)\b(?:passengers?|travell?ers?|guests?|attendees|party)\b[^.\n]{0,12}[:(][^.]{0,200}\Z")
_STAFF_BEFORE = re.compile(
    r"(?i)\b(?:colleagues?|manager|supervisor|teammate|specialist|advis[eo]r|handler|agent|owner),? \Z"
)
_STAFF_AFTER = re.compile(
    r"(?i),? (?:from|in|at|of) (?:our|lending|billing|support|claims|accounts|(?:the )?[\w&]+ (?:team|desk))\b"
)
_PARTICLES = frozenset(
    (
        *("de", "del", "della", "di", "da", "das", "do", "dos", "du", "des", "la", "le", "las", "los", "el", "al", "y"),
        *("e", "van", "von", "der", "den", "ter", "ten", "zu", "zum", "af", "av", "bin", "ibn", "bint", "ben", "abu"),
        *("ap", "mac", "st", "san", "santa", "vel", "o", "d", "ul", "ud", "bat", "ni", "nic", "and"),
    )
)
"""Lower-case words that names have inside."""
_LONGEST_CODE = 4
_BREAKS = "\n.!?"
_AROUND = 160
_LEAST_SHARED = 3


@dataclass(frozen=True, slots=True)
class PublicNames:
    """Folded names that anybody may name, words of a sentence about such people, greetings (which are no names)."""

    names: frozenset[str]
    cues: re.Pattern[str]
    greetings: frozenset[str]


def load_public_names(files: Mapping[str, str]) -> PublicNames:
    """The lists of `detectors/public_names.yaml`; none where a rule folder has no such file.

    Raises:
        InvalidInputError: if the file is not as documented.
    """
    if FILE not in files:
        return PublicNames(frozenset(), re.compile(r"(?!)"), frozenset())
    try:
        tree: dict[str, Any] = load_yaml(files[FILE])["public_names"]
        full = [str(name) for group in tree["full"] for name in group]
        names = frozenset(_folded(name) for name in (*full, *map(str, tree["single"])))
        cues = "|".join(re.escape(str(cue)) for cue in tree["cues"])
        greetings = frozenset(fold(str(word)) for word in tree["greetings"])
    except (KeyError, TypeError, AttributeError, yaml.YAMLError) as error:
        raise InvalidInputError(f"{FILE} is malformed") from error
    return PublicNames(names, re.compile(rf"(?i)(?<!\w)(?:{cues})\b"), greetings)


class PersonJudge:
    """Decides whose a name is."""

    def __init__(self, files: Mapping[str, str], ownership: OwnershipJudge) -> None:
        """Read the lists of names.

        Raises:
            InvalidInputError: if a file is missing or malformed.
        """
        self._names: Names = load_names(files)
        self._public = load_public_names(files)
        self._ownership = ownership

    def is_name(self, text: str, start: int, end: int) -> bool:
        """Whether the words can be a name at all: no greeting, no part of a code or id (ORD-5512, JFK, ann_lee_7)."""
        value = text[start:end]
        if text[start - 1 : start] == "_" or (value.isupper() and len(value) <= _LONGEST_CODE and not text.isupper()):
            return False
        words = [fold(word) for word in _WORD.findall(text[start:end])]
        telling = [word for word in words if word not in self._names.nobody and word not in self._public.greetings]
        return bool(telling) and not _CODE.match(text, end)

    def narrowed(self, text: str, start: int, end: int) -> tuple[int, int]:
        """The name without a greeting before it ("Merci Xavier") and small words behind ("Jolene ur courier")."""
        words = list(_WORD.finditer(text, start, end))
        while len(words) > 1 and fold(words[0].group()) in self._public.greetings:
            del words[0]
        if not words or not words[0].group()[0].isupper():
            return (words[0].start() if words else start), end
        small = (at for at, word in enumerate(words) if at and self._is_small(text, word))
        last = next(small, None)
        return words[0].start(), end if last is None else words[last - 1].end()

    def _is_small(self, text: str, word: re.Match[str]) -> bool:
        """Whether a word that stands by itself is in lower case and no part of names (van, de la, ibn)."""
        value = word.group()
        return value.islower() and text[word.start() - 1].isspace() and fold(value) not in _PARTICLES

    def status(self, text: str, start: int, end: int, context: ReplyContext) -> Status | None:
        """Whose the name at [start, end) is; None where the recipient is unknown."""
        value = text[start:end]
        status = self._ownership.status("PERSON", value, context)
        if status is not Status.OTHER:
            return status
        if self._is_own(text, start, end, context) or self._is_called(text, start, end, context):
            return Status.OWN
        if self._travels_along(text, start, end, context):
            return Status.OWN
        if self._is_public(text, start, end) or is_sign_off(text, start, end):
            return Status.PUBLIC
        return Status.OTHER

    def _is_own(self, text: str, start: int, end: int, context: ReplyContext) -> bool:
        known = _own_words(context)
        if not known:
            return False
        words = [fold(word) for word in _WORD.findall(text[start:end])]
        words = [word for word in words if word not in self._names.titles and word not in self._public.greetings]
        own = [self._is_known(word, known) for word in words]
        if words and all(own):
            return True
        opens_line = not text[:start].rpartition("\n")[2].strip(" \t*_>\"'")
        return opens_line and any(own) and own == sorted(own)  # a greeting we do not know, then the name

    def _is_called(self, text: str, start: int, end: int, context: ReplyContext) -> bool:
        """Whether the reader is called so, where the caller has not told their name."""
        if self._ownership.knows_name(context) or " " in text[start:end]:
            return False
        before = text[max(0, start - 24) : start]
        is_opening = _VOCATIVE.search(before) is not None and _CALLED.match(text, end) is not None
        return is_opening or (_LAST_WORDS.search(before) is not None and text[end : end + 1] in {"", *".!?,"})

    def _travels_along(self, text: str, start: int, end: int, context: ReplyContext) -> bool:
        """Whether the name is on a list of travellers or guests with the reader's own: it is their booking then."""
        party = _PARTY.search(text[max(0, start - _AROUND) : start])
        if party is None:
            return False
        known = _own_words(context)
        if not self._ownership.knows_name(context):
            return True
        rest = text[end : end + _AROUND].partition("\n")[0]
        return any(fold(word) in known for word in _WORD.findall(f"{party.group()} {rest}"))

    def _is_known(self, word: str, known: frozenset[str]) -> bool:
        if len(word) == 1:
            return any(name[0] == word for name in known)
        return any(
            word == name
            or self._names.akin(word, name)
            or (min(len(word), len(name)) >= _LEAST_SHARED and (name.startswith(word) or word.startswith(name)))
            for name in known
        )

    def _is_staff(self, text: str, start: int, end: int) -> bool:
        """Whether a forename alone is a colleague's: the company gives those out itself."""
        if " " in text[start:end]:
            return False
        return _STAFF_BEFORE.search(text, max(0, start - 24), start) is not None or bool(_STAFF_AFTER.match(text, end))

    def _is_public(self, text: str, start: int, end: int) -> bool:
        if _folded(text[start:end]) in self._public.names or _ARTICLE.search(text[max(0, start - 12) : start]):
            return True
        if _THING.match(text, end) or self._is_staff(text, start, end):
            return True
        low, high = max(0, start - _AROUND), min(len(text), end + _AROUND)
        begin = max(low, *(text.rfind(mark, low, start) + 1 for mark in _BREAKS))
        stop = min([at for mark in _BREAKS if (at := text.find(mark, end, high)) >= 0], default=high)
        return self._public.cues.search(text, begin, stop) is not None


@lru_cache(maxsize=256)
def _words_of(values: tuple[str, ...]) -> frozenset[str]:
    return frozenset(word for value in values for part in _WORD.findall(value) if len(word := fold(part)) > 1)


def _own_words(context: ReplyContext) -> frozenset[str]:
    customer = context.customer
    if customer is None:
        return frozenset()
    ids = (context.recipient.address, context.recipient.customer_id, customer.id, *customer.emails)
    names = (context.recipient.display_name, customer.name)
    return _words_of((*names, *(one.partition("@")[0] for one in (*ids, *customer.known_values) if " " not in one)))


def _folded(name: str) -> str:
    return "".join(fold(word) for word in _WORD.findall(name))
