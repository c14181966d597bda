"""Wrong name: the greeting or a vocative addresses the recipient by another person's name.

Nicknames, initials, titles, a surname alone, missing accents, a name in other letters and one of a double name are the
recipient's own; of several greeted people one must be. Group greetings ("Hi team", "Dear customer") address nobody by
name, an agent who says their own name greets nobody by it, and a word of the company's own texts is no name.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from difflib import SequenceMatcher
from functools import lru_cache
from itertools import islice

from outguard.detection.called import called_names
from outguard.detection.document import Document
from outguard.detection.names import CALLS_GIVEN, CALLS_ON, GREETS, GREETS_LOW, OPENS, fold, is_comparable, load_names
from outguard.domain.context import ReplyContext
from outguard.domain.finding import Category, Finding, Status

_LEAST_LIKENESS = 0.8
_INTERJECTION_WORDS = 2
_ABBREVIATED = 3
_MAX_NAME = 40
_WINDOW = 400
_MAX_NAMES = 500
_SHORT = 80
"""Characters after a thanked name that are still its own signature."""
_PLAIN_NAME = re.compile(r"[^\W\d_]+(?:[ '\u2019-][^\W\d_]+)*")
_APART = re.compile(r"[\s\-]+")
_WORD = re.compile(r"[^\s&+/]+")
_JOINED = frozenset({"and", "und", "et", "y", "e", "en", "og", "och", "i", "oraz", "or", "o", "ou"})
_CONTRACTED = re.compile(r"['\u2019](?:ve|m|ll|re|d|s)$")
_INTERJECTIONS = re.compile(
    r"(?i)(?:sure|yes|no|yep|nope|ok|okay|thanks|sorry|great|perfect|well|done|right|absolutely|sorted|understood|ah|oh"
    r"|hmm|so|now|but|and|anyway|then|still|indeed|certainly|welcome|cheers|alright|fine|agreed|exactly|correct|true|look|listen|please|congratulations)"
)
_NO_OPENING = re.compile(r"(?:ly|ing|wise|ever|more|less|fore|while|also|then|ed)$")
"""How adverbs end that begin a sentence before a comma: "Unfortunately, your", "However, we"."""
_TO_YOU = re.compile(
    r"(?i)\b(?:you|your|you're|you've|you'll|thanks|thank|sorry|got it|sure|hope|enjoy|have a|let me|please|welcome)\b"
)
_WISHES = re.compile(r"(?i)\b(?:you|your|have an?|enjoy|hope|take care)\b")
_SIGNS = re.compile(r"(?i)\b(?:regards|wishes|thanks|thank you|cheers|best|love|yours|sincerely|from|us)\Z")
_TOLD_OF = re.compile(
    r", (?:who|whose|whom|our|the|a|an|from|of|or|in|at|will|has|his|her|their)\b|, [\dA-Z]"
    r"|, (?!this|yes|thanks|as|always|perhaps|unless|it's|that's|let's|here's|there's)[a-z]{2,}s\b"
)
_SAID_BEFORE = re.compile(
    r"(?i)as (?:I|we)(?:['\u2019]ve)? (?:said|told|wrote|promised|mentioned|explained|discussed|agreed)\b"
)
_NOBODYS = (["that"], ["this"], ["it"], ["which"], ["these"], ["those"])
"""Words that name nobody, so that a name after one and a comma tells of nobody: "and that, Ann, is all"."""
_GOES_ON = re.compile(r", (?:is|was|will|are|were|means|would|should|ought|has)\b")
_APPOSED = re.compile(r"(?i)(?:the|our|your|a|my) [\w-]+(?: [\w-]+)? (?:who|whom|that) [^,]*\Z")
"""Somebody described, whose name follows: "The locum who saw you, Dr Vance, ..."."""
_ORDERS = re.compile(
    r"(?:(?:Just|Please|Simply|Kindly|Then|So) )?(?i:answer|send|reply|check|take|use|try|keep|bring|call|ring|write"
    r"|have|choose|pick|put|pop|open|tap|click|go|leave|sign|upload|clear|wait|stay|look|give|press|enter|fill|print|pack)\b"
)
_A_PERSON = re.compile(r"(?i)(?:er|or|ist|ian|ant|ent|man|woman|lady|boss|chef|clerk|vet|nurse|dentist|gp|head)s?\Z")
_LETTERS = re.compile(r"[^\W\d_]{3,}")
_NAMED = r"([^\W\d_]{2,20}(?: [^\W\d_]{2,20})?)"
_SELF = re.compile(
    rf"(?i:\b(?:this is|i am|i['\u2019]m|my name is|my name['\u2019]s|call me|i go by|known as) ){_NAMED}"
    r"|(?i:(?:\n|\b(?:regards|wishes|thanks|thank you|cheers|best|love|sincerely)[,.!]? )[-\u2013\u2014]? ?)"
    rf"{_NAMED}\s*\Z"
)
_TELLS = re.compile(r", (?:just|please|do|don't|try|go|take|have|check|open|give|tell|keep|use|look|note|remember)\b")


class IdentityDetector:
    """Emits `identity/WRONG_NAME` and, on the same words, `pii/PERSON/other` (settled question 6)."""

    def __init__(self, detector_files: Mapping[str, str]) -> None:
        """Compile the lists.

        Raises:
            InvalidInputError: if the file is missing or malformed.
        """
        self._names = load_names(detector_files)

    def detect(self, document: Document, context: ReplyContext) -> list[Finding]:
        """Findings for names that are not the recipient's; none where the recipient's name is not known."""
        normalized = document.normalized
        text = normalized.text
        hints = self._names.hints.of(text)
        known = _known(context) if hints else []
        if not known:
            return []
        found: list[Finding] = []
        for span in dict.fromkeys(self._addressed(text, hints)):
            stranger = self._stranger(text, *span, known, context)
            if stranger is not None:
                start, end = normalized.original_span(*stranger)
                found.extend(_findings(start, end, document.field))
        return found

    def _addressed(self, text: str, hints: Collection[int]) -> Iterator[tuple[int, int]]:
        """Where somebody is greeted, called on or written to by name."""
        names = self._names
        greeted = [m.span(1) for m in islice(names.greetings(text), _MAX_NAMES)] if GREETS in hints else []
        yield from greeted
        if GREETS_LOW in hints:
            low = names.low_greeting.match(text)
            if low is not None and low.group(1) in names.given:
                yield low.span(1)
        if CALLS_ON in hints:
            yield from self._called_on(text)
        if CALLS_GIVEN in hints:
            first = greeted[0][0] if greeted else 0  # what stands above the greeting was written to somebody else
            yield from (span for span in called_names(text, names.given) if span[0] >= first)
        if OPENS in hints and not greeted:
            opening = names.opening.match(text)
            if opening is not None and not self._is_greeting(opening.group(opening.lastindex or 0)):
                yield opening.span(opening.lastindex or 0)

    def _called_on(self, text: str) -> Iterator[tuple[int, int]]:
        for match in islice(self._names.call.finditer(text), _MAX_NAMES):
            if not _is_signed(text, match):
                yield match.span(1)
        for match in islice(self._names.vocative.finditer(text), _MAX_NAMES):
            if self._is_vocative(text, match):
                yield match.span(1)

    def _is_greeting(self, opening: str) -> bool:
        """Whether a sentence begins with a greeting or an adverb rather than with a bare name."""
        return (
            fold(opening.split(maxsplit=1)[0]) in self._names.greeting_words or _NO_OPENING.search(opening) is not None
        )

    def _is_vocative(self, text: str, match: re.Match[str]) -> bool:
        """Whether a name between commas is called on, not told of: after no role, no sign-off, in words to "you"."""
        low, high = max(0, match.start() - _WINDOW), min(len(text), match.end() + _WINDOW)
        begin = max(low, *(text.rfind(mark, low, match.start()) + 1 for mark in "\n.!?"))
        end = min(high, *(at for mark in "\n.!?" if (at := text.find(mark, match.end(), high)) >= 0), high)
        before, after = text[begin : match.start() + 1].rstrip(","), text[match.end() : end]
        if self._names.role.search(before) or (match.group(1).isupper() and len(match.group(1)) <= _ABBREVIATED):
            return False
        if not text[match.end() + 1 : high].strip() and (_SIGNS.search(before) or not _WISHES.search(before)):
            return False
        is_name = self._is_name(match.group(1))
        if is_name and _is_said_to(before.strip(), after):
            return True
        if _is_told_of(before.strip(), after):
            return False
        if is_name and _ORDERS.match(before.strip()) and not _A_PERSON.search(before):
            return True
        return _TO_YOU.search(text[begin:end]) is not None or _TELLS.match(after) is not None

    def _is_name(self, words: str) -> bool:
        """Whether a title or a given name begins `words`: at other capital words a screen or a place may be meant."""
        first = fold(words.split(maxsplit=1)[0])
        return first in self._names.titles or first in self._names.given

    def _stranger(
        self, text: str, start: int, end: int, known: Sequence[str], context: ReplyContext
    ) -> tuple[int, int] | None:
        """The span of the name at [start, end) if it is somebody else's."""
        kept: list[tuple[str, int]] = []
        for match in _WORD.finditer(text, start, end):
            word = match.group()
            folded = fold(word)
            if folded in self._names.nobody or _CONTRACTED.search(word):
                break
            if word not in _JOINED:
                kept.append((word, match.start()))
        bare = [word for word, _ in kept if fold(word) not in self._names.titles]
        if not bare or max(map(len, bare)) > _MAX_NAME:
            return None
        if any(self._is_known(word, known) for word in bare) and not self._is_relative(kept, known):
            return None
        if len(bare) == 1 and any(_likeness(fold(bare[0]), name) >= _LEAST_LIKENESS for name in known):
            return None
        theirs = _company_words(context.profile.company, context.profile.published_policy) | _own_calls(context)
        if all(fold(word) in theirs or fold(word) in known for word in bare):
            return None
        last, at = kept[-1]
        return kept[0][1], at + len(last.rstrip("."))

    def _is_relative(self, kept: Sequence[tuple[str, int]], known: Sequence[str]) -> bool:
        """Whether a first name and a surname are two people's: the surname the recipient's, the first name not."""
        words = [fold(word) for word, _ in kept]
        if len(words) != 2 or len(words[0]) <= _ABBREVIATED or len(known) < 2 or words[1] != known[-1]:
            return False
        if words[0] in self._names.titles:
            return False
        return not any(
            self._is_known(words[0], [name]) or _likeness(words[0], name) >= _LEAST_LIKENESS for name in known
        )

    def _is_known(self, word: str, known: Sequence[str]) -> bool:
        folded = fold(word)
        if len(folded) <= 2 or folded in known:
            return True
        initials = "".join(name[0] for name in known)
        if folded in initials:
            return True
        return any(
            self._names.akin(folded, name)
            or (len(folded) >= 3 and (name.startswith(folded) or folded.startswith(name)) and len(name) >= 3)
            or folded in "".join(known)
            for name in known
        )


def _is_said_to(before: str, after: str) -> bool:
    """Whether the words around a name between commas can only be said to who bears it."""
    if _SAID_BEFORE.match(before):
        return True
    return before.lower().split()[-1:] in _NOBODYS and _GOES_ON.match(after) is not None


def _is_told_of(before: str, after: str) -> bool:
    """Whether a name between commas says who was described before it, or is described after it."""
    lead = before.split()
    if _APPOSED.match(before):
        return True
    if lead[-1:] and lead[-1][0].isupper() and (len(lead) > 1 or not _INTERJECTIONS.fullmatch(lead[0])):
        return True
    return len(lead) > _INTERJECTION_WORDS and after.startswith(",") and _TOLD_OF.match(after) is not None


def _likeness(first: str, second: str) -> float:
    return SequenceMatcher(None, _heard(first), _heard(second)).ratio()


def _heard(name: str) -> str:
    """A name by its sound, so that "Marc" is "Mark" and "Filip" is "Philip"."""
    for spelling, sound in _SOUNDS:
        name = name.replace(spelling, sound)
    return name


_SOUNDS = (("ph", "f"), ("th", "t"), ("ck", "k"), ("c", "k"), ("y", "i"), ("z", "s"), ("w", "v"), ("dt", "t"))


def _is_signed(text: str, match: re.Match[str]) -> bool:
    """Whether "Thanks, Petra" ends the reply, and so names who wrote it."""
    rest = text[match.end() + 1 :].strip()
    return not rest or (len(rest) <= _SHORT and text[match.end() + 1 : match.end() + 2] == "\n")


@lru_cache(maxsize=64)
def _company_words(company: str, policy: tuple[str, ...]) -> frozenset[str]:
    """The words of a company's name and policy, folded: its plans and products are no people."""
    return frozenset(fold(word) for text in (company, *policy) for word in text.split() if word[:1].isupper())


def _own_calls(context: ReplyContext) -> frozenset[str]:
    """What the recipient goes by besides the name on file: in their own mailbox and in their last words, folded."""
    mailboxes = (context.recipient.address, *(context.customer.emails if context.customer else ()))
    parts = [part for mailbox in mailboxes for part in _LETTERS.findall(mailbox.partition("@")[0])]
    said = [match.group(match.lastindex or 0) for match in _SELF.finditer(context.last_user)]
    return frozenset(fold(word) for one in (*parts, *said) for word in one.split())


def _known(context: ReplyContext) -> list[str]:
    """The parts of the recipient's names, folded; none where they are in letters that cannot be compared."""
    values = [context.recipient.display_name]
    if context.customer is not None:
        values.append(context.customer.name)
        values.extend(v for v in context.customer.known_values if _PLAIN_NAME.fullmatch(v))
    names = [fold(word) for value in values for word in _APART.split(value or "")]
    names = list(dict.fromkeys(name for name in names if name))
    return names if any(map(is_comparable, names)) else []


def _findings(start: int, end: int, field: str | None) -> list[Finding]:
    reason = "addresses the recipient by a name that is not theirs"
    return [
        Finding(category=Category.IDENTITY, type="WRONG_NAME", status=None, start=start, end=end, score=0.9,
                rule="identity.wrong_name", field=field, reason=reason),
        Finding(category=Category.PII, type="PERSON", status=Status.OTHER, start=start, end=end, score=0.9,
                rule="identity.wrong_name.person", field=field, reason=reason),
    ]  # fmt: skip
