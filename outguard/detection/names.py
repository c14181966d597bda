"""How people are greeted and called, and which forms of a name are one name: the lists of `detectors/identity.yaml`."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import re2
import yaml

from outguard.detection.hints import Hints
from outguard.detection.yaml_text import load_yaml
from outguard.errors import InvalidInputError

IDENTITY_FILE = "detectors/identity.yaml"
GREETS, GREETS_LOW, CALLS_ON, CALLS_GIVEN, OPENS = range(5)
"""What the hints tell: which of the searches below may find anything."""
_WORD = r"(?:[A-Z]|(?![a-z])[^\W\d_])[^\W\d_]*(?:[-'\u2019][^\W\d_]+)*"
_INITIALS = r"(?:(?:[A-Z]|(?![a-z])[^\W\d_])\.){1,4}"
_PARTICLES = (
    r"(?:(?:van|von|vom|zu|zur|de|der|den|del|della|di|da|dos|das|du|des|la|le|el|al|bin|ibn|ter|ten|af)[ \t]){0,2}"
)
_AND = r"(?:[ \t]?[&+/][ \t]?|[ \t](?:and|und|et|y|e|en|og|och|i|oraz|or|o|ou)[ \t])"
_STOP = r"\s{0,2}(?:[,!.:;?\n\u2013\u2014]|-(?=\s)|[\u2600-\u27bf\U0001f300-\U0001faff]|$)"
_HONOURED = r"(?:[ \t-](?:ji|san|sama|garu|bhai|sahib|saab|bey|han[\u0131i]m|shi|nim|po)\b)?"
"""What is said after a name to honour who bears it."""
_SPEAKS_ON = (
    r"[ \t]{1,2}(?:you|you're|you've|you'll|your|thanks|thank|i|i'm|i've|i'll|we|we've|we're|we'll|sorry|it|it's|that|"
    r"that's|this|the|just|yes|no|so|good|great|hope|please|there's|here's|got|family|household|familie)\b"
)
"""What may follow a greeted name without a comma."""
_TO_READER = (
    r"(?:your|you|you're|you've|you'll|you'd|thanks|thank|sorry|I|I'm|I've|I'll|we|we've|we're|we'll|all|it|it's|that"
    r"|that's|this|no|yes|nothing|both|just|please|done|good|great|here's|there's|have)\b"
    r"(?! (?:say|see|know|mean|ask)\b)"
)
_TO_READER_HINT = _TO_READER.partition("(?!")[0]
_CAPITAL = r"(?:[A-Z]|[^\x00-\x7f])"
_SENDER = r"(?:[^\W\d_][^\n:.,!?]{1,38}:(?=[ \t]))?"
"""Who writes, as text messages begin: "Shop: Hi Ann"."""
_NO_WORD = re.compile(r"[^\w]")


@dataclass(frozen=True, slots=True)
class Names:
    """Greetings, titles, words that name nobody, given names and sets of nicknames, with what looks for them."""

    first_greeting: re.Pattern[str]
    later_greeting: re.Pattern[str]
    low_greeting: re.Pattern[str]
    vocative: re.Pattern[str]
    call: re.Pattern[str]
    opening: re.Pattern[str]
    role: re.Pattern[str]
    titles: frozenset[str]
    nobody: frozenset[str]
    greeting_words: frozenset[str]
    given: frozenset[str]
    nicknames: Mapping[str, frozenset[int]]
    hints: Hints

    def greetings(self, text: str) -> Iterator[re.Match[str]]:
        """The greetings at the text's begin and after each sentence and line; group 1 is who is greeted."""
        first = self.first_greeting.match(text)
        if first is not None:
            yield first
        yield from self.later_greeting.finditer(text, first.end() if first is not None else 0)

    def akin(self, first: str, second: str) -> bool:
        """Whether both are forms of one given name."""
        return bool(self.nicknames.get(first, frozenset()) & self.nicknames.get(second, frozenset()))


def load_names(files: Mapping[str, str]) -> Names:
    """Read the lists.

    Raises:
        InvalidInputError: if the file is missing or not as documented.
    """
    try:
        tree: dict[str, Any] = load_yaml(files[IDENTITY_FILE])["identity"]
        greetings, calls = _longest_first(tree["greetings"]), _longest_first(tree["calls"])
        titles = _longest_first(tree["titles"])
        nicknames: dict[str, set[int]] = {}
        for number, line in enumerate(tree["nicknames"]):
            for name in str(line).split():
                nicknames.setdefault(fold(name), set()).add(number)
        given = frozenset(str(tree["given"]).split()) | frozenset(nicknames)
        nobody = frozenset(fold(str(one)) for one in tree["nobody"])
        roles = [re.escape(str(one)) for one in tree["roles"]]
    except (KeyError, TypeError, AttributeError, yaml.YAMLError) as error:
        raise InvalidInputError(f"{IDENTITY_FILE} is missing or malformed") from error
    greeting = rf"[\"'*_\s]{{0,6}}(?i:{_spelled(greetings)})[, \t]+(?:again[, \t]+)?[*_@]{{0,3}}"
    named = _named(titles)
    who = rf"({named}(?:{_AND}{named}){{0,3}})[*_]{{0,3}}(?={_HONOURED}(?:{_STOP}|(?i:{_SPEAKS_ON})))"
    plain = rf"{_WORD}(?:[ \t]{_PARTICLES}{_WORD}){{0,2}}"
    titled = rf"(?:(?:{'|'.join(re.escape(one.title()) for one in titles)})\.?[ \t])?"
    begin = r"[\"'*_\s]{0,6}"
    return Names(
        first_greeting=re.compile(_SENDER + greeting + who),
        later_greeting=re.compile(r"[\n>.!?]" + greeting + who),
        low_greeting=re.compile(
            rf"[\"'*_\s]{{0,6}}(?i:{_spelled(greetings)})[, ]{{1,2}}([a-z]{{3,20}})(?={_STOP}|{_SPEAKS_ON})"
        ),
        vocative=re.compile(rf",(?<=[^\W_],)[ \t](?:(?:my )?dear(?:est)? )?({named})(?=[,!.?])"),
        call=re.compile(
            rf"(?:(?<=[.!?:\n] )|(?<=\n)|^)(?i:{_spelled(calls)}),?[ \t]({plain})(?=[,!.?:]|[ \t][-\u2013\u2014][ \t])"
        ),
        opening=re.compile(
            rf"{begin}({_WORD}),[*_]{{0,3}}[ \t](?={_TO_READER})|{begin}({titled}{plain}),[*_]{{0,3}}[ \t]*\n"
        ),
        role=re.compile(rf"(?i)\b(?:{'|'.join(roles)})s?$"),
        titles=frozenset(map(fold, titles)),
        nobody=nobody,
        greeting_words=frozenset(fold(one.split()[0]) for one in (*greetings, *calls)),
        given=given,
        nicknames={name: frozenset(numbers) for name, numbers in nicknames.items()},
        hints=_hints(greetings, calls, titles, given),
    )


def given_names(files: Mapping[str, str]) -> frozenset[str]:
    """The given names of the lists in lower case; none where a rule folder has no such file."""
    if IDENTITY_FILE not in files:
        return frozenset()
    tree = load_yaml(files[IDENTITY_FILE])["identity"]
    return frozenset(str(tree["given"]).split())


def _hints(greetings: Sequence[str], calls: Sequence[str], titles: Sequence[str], given: Collection[str]) -> Hints:
    """One pattern for each search, in the order of their numbers, all at least as wide as what they spare."""
    names = "|".join(re2.escape(name.title()) for name in sorted(given))
    low = "|".join(re2.escape(name) for name in sorted(given))
    called = "|".join(re2.escape(one) for one in titles)
    greets = rf"(?i:{_loosely(greetings)})[, \t]+(?:again[, \t]+)?"
    return Hints(
        [
            rf"(?:^|[\n>.!?:])[^\pL]{{0,6}}{greets}[*_@]{{0,3}}(?:{_CAPITAL}|(?i:{called})\b)",
            rf"^[^\pL]{{0,6}}{greets}(?:{low})\b",
            (
                rf",[ \t](?:my )?(?:dear(?:est)? )?(?:{_CAPITAL}|(?i:{called})\b)[^,!?]*[,!.?]"
                rf"|(?:^|[.!?:\n] ?)(?i:{_loosely(calls)}),?[ \t]{_CAPITAL}"
            ),
            rf"(?:^|[\s,])(?:{names})[^\pL]",
            rf"^[^\pL]{{0,6}}{_CAPITAL}[^,\n]*,[^\n]*(?:{_TO_READER_HINT}|\n)",
        ]
    )


def _named(titles: Sequence[str]) -> str:
    """Somebody named, with or without title: "Mrs. A. van Dijk"."""
    one = rf"(?:{_INITIALS}|{_WORD})"
    led = rf"(?:(?i:{'|'.join(re.escape(title) for title in titles)})\.?[ \t]{{1,2}}){{0,2}}"
    return rf"{led}{one}(?:[ \t]{{1,2}}{_PARTICLES}{one}){{0,3}}"


def _longest_first(words: Sequence[Any]) -> list[str]:
    return sorted((str(one) for one in words), key=len, reverse=True)


def _spelled(phrases: Sequence[str]) -> str:
    """The phrases with any space between words and the last letter drawn out as people do: "heyyy".

    Those of one first letter stand together: where that is not there, none of them is tried.
    """
    by_letter: dict[str, list[str]] = {}
    for one in phrases:
        by_letter.setdefault(one[:1], []).append(re.escape(one).replace(r"\ ", r"\s+") + "+")
    return "|".join(f"(?={re.escape(letter)})(?:{'|'.join(spelled)})" for letter, spelled in by_letter.items())


def _loosely(phrases: Sequence[str]) -> str:
    """The same for RE2, with any gap for a space."""
    return "|".join(re2.escape(one).replace(r"\ ", r"[^\pL\pN]+") + "+" for one in phrases)


def fold(name: str) -> str:
    """Lower case without accents and marks, common transliterations undone."""
    if name.isascii():
        return name.lower() if name.isalnum() else _NO_WORD.sub("", name.lower())
    plain = name.lower().translate(_LETTERS)
    bare = "".join(c for c in unicodedata.normalize("NFKD", plain) if not unicodedata.combining(c))
    return _NO_WORD.sub("", bare.translate(_LETTERS))


def is_comparable(name: str) -> bool:
    """Whether a folded name is in Latin letters, as names of Cyrillic and Greek letters are after folding."""
    return name.isascii() or any("LATIN" in unicodedata.name(letter, "") for letter in name)


_LATIN = {"ø": "o", "æ": "ae", "ß": "ss", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "œ": "oe", "\u0131": "i"}
_OF_OTHER_SCRIPTS = """
    а:a б:b в:v г:g ґ:g д:d е:e ё:e є:e ж:zh з:z и:i і:i ї:i й:y к:k л:l м:m н:n о:o п:p р:r с:s т:t у:u ф:f
    х:kh ц:ts ч:ch ш:sh щ:shch ъ: ы:y ь: э:e ю:yu я:ya ћ:c ђ:d љ:lj њ:nj џ:dz ј:j α:a β:v γ:g δ:d ε:e ζ:z η:i
    θ:th ι:i κ:k λ:l μ:m ν:n ξ:x ο:o π:p ρ:r σ:s ς:s τ:t υ:y φ:f χ:ch ψ:ps ω:o
"""  # noqa: RUF001 - letters that look like Latin ones and are not
_LETTERS = str.maketrans(_LATIN | {pair[0]: pair[2:] for pair in _OF_OTHER_SCRIPTS.split()})
