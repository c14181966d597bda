"""Undo disguises before scanning, keeping the way back to the original offsets.

The usual text is plain ASCII without a trigger and comes back as it is. Else steps run in a fixed order, each a list of
replacements in the text so far: line ends, characters (compatibility forms, invisible ones, look-alikes, dashes,
spaces), entities and URL escapes, `(at)` and ` dot `, letters spelled out, digits in words, digits written apart. Runs
that decode from base64 or hex are further views. No step raises on any text; all are linear.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, field

import re2

from outguard.detection.decoding import ENCODED, decoded_runs, unescape_entity, unescape_url
from outguard.detection.lookalike import fold_characters
from outguard.detection.spoken import (
    DIGIT_WORD,
    PUNCTUATION,
    join_apart,
    join_punctuated,
    join_spoken,
    join_spoken_letters,
)


@dataclass(frozen=True, slots=True)
class Normalized:
    """Normalised text with the way back.

    `offsets` is None where the text is unchanged, else one original index per character plus the end. `views` are
    further readings of parts of the original (decoded base64); `origin` is set on those: the original span as a whole.
    """

    text: str
    offsets: tuple[int, ...] | None = None
    views: tuple[Normalized, ...] = field(default=())
    origin: tuple[int, int] | None = None

    def original_span(self, start: int, end: int) -> tuple[int, int]:
        """The span of the original text that [start, end) of `text` came from; never empty for a span that is not."""
        if self.origin is not None:
            return self.origin
        offsets = self.offsets
        if offsets is None:
            return start, end
        first, last = offsets[start], offsets[end]
        while last <= first < offsets[-1] and start < end < len(offsets) - 1:
            end += 1
            last = offsets[end]
        return first, last


_LINE_END = re.compile(r"\r\n?")
_ENTITY = re.compile(r"&(?:#[0-9]{1,7}|#[xX][0-9A-Fa-f]{1,6}|[A-Za-z]{2,31});")
_URL_ESCAPE = re.compile(r"(?:%[0-9A-Fa-f]{2})+")
_BRACKETED = re.compile(
    r"\s?[\[({<]\s?(?:(?P<at>at|@|arroba|ät)|(?P<dot>dot|\.|punkt|punto|point|ponto|punt))\s?[\])}>]\s?", re.IGNORECASE
)
_DOT = r"\s(?:dot|punkt|punto|point|ponto|punt)\s"
_SPOKEN_MAIL = re.compile(
    rf"(?<![\w.+-])[\w.+-]{{1,64}}(?:{_DOT}[\w+-]{{1,64}}){{0,4}}(?:\s?@\s?|\s(?:at|arroba|chiocciola)\s)"
    rf"[\w-]{{1,63}}(?:(?:{_DOT}|\.)[\w-]{{1,63}}){{0,4}}{_DOT}[A-Za-z]{{2,24}}(?!\w)(?!\s(?:at|arroba)\s)",
    re.IGNORECASE,
)
_SPOKEN_LOCAL = re.compile(
    rf"(?<![\w.+-])[\w.+-]{{1,64}}(?:{_DOT}[\w+-]{{1,64}}){{0,4}}\s(?:at|arroba)\s[\w-]{{1,63}}\.(?:example|com|org|net)(?!\w)",
    re.IGNORECASE,
)
_ENDS = (
    "com|net|org|info|biz|eu|example|de|at|ch|li|fr|be|lu|es|mx|ar|cl|co|pe|it|pt|br|nl|pl|se|no|dk|fi|uk|ie|us|ca|io"
)
_SPACED_MAIL = re.compile(
    rf"(?<![\w.+-])(?=[\w.+-]*[^\W\d])[\w.+-]{{1,64}}(?:\s\.\s[\w+-]{{1,64}}){{0,4}}(?:\s@\s?|@\s|@(?=[\w-]{{1,63}}\s\.\s))"
    rf"[\w-]{{1,63}}(?:(?:\s\.\s|\.)[\w-]{{1,63}}){{0,4}}(?:\s\.\s|\.)(?:{_ENDS})(?!\w)",
    re.IGNORECASE,
)
_NO_LOCAL = re.compile(
    r"(?:it|us|them|you|me|her|him|this|that|there|here|online|web|website|site|page|pages|store|shop|visit|live|more|now"
    r"|found|available|account|link|code|form|order|orders|help|centre|center|steps|or|and|again)\s",
    re.IGNORECASE,
)
"""Words before "at example.com" that tell a place, not a mailbox."""
_DOT_WORD = re.compile(_DOT, re.IGNORECASE)
_AT_DOMAIN = re.compile(r"\s(?:at|arroba)\s[\w-]{1,63}\.(?:example|com|org|net)", re.IGNORECASE)
_MAIL_WORD = re.compile(rf"(?P<dot>{_DOT})|(?P<at>\s?@\s?|\s(?:at|arroba|chiocciola)\s)", re.IGNORECASE)
_GAP = re.compile(r"\s\.\s|\s@\s?|@\s")
_LETTER_IN_NUMBER = re.compile(r"(?<![^\W_])\d[\dOIl]{2,}(?![^\W_])")
_DOMAINS = re.compile(_ENDS, re.IGNORECASE)
_AS_DIGIT = str.maketrans("OIl", "011")

Edit = tuple[int, int, str]
"""Replace [start, end) by the text."""


def normalize(text: str) -> Normalized:
    """The text with disguises undone."""
    work = _Work(text)
    if "\r" in text:
        work.apply((match.start(), match.end(), "\n") for match in _LINE_END.finditer(text))
    if not text.isascii():
        work.apply(fold_characters(work.text))
    triggered = _TRIGGERS(work.text.encode("utf-8", "surrogatepass"))
    views = () if triggered == _UNTOUCHED else _undisguised(work, text, triggered)
    return Normalized(work.text, None if work.offsets is None else tuple(work.offsets), views)


def _undisguised(work: _Work, text: str, triggered: Collection[int]) -> tuple[Normalized, ...]:
    """Take the steps that the text so far asks for; the further readings of `text`, where it asks for them."""
    if _SENTINEL not in triggered:
        triggered = range(_SENTINEL)
    wanted = {_STEPS[number] for number in triggered if number < len(_STEPS)}
    if join_spoken in wanted:
        wanted.add(join_apart)
    if wanted:
        for step in dict.fromkeys(_STEPS):
            if step in wanted:
                work.apply(step(work.text))
                if step in _UNESCAPING and not work.text.isascii():
                    work.apply(fold_characters(work.text))
    return _views(text) if len(_STEPS) in triggered else ()


class _Work:
    """The text so far and its offsets."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.offsets: list[int] | None = None

    def apply(self, edits: Iterable[Edit]) -> None:
        """Replace ranges, given in order and disjoint; a replacement of the same length maps one to one."""
        pieces: list[str] = []
        offsets: list[int] = []
        position = 0
        before: list[int] | range = self.offsets if self.offsets is not None else range(len(self.text) + 1)
        for start, end, new in edits:
            pieces.append(self.text[position:start])
            offsets.extend(before[position:start])
            pieces.append(new)
            size = end - start
            offsets.extend(before[start + min(index, size - 1)] for index in range(len(new)))
            position = end
        if not pieces:
            return
        pieces.append(self.text[position:])
        offsets.extend(before[position:])
        self.text, self.offsets = "".join(pieces), offsets


def _matches(pattern: re.Pattern[str], new: Callable[[re.Match[str]], str | None]) -> Callable[[str], Iterable[Edit]]:
    def step(text: str) -> Iterable[Edit]:
        for match in pattern.finditer(text):
            replacement = new(match)
            if replacement is not None and replacement != match.group():
                yield match.start(), match.end(), replacement

    return step


def _unescaped(text: str) -> Iterable[Edit]:
    """Edits that write URL escapes as the characters they stand for, one by one, so that each leads back to its own."""
    for run in _URL_ESCAPE.finditer(text):
        position = run.start()
        for character in unescape_url(run.group()) or "":
            end = position + 3 * len(character.encode())
            yield position, end, character
            position = end


def _spoken_mails(text: str) -> Iterable[Edit]:
    for pattern, needed in ((_SPOKEN_MAIL, _DOT_WORD), (_SPOKEN_LOCAL, _AT_DOMAIN)):
        if needed.search(text) is None:
            continue
        found = False
        for mail in pattern.finditer(text):
            if not _ends_in_domain(mail.group()):
                continue
            if pattern is _SPOKEN_LOCAL and _NO_LOCAL.match(mail.group()):
                continue
            found = True
            for word in _MAIL_WORD.finditer(text, mail.start(), mail.end()):
                yield word.start(), word.end(), "." if word.group("dot") else "@"
        if found:
            return


def _spaced_mails(text: str) -> Iterable[Edit]:
    """Edits that close up `a @ b . org`: spaces about the @ or on both sides of a dot, a known domain at its end."""
    for mail in _SPACED_MAIL.finditer(text):
        if not _NO_LOCAL.match(mail.group()):
            for gap in _GAP.finditer(text, mail.start(), mail.end()):
                yield gap.start(), gap.end(), gap.group().strip()


def _ends_in_domain(mail: str) -> bool:
    """Whether the last dot is said in English, or a known domain follows it: "at this point and" is no address."""
    dots = list(_DOT_WORD.finditer(mail))
    if not dots or dots[-1].group().strip().lower() == "dot":
        return True
    return _DOMAINS.fullmatch(mail[dots[-1].end() :].strip()) is not None


def _digits_for_letters(match: re.Match[str]) -> str | None:
    """`4O12` is a number; `12l` is not."""
    word = match.group()
    return word.translate(_AS_DIGIT) if word[-1].isdigit() else None


_DIGIT = "(?i:double|triple|[0-9]|" + DIGIT_WORD + ")"
_TRIGGERED: tuple[tuple[str, Callable[[str], Iterable[Edit]]], ...] = (
    (r"&#?\w{1,31};", _matches(_ENTITY, lambda match: unescape_entity(match.group()))),
    (r"%[0-9A-Fa-f]{2}", _unescaped),
    (
        r"[\[({<]\s?(?i:at|dot|@|\.|arroba|ät|punkt|punto|point|ponto|punt)\s?[\])}>]",
        _matches(_BRACKETED, lambda match: "@" if match.group("at") else "."),
    ),
    (r"(?i:\s(?:at|arroba|chiocciola)\s|\s@|@\s|@.{1,63}\sdot\s)", _spoken_mails),
    (r"(?:\s@\s?|@\s)[\pL\pN-]{1,63}\s?\.|@[\pL\pN-]{1,63}\s\.\s", _spaced_mails),
    (r"\b[A-Za-z][ ,]? (?i:as in|for|like|wie|comme|como) \w", join_spoken_letters),
    (r"(?i:\b(?:double|triple)|\b" + DIGIT_WORD + r")[ ,./-]{1,3}" + _DIGIT + r"[ ,./-]{1,3}" + _DIGIT, join_spoken),
    (r"(?i:\b(?:double|triple)[ -]" + DIGIT_WORD + ")", join_spoken),
    (r"\b[A-Za-z0-9](?: - |[ -])[A-Za-z0-9](?: - |[ -])[A-Za-z0-9]\b", join_apart),
    (rf"\b[A-Za-z0-9](?:{PUNCTUATION}[A-Za-z0-9]){{6}}", join_punctuated),
    (r"\b\d[\dIl]*[OIl][\dOIl]", _matches(_LETTER_IN_NUMBER, _digits_for_letters)),
)
_STEPS = tuple(step for _, step in _TRIGGERED)
_UNESCAPING = frozenset(_STEPS[:2])
"""What these write may be a disguise itself: a no-break space, a dash of another kind."""


def _trigger_set() -> tuple[Callable[[bytes], list[int]], int]:
    options = re2.Options()
    options.log_errors = False
    options.max_mem = 32 << 20
    triggers = re2.Set.SearchSet(options)
    for pattern, _ in _TRIGGERED:
        triggers.Add(pattern)
    triggers.Add(ENCODED)
    sentinel: int = triggers.Add("")
    triggers.Compile()
    return triggers._set.Match, sentinel  # noqa: SLF001 - the wrapper costs as much


_TRIGGERS, _SENTINEL = _trigger_set()
_UNTOUCHED = [_SENTINEL]


def _views(text: str, depth: int = 2) -> tuple[Normalized, ...]:
    views: list[Normalized] = []
    for start, end, decoded in decoded_runs(text):
        inner = _views(decoded, depth - 1) if depth else ()
        readings = (decoded, *(view.text for view in inner))
        views.extend(Normalized(reading, None, (), (start, end)) for reading in readings)
    return tuple(views)
